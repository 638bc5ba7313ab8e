"""What the application must know before it knows the workspace: whose token, secret or state it was shown.

Each answers with an id alone. What else is to be checked, such as whether an agent is disabled or a request is still
pending, is read in the session of that workspace or user.
"""

from __future__ import annotations

from sqlalchemy import Text, Uuid, func, select

from tenancy.reference.agenthifive.agent_access_tokens import AgentAccessToken
from tenancy.reference.agenthifive.agent_bootstrap_secrets import AgentBootstrapSecret
from tenancy.reference.agenthifive.agents import Agent
from tenancy.reference.agenthifive.approval_requests import ApprovalRequest
from tenancy.reference.agenthifive.enums import SecretType
from tenancy.reference.agenthifive.pending_connections import PendingConnection
from tenancy.reference.agenthifive.personal_access_tokens import PersonalAccessToken
from tenancy.reference.agenthifive.users import Session
from tenancy.reference.agenthifive.workspaces import Workspace
from tenancy.schema import TextEnum, resolver, secret

# --- people -----------------------------------------------------------------------------------------------------------

user_of_session = resolver(
    "user_of_session",
    select(Session.user_id).where(Session.token == secret("session_token", Text), Session.expires_at > func.now()),
)

workspaces_of_user = resolver(
    "workspaces_of_user", select(Workspace.id).where(Workspace.owner_id == secret("owner", Uuid)), many=True
)

_VALID_PERSONAL_ACCESS_TOKEN = (
    PersonalAccessToken.token_hash == secret("hash", Text),
    PersonalAccessToken.revoked_at.is_(None),
    PersonalAccessToken.expires_at > func.now(),
)

#: A personal access token is visible to its user in its workspace, so that both are asked for.
workspace_of_personal_access_token = resolver(
    "workspace_of_personal_access_token", select(PersonalAccessToken.workspace_id).where(*_VALID_PERSONAL_ACCESS_TOKEN)
)

user_of_personal_access_token = resolver(
    "user_of_personal_access_token", select(PersonalAccessToken.user_id).where(*_VALID_PERSONAL_ACCESS_TOKEN)
)

#: Of a link in a message, with which a person approves without signing in.
workspace_of_quick_action = resolver(
    "workspace_of_quick_action",
    select(ApprovalRequest.workspace_id).where(
        ApprovalRequest.quick_action_token == secret("quick_action", Text), ApprovalRequest.expires_at > func.now()
    ),
)

#: Of the state with which a provider sends a person back.
workspace_of_pending_connection = resolver(
    "workspace_of_pending_connection",
    select(PendingConnection.workspace_id).where(
        PendingConnection.state == secret("returned_state", Text), PendingConnection.expires_at > func.now()
    ),
)

# --- agents -----------------------------------------------------------------------------------------------------------

#: An agent signs with its key, and names itself: its workspace is needed to read the key.
workspace_of_agent = resolver("workspace_of_agent", select(Agent.workspace_id).where(Agent.id == secret("agent", Uuid)))

workspace_of_agent_access_token = resolver(
    "workspace_of_agent_access_token",
    select(AgentAccessToken.workspace_id).where(
        AgentAccessToken.token_hash == secret("hash", Text), AgentAccessToken.expires_at > func.now()
    ),
)

#: A secret has no workspace of its own, but its agent's. One that is to enroll does not reattach.
workspace_of_bootstrap_secret = resolver(
    "workspace_of_bootstrap_secret",
    select(Agent.workspace_id)
    .join(AgentBootstrapSecret, AgentBootstrapSecret.agent_id == Agent.id)
    .where(
        AgentBootstrapSecret.secret_hash == secret("hash", Text),
        AgentBootstrapSecret.type == secret("purpose", TextEnum(SecretType)),
        AgentBootstrapSecret.consumed_at.is_(None),
        AgentBootstrapSecret.expires_at > func.now(),
    ),
)
