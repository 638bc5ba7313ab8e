"""Codebuff, a coding assistant: users and their credits, organizations that pay for members, agents and their store.

Written after the document "Database" and the source that it describes. Most rows belong to users; an organization is an
optional second owner. Where the database needs it for isolation it departs: policies cover every table (the source has
none), and each column by which a policy chooses rows, or a resolver finds a user's organizations, leads an index.
"""

from tenancy.reference.codebuff.agent_execution import AgentRun, AgentStep
from tenancy.reference.codebuff.agent_store import AgentConfig, Publisher
from tenancy.reference.codebuff.auth import Account, EncryptedApiKeys, Fingerprint, Session, User, VerificationToken
from tenancy.reference.codebuff.base import Base
from tenancy.reference.codebuff.billing import (
    AdImpression,
    CreditLedger,
    LimitOverride,
    Referral,
    Subscription,
    SyncFailure,
)
from tenancy.reference.codebuff.evaluation import GitEvalResults
from tenancy.reference.codebuff.organization import Org, OrgFeature, OrgInvite, OrgMember, OrgRepo
from tenancy.reference.codebuff.resolvers import (
    org_of_invite,
    org_of_slug,
    org_of_stripe_customer,
    orgs_of_user,
    user_of_account,
    user_of_email,
    user_of_referral_code,
    user_of_session,
    user_of_stripe_customer,
)
from tenancy.reference.codebuff.usage import Message

__all__ = [
    "Account",
    "AdImpression",
    "AgentConfig",
    "AgentRun",
    "AgentStep",
    "Base",
    "CreditLedger",
    "EncryptedApiKeys",
    "Fingerprint",
    "GitEvalResults",
    "LimitOverride",
    "Message",
    "Org",
    "OrgFeature",
    "OrgInvite",
    "OrgMember",
    "OrgRepo",
    "Publisher",
    "Referral",
    "Session",
    "Subscription",
    "SyncFailure",
    "User",
    "VerificationToken",
    "org_of_invite",
    "org_of_slug",
    "org_of_stripe_customer",
    "orgs_of_user",
    "user_of_account",
    "user_of_email",
    "user_of_referral_code",
    "user_of_session",
    "user_of_stripe_customer",
]
