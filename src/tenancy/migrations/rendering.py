"""A security operation as the lines of a revision: plain data, nothing that a later library could change."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Enum

from tenancy.migrations.operations import SecurityOperation
from tenancy.schema.json import JsonType
from tenancy.schema.types import HalfVector, TextEnum, Vector
from tenancy.security.changes import (
    Change,
    CreateFunction,
    CreatePolicy,
    CreateSchema,
    DropFunction,
    DropPolicy,
    DropSchema,
    ForceRowSecurity,
    GrantPrivileges,
    ReplaceFunction,
    RevokePrivileges,
    RowSecurity,
)
from tenancy.security.values import Function

#: A revision indents its calls by four.
_WIDTH = 112


def render(context: AutogenContext, operation: SecurityOperation) -> str:
    """The call that makes the operation's change."""
    name, positional, named = _call(operation.change)
    arguments = [repr(argument) for argument in positional]
    arguments += [f"{key}={value!r}" for key, value in named.items() if value is not None]
    return _filled(f"op.{name}(", arguments)


def _filled(call: str, arguments: list[str]) -> str:
    """The call, broken between arguments only, and seldom: a policy takes two lines, not nine."""
    lines = [call]
    for position, argument in enumerate(arguments):
        part = argument + (")" if position == len(arguments) - 1 else ",")
        if lines[-1].endswith("("):
            lines[-1] += part
        elif len(lines[-1]) + len(part) < _WIDTH:
            lines[-1] += f" {part}"
        else:
            lines.append(" " * len(call) + part)
    return "\n".join(lines)


def _call(change: Change) -> tuple[str, list[Any], dict[str, Any]]:  # noqa: PLR0911 - one per kind of change
    match change:
        case CreateSchema(name):
            return "create_schema", [name], {}
        case DropSchema(name):
            return "drop_schema", [name], {}
        case RowSecurity(schema, table, enabled):
            return f"{'enable' if enabled else 'disable'}_row_security", [table], {"schema": schema}
        case ForceRowSecurity(schema, table, forced):
            return f"{'force' if forced else 'no_force'}_row_security", [table], {"schema": schema}
        case CreatePolicy(schema, table, policy) | DropPolicy(schema, table, policy):
            verb = "create" if isinstance(change, CreatePolicy) else "drop"
            named = {**asdict(policy), "roles": list(policy.roles), "schema": schema}
            name = named.pop("name")
            order = ("schema", "command", "permissive", "roles", "using", "check")
            return f"{verb}_policy", [name, table], {key: named[key] for key in order}
        case GrantPrivileges() | RevokePrivileges():
            verb = "grant" if isinstance(change, GrantPrivileges) else "revoke"
            named = {
                "schema": change.schema,
                "column": change.column,
                "sequence": change.sequence or None,
                "grantable": change.grantable or None,
            }
            return verb, [list(change.privileges), change.table, change.role], named
        case CreateFunction(function):
            return "create_function", [function.name], _properties(function)
        case DropFunction(function):
            return "drop_function", [function.name], _properties(function)
        case ReplaceFunction(function, previous):
            return (
                "replace_function",
                [function.name],
                {"to": _properties(function), "previous": _properties(previous)},
            )
    raise AssertionError(change)


def _properties(function: Function) -> dict[str, Any]:
    properties = asdict(function)
    del properties["name"]
    return properties


def render_type(  # noqa: PLR0911 - one per kind of type
    kind: str, item: Any, context: AutogenContext
) -> str | Literal[False]:
    """Column types as what they are in the database; False leaves the rendering to Alembic."""
    if kind != "type":
        return False
    match item:
        case JsonType():
            context.imports.add("from sqlalchemy.dialects import postgresql")
            return "postgresql.JSONB()"
        case TextEnum(length=None):
            return "sa.Text()"
        case TextEnum(length=length):
            return f"sa.String({length})"
        case HalfVector(dimensions=dimensions) | Vector(dimensions=dimensions):
            context.imports.add("from pgvector import sqlalchemy as pgvector")
            return f"pgvector.{'HALFVEC' if isinstance(item, HalfVector) else 'VECTOR'}({dimensions})"
        case Enum(native_enum=True, name=str(name)):
            # The type is created by op.create_enum(), not with the first table that uses it.
            context.imports.add("from sqlalchemy.dialects import postgresql")
            schema = f", schema={item.schema!r}" if item.schema else ""
            values = ", ".join(repr(value) for value in item.enums)
            return f"postgresql.ENUM({values}, name={name!r}{schema}, create_type=False)"
    return False
