from uuid import UUID, uuid4

from sqlalchemy import Uuid, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

import tenancy


class Base(DeclarativeBase):
    metadata = tenancy.metadata(tenant_type=Uuid)


class Organization(tenancy.TenantRoot, Base):  # the tenants themselves: a tenant sees its own row
    __tablename__ = "organization"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str]


class Project(tenancy.TenantScoped, tenancy.Timestamped, Base):  # organization_id, its index, its policies
    __tablename__ = "project"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str]


async def main(settings: tenancy.Settings) -> None:
    acme, globex = uuid4(), uuid4()
    async with tenancy.Database(settings) as db:
        async with db.begin(acme) as session:  # one transaction, and it is Acme's
            session.add_all([Organization(id=acme, name="Acme"), Project(name="Apollo")])
        async with db.begin(globex) as session:  # the same statement, another tenant
            print((await session.scalars(select(Project))).all())  # []
