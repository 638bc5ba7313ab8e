"""Settings: from the environment (`TENANCY_…`), a `.env` file, or `[tool.tenancy]` in pyproject.toml, in this order."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    PyprojectTomlConfigSettingsSource,
    SettingsConfigDict,
)

RoleName = Literal["application", "owner", "system"]


class Settings(BaseSettings):
    """Where the database is, what its roles are called, and which models it holds."""

    model_config = SettingsConfigDict(
        env_prefix="TENANCY_",
        env_file=".env",
        extra="ignore",
        populate_by_name=True,
        pyproject_toml_table_header=("tool", "tenancy"),
        hide_input_in_errors=True,
    )

    #: The application role's URL.
    database_url: str | None = Field(
        default=None, validation_alias=AliasChoices("TENANCY_DATABASE_URL", "DATABASE_URL")
    )
    #: The owner's URL, for migrations.
    owner_url: str | None = None
    #: The system role's URL, for `Database.system()`.
    system_url: str | None = None

    pool_size: int = Field(default=10, ge=1)
    pool_idle_seconds: float = Field(default=20, gt=0)
    connect_timeout_seconds: float = Field(default=10, gt=0)
    statement_timeout_ms: int | None = Field(default=None, ge=1)
    #: Whether BEGIN travels with a transaction's first statement, where that works; else it is waited for.
    same_flight: bool = True
    #: The search_path of every transaction; pg_temp comes last, so that no temporary table can stand in for a real one.
    search_path: str = "public, pg_temp"

    owner_role: str = "tenancy_owner"
    application_role: str = "tenancy_app"
    system_role: str = "tenancy_system"

    #: Where the models are: `["myapp.models:Base.metadata"]`.
    metadata: list[str] = []
    policies_directory: Path = Path("policies")

    @field_validator("database_url", "owner_url", "system_url")
    @classmethod
    def _empty_is_none(cls, value: str | None) -> str | None:
        return value or None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        pyproject = PyprojectTomlConfigSettingsSource(settings_cls)
        return init_settings, env_settings, dotenv_settings, file_secret_settings, pyproject
