"""A table whose column takes only what a check says, which its type does not tell."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

import tenancy


class Base(DeclarativeBase):
    metadata = tenancy.metadata(tenant_type=Uuid)


class Voucher(tenancy.TenantScoped, Base):
    __tablename__ = "voucher"
    __table_args__ = (CheckConstraint("code ~ '^[A-Z]{3}$'", name="three_letters"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    code: Mapped[str]
