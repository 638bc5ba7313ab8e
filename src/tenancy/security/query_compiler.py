"""The SQL of a scoped query: SQLAlchemy's compiler, with every table narrowed and all that is not known refused.

A table gets its condition where its name is written into a FROM, whatever led there: a join, an alias, a subquery, a
CTE, EXISTS, a relationship's secondary table. So none can be missed.

What may be in a query is listed (`query_vocabulary`), and the rest refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from sqlalchemy import BinaryExpression, BindParameter, ColumnClause, String, Table, Text
from sqlalchemy.dialects.postgresql import CITEXT, HSTORE, TSVECTOR
from sqlalchemy.dialects.postgresql.base import PGCompiler, PGDialect, PGIdentifierPreparer
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import ExpressionClauseList, Grouping
from sqlalchemy.sql.selectable import ScalarSelect
from sqlalchemy.types import UserDefinedType

from tenancy.errors import ConfigurationError
from tenancy.schema.classification import classification_of
from tenancy.schema.identity import implementation_of
from tenancy.schema.query import ScopedQuery
from tenancy.schema.scope import Everyone, Nobody
from tenancy.security.definer import argument
from tenancy.security.predicate import predicate
from tenancy.security.query_vocabulary import CUSTOM_OPERATORS, FUNCTIONS, LOOKED_AT, OPERATORS, PARTS, PATTERNS, SETS
from tenancy.security.quoting import identifier

#: The label of the function's block, whose variables hold the ids: `the_caller.current_tenant`.
CALLER = "the_caller"

#: Types whose operators are not in pg_catalog.
_OF_EXTENSIONS = (UserDefinedType, CITEXT, HSTORE)
_DEFAULT_ESCAPE = "\\"
#: Literal SQL that SQLAlchemy itself writes, for count(*), EXISTS and LIKE.
_LITERALS = ("*", "1", "'%'")

#: The compiler's methods are not typed.
_SQLALCHEMY: Any = PGCompiler


class _Preparer(PGIdentifierPreparer):
    #: A narrowed table is known by its name alone: it is a subquery, and a subquery has no schema.
    schema_for_object: Any = staticmethod(lambda table: None)


class _Dialect(PGDialect):
    preparer = _Preparer
    #: A backslash in a literal is one; `render_literal_value` says so to PostgreSQL.
    _backslash_escapes = False


class QueryCompiler(PGCompiler):
    """Compiles a scoped query's statement.

    Args:
        query: the query.
        default_schema: the PostgreSQL schema of tables that name none.
        columns: of each table those that the statement names; found by compiling once without.
        narrowed: False leaves the tables open, which is for the proof of the proof.

    Raises:
        ConfigurationError: the statement contains what is not listed, or a table that no tenant's query may read.
    """

    def __init__(
        self,
        query: ScopedQuery,
        default_schema: str,
        columns: dict[Table, set[str]] | None = None,
        *,
        narrowed: bool = True,
    ) -> None:
        self.query = query
        self.default_schema = default_schema
        self.narrowed = narrowed
        self.columns = columns or {}
        #: What was met: the tables, and of each the columns.
        self.tables: dict[Table, set[str]] = {}
        #: Subqueries that may find several rows.
        self._sets: list[Any] = []
        dialect = _Dialect(paramstyle="named")  # type: ignore[no-untyped-call]
        super().__init__(dialect, query.returning, compile_kwargs={"literal_binds": True})

    def refuse(self, what: str, instead: str) -> NoReturn:
        raise ConfigurationError(f"Scoped query {self.query.name} is refused: it contains {what}. {instead}")

    # --- tables -------------------------------------------------------------------------------------------------------

    def visit_table(self, table: Any, asfrom: Any = False, *args: Any, enclosing_alias: Any = None, **kw: Any) -> str:
        if not asfrom:
            return ""
        if not isinstance(table, Table) or table.metadata is not self.query.metadata:
            self.refuse(f"{table}, which is no table of its metadata", "Nobody knows whose its rows are.")
        # What the ORM adds to a table for its own use is not the table's.
        declared = self.query.metadata.tables[table.key]
        self._check_name(table)
        self.tables.setdefault(declared, set())
        scope = classification_of(declared).scope
        if isinstance(scope, Nobody):
            self.refuse(f"{declared.fullname}, which is private", "The application may not read it; use db.system().")
        relation = identifier(declared.schema or self.default_schema, declared.name)
        if isinstance(scope, Everyone) or not self.narrowed:
            return relation
        names = [identifier(one.name) for one in declared.columns if one.name in self.columns.get(declared, ())]
        condition = predicate(declared, self.default_schema, variables=CALLER)
        narrowed = f"(SELECT {', '.join(names) or '1'} FROM {relation} WHERE {condition})"  # noqa: S608 - quoted names
        aliased = enclosing_alias is not None and enclosing_alias.element is table
        return narrowed if aliased else f"{narrowed} AS {identifier(declared.name)}"

    def visit_alias(self, alias: Any, *args: Any, **kw: Any) -> Any:
        self._check_name(alias)
        return _SQLALCHEMY.visit_alias(self, alias, *args, **kw)

    def visit_cte(self, cte: Any, *args: Any, **kw: Any) -> Any:
        self._check_name(cte)
        return _SQLALCHEMY.visit_cte(self, cte, *args, **kw)

    def _check_name(self, relation: Any) -> None:
        hidden = {self.query.name: "the function's arguments", CALLER: "the ids of the tenant and the user"}
        if relation.name in hidden:
            self.refuse(f"a table {relation.name}", f"It would hide {hidden[relation.name]}: name it otherwise.")

    def visit_column(self, column: Any, *args: Any, **kw: Any) -> Any:
        if column.is_literal and column.name not in _LITERALS:
            self.refuse(f"the literal SQL {column.name!r}", "Write it with SQLAlchemy's expressions.")
        for one in column.base_columns:
            if isinstance(getattr(one, "table", None), Table):
                named = self.query.metadata.tables.get(one.table.key, one.table)
                self.tables.setdefault(named, set()).add(one.name)
                if one.computed is not None and not one.computed.persisted:
                    self.refuse(
                        f"{one}, which is computed when it is read",
                        "Computing it might fail on another tenant's row: store it, Computed(..., persisted=True).",
                    )
        # SQLAlchemy would rename a table that names no schema where another one of its name does.
        return _SQLALCHEMY.visit_column(self, column, *args, **{**kw, "ambiguous_table_name_map": None})

    # --- what may be said ---------------------------------------------------------------------------------------------

    def visit_bindparam(self, bindparam: Any, *args: Any, **kw: Any) -> Any:
        if not bindparam.required:
            return _SQLALCHEMY.visit_bindparam(self, bindparam, *args, **kw)
        if bindparam.expanding:
            self.refuse(
                f"IN with the parameter {bindparam.key}",
                f"Compare with an array: column == any_(parameter({bindparam.key!r}, ARRAY(...))).",
            )
        return argument(self.query, str(bindparam.key))

    def render_literal_value(self, value: Any, type_: Any) -> str:
        text = str(_SQLALCHEMY.render_literal_value(self, value, type_))
        if "\\" not in text:
            return text
        # The text is read when the function runs, and whoever calls it says what a backslash is, but in E''.
        if not text.startswith("'"):
            self.refuse(f"the literal {text}, with a backslash", "Make it a parameter.")
        return "E" + text.replace("\\", "\\\\")

    def visit_function(self, func: Any, *args: Any, **kw: Any) -> Any:
        if func.packagenames or func.name.lower() not in FUNCTIONS:
            self.refuse(
                f"the function {'.'.join([*func.packagenames, func.name])}()",
                "It would run with rights that see every tenant, and might be asked of others' rows. Call it in the "
                "statement around the query.",
            )
        return _SQLALCHEMY.visit_function(self, func, *args, **kw)

    def visit_cast(self, cast: Any, **kw: Any) -> Any:
        if type(implementation_of(cast.type)) is not Text:
            self.refuse(
                f"a cast to {cast.type}",
                "A value of another tenant's that cannot be cast would be told by the error. Give parameters the type "
                "that they are compared with, and cast columns in the statement around the query.",
            )
        return _SQLALCHEMY.visit_cast(self, cast, **kw)

    def visit_binary(self, binary: Any, override_operator: Any = None, *args: Any, **kw: Any) -> Any:
        operator = override_operator or binary.operator
        self._check_operator(operator)
        if operator in SETS:
            self._sets.append(binary.right)
        if operator in PATTERNS:
            self._check_pattern(binary)
        if operator is operators.concat_op:
            self._check_concatenation(binary)
        self._check_types(binary)
        return _SQLALCHEMY.visit_binary(self, binary, override_operator, *args, **kw)

    def visit_unary(self, unary: Any, *args: Any, **kw: Any) -> Any:
        operator = unary.operator or unary.modifier
        self._check_operator(operator)
        if operator in SETS:
            self._sets.append(unary.element)
        return _SQLALCHEMY.visit_unary(self, unary, *args, **kw)

    def visit_grouping(self, grouping: Any, *args: Any, **kw: Any) -> Any:
        is_value = isinstance(grouping, ScalarSelect) and not any(grouping is one for one in self._sets)
        if is_value and not _is_limited(grouping.element):
            self.refuse(
                "a subquery for one value that might find several",
                "Then it fails, be it for another tenant's row: say limit(1).",
            )
        return _SQLALCHEMY.visit_grouping(self, grouping, *args, **kw)

    def visit_expression_clauselist(self, clauselist: Any, **kw: Any) -> Any:
        self._check_operator(clauselist.operator)
        if clauselist.operator is operators.concat_op:
            self._check_concatenation(clauselist)
        return _SQLALCHEMY.visit_expression_clauselist(self, clauselist, **kw)

    def _check_operator(self, operator: Any) -> None:
        name = getattr(operator, "opstring", None)
        if name in CUSTOM_OPERATORS if name is not None else operator in OPERATORS:
            return
        self.refuse(
            f"the operator {name or getattr(operator, '__name__', operator)}",
            "It might fail on a row of another tenant's, and the error would tell. Use it in the statement around the "
            "query.",
        )

    def _check_types(self, binary: BinaryExpression[Any]) -> None:
        """What an operator is to PostgreSQL depends on its operands."""
        types = [implementation_of(side.type) for side in (binary.left, binary.right)]
        if any(isinstance(one, _OF_EXTENSIONS) for one in types):
            self.refuse(
                f"an operator on {binary.left}, whose type is an extension's",
                "The pinned search_path finds those of pg_catalog only: use it in the statement around the query.",
            )
        if getattr(binary.operator, "opstring", None) == "@@" and not isinstance(types[0], TSVECTOR):
            self.refuse(
                f"@@ on {binary.left}, which is no TSVECTOR",
                "A JSON path fails on some rows, and so does making a text a vector: store one, Computed(..., "
                "persisted=True).",
            )

    def visit_type_coerce(self, type_coerce: Any, **kw: Any) -> Any:
        if isinstance(type_coerce.clause, ColumnClause):
            self.refuse(
                f"{type_coerce.clause} as another type", "What may be asked of it depends on the one that it has."
            )
        return _SQLALCHEMY.visit_type_coerce(self, type_coerce, **kw)

    def _check_concatenation(self, clause: Any) -> None:
        if not isinstance(implementation_of(clause.type), String):
            self.refuse(f"|| of {clause.type}", "It fails on arrays of unlike dimensions; of texts it may be.")

    def _check_pattern(self, binary: BinaryExpression[Any]) -> None:
        """A pattern that ends with its escape character fails, and only on a row that matches all before it."""
        escape = binary.modifiers.get("escape", None)
        escape = _DEFAULT_ESCAPE if escape is None else escape
        end = self._end_of(binary.right)
        if escape != "" and (not end or end.endswith(escape)):
            self.refuse(
                "LIKE with a pattern that might end with the escape character",
                "Then PostgreSQL fails on a row that matches the rest, be it another tenant's. Let it end with "
                'something known, `like(parameter("prefix", Text) + "%")`, or take the escape character away: '
                '`like(parameter("pattern", Text), escape="")`.',
            )

    def _end_of(self, pattern: Any) -> str:
        """The known end of a pattern; empty where it is not known."""
        match pattern:
            case Grouping():
                return self._end_of(pattern.element)
            case BinaryExpression() if pattern.operator is operators.concat_op:
                return self._end_of(pattern.right)
            case ExpressionClauseList() if pattern.operator is operators.concat_op:
                return self._end_of(pattern.clauses[-1])
            case BindParameter() if not pattern.required:
                return str(pattern.value or "")
        return ""

    # --- what may not -------------------------------------------------------------------------------------------------

    def for_update_clause(self, select: Any, **kw: Any) -> str:
        self.refuse("FOR UPDATE", "A scoped query reads; lock what it found by its keys.")

    def _generate_prefixes(self, stmt: Any, prefixes: Any, **kw: Any) -> str:
        return self._hinted() if prefixes else ""

    def _hinted(self, *args: Any, **kw: Any) -> str:
        self.refuse("a prefix, suffix or hint", "It is SQL text, of which nobody knows what it says.")

    get_select_hint_text = get_from_hint_text = get_statement_hint_text = _hinted


def _is_limited(statement: Any) -> bool:
    """Whether a SELECT says LIMIT 1."""
    limit = statement._limit_clause  # noqa: SLF001 - SQLAlchemy has no public way to see it
    return isinstance(limit, BindParameter) and not limit.required and limit.value == 1


def _refused(name: str) -> Callable[..., str]:
    def visit(self: QueryCompiler, *args: Any, **kw: Any) -> str:
        self.refuse(f"{name.removeprefix('visit_').replace('_', ' ')}", "Write a SELECT of declared tables.")

    return visit


for _name in dir(PGCompiler):
    _part = _name.removeprefix("visit_")
    if _name.startswith("visit_") and _part not in PARTS and not _part.endswith(LOOKED_AT):
        setattr(QueryCompiler, _name, _refused(_name))
