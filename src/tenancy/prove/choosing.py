"""Some of many, by their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TypeVar

from tenancy.errors import ConfigurationError

_T = TypeVar("_T")
_SHOWN = 5


def chosen_of(known: Mapping[str, _T], names: Iterable[str] | None, what: str) -> list[_T]:
    """Those with these names; all where no names are given.

    Raises:
        ConfigurationError: there is none of a name; it says which ones are near.
    """
    if names is None:
        return list(known.values())
    names = list(names)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ConfigurationError(" ".join(_unknown(name, known, what) for name in unknown))
    return [known[name] for name in dict.fromkeys(names)]


def _unknown(name: str, known: Iterable[str], what: str) -> str:
    near = [one for one in known if one.endswith(f".{name}")] or get_close_matches(name, known, _SHOWN)
    there_are = f"Near it: {', '.join(near)}." if near else f"There are: {', '.join(sorted(known))}."
    return f"There is no {what} {name}. {there_are}"
