"""Enums: all eight are native types of PostgreSQL.

Where the document's list is shorter or only points to the source (`subscription_status`, `grant_type`,
`referral_status`), the source's values hold, in its order.
"""

from enum import Enum, StrEnum


class ReferralStatus(StrEnum):
    PENDING = "pending"
    COMPLETED = "completed"


class ApiKeyType(StrEnum):
    ANTHROPIC = "anthropic"
    GEMINI = "gemini"
    OPENAI = "openai"


class GrantType(StrEnum):
    """Why credits were granted. The source's migrations, which added values later, have another order."""

    FREE = "free"
    REFERRAL = "referral"
    REFERRAL_LEGACY = "referral_legacy"
    SUBSCRIPTION = "subscription"
    PURCHASE = "purchase"
    ADMIN = "admin"
    ORGANIZATION = "organization"
    AD = "ad"


class SessionType(StrEnum):
    """Where a user signed in: a browser, a personal access token, the command line."""

    WEB = "web"
    PAT = "pat"
    CLI = "cli"


class AgentRunStatus(StrEnum):
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class AgentStepStatus(StrEnum):
    RUNNING = "running"
    COMPLETED = "completed"
    SKIPPED = "skipped"


class SubscriptionStatus(StrEnum):
    """Stripe's; the document leaves out `incomplete_expired`."""

    INCOMPLETE = "incomplete"
    INCOMPLETE_EXPIRED = "incomplete_expired"
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    CANCELED = "canceled"
    UNPAID = "unpaid"
    PAUSED = "paused"


class OrgRole(StrEnum):
    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"


#: The enum types of the PostgreSQL schema, by their names there.
NATIVE_ENUMS: dict[str, type[Enum]] = {
    "agent_run_status": AgentRunStatus,
    "agent_step_status": AgentStepStatus,
    "api_key_type": ApiKeyType,
    "grant_type": GrantType,
    "org_role": OrgRole,
    "referral_status": ReferralStatus,
    "session_type": SessionType,
    "subscription_status": SubscriptionStatus,
}
