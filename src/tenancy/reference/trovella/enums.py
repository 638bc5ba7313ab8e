"""Enums: native types of PostgreSQL, and those that the application checks in a text column."""

from enum import Enum, StrEnum


class TenantType(StrEnum):
    """`organization.type`; the column is text, so no column uses the native type."""

    PERSONAL = "personal"
    FAMILY = "family"
    COMPANY = "company"


class AiProvider(StrEnum):
    ANTHROPIC = "anthropic"
    OPENAI = "openai"
    GOOGLE = "google"


class AiPricingType(StrEnum):
    INPUT = "input"
    OUTPUT = "output"
    CACHE_WRITE = "cache_write"
    CACHE_READ = "cache_read"
    BATCH_INPUT = "batch_input"
    BATCH_OUTPUT = "batch_output"
    BATCH_CACHE_WRITE = "batch_cache_write"
    BATCH_CACHE_READ = "batch_cache_read"
    LONG_CONTEXT_INPUT = "long_context_input"
    LONG_CONTEXT_OUTPUT = "long_context_output"
    TOOL_CODE_EXECUTION = "tool_code_execution"
    TOOL_WEB_SEARCH = "tool_web_search"
    TOOL_WEB_FETCH = "tool_web_fetch"


class AiPricingUnit(StrEnum):
    PER_1M_TOKENS = "per_1m_tokens"
    PER_CALL = "per_call"
    PER_HOUR = "per_hour"


class AiBatchStatus(StrEnum):
    PENDING = "pending"
    PROCESSING = "processing"
    ENDED = "ended"
    CANCELING = "canceling"
    CANCELED = "canceled"
    EXPIRED = "expired"


class AiStopReason(StrEnum):
    END_TURN = "end_turn"
    MAX_TOKENS = "max_tokens"
    STOP_SEQUENCE = "stop_sequence"
    TOOL_USE = "tool_use"
    PAUSE_TURN = "pause_turn"
    REFUSAL = "refusal"
    ERROR = "error"


class ResearchPlanStatus(StrEnum):
    PLANNING = "planning"
    EXECUTING = "executing"
    AWAITING_REVIEW = "awaiting_review"
    STALLED = "stalled"
    COMPLETED = "completed"
    FAILED = "failed"


class PlanStepStatus(StrEnum):
    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    AWAITING_INPUT = "awaiting_input"
    COMPLETED = "completed"
    SKIPPED = "skipped"
    FAILED = "failed"


class PlanStepType(StrEnum):
    SEARCH = "search"
    EXTRACT = "extract"
    ANALYZE = "analyze"
    CRITIQUE = "critique"
    SYNTHESIZE = "synthesize"
    CHECKPOINT = "checkpoint"
    CUSTOM = "custom"


class PlanAuditEventType(StrEnum):
    """The last three values are derived: the public page that lists them is cut off before."""

    STEP_STARTED = "step_started"
    STEP_COMPLETED = "step_completed"
    STEP_FAILED = "step_failed"
    PLAN_MODIFIED = "plan_modified"
    USER_REVIEWED = "user_reviewed"
    SESSION_RESUMED = "session_resumed"
    SKILL_STARTED = "skill_started"
    SKILL_COMPLETED = "skill_completed"
    SKILL_FAILED = "skill_failed"


class SkillExecutionStatus(StrEnum):
    STARTED = "started"
    EXECUTING = "executing"
    COMPLETED = "completed"
    FAILED = "failed"


#: The enum types of the PostgreSQL schema, by their names there.
NATIVE_ENUMS: dict[str, type[Enum]] = {
    "tenant_type": TenantType,
    "ai_provider": AiProvider,
    "ai_pricing_type": AiPricingType,
    "ai_pricing_unit": AiPricingUnit,
    "ai_batch_status": AiBatchStatus,
    "ai_stop_reason": AiStopReason,
    "research_plan_status": ResearchPlanStatus,
    "plan_step_status": PlanStepStatus,
    "plan_step_type": PlanStepType,
    "plan_audit_event_type": PlanAuditEventType,
    "skill_execution_status": SkillExecutionStatus,
}


class MemberRole(StrEnum):
    """`member.role`, kept as text."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"


class InvitationStatus(StrEnum):
    """`invitation.status`, kept as text."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CANCELED = "canceled"


class BranchAction(StrEnum):
    """`plan_branching_condition.if_true_action`, kept as text."""

    SKIP_TO = "skip_to"
    ADD_STEPS = "add_steps"
    FAIL = "fail"
    CONTINUE = "continue"


class ChunkSource(StrEnum):
    """`document_chunk.source_table`, kept as text: the table that `source_id` refers to."""

    RESEARCH_ARTIFACT = "research_artifact"
    RESEARCH_OUTPUT = "research_output"
    EXTRACTION_RESULT = "extraction_result"
