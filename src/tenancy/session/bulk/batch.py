"""Some rows of the input, column by column: what every source is made into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

#: Rows of a batch and of a statement: fewer cost more planning, more leave the server waiting for the client.
BATCH_ROWS = 500


class Texts(Enum):
    """What a text stands for in a column that holds something else."""

    #: Itself: the rows are Python's, and the column's type takes what it takes.
    THEMSELVES = "themselves"
    #: The value that it spells; a column of JSON holds any text as it is.
    SPELLED = "spelled"
    #: The value that it spells, also in a column of JSON.
    SPELLED_JSON = "spelled JSON"
    #: The same, and an empty text is None where the column may be empty or is not of text.
    CSV = "csv"


@dataclass(frozen=True)
class Batch:
    """Consecutive rows. `columns` has one sequence for each of `names`, each of `count` values."""

    #: The number of the first row in the input, from 1.
    first: int
    count: int
    names: tuple[str, ...]
    columns: list[Sequence[Any]]
    texts: Texts = Texts.THEMSELVES
