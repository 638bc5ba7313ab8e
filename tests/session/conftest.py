"""The schema of `tests/schema/models.py`, in databases of the session tests."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from ..schema.conftest import shop, shop_db, shop_template
from ..schema.models import Project, Tag, Task
from ..schema.pushed import pushed
from . import gallery

__all__ = ["shop", "shop_db", "shop_template"]


@pytest.fixture
async def tenants(shop_db: Any) -> tuple[UUID, UUID]:
    """Two tenants, each with a project "p" of two tasks: "child", tagged "tag", below "t"."""
    ids = (uuid4(), uuid4())
    for tenant in ids:
        async with shop_db.begin(tenant) as session:
            project = Project(name="p")
            child = Task(title="child", project=project, tags=[Tag(name="tag")])
            session.add(Task(title="t", project=project, children=[child]))
    return ids


@pytest.fixture(scope="session")
def gallery_template(make_database: Any, empty_database: Any) -> Any:
    """The gallery with its rows; nobody connects to it, so that it can be a template."""
    database = pushed(make_database, empty_database, gallery.Base.metadata)
    gallery.fill(database)
    return database
