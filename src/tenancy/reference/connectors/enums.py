"""Enums: the database has none; the application checks them in `text` and `varchar` columns ("Column Types")."""

from enum import StrEnum


class UserRole(StrEnum):
    """`users.role`: of the whole installation, not of an organization."""

    USER = "user"
    ADMIN = "admin"


class MemberRole(StrEnum):
    """`members.role`."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"


class InvitationStatus(StrEnum):
    """`invitations.status`."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CANCELED = "canceled"


class AgentRunStatus(StrEnum):
    """`agent_runs.status`."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


class ToolCallStatus(StrEnum):
    """`tool_calls.status`."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
