"""Databases made straight from models, without migrations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import MetaData, text

from tenancy.security.apply import push
from tenancy.security.roles import Roles


def pushed(make_database: Callable[..., Any], empty_database: Any, *metadata: MetaData) -> Any:
    """A database of its own that holds what the models ask for, made by the owner."""
    database = make_database("pushed", template=empty_database)
    with database.connect("owner") as connection:
        connection.execute(text("SET ROLE tenancy_owner"))
        push(connection, metadata, Roles())
        connection.commit()
    return database
