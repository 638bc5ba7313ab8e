"""What a result was measured on."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict

PACKAGES = ("sqlalchemy", "asyncpg", "psycopg", "sqlalchemy-tenants")


class Environment(BaseModel):
    """The machine, the versions, and how busy the machine was when the measurement began."""

    model_config = ConfigDict(frozen=True)

    date: str
    postgresql: str
    python: str
    packages: dict[str, str]
    processor: str
    processors: int
    load: float

    @classmethod
    def here(cls, postgresql: str) -> Self:
        return cls(
            date=datetime.now(UTC).date().isoformat(),
            postgresql=postgresql,
            python=platform.python_version(),
            packages={name: version(name) for name in PACKAGES},
            processor=_processor(),
            processors=os.cpu_count() or 1,
            load=round(os.getloadavg()[0], 1),
        )


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    lines = described.read_text().splitlines() if described.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
