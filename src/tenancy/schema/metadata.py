"""`metadata()`: where a schema says once how its tenants are called, typed and named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import MetaData, Table, Uuid, event
from sqlalchemy.orm import Mapper
from sqlalchemy.types import TypeEngine

from tenancy.errors import ConfigurationError
from tenancy.schema import classification
from tenancy.schema.naming import POLICY_NAMING, SQLALCHEMY_NAMING
from tenancy.schema.relationships import join_over_tenant_keys

_INFO_KEY = "tenancy"


@dataclass
class Conventions:
    """What `metadata()` was told, kept in `MetaData.info`."""

    tenant_column: str
    tenant_type: TypeEngine[Any]
    user_column: str
    user_type: TypeEngine[Any]
    policy_naming: str
    #: Tenant foreign keys whose parent table is not declared yet, by the parent's name.
    awaited: dict[str, list[Any]] = field(default_factory=dict)
    #: The reads that come before the tenant is known (`tenancy.schema.resolver`).
    resolvers: list[Any] = field(default_factory=list)
    #: The reads that row-level security would slow down (`tenancy.schema.query`).
    queries: list[Any] = field(default_factory=list)

    @property
    def functions(self) -> list[Any]:
        """Every declared function."""
        return [*self.resolvers, *self.queries]


def metadata(
    *,
    tenant_type: TypeEngine[Any] | type[TypeEngine[Any]] = Uuid,
    tenant_column: str = "organization_id",
    user_type: TypeEngine[Any] | type[TypeEngine[Any]] | None = None,
    user_column: str = "user_id",
    schema: str | None = None,
    naming_convention: Mapping[str, Any] = SQLALCHEMY_NAMING,
    policy_naming: str = POLICY_NAMING,
) -> MetaData:
    """A `MetaData` whose tables are classified: pass it to a `DeclarativeBase` or to `Table`.

    Args:
        tenant_type: the type of tenant ids: `Uuid`, `Text`/`String`, `Integer`/`BigInteger`.
        tenant_column: the column that `TenantScoped` adds and that `tenant()` means by default.
        user_type: the type of user ids; by default the tenants'.
        user_column: the column that `UserScoped` adds and that `user()` means by default.
        schema: the PostgreSQL schema of the tables.
        naming_convention: SQLAlchemy's `naming_convention`.
        policy_naming: the name of a policy, with `{table}` and `{command}`.
    """
    # Declaring a metadata is the one door through which tenancy listens to SQLAlchemy; importing registers nothing.
    if not event.contains(Mapper, "after_mapper_constructed", classification.classify_mapped_class):
        event.listen(Mapper, "after_mapper_constructed", classification.classify_mapped_class)
        event.listen(Mapper, "before_mapper_configured", join_over_tenant_keys)
        event.listen(Table, "after_parent_attach", classification.classify_core_table)
    conventions = Conventions(
        tenant_column=tenant_column,
        tenant_type=_instance(tenant_type),
        user_column=user_column,
        user_type=_instance(user_type or tenant_type),
        policy_naming=policy_naming,
    )
    return MetaData(schema=schema, naming_convention=dict(naming_convention), info={_INFO_KEY: conventions})


def _instance(type_: TypeEngine[Any] | type[TypeEngine[Any]]) -> TypeEngine[Any]:
    return type_() if isinstance(type_, type) else type_


def has_conventions(metadata: MetaData) -> bool:
    """Whether the metadata was made by `tenancy.metadata()`."""
    return _INFO_KEY in metadata.info


def conventions_of(metadata: MetaData) -> Conventions:
    """The conventions of a metadata.

    Raises:
        ConfigurationError: the metadata was not made by `tenancy.metadata()`.
    """
    if not has_conventions(metadata):
        raise ConfigurationError(
            "This MetaData was not made by tenancy.metadata(), so nobody knows how its tenants are called. "
            "Write `metadata = tenancy.metadata(tenant_type=Uuid)` in your declarative base."
        )
    conventions: Conventions = metadata.info[_INFO_KEY]
    return conventions
