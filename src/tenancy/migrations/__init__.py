"""Alembic: operations, autogenerate, rendering, and data migrations under FORCE. `env.py` calls `run(metadata)`."""

from tenancy.migrations.environment import run, setup

__all__ = ["run", "setup"]
