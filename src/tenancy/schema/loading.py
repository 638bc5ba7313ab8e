"""The metadata that the setting `metadata` names."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from operator import attrgetter

from sqlalchemy import MetaData

from tenancy.errors import ConfigurationError
from tenancy.schema.metadata import conventions_of
from tenancy.settings import Settings

_EXAMPLE = 'metadata = ["myapp.models:Base.metadata"] in [tool.tenancy] of pyproject.toml'


def load_metadata(settings: Settings) -> list[MetaData]:
    """Imports the metadata.

    Raises:
        ConfigurationError: a name cannot be imported, is no metadata, or was not made by `tenancy.metadata()`.
    """
    return [_load(name) for name in settings.metadata]


def _load(name: str) -> MetaData:
    module, colon, attribute = name.partition(":")
    if not colon:
        raise ConfigurationError(f"{name!r} names no metadata: write {_EXAMPLE}.")
    try:
        found = attrgetter(attribute)(import_module(module))
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(f"The metadata {name!r} cannot be loaded: {error}. Write {_EXAMPLE}.") from error
    if not isinstance(found, MetaData):
        raise ConfigurationError(f"{name!r} is a {type(found).__name__}, not a MetaData. Write {_EXAMPLE}.")
    conventions_of(found)
    return found


def as_list(metadata: MetaData | Sequence[MetaData]) -> list[MetaData]:
    """One metadata or several, as a list."""
    return [metadata] if isinstance(metadata, MetaData) else list(metadata)
