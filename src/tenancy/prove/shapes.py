"""Documents of a pydantic shape, made by polyfactory."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

from pydantic import create_model

from tenancy.errors import ProofError


def sample_document(shape: Any, random: Random) -> Any:
    """A value that the shape accepts: an instance of a model, a list of them, a dictionary, whatever it says.

    Raises:
        ProofError: polyfactory is not installed.
    """
    factory = _factory(shape)
    factory.seed_random(random.getrandbits(32))
    return factory.build().value


@cache
def _factory(shape: Any) -> Any:
    try:
        from polyfactory.factories.pydantic_factory import ModelFactory  # noqa: PLC0415 - an extra, needed here only
    except ImportError as error:
        raise ProofError('Sample documents for Json columns need polyfactory: pip install "tenancy[test]"') from error
    # polyfactory makes models; a shape may be any type, so a model holds it.
    return ModelFactory.create_factory(create_model("Holder", value=(shape, ...)))
