"""Identifiers and literals in SQL text: the only place where they are quoted."""

from __future__ import annotations

from sqlalchemy.dialects import postgresql

# A paramstyle without %: the default one would double a % inside a name.
_preparer = postgresql.dialect(paramstyle="named").identifier_preparer  # type: ignore[no-untyped-call]


def identifier(*names: str) -> str:
    """A quoted identifier; several names are joined by dots: `identifier("trovella", "user")` is `trovella."user"`."""
    return ".".join(_preparer.quote(name) for name in names)


def role(name: str) -> str:
    """A role in GRANT, REVOKE and CREATE POLICY, where PUBLIC is a word of its own."""
    return "PUBLIC" if name == "public" else identifier(name)


def literal(value: str) -> str:
    """A text as a SQL literal, whatever `standard_conforming_strings` says.

    Raises:
        ValueError: the text contains NUL, which PostgreSQL cannot hold.
    """
    if "\0" in value:
        raise ValueError("PostgreSQL text cannot contain NUL")
    quoted = "'" + value.replace("'", "''") + "'"
    return "E" + quoted.replace("\\", "\\\\") if "\\" in quoted else quoted
