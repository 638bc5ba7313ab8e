"""What a text of a file or of Arrow stands for, by the type of its column."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, JSON, Column, String
from sqlalchemy.types import TypeEngine

from tenancy.schema.identity import implementation_of
from tenancy.schema.types import HalfVector, Vector
from tenancy.session.bulk.batch import Texts

_TRUTH = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}


def _truth(text: str) -> bool:
    if text.lower() not in _TRUTH:
        raise ValueError(f"{text!r} is no truth value: write true or false")
    return _TRUTH[text.lower()]


def _bytes(text: str) -> bytes:
    r"""As PostgreSQL writes them: `\xdeadbeef`."""
    return bytes.fromhex(text.removeprefix("\\x"))


_READERS: dict[type[Any], Callable[[str], Any]] = {
    UUID: UUID,
    bool: _truth,
    int: int,
    float: float,
    Decimal: Decimal,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    time: time.fromisoformat,
    bytes: _bytes,
}


def reader_of(column: Column[Any], texts: Texts) -> Callable[[Any], Any] | None:
    """From a value of the input to one that the column's type takes; None where they are the same."""
    if texts is Texts.THEMSELVES:
        return None
    read = _reader(column.type, texts)
    if texts is Texts.CSV and (column.nullable or not isinstance(implementation_of(column.type), String)):
        # CSV does not tell an empty text from none.
        return lambda value: None if value == "" else value if read is None else read(value)
    return read


def _reader(type_: TypeEngine[Any], texts: Texts) -> Callable[[Any], Any] | None:
    implementation = implementation_of(type_)
    if isinstance(implementation, JSON):
        return None if texts is Texts.SPELLED else _spelled(json.loads)
    if isinstance(implementation, ARRAY):
        inner = _reader(implementation.item_type, Texts.SPELLED) or _unchanged
        items = _spelled(json.loads)
        return lambda value: None if value is None else [inner(item) for item in items(value)]
    if isinstance(type_, Vector | HalfVector):
        return _spelled(json.loads)
    try:
        read = _READERS.get(implementation.python_type)
    except NotImplementedError:
        read = None
    if read is UUID:
        # Arrow has them as texts or as 16 bytes.
        return lambda value: UUID(bytes=value) if isinstance(value, bytes) else _spelled(UUID)(value)
    return None if read is None else _spelled(read)


def _spelled(read: Callable[[str], Any]) -> Callable[[Any], Any]:
    return lambda value: read(value) if isinstance(value, str) else value


def _unchanged(value: Any) -> Any:
    return value
