from uuid import UUID, uuid4

from sqlalchemy import Index, Integer, Text, Uuid, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

import tenancy
from tenancy import parameter


class Base(DeclarativeBase):
    metadata = tenancy.metadata(tenant_type=Uuid, schema="archive")


class Document(tenancy.TenantScoped, Base):
    __tablename__ = "document"
    __table_args__ = (Index(None, "organization_id", "title", postgresql_ops={"title": "text_pattern_ops"}),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    title: Mapped[str] = mapped_column(Text)


find_documents = tenancy.scoped_query(  # beside the models; it says nothing of the tenant
    "find_documents",
    select(Document)
    .where(Document.title.like(parameter("prefix", Text) + "%"))
    .order_by(Document.title)
    .limit(parameter("count", Integer)),
)


async def main(settings: tenancy.Settings) -> None:
    acme, globex = uuid4(), uuid4()
    async with tenancy.Database(settings) as db:
        for organization in (acme, globex):
            async with db.begin(organization) as session:
                session.add_all([Document(title="Annual report"), Document(title="Minutes")])
        async with db.begin(acme) as session:
            documents = (await session.scalars(find_documents.select(prefix="Annual", count=20))).all()
            print([document.title for document in documents])  # ['Annual report']
            print({document.organization_id for document in documents} == {acme})  # True
