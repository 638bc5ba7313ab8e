"""Research: a plan, its steps, what they found and what became of it. Every row belongs to one organization."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.trovella.base import Base, TenantColumns
from tenancy.reference.trovella.enums import (
    BranchAction,
    PlanAuditEventType,
    PlanStepStatus,
    PlanStepType,
    ResearchPlanStatus,
    SkillExecutionStatus,
)
from tenancy.reference.trovella.shapes import Record
from tenancy.schema import Access, Json, TenantForeignKey, TextEnum


class ResearchPlan(TenantColumns, Base):
    """A question and the way to its answer; belongs to the organization whose user asked."""

    __tablename__ = "research_plan"

    user_id: Mapped[str] = mapped_column(ForeignKey("user.id"), index=True)
    name: Mapped[str]
    research_question: Mapped[str]
    status: Mapped[ResearchPlanStatus] = mapped_column(server_default=ResearchPlanStatus.PLANNING.value, index=True)
    plan_design_rationale: Mapped[str | None]
    output_formatting_notes: Mapped[str | None]
    claude_code_session_id: Mapped[str | None]
    execution_report: Mapped[Record | None] = mapped_column(Json(Record))
    completed_at: Mapped[datetime | None]

    steps: Mapped[list[PlanStep]] = relationship(
        back_populates="plan", cascade="all, delete-orphan", passive_deletes=True, order_by="PlanStep.step_order"
    )
    branching_conditions: Mapped[list[PlanBranchingCondition]] = relationship(
        back_populates="plan", cascade="all, delete-orphan", passive_deletes=True
    )
    outputs: Mapped[list[ResearchOutput]] = relationship(
        back_populates="plan", cascade="all, delete-orphan", passive_deletes=True
    )
    feedback: Mapped[list[ResearchFeedback]] = relationship(
        back_populates="plan", cascade="all, delete-orphan", passive_deletes=True
    )
    # What outlives the plan, or may not be changed by the application, is left to PostgreSQL when the plan is deleted.
    audit_log: Mapped[list[PlanAuditLog]] = relationship(back_populates="plan", passive_deletes="all")
    artifacts: Mapped[list[ResearchArtifact]] = relationship(back_populates="plan", passive_deletes="all")
    skill_executions: Mapped[list[SkillExecution]] = relationship(back_populates="plan", passive_deletes="all")


class PlanStep(TenantColumns, Base):
    """A step of a plan, counted from 1; belongs to the plan's organization."""

    __tablename__ = "plan_step"

    plan_id: Mapped[str] = mapped_column(TenantForeignKey("research_plan.id", ondelete="CASCADE"), index=True)
    step_order: Mapped[int]
    step_type: Mapped[PlanStepType]
    instructions: Mapped[str]
    status: Mapped[PlanStepStatus] = mapped_column(server_default=PlanStepStatus.PENDING.value, index=True)
    result_summary: Mapped[Record | None] = mapped_column(Json(Record))
    confidence: Mapped[float | None]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]

    plan: Mapped[ResearchPlan] = relationship(back_populates="steps")
    branching_conditions: Mapped[list[PlanBranchingCondition]] = relationship(
        back_populates="step", cascade="all, delete-orphan", passive_deletes=True
    )
    audit_log: Mapped[list[PlanAuditLog]] = relationship(back_populates="step", passive_deletes="all")
    artifacts: Mapped[list[ResearchArtifact]] = relationship(back_populates="step", passive_deletes="all")


class PlanBranchingCondition(TenantColumns, Base):
    """What a plan does next when a step's result meets a condition; belongs to the plan's organization."""

    __tablename__ = "plan_branching_condition"

    plan_id: Mapped[str] = mapped_column(TenantForeignKey("research_plan.id", ondelete="CASCADE"), index=True)
    step_id: Mapped[str] = mapped_column(TenantForeignKey("plan_step.id", ondelete="CASCADE"), index=True)
    condition_expression: Mapped[str]
    if_true_action: Mapped[BranchAction] = mapped_column(TextEnum(BranchAction))
    action_params: Mapped[Record | None] = mapped_column(Json(Record))

    plan: Mapped[ResearchPlan] = relationship(back_populates="branching_conditions")
    step: Mapped[PlanStep] = relationship(back_populates="branching_conditions")


