"""Folders that are walked: what stands in a file of theirs takes part, and there is no list to edit."""

from __future__ import annotations

import inspect
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import TypeVar

Kind = TypeVar("Kind")


def modules_in(package: str) -> list[ModuleType]:
    """The files of a folder, by name."""
    return [import_module(f"{package}.{info.name}") for info in iter_modules(import_module(package).__path__)]


def classes_in(package: str, kind: type[Kind]) -> list[type[Kind]]:
    """The classes of a kind that the files of a folder define, in the order of the files."""
    return [
        member
        for module in modules_in(package)
        for member in vars(module).values()
        if inspect.isclass(member) and issubclass(member, kind) and member.__module__ == module.__name__
    ]
