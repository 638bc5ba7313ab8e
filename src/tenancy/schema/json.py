"""`Json(Model)`: jsonb that pydantic validates both ways, and whose changes in place are seen by the session."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import BaseModel, TypeAdapter
from sqlalchemy import Dialect
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

from tenancy.schema.watch import TruthValue, Watched


def Json(shape: Any) -> TypeEngine[Any]:  # noqa: N802 - stands where column types stand, beside HalfVector and TextEnum
    """jsonb of a known shape: `mapped_column(Json(Details))`.

    Args:
        shape: anything pydantic validates: a `BaseModel`, `list[Step]`, `dict[str, Any]`, `str | list[Any]`.

    Values are validated when they are written and when they are read (`pydantic.ValidationError`). A change in place,
    however deep (`task.details.labels.append("x")`), marks the row as changed. A model's fields that were never set are
    not stored.
    """
    return Watched.as_mutable(JsonType(shape))


class JsonType(TypeDecorator[Any]):
    """The type that `Json()` makes."""

    impl = JSONB
    cache_ok = True

    def __init__(self, shape: Any) -> None:
        self.shape = shape
        super().__init__(none_as_null=True)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        if isinstance(value, TruthValue):
            value = bool(value)
        adapter = _adapter(self.shape)
        plain = adapter.dump_python(value, mode="json", exclude_unset=True, by_alias=True, warnings=False)
        # Validating what will be stored, not the object: an attribute that was set since is checked as well.
        adapter.validate_python(plain)
        return plain

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else _adapter(self.shape).validate_python(value)

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:
        # Only another whole document is of our shape; a key or a path is not.
        return self if isinstance(value, BaseModel) else JSONB().coerce_compared_value(op, value)


@cache
def _adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)
