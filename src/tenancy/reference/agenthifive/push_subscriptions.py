"""`t_push_subscriptions`: the devices that a workspace's messages go to."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tenancy.reference.agenthifive.base import AuditColumns, Base, WorkspaceScoped
from tenancy.reference.agenthifive.enums import Platform
from tenancy.schema import TextEnum


class PushSubscription(WorkspaceScoped, AuditColumns, Base):
    """A device of a user, under the push service's token.

    The whole workspace's, not only the user's: an agent's request is announced on every device, and no user is there.
    The token is unique across workspaces by nature: a device that changes hands must not go on hearing of its former
    workspace.
    """

    __tablename__ = "t_push_subscriptions"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("t_users.id", ondelete="CASCADE"))
    expo_push_token: Mapped[str] = mapped_column(unique=True)
    platform: Mapped[Platform] = mapped_column(TextEnum(Platform))
    device_name: Mapped[str | None]
