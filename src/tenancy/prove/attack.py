"""An attack: what it tries, why that matters, on which tables, and the attempt itself.

A module of `tenancy.prove.attacks` is one attack and defines `ATTACK`; the module's name is the attack's. The folder is
walked, so a new attack is a new file and nothing else.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from sqlalchemy import Table

from tenancy.prove import attacks as folder
from tenancy.prove.belonging import is_private, is_scoped
from tenancy.prove.ground import Attempt


@dataclass(frozen=True)
class Attack:
    """One way in which a tenant might reach what is not theirs.

    Attributes:
        tries: what it does, in one sentence.
        why: why it is tried, with the source.
        applies_to: whether it says anything about a table; None for an attack on the database as a whole.
        attempt: tries it; returns where every answer was the expected one, raises `Leaked` where one was not.
        committed: it comes by other connections, which see only rows that are committed.
        name: the name of its file.
    """

    tries: str
    why: str
    applies_to: Callable[[Table], bool] | None
    attempt: Callable[[Attempt], Awaitable[None]]
    committed: bool = False
    name: str = ""


def every(table: Table) -> bool:
    """Tables of every kind: for writes, which shared and private tables refuse to everybody."""
    return True


def not_shared(table: Table) -> bool:
    """For reads: shared tables may be read by everybody, private ones by nobody."""
    return is_scoped(table) or is_private(table)


@cache
def all_attacks() -> tuple[Attack, ...]:
    """Every attack of the folder, by name."""
    return tuple(replace(module.ATTACK, name=name) for name, module in modules_of(folder).items())


def modules_of(package: ModuleType) -> dict[str, Any]:
    """The modules of a package, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    return {name: import_module(f"{package.__name__}.{name}") for name in names}