class PlanAuditLog(TenantColumns, Base):
    """What happened to a plan, written inside the transaction that did it; only ever appended to.

    `session_id` is the session of the program at work, not a row of `session`.
    """

    __tablename__ = "plan_audit_log"
    __table_args__ = (Index(None, "created_at"), Index(None, "organization_id", "created_at"))
    __access__: ClassVar[Access] = Access.APPEND_ONLY

    plan_id: Mapped[str] = mapped_column(TenantForeignKey("research_plan.id", ondelete="CASCADE"), index=True)
    step_id: Mapped[str | None] = mapped_column(TenantForeignKey("plan_step.id", ondelete="SET NULL"), index=True)
    event_type: Mapped[PlanAuditEventType]
    event_data: Mapped[Record | None] = mapped_column(Json(Record))
    session_id: Mapped[str | None]

    plan: Mapped[ResearchPlan] = relationship(back_populates="audit_log")
    step: Mapped[PlanStep | None] = relationship(back_populates="audit_log")


class ResearchArtifact(TenantColumns, Base):
    """A document that was found or written on the way; the organization keeps it when the plan goes."""

    __tablename__ = "research_artifact"
    __table_args__ = (Index(None, "created_at"), Index(None, "organization_id", "created_at"))

    plan_id: Mapped[str | None] = mapped_column(TenantForeignKey("research_plan.id", ondelete="SET NULL"), index=True)
    step_id: Mapped[str | None] = mapped_column(TenantForeignKey("plan_step.id", ondelete="SET NULL"), index=True)
    artifact_type: Mapped[str]
    title: Mapped[str]
    content: Mapped[str]
    confidence: Mapped[float | None]
    metadata_: Mapped[Record | None] = mapped_column("metadata", Json(Record))

    plan: Mapped[ResearchPlan | None] = relationship(back_populates="artifacts")
    step: Mapped[PlanStep | None] = relationship(back_populates="artifacts")
    extraction_results: Mapped[list[ExtractionResult]] = relationship(
        back_populates="source_artifact", passive_deletes="all"
    )


class ExtractionResult(TenantColumns, Base):
    """Structured data taken from an artifact; the organization keeps it when the artifact goes."""

    __tablename__ = "extraction_result"

    source_artifact_id: Mapped[str | None] = mapped_column(
        TenantForeignKey("research_artifact.id", ondelete="SET NULL"), index=True
    )
    extraction_schema: Mapped[Record] = mapped_column(Json(Record))
    result: Mapped[Record | None] = mapped_column(Json(Record))
    confidence: Mapped[float | None]
    model: Mapped[str | None]

    source_artifact: Mapped[ResearchArtifact | None] = relationship(back_populates="extraction_results")


class ResearchOutput(TenantColumns, Base):
    """What a plan produced for its readers; belongs to the plan's organization."""

    __tablename__ = "research_output"

    plan_id: Mapped[str] = mapped_column(TenantForeignKey("research_plan.id", ondelete="CASCADE"), index=True)
    title: Mapped[str]
    media_type: Mapped[str]
    content: Mapped[str]
    metadata_: Mapped[Record | None] = mapped_column("metadata", Json(Record))

    plan: Mapped[ResearchPlan] = relationship(back_populates="outputs")


class ResearchFeedback(TenantColumns, Base):
    """What a user thought of a plan; the organization's row, and gone with the user."""

    __tablename__ = "research_feedback"

    plan_id: Mapped[str] = mapped_column(TenantForeignKey("research_plan.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    rating: Mapped[int | None]
    comment: Mapped[str | None]

    plan: Mapped[ResearchPlan] = relationship(back_populates="feedback")


class SkillExecution(TenantColumns, Base):
    """A skill that was run for a user of the organization, for a plan or by itself."""

    __tablename__ = "skill_execution"
    __table_args__ = (Index(None, "created_at"), Index(None, "organization_id", "created_at"))

    user_id: Mapped[str] = mapped_column(ForeignKey("user.id"))
    skill_name: Mapped[str] = mapped_column(index=True)
    status: Mapped[SkillExecutionStatus] = mapped_column(server_default=SkillExecutionStatus.STARTED.value, index=True)
    plan_id: Mapped[str | None] = mapped_column(TenantForeignKey("research_plan.id", ondelete="SET NULL"), index=True)
    metadata_: Mapped[Record | None] = mapped_column("metadata", Json(Record))
    error_message: Mapped[str | None]
    claude_code_session_id: Mapped[str | None]
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    completed_at: Mapped[datetime | None]
    duration_ms: Mapped[int | None]

    plan: Mapped[ResearchPlan | None] = relationship(back_populates="skill_executions")
