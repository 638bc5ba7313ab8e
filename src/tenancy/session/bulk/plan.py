"""From batches to the values that are sent: every column filled and encoded as SQLAlchemy's insert would."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection

from tenancy.errors import BulkLoadError, ConfigurationError, TenantMismatch
from tenancy.schema.filling import tenant_of_session, user_of_session
from tenancy.session.bulk.batch import Batch
from tenancy.session.bulk.target import Target
from tenancy.session.bulk.texts import reader_of

_Convert = Callable[[Any], Any]


@dataclass(frozen=True)
class Part:
    """Consecutive rows as they are sent: one value for a column that is the same in all rows, else one per row."""

    first: int
    count: int
    values: tuple[Any, ...]
    constant: tuple[bool, ...]

    def slice(self, start: int, stop: int) -> Part:
        """Some of the rows, by their positions."""
        values = zip(self.values, self.constant, strict=True)
        return Part(
            self.first + start,
            min(stop, self.count) - start,
            tuple(value if constant else value[start:stop] for value, constant in values),
            self.constant,
        )


class Plan:
    """Which columns are written, and what with. Columns that no row gives and Python does not fill are left out.

    Args:
        connection: in the transaction that the rows are loaded in.
        target: where the rows go.
        batch: the first batch; the others give the same columns.

    Raises:
        ConfigurationError: a name is no column's, or named twice, or the rows give none at all.
    """

    def __init__(self, connection: Connection, target: Target, batch: Batch) -> None:
        self.table = target.table
        self._connection = connection
        self._stamps = target.stamps
        given = [target.column(name) for name in batch.names]
        if len(set(given)) < len(given):
            raise ConfigurationError(f"The rows give a column twice: {', '.join(batch.names)}.")
        self._given = dict(zip(given, range(len(given)), strict=True))
        self._readers = {column: reader_of(column, batch.texts) for column in given}
        #: The same value in every row.
        self._same: dict[Column[Any], Any] = {}
        self._made: dict[Column[Any], Callable[[Any], Any]] = {}
        #: SQL that makes the value.
        self.expressions: dict[Column[Any], str] = {}
        for column in self.table.columns:
            if column in target.stamps:
                self._same[column] = target.stamps[column]
            elif column not in self._given:
                self._fill(column, target.defaults)
        self.columns = (*(column for column in given if column not in self._same), *self._made, *self._same)
        self.constant = tuple(column in self._same for column in self.columns)
        if all(self.constant):
            raise ConfigurationError(f"The rows give nothing by which those of {self.table.fullname} could differ.")
        self._encoders = {column: _encoder(column, connection) for column in self.columns}

    def _fill(self, column: Column[Any], defaults: Any) -> None:
        default: Any = column.default
        if column in defaults:
            self._same[column] = defaults[column]
        elif default is None:
            return
        elif default.is_scalar:
            self._same[column] = default.arg
        elif default.is_callable and default.arg in (tenant_of_session, user_of_session):
            self._same[column] = default.arg(_RowContext(self._connection, column, {}))
        elif default.is_callable:
            self._made[column] = default.arg
        else:
            clause = default.next_value() if default.is_sequence else default.arg
            compiled = clause.compile(dialect=self._connection.dialect, compile_kwargs={"literal_binds": True})
            self.expressions[column] = str(compiled)

    def part(self, batch: Batch) -> Part:
        """The values of a batch.

        Raises:
            TenantMismatch: a row names another tenant or user; it says which row.
            BulkLoadError: a value is refused by its column's type; it names row and column.
        """
        given = {
            column: self._each(batch, column, self._readers[column], batch.columns[index])
            for column, index in self._given.items()
        }
        for column in self._stamps.keys() & given.keys():
            self._refuse_foreign(batch, column, given[column])
        values: dict[Column[Any], Any] = {**given, **self._same}
        for column, make in self._made.items():
            values[column] = self._defaults(batch.count, column, make, values)
        encoded = []
        for column in self.columns:
            plain = [values[column]] if column in self._same else values[column]
            sent = self._each(batch, column, self._encoders[column], plain)
            encoded.append(sent[0] if column in self._same else sent)
        return Part(batch.first, batch.count, tuple(encoded), self.constant)

    def _defaults(
        self, count: int, column: Column[Any], make: Callable[[Any], Any], values: dict[Column[Any], Any]
    ) -> list[Any]:
        contexts = (_RowContext(self._connection, column, values, self._same, index) for index in range(count))
        return [make(context) for context in contexts]

    def _each(
        self, batch: Batch, column: Column[Any], convert: _Convert | None, values: Sequence[Any]
    ) -> Sequence[Any]:
        if convert is None:
            return values
        converted: list[Any] = []
        try:
            # No comprehension: how far it came is the row that is at fault.
            converted.extend(map(convert, values))
        except Exception as error:
            number = batch.first + len(converted)
            raise BulkLoadError(
                f"row {number}: {self.table.fullname}.{column.name}: {error}", row=number, column=column.name
            ) from error
        return converted

    def _refuse_foreign(self, batch: Batch, column: Column[Any], values: Sequence[Any]) -> None:
        mine = self._stamps[column]
        # Counted, which takes a fraction of looking at each: most rows hold the very same object.
        if values.count(mine) == len(values):
            return
        for number, value in enumerate(values, batch.first):
            # Where a row may be nobody's, None says so; elsewhere it is a value left out.
            if value != mine and (value is not None or column.nullable):
                raise TenantMismatch(
                    f"row {number}: {self.table.fullname}.{column.name}: the row belongs to {value!r}, but it is "
                    f"loaded for {mine!r}. Leave the column out and it is filled in. Nothing was loaded."
                )


def _encoder(column: Column[Any], connection: Connection) -> _Convert | None:
    implementation = column.type.dialect_impl(connection.dialect)
    return implementation.bind_processor(connection.dialect)


class _RowContext:
    """What a column's default may ask of the execution that it is called for, of one row."""

    def __init__(
        self,
        connection: Connection,
        column: Column[Any],
        values: dict[Column[Any], Any],
        same: dict[Column[Any], Any] | None = None,
        index: int = 0,
    ) -> None:
        self.connection = self.root_connection = connection
        self.dialect = connection.dialect
        self.current_column = column
        self._values, self._same, self._index = values, same or {}, index

    def get_current_parameters(self, isolate_multiinsert_params: bool = True) -> dict[str, Any]:
        return {
            column.key: value if column in self._same else value[self._index] for column, value in self._values.items()
        }
