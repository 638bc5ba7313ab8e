"""Search: texts in pieces, each with its embedding."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from tenancy.reference.trovella.base import Base, TenantColumns
from tenancy.reference.trovella.enums import ChunkSource
from tenancy.schema import HalfVector, TextEnum


class DocumentChunk(TenantColumns, Base):
    """A piece of an organization's text. `source_table` and `source_id` name its row, without a foreign key.

    Rows of other tenants are filtered after the approximate index scan: where another tenant's embeddings lie dense,
    own rows can be missing from the nearest ones. The HNSW index, raw SQL in the document, is part of the table here.
    """

    __tablename__ = "document_chunk"
    __table_args__ = (
        Index("document_chunk_source_idx", "source_table", "source_id"),
        Index(None, "embedding", postgresql_using="hnsw", postgresql_ops={"embedding": "halfvec_ip_ops"}),
    )

    source_table: Mapped[ChunkSource] = mapped_column(TextEnum(ChunkSource))
    source_id: Mapped[str]
    chunk_index: Mapped[int]
    original_text: Mapped[str]
    context_prefix: Mapped[str | None]
    embedded_text: Mapped[str]
    embedding: Mapped[list[float]] = mapped_column(HalfVector(1536))
