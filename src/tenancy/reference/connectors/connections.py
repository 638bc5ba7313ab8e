"""OAuth connections: what a user lets the application do elsewhere. Tokens are encrypted by the application.

Each belongs to the user who made it, whatever the organization. Where `user_id` may be empty, a row without it is
nobody's until a system session links it: with "empty means mine" everyone could take it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.connectors.auth import User
from tenancy.reference.connectors.base import (
    Base,
    Created,
    Timestamped,
    UuidKey,
    Varchar50,
    Varchar100,
    Varchar255,
)
from tenancy.reference.connectors.shapes import Repositories
from tenancy.schema import Json, UserScoped


class GithubInstallation(UserScoped, UuidKey, Timestamped, Base):
    """A GitHub App in an account of its user; stored before it is linked to a user, and then nobody's.

    `installation_id` is GitHub's; as in the source it is not unique, so the application asks GitHub whose it is.
    """

    __tablename__ = "github_installations"

    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"), index=True)
    installation_id: Mapped[int] = mapped_column(index=True)
    account_login: Mapped[Varchar255 | None]
    account_type: Mapped[Varchar50 | None]
    repositories: Mapped[Repositories | None] = mapped_column(Json(Repositories), server_default=text("'[]'::jsonb"))
    is_active: Mapped[bool | None] = mapped_column(server_default=true())

    user: Mapped[User | None] = relationship(back_populates="github_installations")


class SlackConnection(UserScoped, UuidKey, Timestamped, Base):
    """A Slack workspace that its user connected, with the bot's token. `team_id` is Slack's."""

    __tablename__ = "slack_connections"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    bot_token: Mapped[str]
    bot_user_id: Mapped[Varchar100 | None]
    team_id: Mapped[Varchar100 | None] = mapped_column(index=True)
    team_name: Mapped[Varchar255 | None]
    scopes: Mapped[list[str]]
    is_active: Mapped[bool | None] = mapped_column(server_default=true())

    user: Mapped[User] = relationship(back_populates="slack_connections")


class LinearConnection(UserScoped, UuidKey, Timestamped, Base):
    """A Linear account of its user; without user, and nobody's, while the OAuth flow runs.

    `linear_organization_id` is Linear's organization, no tenant of ours.
    """

    __tablename__ = "linear_connections"

    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"), index=True)
    access_token: Mapped[str]
    refresh_token: Mapped[str | None]
    token_expires_at: Mapped[datetime | None]
    linear_user_id: Mapped[Varchar100 | None] = mapped_column(index=True)
    linear_user_name: Mapped[Varchar255 | None]
    linear_organization_id: Mapped[Varchar100 | None]
    linear_organization_name: Mapped[Varchar255 | None]
    scopes: Mapped[list[str]]
    is_active: Mapped[bool | None] = mapped_column(server_default=true())

    user: Mapped[User | None] = relationship(back_populates="linear_connections")


class PkceChallenge(UserScoped, UuidKey, Created, Base):
    """The secret half of an OAuth flow that is under way: its user's, so nobody finishes another's flow.

    Not named in the document; from the source, save the index on `user_id`, which the document wants. `state` is unique
    across users by nature, as the provider returns nothing else; its second, plain index is the source's.
    """

    __tablename__ = "pkce_challenges"
    __table_args__ = (UniqueConstraint("state"),)

    state: Mapped[str] = mapped_column(index=True)
    code_verifier: Mapped[str]
    provider: Mapped[Varchar50]
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"), index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
