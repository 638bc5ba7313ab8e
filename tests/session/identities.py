"""The same small schema with tenants and users of each type."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import BigInteger, Identity, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tenancy import Scope, TenantForeignKey, TenantRoot, TenantScoped, UserScoped, is_null, metadata, tenant, user


def make(schema: str, type_: Any) -> tuple[MetaData, type[Any], type[Any], type[Any], type[Any]]:
    """Metadata, and the classes Account (the root), Note (scoped), Token (a user's), Either (of one or the other)."""

    class Base(DeclarativeBase):
        metadata = metadata(schema=schema, tenant_type=type_, tenant_column="account_id")
        id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)

    class Account(TenantRoot, Base):
        __tablename__ = "account"
        __scope__: ClassVar[Scope] = tenant("key")
        key: Mapped[Any] = mapped_column(type_, unique=True)

    class Note(TenantScoped, Base):
        __tablename__ = "note"
        body: Mapped[str]
        reply_to: Mapped[int | None] = mapped_column(BigInteger, TenantForeignKey("note.id"))

    class Token(UserScoped, Base):
        __tablename__ = "token"
        value: Mapped[str]

    class Either(Base):
        __tablename__ = "either"
        __scope__: ClassVar[Scope] = tenant() | (is_null("account_id") & user())
        account_id: Mapped[Any | None] = mapped_column(type_)
        user_id: Mapped[Any] = mapped_column(type_)

    return Base.metadata, Account, Note, Token, Either


TEXT = make("with_text", Text)
BIGINT = make("with_bigint", BigInteger)
