"""Batches of Python's rows: mappings, objects, named tuples, or tuples whose columns are named apart."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from typing import Any

from tenancy.errors import BulkLoadError, ConfigurationError
from tenancy.session.bulk.batch import BATCH_ROWS, Batch

#: What to say to somebody whose rows cannot be read.
ACCEPTED = (
    "Rows are mappings, named tuples, objects with attributes, or tuples with columns=[...]; or give an Arrow table, "
    "or the pathlib.Path of a .csv, .jsonl or .parquet file."
)


def batches_of_rows(rows: Iterable[Any], columns: Sequence[str] | None = None) -> Iterator[Batch]:
    """The batches of an iterable, which is read as they are consumed."""
    iterator, shape, number = iter(rows), None, 1
    while some := list(islice(iterator, BATCH_ROWS)):
        shape = shape or _Shape.of(some[0], columns)
        yield shape.batch(some, number)
        number += len(some)


async def batches_of_async_rows(rows: AsyncIterable[Any], columns: Sequence[str] | None = None) -> AsyncIterator[Batch]:
    """The same of an async iterable."""
    some: list[Any] = []
    shape, number = None, 1
    async for row in rows:
        some.append(row)
        if len(some) == BATCH_ROWS:
            shape = shape or _Shape.of(some[0], columns)
            yield shape.batch(some, number)
            number, some = number + len(some), []
    if some:
        yield (shape or _Shape.of(some[0], columns)).batch(some, number)


@dataclass(frozen=True)
class _Shape:
    """What the first row looks like, and so every row: a statement cannot leave a column to its default for some."""

    names: tuple[str, ...]
    #: A row's values by name; None for tuples, which have them by position.
    values_of: Callable[[Any], Mapping[str, Any]] | None

    @classmethod
    def of(cls, row: Any, columns: Sequence[str] | None) -> _Shape:
        if isinstance(row, Mapping):
            return cls(tuple(row), _itself)
        if isinstance(row, tuple | list):
            names = getattr(row, "_fields", columns) if columns is None else columns
            if names is None:
                raise ConfigurationError(f"A {type(row).__name__} does not name its columns. {ACCEPTED}")
            return cls(tuple(names), None)
        if hasattr(row, "__dict__"):
            return cls(tuple(_attributes(row)), _attributes)
        raise ConfigurationError(f"A row cannot be a {type(row).__name__}. {ACCEPTED}")

    def batch(self, rows: list[Any], number: int) -> Batch:
        columns = self._columns(rows)
        if columns is None:
            misfit = next(index for index, row in enumerate(rows) if self._columns([row]) is None)
            raise BulkLoadError(
                f"row {number + misfit}: is not like the rows before it, which give {', '.join(self.names)}. Every row "
                f"gives the same columns: None where there is no value, or load each kind of rows by itself.",
                row=number + misfit,
            )
        return Batch(number, len(rows), self.names, columns)

    def _columns(self, rows: list[Any]) -> list[Sequence[Any]] | None:
        """None where a row does not have exactly the columns of the first."""
        try:
            if self.values_of is None:
                columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
                return columns if len(columns) == len(self.names) else None
            mappings = list(map(self.values_of, rows))
            if any(len(mapping) != len(self.names) for mapping in mappings):
                return None
            return [list(map(itemgetter(name), mappings)) for name in self.names]
        except (KeyError, TypeError, ValueError):
            return None


def _itself(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return row


def _attributes(row: Any) -> Mapping[str, Any]:
    return {name: value for name, value in vars(row).items() if name != "_sa_instance_state"}
