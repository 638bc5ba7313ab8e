"""Connectors, an agent that works in its users' GitHub, Slack and Linear accounts.

Written after the document "Agent Instructions - Database Package". Organizations exist, but own only their members and
invitations: nearly every row belongs to a user. Where the database needs it for isolation it departs: every table has
policies or no grant, and each user column leads an index.
"""

from tenancy.reference.connectors.ai import AgentRun, ToolCall
from tenancy.reference.connectors.auth import Account, Jwks, Session, TwoFactor, User, Verification
from tenancy.reference.connectors.base import Base
from tenancy.reference.connectors.connections import (
    GithubInstallation,
    LinearConnection,
    PkceChallenge,
    SlackConnection,
)
from tenancy.reference.connectors.events import LinearEvent, SlackEvent
from tenancy.reference.connectors.organizations import Invitation, Member, Organization
from tenancy.reference.connectors.resolvers import (
    organization_of_invitation,
    organization_of_slug,
    organizations_of_user,
    user_of_account,
    user_of_email,
    user_of_pkce_challenge,
    user_of_session,
    users_of_github_installation,
    users_of_linear_user,
    users_of_slack_team,
)
from tenancy.reference.connectors.tools import Tool, UserTool

__all__ = [
    "Account",
    "AgentRun",
    "Base",
    "GithubInstallation",
    "Invitation",
    "Jwks",
    "LinearConnection",
    "LinearEvent",
    "Member",
    "Organization",
    "PkceChallenge",
    "Session",
    "SlackConnection",
    "SlackEvent",
    "Tool",
    "ToolCall",
    "TwoFactor",
    "User",
    "UserTool",
    "Verification",
    "organization_of_invitation",
    "organization_of_slug",
    "organizations_of_user",
    "user_of_account",
    "user_of_email",
    "user_of_pkce_challenge",
    "user_of_session",
    "users_of_github_installation",
    "users_of_linear_user",
    "users_of_slack_team",
]
