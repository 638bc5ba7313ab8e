"""One sample value for a column, by its SQL type."""

from __future__ import annotations

import ipaddress
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from pgvector.sqlalchemy import BIT, HALFVEC, SPARSEVEC, VECTOR
from sqlalchemy import (
    ARRAY,
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Enum,
    Float,
    Integer,
    Interval,
    LargeBinary,
    Numeric,
    SmallInteger,
    String,
    Time,
    Uuid,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator, TypeEngine

from tenancy.errors import ProofError
from tenancy.prove.shapes import sample_document
from tenancy.schema.json import JsonType
from tenancy.schema.types import HalfVector, TextEnum, Vector

_START = datetime(2025, 1, 1, tzinfo=UTC)
_LARGEST = {SmallInteger: 2**15 - 1, Integer: 2**31 - 1}

Maker = Callable[[Any, "Cell"], Any]


class Cell:
    """Where a value is needed, and the randomness it is made of."""

    def __init__(self, column: Column[Any], random: Random, *, unique: bool) -> None:
        self.random = random
        #: No other row may have the value.
        self.unique = unique
        self.name = column.name
        # Dates grow with the position of their column, so that starts come before ends where they are declared so.
        self.position = column.table.columns.keys().index(column.key)

    @property
    def moment(self) -> datetime:
        moment = _START + timedelta(hours=self.position)
        return moment + timedelta(microseconds=self.random.randrange(10**10)) if self.unique else moment


def sample_value(column: Column[Any], random: Random, *, unique: bool = False) -> Any:
    """A value that the column takes.

    Args:
        column: of a Core table.
        random: decides the value; the same randomness gives the same value.
        unique: make it one that no other row has.

    Raises:
        ProofError: nobody knows how to make a value of the column's type; it names the column.
    """
    try:
        return _of_type(column.type, Cell(column, random, unique=unique))
    except LookupError as error:
        raise ProofError(
            f"No sample value for {column} of type {column.type!r}. Give one: "
            f'values={{"{column.table.fullname}.{column.name}": lambda random: ...}}.'
        ) from error


def _of_type(type_: TypeEngine[Any], cell: Cell) -> Any:
    for kind, make in _MAKERS:
        if isinstance(type_, kind):
            return make(type_, cell)
    if isinstance(type_, TypeDecorator):
        return _of_type(type_.impl_instance, cell)
    raise LookupError(type_)


def _enum(type_: Any, cell: Cell) -> Any:
    return cell.random.choice(list(type_.enum_class) if type_.enum_class else type_.enums)


def _text(type_: Any, cell: Cell) -> str:
    value = f"{cell.name}-{cell.random.getrandbits(64):016x}"
    return value if type_.length is None else value[-type_.length :]


def _integer(type_: Any, cell: Cell) -> int:
    largest = next((limit for kind, limit in _LARGEST.items() if type(type_) is kind), 2**62)
    if isinstance(type_, SmallInteger):
        largest = _LARGEST[SmallInteger]
    # Small where it may be small: ratings, counts, percentages. Keys are far from where a sequence begins.
    return cell.random.randrange(largest // 2, largest) if cell.unique else cell.random.randint(1, 5)


def _numeric(type_: Any, cell: Cell) -> Decimal:
    scale = 2 if type_.scale is None else type_.scale
    digits = (type_.precision or scale + 9) if cell.unique else scale
    return Decimal(cell.random.randrange(1, max(2, 10**digits))).scaleb(-scale)


def _vector(dimensions: int | None, cell: Cell) -> list[float]:
    return [round(cell.random.uniform(-1, 1), 3) for _ in range(dimensions or 3)]


def _range(make: Callable[[Cell], Any]) -> Maker:
    def sample(type_: Any, cell: Cell) -> postgresql.Range[Any]:
        lower, upper = sorted((make(cell), make(cell)))
        return postgresql.Range(lower, upper, bounds="[]")

    return sample


def _date(cell: Cell) -> date:
    return _START.date() + timedelta(days=cell.position + (cell.random.randrange(1_000_000) if cell.unique else 0))


def _time(type_: Any, cell: Cell) -> time:
    return time(cell.random.randrange(24), cell.random.randrange(60), tzinfo=UTC if type_.timezone else None)


def _uuid(type_: Any, cell: Cell) -> uuid.UUID | str:
    value = uuid.UUID(int=cell.random.getrandbits(128), version=4)
    return value if type_.as_uuid else str(value)


#: From the special to the general: the first that fits makes the value.
_MAKERS: tuple[tuple[type[TypeEngine[Any]], Maker], ...] = (
    (JsonType, lambda type_, cell: sample_document(type_.shape, cell.random)),
    (TextEnum, lambda type_, cell: cell.random.choice(list(type_.enum))),
    (Vector, lambda type_, cell: _vector(type_.dimensions, cell)),
    (HalfVector, lambda type_, cell: _vector(type_.dimensions, cell)),
    (VECTOR, lambda type_, cell: _vector(type_.dim, cell)),
    (HALFVEC, lambda type_, cell: _vector(type_.dim, cell)),
    (SPARSEVEC, lambda type_, cell: f"{{1:{cell.random.randint(1, 9)}}}/{type_.dim or 3}"),
    (BIT, lambda type_, cell: "".join(cell.random.choice("01") for _ in range(type_.length or 1))),
    (Enum, _enum),
    (String, _text),
    (Boolean, lambda type_, cell: cell.random.random() < 0.5),
    (Integer, _integer),
    (Float, lambda type_, cell: round(cell.random.random(), 3)),
    (Numeric, _numeric),
    (DateTime, lambda type_, cell: cell.moment if type_.timezone else cell.moment.replace(tzinfo=None)),
    (Date, lambda type_, cell: _date(cell)),
    (Time, _time),
    (Interval, lambda type_, cell: timedelta(seconds=cell.random.randrange(1, 86_400))),
    (postgresql.INTERVAL, lambda type_, cell: timedelta(seconds=cell.random.randrange(1, 86_400))),
    (Uuid, _uuid),
    (LargeBinary, lambda type_, cell: cell.random.randbytes(16)),
    (JSON, lambda type_, cell: {cell.name: cell.random.randint(1, 5)}),
    (ARRAY, lambda type_, cell: [_of_type(type_.item_type, cell) for _ in range(2)]),
    (postgresql.INET, lambda type_, cell: ipaddress.IPv4Address(cell.random.randrange(2**24, 2**31))),
    (postgresql.CIDR, lambda type_, cell: ipaddress.IPv4Network((cell.random.randrange(2**24, 2**31), 32))),
    (postgresql.MACADDR, lambda type_, cell: cell.random.randbytes(6).hex(":")),
    (postgresql.BIT, lambda type_, cell: "0" * (type_.length or 1)),
    (postgresql.HSTORE, lambda type_, cell: {cell.name: str(cell.random.randint(1, 5))}),
    (postgresql.TSVECTOR, lambda type_, cell: cell.name),
    (postgresql.TSQUERY, lambda type_, cell: f"!{cell.name}"),
    (postgresql.INT4RANGE, _range(lambda cell: cell.random.randint(1, 10_000))),
    (postgresql.INT8RANGE, _range(lambda cell: cell.random.randint(1, 10_000))),
    (postgresql.NUMRANGE, _range(lambda cell: Decimal(cell.random.randint(1, 10_000)))),
    (postgresql.DATERANGE, _range(_date)),
    (postgresql.TSRANGE, _range(lambda cell: cell.moment.replace(tzinfo=None))),
    (postgresql.TSTZRANGE, _range(lambda cell: cell.moment)),
)
