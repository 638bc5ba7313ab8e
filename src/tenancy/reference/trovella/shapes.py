"""The shapes of the jsonb columns; the database does not enforce them, pydantic does ("JSONB Column Typing")."""

from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

#: An object whose keys vary by context: `Record<string, unknown>`.
Record = dict[str, Any]

#: A prompt is a text, or a list of blocks: `string | unknown[]`.
SystemPrompt = str | list[Any]


class _Shape(BaseModel):
    """Keys are stored in camelCase, as the application's other clients read them."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_alias=True, validate_by_name=True, serialize_by_alias=True
    )


class SupportedFeatures(_Shape):
    """What a model can do; what is left out is unknown."""

    thinking: bool | None = None
    vision: bool | None = None
    streaming: bool | None = None
    batch: bool | None = None
    tool_use: bool | None = None
    structured_outputs: bool | None = None


class ThinkingBlock(_Shape):
    """One block of a model's reasoning, and what it cost."""

    thinking: str
    tokens: int | None = None
