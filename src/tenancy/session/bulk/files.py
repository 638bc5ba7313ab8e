"""Batches of files: CSV whose first line names the columns, and JSON lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tenancy.errors import BulkLoadError
from tenancy.session.bulk.batch import Batch, Texts
from tenancy.session.bulk.rows import batches_of_rows


def batches_of_csv(path: Path) -> Iterator[Batch]:
    """The batches of a CSV file. An empty line is no row; the line with the names is none either."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = _csv_lines(csv.reader(file, strict=True), path)
        names = tuple(next(lines, ()))
        for batch in batches_of_rows(lines, names):
            yield replace(batch, texts=Texts.CSV)


def _csv_lines(reader: Iterator[list[str]], path: Path) -> Iterator[list[str]]:
    number = 0
    try:
        for line in filter(None, reader):
            yield line
            number += 1
    except (csv.Error, UnicodeDecodeError) as error:
        raise BulkLoadError(f"row {number}: {path} is no CSV there: {error}", row=number) from error


def batches_of_json_lines(path: Path) -> Iterator[Batch]:
    """The batches of a file with one JSON object per line. An empty line is no row."""
    with path.open(encoding="utf-8") as file:
        for batch in batches_of_rows(_parsed_lines(file, path)):
            yield replace(batch, texts=Texts.SPELLED)


def _parsed_lines(lines: Iterator[str], path: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(filter(str.strip, lines), 1):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise BulkLoadError(f"row {number}: {path} is no JSON there: {error}", row=number) from error
        if not isinstance(row, dict):
            raise BulkLoadError(f"row {number}: {path} has a {type(row).__name__} there, no object.", row=number)
        yield row
