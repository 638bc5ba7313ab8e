"""A table with one column of each type that tenancy brings."""

from __future__ import annotations

from enum import Enum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Integer
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tenancy import HalfVector, Json, TenantScoped, TextEnum, Vector, metadata


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Step(BaseModel):
    title: str
    done: bool = False


class Details(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    note: str
    labels: list[str] = Field(default_factory=list)
    steps: list[Step] = Field(default_factory=list)
    extra: dict[str, Any] = Field(default_factory=dict)
    renamed: int = Field(default=0, alias="reNamed")


class Base(DeclarativeBase):
    metadata = metadata(tenant_type=Integer)


class Thing(TenantScoped, Base):
    __tablename__ = "thing"

    id: Mapped[int] = mapped_column(primary_key=True)
    details: Mapped[Details | None] = mapped_column(Json(Details))
    steps: Mapped[list[Step] | None] = mapped_column(Json(list[Step]))
    anything: Mapped[Any | None] = mapped_column(Json(Any))
    either: Mapped[str | list[str] | None] = mapped_column(Json(str | list[str]))
    color: Mapped[Color | None] = mapped_column(TextEnum(Color))
    embedding: Mapped[list[float] | None] = mapped_column(Vector(3))
    half: Mapped[list[float] | None] = mapped_column(HalfVector(3))
