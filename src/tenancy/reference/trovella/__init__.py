"""Trovella, an AI research application: organizations, their use of language models, their research and its search.

Written after the document "Table Conventions". Where the database needs it for isolation it departs: policies cover
every table and not only the tenants' own, foreign keys between tenant tables carry the tenant, and their parents are
unique by tenant and key.
"""

from tenancy.reference.trovella.ai import AiBatch, AiCallDetails, AiModel, AiModelPricing, AiUsage
from tenancy.reference.trovella.base import Base
from tenancy.reference.trovella.identity import Account, Invitation, Member, Organization, Session, User, Verification
from tenancy.reference.trovella.mcp import McpToolCallLog, PersonalAccessToken
from tenancy.reference.trovella.research import (
    ExtractionResult,
    PlanAuditLog,
    PlanBranchingCondition,
    PlanStep,
    ResearchArtifact,
    ResearchFeedback,
    ResearchOutput,
    ResearchPlan,
    SkillExecution,
)
from tenancy.reference.trovella.resolvers import (
    organization_of_invitation,
    organizations_of_user,
    user_of_personal_access_token,
    user_of_session,
)
from tenancy.reference.trovella.search import DocumentChunk

__all__ = [
    "Account",
    "AiBatch",
    "AiCallDetails",
    "AiModel",
    "AiModelPricing",
    "AiUsage",
    "Base",
    "DocumentChunk",
    "ExtractionResult",
    "Invitation",
    "McpToolCallLog",
    "Member",
    "Organization",
    "PersonalAccessToken",
    "PlanAuditLog",
    "PlanBranchingCondition",
    "PlanStep",
    "ResearchArtifact",
    "ResearchFeedback",
    "ResearchOutput",
    "ResearchPlan",
    "Session",
    "SkillExecution",
    "User",
    "Verification",
    "organization_of_invitation",
    "organizations_of_user",
    "user_of_personal_access_token",
    "user_of_session",
]
