"""Evaluations of the agents against repositories' histories: the platform's own work."""

from __future__ import annotations

from sqlalchemy import false, text
from sqlalchemy.orm import Mapped, mapped_column

from tenancy.reference.codebuff.base import Base, CreatedAt, new_id
from tenancy.reference.codebuff.shapes import GitEvalMetadata
from tenancy.schema import Json, Private


class GitEvalResults(Private, Base):
    """The result of one evaluation: the platform's. Some are published (`is_public`), and the others must not show."""

    __tablename__ = "git_eval_results"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    cost_mode: Mapped[str | None]
    reasoner_model: Mapped[str | None]
    agent_model: Mapped[str | None]
    metadata_: Mapped[GitEvalMetadata | None] = mapped_column("metadata", Json(GitEvalMetadata))
    cost: Mapped[int] = mapped_column(server_default=text("0"))
    is_public: Mapped[bool] = mapped_column(server_default=false())
    created_at: Mapped[CreatedAt]
