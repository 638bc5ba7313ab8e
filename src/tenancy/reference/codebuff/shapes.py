"""The shapes of the jsonb columns. The source types only one of them; the others are what their writers send."""

from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

#: An object whose keys its writer chooses: a feature's configuration, an agent's definition.
Record = dict[str, Any]

#: What a model was asked and what it answered, as its provider spells it: a list of messages, or an object.
Payload = list[Any] | Record

#: The last message of a request; the database takes it out.
LastMessage = Record | list[Any] | str


class GitEvalMetadata(BaseModel):
    """The outcome of one evaluation; stored in camelCase, as other programs read it. What is left out is unknown."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_alias=True, validate_by_name=True, serialize_by_alias=True
    )

    num_cases: int | None = None
    avg_score: float | None = None
    avg_completion: float | None = None
    avg_efficiency: float | None = None
    avg_code_quality: float | None = None
    avg_duration: float | None = None
    suite: str | None = None
    avg_turns: float | None = None
