"""What `bulk_load` takes, made into batches of columns."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from tenancy.errors import ConfigurationError
from tenancy.session.bulk import arrow, files
from tenancy.session.bulk.batch import Batch
from tenancy.session.bulk.rows import ACCEPTED, batches_of_async_rows, batches_of_rows

#: Rows, an iterator of rows, an Arrow table, batch or stream, or the path of a file.
Rows = Iterable[Any] | AsyncIterable[Any] | PathLike[str]


def batches_of(rows: Rows, columns: Sequence[str] | None) -> Iterator[Batch] | AsyncIterator[Batch]:
    """The batches of the input, made while they are consumed; an async iterator for an async input only.

    Args:
        rows: see `Rows`.
        columns: names for tuples that have none.

    Raises:
        ConfigurationError: the input is of no kind that can be read.
    """
    if isinstance(rows, PathLike):
        return _of_file(Path(rows))
    if arrow.is_arrow(rows):
        return arrow.batches_of_arrow(rows)
    if isinstance(rows, AsyncIterable):
        return batches_of_async_rows(rows, columns)
    if not isinstance(rows, str | bytes | Mapping) and hasattr(rows, "__iter__"):
        return batches_of_rows(rows, columns)
    raise ConfigurationError(f"A {type(rows).__name__} is not many rows. {ACCEPTED}")


def _of_file(path: Path) -> Iterator[Batch]:
    match path.suffix.lower():
        case ".csv":
            return files.batches_of_csv(path)
        case ".jsonl" | ".ndjson":
            return files.batches_of_json_lines(path)
        case ".parquet":
            return arrow.batches_of_parquet(path)
    raise ConfigurationError(f"{path} is of no known format: name it .csv, .jsonl, .ndjson or .parquet.")
