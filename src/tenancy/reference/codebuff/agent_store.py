"""The agent store: publishers, each a user's or an organization's, and the agents that they published.

What is published is for everybody to read, and a scope says one thing for reading and writing. So these rows are their
owner's, and the store's public pages read through a system session, which leaves out the publisher's address.
"""

from __future__ import annotations

from random import Random
from typing import ClassVar

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, PrimaryKeyConstraint, false, null
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.codebuff.base import Base, CreatedAt, OfOrganizationOrUser, UpdatedAt, new_id
from tenancy.reference.codebuff.organization import Org
from tenancy.reference.codebuff.shapes import Record
from tenancy.schema import Json, Scope, parent, sampled


class Publisher(OfOrganizationOrUser, Base):
    """Who publishes agents: a user or an organization, never both.

    The key is unique across organizations by nature: it stands in the names of agents. `user_id` is not filled in: in
    the session of a member it would make a second owner beside `org_id`. A user's own publisher says
    `user_id`, in a session without an organization. The indexes led by the owners are ours.
    """

    __tablename__ = "publisher"
    __table_args__ = (
        CheckConstraint(
            "(user_id IS NOT NULL AND org_id IS NULL) OR (user_id IS NULL AND org_id IS NOT NULL)", name="single_owner"
        ),
        Index("idx_publisher_org", "org_id"),
        Index("idx_publisher_user", "user_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str | None]
    verified: Mapped[bool] = mapped_column(server_default=false())
    bio: Mapped[str | None]
    avatar_url: Mapped[str | None]
    user_id: Mapped[str | None] = mapped_column(ForeignKey("user.id"), default=null())
    org_id: Mapped[str | None] = mapped_column(ForeignKey("org.id"))
    created_by: Mapped[str] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    org: Mapped[Org | None] = relationship(back_populates="publishers")
    agent_configs: Mapped[list[AgentConfig]] = relationship(back_populates="publisher", passive_deletes="all")


def _any_version(random: Random) -> str:
    return f"1.{random.randrange(99)}.{random.randrange(10**6)}"


class AgentConfig(Base):
    """One version of a published agent; its publisher's.

    The version is text; its three numbers are generated from it, so that the latest can be found.
    """

    __tablename__ = "agent_config"
    __table_args__ = (
        PrimaryKeyConstraint("publisher_id", "id", "version"),
        Index("idx_agent_config_publisher", "publisher_id"),
    )
    __scope__: ClassVar[Scope] = parent("publisher_id")

    id: Mapped[str] = mapped_column(default=new_id)
    version: Mapped[str] = mapped_column(info=sampled(_any_version))
    publisher_id: Mapped[str] = mapped_column(ForeignKey("publisher.id"))
    major: Mapped[int | None] = mapped_column(Computed("split_part(version, '.', 1)::integer", persisted=True))
    minor: Mapped[int | None] = mapped_column(Computed("split_part(version, '.', 2)::integer", persisted=True))
    patch: Mapped[int | None] = mapped_column(Computed("split_part(version, '.', 3)::integer", persisted=True))
    data: Mapped[Record] = mapped_column(Json(Record))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    publisher: Mapped[Publisher] = relationship(back_populates="agent_configs")
