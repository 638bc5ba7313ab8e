"""The database of the tests is the one that the migrations make."""

from sqlalchemy import text


def test_the_schema_comes_from_the_migrations(tenancy_database):
    with tenancy_database.connect("owner") as connection:
        assert connection.scalar(text("SELECT to_regclass('alembic_version') IS NOT NULL"))
