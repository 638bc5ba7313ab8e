"""The schema of `models`, in a database of its own."""

from __future__ import annotations

from typing import Any

import pytest

from tenancy import Database

from .models import Base
from .pushed import pushed


@pytest.fixture(scope="session")
def shop_template(make_database: Any, empty_database: Any) -> Any:
    """The models' tables, and no rows; nobody connects to it, so that it can be a template."""
    return pushed(make_database, empty_database, Base.metadata)


@pytest.fixture(scope="module")
def shop(make_database: Any, shop_template: Any) -> Any:
    """A database of the module's own."""
    return make_database("shop", template=shop_template)


@pytest.fixture(scope="module")
async def shop_db(shop: Any):
    """The way services reach it."""
    async with Database(shop.settings) as database:
        yield database
