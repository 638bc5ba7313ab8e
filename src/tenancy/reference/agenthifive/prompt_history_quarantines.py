"""`t_prompt_history_quarantines`: what an agent's next prompts must leave out."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from tenancy.reference.agenthifive.base import AuditColumns, Base
from tenancy.reference.agenthifive.enums import Resolution
from tenancy.schema import Json, TenantScoped, TextEnum


class PromptHistoryQuarantine(TenantScoped, AuditColumns, Base):
    """Suspicious fragments of a conversation; the workspace's whose approval request held it back.

    Neither `workspace_id` nor `approval_request_id` has a foreign key in the source. The unique index is led by the
    workspace: across workspaces one could take another's place. It keeps the name that the document's pattern gives the
    source's index.
    """

    __tablename__ = "t_prompt_history_quarantines"
    __table_args__ = (
        Index("idx_prompt_history_quarantines_approval_request_id", "workspace_id", "approval_request_id", unique=True),
    )

    workspace_id: Mapped[UUID] = mapped_column(sort_order=-1)
    session_key: Mapped[str]
    approval_request_id: Mapped[UUID]
    resolution: Mapped[Resolution] = mapped_column(TextEnum(Resolution))
    fragments: Mapped[list[str]] = mapped_column(Json(list[str]))
