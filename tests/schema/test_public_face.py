"""The public face: what `tenancy` exports is what it means to."""

from __future__ import annotations

import inspect
import subprocess
import sys

import tenancy
import tenancy.errors
import tenancy.schema


def public_names(module: object) -> set[str]:
    return {name for name, value in vars(module).items() if not name.startswith("_") and not inspect.ismodule(value)}


def test_all_is_sorted() -> None:
    """Constants, then classes, then functions, each by name, as ruff sorts."""
    for module in (tenancy, tenancy.schema):
        names = module.__all__
        constants = sorted(name for name in names if name.isupper())
        classes = sorted(name for name in names if name[0].isupper() and not name.isupper())
        assert names == constants + classes + sorted(name for name in names if name[0].islower())


def test_all_is_exactly_the_public_names() -> None:
    """Nothing is exported by accident, and nothing is missing."""
    for module in (tenancy, tenancy.schema):
        assert set(module.__all__) == public_names(module)
        assert len(module.__all__) == len(set(module.__all__))


def test_all_of_schema_is_public() -> None:
    """What a model needs is there by one import."""
    assert set(tenancy.schema.__all__) <= set(tenancy.__all__)


def test_every_error_says_something_by_itself() -> None:
    """An error's docstring is its default message, and every error is a `TenancyError`."""
    for name in public_names(tenancy.errors) - {"annotations"}:
        error = getattr(tenancy.errors, name)
        assert issubclass(error, tenancy.TenancyError)
        assert str(error()).split() == (inspect.getdoc(error) or "").split()
        assert str(error("other words")) == "other words"
        assert inspect.getdoc(error) != inspect.getdoc(Exception)


def test_importing_registers_nothing() -> None:
    """SQLAlchemy is listened to from the first `tenancy.metadata()` on, not from the import."""
    code = (
        "import tenancy\n"
        "from sqlalchemy import Table, event\n"
        "from sqlalchemy.orm import Mapper\n"
        "from tenancy.schema import classification\n"
        "listening = lambda: event.contains(Mapper, 'after_mapper_constructed', classification.classify_mapped_class)\n"
        "assert not listening()\n"
        "tenancy.metadata(), tenancy.metadata()\n"
        "assert listening()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
