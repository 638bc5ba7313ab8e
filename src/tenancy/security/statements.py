"""Statements of the `.sql` files beside the code, by the name under which they stand."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def _sections(package: str, file: str) -> dict[str, str]:
    text = files(package).joinpath(file).read_text(encoding="utf-8")
    sections = text.split("-- name: ")[1:]
    return {name.strip(): body.strip() for name, _, body in (section.partition("\n") for section in sections)}


def statement(package: str, file: str, name: str) -> str:
    """One statement: `statement("tenancy.security", "catalog.sql", "policies")`."""
    return _sections(package, file)[name]
