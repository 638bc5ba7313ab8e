"""The mixins that classify a model; put them before the declarative base: `class Project(TenantScoped, Base)`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import DateTime, func
from sqlalchemy.orm import Mapped, mapped_column

from tenancy.errors import ConfigurationError
from tenancy.schema.access import Access
from tenancy.schema.metadata import conventions_of
from tenancy.schema.scope import Everyone, Nobody, Scope, TenantColumn, UserColumn


def _add_column(class_: type[Any], mixin: str, kind: str) -> None:
    """Adds the tenant or user column under the name and type of the metadata, before the class is mapped."""
    metadata = getattr(class_, "metadata", None)
    if metadata is None or "__abstract__" in class_.__dict__ or "__tablename__" not in dir(class_):
        return
    if "__mapper__" in class_.__dict__:
        raise ConfigurationError(
            f"Write `class {class_.__name__}({mixin}, ..., Base)`: {mixin} must come before the base."
        )
    conventions = conventions_of(metadata)
    name = conventions.tenant_column if kind == "tenant" else conventions.user_column
    type_ = conventions.tenant_type if kind == "tenant" else conventions.user_type
    if not hasattr(class_, name):
        setattr(class_, name, mapped_column(name, type_, nullable=False, index=True, sort_order=-1))


class TenantScoped:
    """Rows belong to one tenant. Adds the metadata's tenant column (`organization_id`): NOT NULL and indexed.

    Declare the column yourself where it needs more (a foreign key to the organization, another index).
    """

    __scope__: ClassVar[Scope] = TenantColumn()
    __access__: ClassVar[Access] = Access.READ_WRITE

    if TYPE_CHECKING:
        organization_id: Mapped[Any]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        _add_column(cls, "TenantScoped", "tenant")
        super().__init_subclass__(**kwargs)


class UserScoped:
    """Rows belong to one user, whatever the tenant. Adds the metadata's user column (`user_id`): NOT NULL, indexed."""

    __scope__: ClassVar[Scope] = UserColumn()
    __access__: ClassVar[Access] = Access.READ_WRITE

    if TYPE_CHECKING:
        user_id: Mapped[Any]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        _add_column(cls, "UserScoped", "user")
        super().__init_subclass__(**kwargs)


class TenantRoot:
    """The tenants themselves: a tenant sees its own row, by its key `id` (else set `__scope__ = tenant("key")`)."""

    __scope__: ClassVar[Scope] = TenantColumn("id")
    __access__: ClassVar[Access] = Access.READ_WRITE
    __tenant_root__: ClassVar[bool] = True


class Shared:
    """Reference data: every tenant reads it, only migrations and the system role write it."""

    __scope__: ClassVar[Scope] = Everyone()
    __access__: ClassVar[Access] = Access.READ_ONLY


class Private:
    """Not for tenants: the application role has no grant at all."""

    __scope__: ClassVar[Scope] = Nobody()


class Timestamped:
    """`created_at` and `updated_at`, timestamptz NOT NULL DEFAULT now(); the ORM sets `updated_at` on each update."""

    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now(), sort_order=900)
    updated_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), onupdate=func.now(), sort_order=901
    )


class SoftDeleted:
    """`deleted_at`: rows that have it set vanish from ORM statements of tenant sessions and stay for system sessions.

    A statement with `execution_options(include_deleted=True)` sees them. This is a convenience, not a wall: whoever may
    read the row may ask for it.
    """

    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), sort_order=902)
