"""Workloads: what is measured. Each is a file of `workloads/`, found by walking it."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass

from benchmarks.comparison import Comparison
from benchmarks.ground import Ground, Size
from benchmarks.target import Target
from benchmarks.walking import modules_in


@dataclass(frozen=True)
class Workload:
    """One file of `workloads/`.

    Attributes:
        name: the file's.
        words: the file's docstring: what is measured, for the page.
        order: its place on the page, `ORDER` in the file.
        targets: `TARGETS` in the file.
        data: `data(size)` in the file says on what it is measured.
        measure: `measure(ground)` in the file gives one comparison after another.
    """

    name: str
    words: str
    order: float
    targets: Sequence[Target]
    data: Callable[[Size], str]
    measure: Callable[[Ground], AsyncGenerator[Comparison, None]]

    @property
    def title(self) -> str:
        return self.words.partition("\n")[0].removesuffix(".")


def workloads() -> dict[str, Workload]:
    """Every workload by its name, in the order of the page."""
    found = []
    for module in modules_in("benchmarks.workloads"):
        words, name = inspect.cleandoc(module.__doc__ or ""), module.__name__.rpartition(".")[2]
        found.append(Workload(name, words, module.ORDER, module.TARGETS, module.data, module.measure))
    return {one.name: one for one in sorted(found, key=lambda one: one.order)}
