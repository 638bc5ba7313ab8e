"""What a scoped query may be made of: a list, by the names that SQLAlchemy's compiler has for things.

In the function PostgreSQL is free to ask a condition of the query before the tenant's, so of other tenants' rows as
well. A thing is listed where it can neither fail on any row's values, which would tell about them, nor see or do
anything besides.
"""

from __future__ import annotations

from sqlalchemy.sql import operators

#: Functions of pg_catalog that neither fail on what a row holds nor see anything but their arguments.
FUNCTIONS = frozenset(
    {
        "count", "min", "max", "sum", "avg", "bool_and", "bool_or", "every", "array_agg", "string_agg", "json_agg",
        "jsonb_agg", "row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "lag", "lead", "first_value",
        "last_value", "coalesce", "nullif", "greatest", "least", "lower", "upper", "char_length", "btrim",
        "concat", "left", "right", "strpos", "starts_with", "now", "current_timestamp", "localtimestamp",
        "current_date", "jsonb_typeof", "cardinality", "array_length", "isempty", "lower_inc", "upper_inc"
    }
)  # fmt: skip

#: Operators of which the same is true: no arithmetic, which overflows; no regular expressions.
OPERATORS = frozenset(
    {
        operators.eq, operators.ne, operators.lt, operators.le, operators.gt, operators.ge,
        operators.is_, operators.is_not, operators.is_distinct_from, operators.is_not_distinct_from,
        operators.is_true, operators.is_false, operators.in_op, operators.not_in_op,
        operators.between_op, operators.not_between_op,
        operators.and_, operators.or_, operators.inv, operators.exists, operators.any_op, operators.all_op,
        operators.like_op, operators.not_like_op, operators.ilike_op, operators.not_ilike_op,
        operators.startswith_op, operators.not_startswith_op, operators.endswith_op, operators.not_endswith_op,
        operators.contains_op, operators.not_contains_op,
        operators.concat_op, operators.comma_op,
        operators.getitem, operators.json_getitem_op, operators.json_path_getitem_op,
        operators.asc_op, operators.desc_op, operators.nulls_first_op, operators.nulls_last_op,
        operators.distinct_op, operators.collate,
    }
)  # fmt: skip

#: Operators whose right side is a pattern, or the end of one.
PATTERNS = frozenset(
    {
        operators.like_op, operators.not_like_op, operators.ilike_op, operators.not_ilike_op,
        operators.endswith_op, operators.not_endswith_op,
    }
)  # fmt: skip

#: Operators with a subquery that may find several rows.
SETS = frozenset({operators.exists, operators.in_op, operators.not_in_op, operators.any_op, operators.all_op})

#: Operators of pg_catalog that SQLAlchemy knows by their text alone.
CUSTOM_OPERATORS = frozenset(
    {
        "@>", "<@", "?", "?|", "?&", "->", "->>", "#>", "#>>", "@@", "&&", "<<", ">>", "&<", "&>", "-|-",
        "^@"
    }
)  # fmt: skip

#: Parts of a statement; operators and functions among them are looked at one by one.
PARTS = frozenset(
    {
        "select", "compound_select", "select_statement_grouping", "table", "alias", "subquery", "cte", "lateral",
        "join", "column", "label", "label_reference", "bindparam", "null", "true", "false", "tuple", "grouping",
        "case", "collation", "binary", "unary", "clauselist", "expression_clauselist", "element_list",
        "empty_set_expr", "empty_set_op_expr", "order_by_list", "function", "funcfilter", "over", "frame_clause",
        "aggregateorderby", "aggregate_orderby_inline", "aggregate_order_by", "postgresql_distinct_on",
        "type_coerce", "cast", "typeclause"
    }
)  # fmt: skip

#: The ends of names by which operators and functions are compiled, once they are looked at.
LOOKED_AT = ("_binary", "_unary_operator", "_unary_modifier", "_func")
