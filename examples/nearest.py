from uuid import UUID, uuid4

from sqlalchemy import Index, Uuid, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

import tenancy


class Base(DeclarativeBase):
    metadata = tenancy.metadata(tenant_type=Uuid, schema="knowledge")


class Chunk(tenancy.TenantScoped, Base):
    __tablename__ = "chunk"
    __table_args__ = (
        Index(
            "chunk_embedding", "embedding", postgresql_using="hnsw", postgresql_ops={"embedding": "halfvec_cosine_ops"}
        ),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    words: Mapped[str]
    embedding: Mapped[list[float]] = mapped_column(tenancy.HalfVector(3))


async def main(settings: tenancy.Settings) -> None:
    acme, globex = uuid4(), uuid4()
    chunks = {"apples": [1, 0, 0], "pears": [0.9, 0.1, 0], "rockets": [0, 0, 1]}
    async with tenancy.Database(settings) as db:
        for organization in (acme, globex):
            async with db.begin(organization) as session:
                session.add_all([Chunk(words=words, embedding=vector) for words, vector in chunks.items()])
        async with db.begin(acme, read_only=True) as session:
            distance = Chunk.embedding.cosine_distance([1, 0.2, 0])
            nearest = await session.nearest(select(Chunk), distance, limit=2)
            print([chunk.words for chunk in nearest])  # ['pears', 'apples']
            rows = await session.nearest(select(Chunk.words, distance).where(Chunk.words != "pears"), distance, limit=1)
            print([(words, round(far, 2)) for words, far in rows])  # [('apples', 0.02)]
