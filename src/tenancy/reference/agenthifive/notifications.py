"""`t_notifications`: what a workspace was told."""

from __future__ import annotations

from sqlalchemy import false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.agenthifive.base import Base, CreatedColumn, WorkspaceScoped
from tenancy.reference.agenthifive.shapes import Record
from tenancy.reference.agenthifive.workspaces import Workspace
from tenancy.schema import Json


class Notification(WorkspaceScoped, CreatedColumn, Base):
    """A message to the workspace. `read`, where the document would write `is_read`, is the source's."""

    __tablename__ = "t_notifications"

    type: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    link_url: Mapped[str | None]
    read: Mapped[bool] = mapped_column(server_default=false())
    metadata_: Mapped[Record | None] = mapped_column("metadata", Json(Record))

    workspace: Mapped[Workspace] = relationship(back_populates="notifications")
