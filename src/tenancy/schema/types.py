"""Column types: validated JSON, pgvector's vectors as lists of floats, enums kept as text."""

from __future__ import annotations

from enum import Enum
from typing import Any

from pgvector import HalfVector as _HalfVectorValue
from pgvector import Vector as _VectorValue
from pgvector.sqlalchemy import HALFVEC, VECTOR
from sqlalchemy import Dialect, String, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from tenancy.schema.json import Json

__all__ = ["HalfVector", "Json", "TextEnum", "Vector"]


class _VectorType(TypeDecorator[list[float]]):
    """Common to both vectors: lists of floats in Python, pgvector's operators in SQL."""

    cache_ok = True

    def __init__(self, dimensions: int) -> None:
        self.dimensions = dimensions
        super().__init__(dimensions)

    @property
    def comparator_factory(self) -> Any:  # type: ignore[override]  # as in TypeDecorator, where it is hidden from mypy
        return self.impl.comparator_factory

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None or isinstance(value, str):
            return value
        values = [float(item) for item in value]
        if len(values) != self.dimensions:
            raise ValueError(f"expected {self.dimensions} dimensions, got {len(values)}")
        return values

    def process_result_value(self, value: Any, dialect: Dialect) -> list[float] | None:
        if isinstance(value, _VectorValue | _HalfVectorValue):
            return value.to_list()
        return None if value is None else [float(item) for item in value]


class Vector(_VectorType):
    """pgvector's `vector(n)`, 4 bytes per dimension: `mapped_column(Vector(768))`, read as `list[float]`."""

    impl = VECTOR
    cache_ok = True


class HalfVector(_VectorType):
    """pgvector's `halfvec(n)`, 2 bytes per dimension: `mapped_column(HalfVector(1536))`, read as `list[float]`."""

    impl = HALFVEC
    cache_ok = True


class TextEnum(TypeDecorator[Enum]):
    """An enum kept as text and checked by the application: `mapped_column(TextEnum(Status))`.

    A member's value is stored, as `text` or, with a length, as `varchar(length)`. What the database holds that is no
    member is a `ValueError` when it is read.
    """

    impl = Text
    cache_ok = True

    def __init__(self, enum: type[Enum], length: int | None = None) -> None:
        self.enum = enum
        self.length = length
        super().__init__()

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        # Not type_descriptor(), which adapts Text to the dialect's String, and that is VARCHAR.
        return Text() if self.length is None else String(self.length)

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else str(self.enum(value).value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Enum | None:
        return None if value is None else self.enum(value)

    def process_literal_param(self, value: Any, dialect: Dialect) -> str:
        return f"{self.process_bind_param(value, dialect)}"
