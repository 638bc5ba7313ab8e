"""Batches of Arrow and Parquet, with pyarrow: the extra `arrow`."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from tenancy.errors import ConfigurationError
from tenancy.session.bulk.batch import BATCH_ROWS, Batch, Texts


def is_arrow(rows: Any) -> bool:
    """Whether it speaks Arrow's C interface: tables, record batches and their readers, and data frames."""
    return hasattr(rows, "__arrow_c_stream__") or hasattr(rows, "__arrow_c_array__")


def batches_of_arrow(rows: Any) -> Iterator[Batch]:
    """The batches of a table, a record batch, a reader or a data frame.

    Raises:
        ConfigurationError: pyarrow is missing.
    """
    arrow = _pyarrow()
    if not hasattr(rows, "__arrow_c_stream__"):
        rows = arrow.Table.from_batches([arrow.record_batch(rows)])
    return _of_record_batches(arrow.RecordBatchReader.from_stream(rows))


def batches_of_parquet(path: Path) -> Iterator[Batch]:
    """The batches of a file.

    Raises:
        ConfigurationError: pyarrow is missing.
    """
    with _pyarrow().parquet.ParquetFile(path) as file:
        yield from _of_record_batches(file.iter_batches())


def _pyarrow() -> Any:
    try:
        import_module("pyarrow.parquet")
        return import_module("pyarrow")
    except ImportError as error:
        raise ConfigurationError('Arrow and Parquet need pyarrow: pip install "tenancy[arrow]".') from error


def _of_record_batches(record_batches: Any) -> Iterator[Batch]:
    number = 1
    for record_batch in record_batches:
        names = tuple(record_batch.schema.names)
        for start in range(0, record_batch.num_rows, BATCH_ROWS):
            some = record_batch.slice(start, BATCH_ROWS)
            yield Batch(
                number, some.num_rows, names, [column.to_pylist() for column in some.columns], Texts.SPELLED_JSON
            )
            number += some.num_rows
