"""The proof's own mapped classes, by which it attacks through the ORM, stay out of the way of the project's."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import ARRAY, Text
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

import tenancy
from tenancy.prove.seeding import make_seeds


def test_users_classes_are_watched_as_before() -> None:
    """A Mutable column belongs to the first class that SQLAlchemy configures with it; that must be the user's."""

    class Base(DeclarativeBase):
        metadata = tenancy.metadata()

    class Note(tenancy.TenantScoped, Base):
        __tablename__ = "note"
        id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
        labels: Mapped[list[str]] = mapped_column(MutableList.as_mutable(ARRAY(Text)))

    table = Base.metadata.tables["note"]
    target = make_seeds([table]).targets[table]
    assert not isinstance(target.mapped(), Note)
    note = Note(labels=["x"])
    assert isinstance(note.labels, MutableList)
