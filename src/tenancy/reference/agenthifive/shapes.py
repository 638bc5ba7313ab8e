"""The shapes of the jsonb columns: untyped in the document, a contract between the source's programs."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt
from pydantic.alias_generators import to_camel

#: An object whose keys vary by context.
Record = dict[str, Any]

HttpMethod = Literal["GET", "POST", "PUT", "DELETE", "PATCH"]
Hour = Annotated[int, Field(ge=0, le=23)]


class _Shape(BaseModel):
    """Keys are stored in camelCase, as the application's other parts read them; keys that are not known are kept."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="allow", validate_by_alias=True, validate_by_name=True, serialize_by_alias=True
    )


class AllowlistEntry(_Shape):
    """Which requests to one address an agent may make."""

    base_url: str
    methods: list[HttpMethod]
    path_patterns: list[str]


class RateLimits(_Shape):
    """How much an agent may ask for; what is left out is not limited."""

    max_requests_per_hour: PositiveInt
    max_payload_size_bytes: PositiveInt | None = None
    max_response_size_bytes: PositiveInt | None = None


class TimeWindow(_Shape):
    """When an agent may act; the week begins with day 0."""

    day_of_week: Annotated[int, Field(ge=0, le=6)]
    start_hour: Hour
    end_hour: Hour
    timezone: str


class PolicyRules(_Shape):
    """What is allowed, denied, held for approval or redacted, in requests and in responses."""

    request: list[Record] = Field(default_factory=list)
    response: list[Record] = Field(default_factory=list)
    field_step_up_enabled: bool | None = None


class ProviderConstraints(_Shape):
    """Limits that one provider knows. `allowed_tenant_ids` are Microsoft's tenants, not workspaces."""

    provider: Literal["telegram", "microsoft", "slack"]
    allowed_tenant_ids: list[str] | None = None
    allowed_chat_ids: list[str] | None = None
    allowed_channel_ids: list[str] | None = None
    allowed_user_ids: list[str] | None = None
