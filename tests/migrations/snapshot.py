"""Everything that a database holds outside PostgreSQL's own schemas, as plain values; `snapshot.sql` reads it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

_SQL = dict(
    re.findall(
        r"^-- :(\w+)\n(.*?)(?=^-- :|\Z)", Path(__file__).with_suffix(".sql").read_text(), re.MULTILINE | re.DOTALL
    )
)

Snapshot = dict[str, list[tuple[Any, ...]]]


def snapshot(connection: Connection) -> Snapshot:
    """The whole catalog; object identifiers, which differ between equal databases, are left out."""
    connection.execute(text("SET LOCAL search_path = pg_catalog"))
    taken = {
        name: sorted((tuple(map(str, row)) for row in connection.execute(text(sql)).all()), key=str)
        for name, sql in _SQL.items()
    }
    connection.execute(text("RESET search_path"))
    return taken


def differences(one: Snapshot, other: Snapshot) -> list[str]:
    """What only one of two snapshots has, as lines for a failing test."""
    return [
        f"{sign} {name}: {row}"
        for name in one
        for sign, rows, others in (("-", one[name], other[name]), ("+", other[name], one[name]))
        for row in rows
        if row not in others
    ]
