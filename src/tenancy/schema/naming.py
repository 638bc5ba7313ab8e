"""Naming conventions as data: for constraints and indexes (SQLAlchemy's own mechanism) and for policies."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

#: The PostgreSQL schema of what tenancy installs.
INSTALLED_SCHEMA = "tenancy"

#: The convention that SQLAlchemy's and Alembic's documentation recommend.
SQLALCHEMY_NAMING: Mapping[str, Any] = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

#: `{command}` is select, insert, update, delete or guard.
POLICY_NAMING = "{table}_{command}"

_LONGEST_IDENTIFIER = 63


def policy_name(convention: str, table: str, command: str) -> str:
    """A policy's name; one that PostgreSQL would cut at 63 bytes is shortened, with a digest that keeps it unique."""
    name = convention.format(table=table, command=command)
    if len(name.encode()) <= _LONGEST_IDENTIFIER:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    room = _LONGEST_IDENTIFIER - len(command) - len(digest) - 2
    return f"{name.encode()[:room].decode(errors='ignore')}_{digest}_{command}"
