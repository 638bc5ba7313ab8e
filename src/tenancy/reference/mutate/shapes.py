"""The shapes of the jsonb columns. The source leaves them untyped; where more is known of one, its shape says it."""

from typing import Any

#: What the application puts there, an object or a list.
Document = dict[str, Any] | list[Any]

#: How many conversions there were of each type.
ConversionCounts = dict[str, int]

#: Whether a flag is on for an organization, by the organization's id.
OrganizationOverrides = dict[str, bool]
