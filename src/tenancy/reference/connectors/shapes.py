"""The shapes of the jsonb columns: "flexible data", so pydantic asks for an object, or a list, and no more."""

from typing import Any

#: An object whose keys vary: a webhook's payload, the JSON Schema of a tool's parameters, the arguments of a call.
Record = dict[str, Any]

#: The repositories of a GitHub installation, each as GitHub tells of it.
Repositories = list[Any]
