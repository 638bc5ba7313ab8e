"""What a session of PostgreSQL keeps beyond its transactions, and must not meet the next tenant on the connection.

Settings, channels listened to, cursors WITH HOLD and the last values of sequences are forgotten when a connection is
returned. Prepared statements stay: drivers rely on them. Most units of work only read, and need none of this: a SELECT
leaves something behind through the functions that it calls, or not at all.
"""

from __future__ import annotations

import re
from functools import lru_cache

#: Ends what is kept.
FORGET = ("RESET ALL", "UNLISTEN *", "CLOSE ALL", "DISCARD SEQUENCES")

#: What may stand before a parenthesis: words of SQL, functions of pg_catalog that change nothing, and types.
_HARMLESS = frozenset(
    {
        "all", "and", "any", "array", "as", "between", "by", "case", "cast", "distinct", "else", "except", "exists",
        "filter", "from", "group", "having", "in", "intersect", "is", "join", "lateral", "like", "limit", "not",
        "offset", "on", "or", "order", "over", "row", "select", "some", "then", "union", "using", "values", "when",
        "where",
        "array_agg", "avg", "bool_and", "bool_or", "char_length", "coalesce", "concat", "count", "cume_dist",
        "date_trunc", "dense_rank", "extract", "first_value", "greatest", "jsonb_agg", "lag", "last_value", "lead",
        "least", "left", "lower", "max", "min", "now", "ntile", "nullif", "percent_rank", "rank", "right", "row_number",
        "string_agg", "substring", "sum", "trim", "upper",
        "halfvec", "numeric", "varchar", "vector",
    }
)  # fmt: skip
#: A parenthesis, and the word before it: empty where something else is before it, as an operator.
_PARENTHESIS = re.compile(r'(?:([\w$."]+)\s*)?\(')
#: A second statement, and comments, which could stand between a function and its parenthesis.
_UNREADABLE = (";", "--", "/*")


@lru_cache(maxsize=2048)
def leaves_nothing(sql: str) -> bool:
    """Whether a statement certainly leaves nothing behind: a SELECT that calls no function but harmless ones.

    Read from its text, so what stands in a literal counts as well: False is the safe answer.
    """
    # PostgreSQL takes every character beyond ASCII for a part of a name.
    if not sql.startswith("SELECT ") or not sql.isascii() or any(one in sql for one in _UNREADABLE):
        return False
    return all(not word or word.lower() in _HARMLESS for word in _PARENTHESIS.findall(sql))
