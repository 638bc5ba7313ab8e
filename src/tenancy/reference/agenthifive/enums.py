"""Enums: native types of PostgreSQL, and the closed sets that the application checks in a text column."""

from enum import Enum, StrEnum


class AgentStatus(StrEnum):
    CREATED = "created"
    ACTIVE = "active"
    DISABLED = "disabled"


class ApprovalStatus(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    CONSUMED = "consumed"


class AuditDecision(StrEnum):
    ALLOWED = "allowed"
    DENIED = "denied"
    ERROR = "error"


class ConnectionStatus(StrEnum):
    HEALTHY = "healthy"
    NEEDS_REAUTH = "needs_reauth"
    REVOKED = "revoked"


class DefaultMode(StrEnum):
    READ_ONLY = "read_only"
    READ_WRITE = "read_write"
    CUSTOM = "custom"


class ExecutionModel(StrEnum):
    """How an agent acts: A, it is given a token; B, the vault acts for it. No column has the native type."""

    A = "A"
    B = "B"


class PolicyStatus(StrEnum):
    ACTIVE = "active"
    REVOKED = "revoked"


class ProviderType(StrEnum):
    """The last value is in the source's schema and in none of its migrations."""

    GOOGLE = "google"
    MICROSOFT = "microsoft"
    TELEGRAM = "telegram"
    GITHUB = "github"
    SLACK = "slack"
    ANTHROPIC = "anthropic"
    OPENAI = "openai"
    GEMINI = "gemini"
    OPENROUTER = "openrouter"
    NOTION = "notion"
    TRELLO = "trello"
    JIRA = "jira"
    EMAIL = "email"


class Service(StrEnum):
    """The last value is in the source's schema and in none of its migrations."""

    GOOGLE_GMAIL = "google-gmail"
    GOOGLE_CALENDAR = "google-calendar"
    GOOGLE_DRIVE = "google-drive"
    GOOGLE_SHEETS = "google-sheets"
    GOOGLE_DOCS = "google-docs"
    GOOGLE_CONTACTS = "google-contacts"
    MICROSOFT_TEAMS = "microsoft-teams"
    MICROSOFT_OUTLOOK_MAIL = "microsoft-outlook-mail"
    MICROSOFT_OUTLOOK_CALENDAR = "microsoft-outlook-calendar"
    MICROSOFT_ONEDRIVE = "microsoft-onedrive"
    MICROSOFT_OUTLOOK_CONTACTS = "microsoft-outlook-contacts"
    TELEGRAM = "telegram"
    SLACK = "slack"
    ANTHROPIC_MESSAGES = "anthropic-messages"
    OPENAI = "openai"
    GEMINI = "gemini"
    OPENROUTER = "openrouter"
    NOTION = "notion"
    TRELLO = "trello"
    JIRA = "jira"
    EMAIL_IMAP = "email-imap"


class StepUpApproval(StrEnum):
    ALWAYS = "always"
    RISK_BASED = "risk_based"
    NEVER = "never"


#: The enum types of the PostgreSQL schema, by their names there.
NATIVE_ENUMS: dict[str, type[Enum]] = {
    "agent_status": AgentStatus,
    "approval_status": ApprovalStatus,
    "audit_decision": AuditDecision,
    "connection_status": ConnectionStatus,
    "default_mode": DefaultMode,
    "execution_model": ExecutionModel,
    "policy_status": PolicyStatus,
    "provider_type": ProviderType,
    "service": Service,
    "step_up_approval": StepUpApproval,
}


class PlatformRole(StrEnum):
    """`t_users.platform_role`, kept as text."""

    USER = "user"
    SUPERADMIN = "superadmin"


class SecurityPreset(StrEnum):
    """`t_policies.security_preset`, kept as text."""

    MINIMAL = "minimal"
    STANDARD = "standard"
    STRICT = "strict"


class SecretType(StrEnum):
    """`t_agent_bootstrap_secrets.type`, kept as text."""

    ENROLLMENT = "enrollment"
    REATTACH = "reattach"


class VerificationStatus(StrEnum):
    """`t_notification_channels.verification_status`, kept as text."""

    PENDING = "pending"
    VERIFIED = "verified"


class Platform(StrEnum):
    """`t_push_subscriptions.platform`, kept as text."""

    IOS = "ios"
    ANDROID = "android"


class Resolution(StrEnum):
    """`t_prompt_history_quarantines.resolution`, kept as text."""

    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
