"""Databases made straight from models, without migrations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import MetaData


def pushed(make_database: Callable[..., Any], empty_database: Any, *metadata: MetaData) -> Any:
    """A database of its own that holds what the models ask for, made by the owner."""
    database = make_database("pushed", template=empty_database)
    database.create_all(metadata)
    return database
