"""Alembic's environment: the models that `[tool.tenancy]` in pyproject.toml names, migrated as the owner."""

from tenancy.migrations import run

run()
