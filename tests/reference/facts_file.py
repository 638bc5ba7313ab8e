"""A facts file: what is known of a schema, as YAML, and how PostgreSQL reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml
from sqlalchemy import Connection

from .catalog import Catalog, quote, read_catalog, search_path

Facts = Mapping[str, Any]


def load_facts(path: Path) -> Facts:
    facts: Facts = yaml.safe_load(path.read_text(encoding="utf-8"))
    return facts


def facts_catalog(connection: Connection, facts: Facts) -> Catalog:
    """The facts as PostgreSQL reads them; the connection must be allowed to create a schema, and keeps nothing."""
    # Nobody else's name: concurrent transactions would wait for each other.
    scratch = f"facts_{uuid4().hex}"
    savepoint = connection.begin_nested()
    try:
        connection.exec_driver_sql(f"CREATE SCHEMA {scratch}")
        with search_path(connection, scratch):
            for statement in _statements(facts):
                connection.exec_driver_sql(statement.replace("%", "%%"))
        return read_catalog(connection, scratch)
    finally:
        savepoint.rollback()


def _statements(facts: Facts) -> Iterator[str]:
    """The facts as DDL. Foreign keys come last, when every table is there."""
    for enum in facts["enums"]:
        values = ", ".join("'" + value.replace("'", "''") + "'" for value in enum["values"])
        yield f"CREATE TYPE {quote(enum['name'])} AS ENUM ({values})"
    for table in facts["tables"]:
        yield f"CREATE TABLE {quote(table['name'])} ({', '.join(_column(column) for column in table['columns'])})"
        yield from (f"ALTER TABLE {quote(table['name'])} ADD {constraint}" for constraint in _constraints(table))
        yield from (_index(table, index) for index in table["indexes"])
    for table in facts["tables"]:
        for key in table["foreign_keys"]:
            target = key["references"]
            yield (
                f"ALTER TABLE {quote(table['name'])} ADD CONSTRAINT {_name(key)} "
                f"FOREIGN KEY ({_names(key['columns'])}) REFERENCES {quote(target['table'])} "
                f"({_names(target['columns'])}) ON DELETE {key['on_delete']}"
            )


def _column(column: Facts) -> str:
    definition = f"{quote(column['name'])} {column['type']}"
    if "default" in column:
        definition += f" DEFAULT {column['default']}"
    if "generated" in column:
        generated = column["generated"]
        definition += f" GENERATED ALWAYS AS ({generated['expr']}) {generated['kind'].upper()}"
    return definition if column["nullable"] else f"{definition} NOT NULL"


def _constraints(table: Facts) -> Iterator[str]:
    yield f"CONSTRAINT {_name(table['primary_key'])} PRIMARY KEY ({_names(table['primary_key']['columns'])})"
    for unique in table["uniques"]:
        yield f"CONSTRAINT {_name(unique)} UNIQUE ({_names(unique['columns'])})"
    for check in table["checks"]:
        yield f"CONSTRAINT {_name(check)} CHECK ({check['expr']})"


def _index(table: Facts, index: Facts) -> str:
    classes = index.get("opclass") or [""] * len(index["columns"])
    columns = ", ".join(f"{quote(name)} {class_}" for name, class_ in zip(index["columns"], classes, strict=True))
    unique = "UNIQUE " if index["unique"] else ""
    where = f" WHERE {index['where']}" if "where" in index else ""
    return f"CREATE {unique}INDEX {_name(index)} ON {quote(table['name'])} USING {index['method']} ({columns}){where}"


def _name(named: Facts) -> str:
    """Where document and source disagree, the document's convention holds for names."""
    return quote(named.get("seed_convention_name", named["name"]))


def _names(columns: list[str]) -> str:
    return ", ".join(quote(column) for column in columns)
