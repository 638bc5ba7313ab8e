"""Results: a workload's comparisons and what they were measured on, as a JSON file."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict

from benchmarks.comparison import Comparison
from benchmarks.environment import Environment


class Result(BaseModel):
    """What one run of a workload gave."""

    model_config = ConfigDict(frozen=True)

    workload: str
    #: The command that measured it.
    command: str
    #: The data in words: how many rows, how many tenants.
    data: str
    #: 1 for a million tasks. Each scale has a file of its own.
    scale: float = 1
    environment: Environment
    comparisons: list[Comparison]

    @property
    def name(self) -> str:
        """The workload's, and the scale: `unit`, `unit-10`."""
        return self.workload if self.scale == 1 else f"{self.workload}-{self.scale:g}"

    def save(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / f"{self.name}.json"
        path.write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Self:
        return cls.model_validate_json(path.read_text(encoding="utf-8"))
