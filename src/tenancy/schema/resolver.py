"""Resolvers: reads that come before the tenant is known, such as from a token's hash to its organization.

A resolver is declared beside the models and becomes a function in the database. It takes a secret and returns an id, or
the ids of a user's organizations, and never a row. The application may call it and still sees nothing of the table.
"""

from __future__ import annotations

import operator
from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BinaryExpression, BindParameter, FromClause, MetaData, Select
from sqlalchemy.sql.visitors import iterate
from sqlalchemy.types import TypeEngine

from tenancy.errors import ConfigurationError, InvalidScope
from tenancy.schema.classification import classification_of, is_classified
from tenancy.schema.function import DeclaredFunction, parameter, refuse_taken_name
from tenancy.schema.identity import IdentityType
from tenancy.schema.metadata import conventions_of
from tenancy.schema.scope import TenantColumn, UserColumn, parts


def secret(name: str, type_: TypeEngine[Any] | type[TypeEngine[Any]]) -> BindParameter[Any]:
    """What the caller of a resolver gives.

    A column is compared with it: `ApiKey.key_hash == secret("key_hash", Text)`.
    """
    return parameter(name, type_)


@dataclass(frozen=True, eq=False)
class Resolver(DeclaredFunction):
    """A declared read that returns ids only. Make it with `resolver()`, call it with `Database.resolve()`."""

    statement: Select[Any]
    #: The type of the id that is returned.
    identity_type: IdentityType
    #: Every id that is found, instead of the only one.
    many: bool


def resolver(name: str, statement: Select[Any], *, many: bool = False) -> Resolver:
    """Declares a resolver; it belongs to the metadata of the table that the statement reads.

    ```python
    organization_of_api_key = resolver(
        "organization_of_api_key",
        select(ApiKey.organization_id).where(ApiKey.key_hash == secret("key_hash", Text)),
    )
    organization_id = await db.resolve(organization_of_api_key, key_hash=sha256(key).hexdigest())
    ```

    Args:
        name: the function's name in the database.
        statement: selects one column, an organization's or a user's id. What matches two different ids resolves to
            nothing, as does what matches none.
        many: return every id that is found, such as the organizations of a user.

    Raises:
        ConfigurationError: the statement selects something else than one id, or takes no secret.
    """
    selected = list(statement.selected_columns)
    if len(selected) != 1:
        raise ConfigurationError(
            f"Resolver {name} selects {len(selected)} columns. It may return one id, never a row: select one column."
        )
    table = getattr(selected[0], "table", None)
    metadata = getattr(table, "metadata", None)
    if not isinstance(metadata, MetaData):
        raise ConfigurationError(f"Resolver {name} selects {selected[0]}, which is no column of a table.")
    try:
        identity_type = IdentityType.of(selected[0].type, str(selected[0]))
    except InvalidScope as error:
        raise ConfigurationError(f"Resolver {name} must return an id. {error}") from error
    made = Resolver(name, metadata, statement, identity_type, many)
    _refuse_unsound(made, selected[0])
    refuse_taken_name(name, metadata)
    conventions_of(metadata).resolvers.append(made)
    return made


def _refuse_unsound(made: Resolver, selected: Any) -> None:
    """An id of a tenant or a user comes out, and only for secrets that are equal to what is kept."""
    elements = list(iterate(made.statement))
    if not made.parameters:
        raise ConfigurationError(
            f"Resolver {made.name} takes nothing, and would tell everybody the same. Compare a column with "
            f'secret("name", Text).'
        )
    if made.name in {getattr(element, "name", None) for element in elements if isinstance(element, FromClause)}:
        # In the function's body the table would hide the argument, and the column be compared with itself.
        raise ConfigurationError(f"Resolver {made.name} has the name of a table that it reads: give it another one.")
    compared = {
        side.key
        for element in elements
        if isinstance(element, BinaryExpression) and element.operator is operator.eq
        for side in (element.left, element.right)
        if isinstance(side, BindParameter) and side.required
    }
    times = Counter(element.key for element in elements if isinstance(element, BindParameter) and element.required)
    if compared != times.keys() or any(count > 1 for count in times.values()):
        raise ConfigurationError(
            f"Resolver {made.name} must compare each secret once, and with =: any other comparison finds what "
            f"the caller does not know."
        )
    if not _is_identity(selected):
        raise ConfigurationError(
            f"Resolver {made.name} returns {selected}, which is neither a tenant's nor a user's id by the scope of its "
            f"table. It may return ids only."
        )


def _is_identity(column: Any) -> bool:
    """Whether the scope of the column's table, or of one that it refers to, compares it with the tenant or the user."""
    columns = [column.table.columns[column.key], *(key.column for key in column.foreign_keys)]
    return any(
        isinstance(part, TenantColumn | UserColumn) and part.column == one.name
        for one in columns
        if is_classified(one.table)
        for part in parts(classification_of(one.table).scope)
    )
