"""`t_pending_connections`: OAuth flows that have begun."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from tenancy.reference.agenthifive.base import Base, CreatedColumn, WorkspaceScoped
from tenancy.reference.agenthifive.enums import ProviderType, Service
from tenancy.reference.agenthifive.shapes import Record
from tenancy.schema import Json


class PendingConnection(WorkspaceScoped, CreatedColumn, Base):
    """An OAuth flow on its way, with the secret of its proof key; the workspace's that began it.

    `state` comes back from the provider before the workspace is known, and names it: a resolver looks it up, by an
    index that the source lacks.
    """

    __tablename__ = "t_pending_connections"

    provider: Mapped[ProviderType]
    service: Mapped[Service]
    state: Mapped[str | None] = mapped_column(index=True)
    code_verifier: Mapped[str | None]
    scopes: Mapped[list[str]]
    label: Mapped[str]
    metadata_: Mapped[Record | None] = mapped_column("metadata", Json(Record))
    expires_at: Mapped[datetime]
