"""AgentHiFive, which lends AI agents a person's access to services: workspaces, agents, connections and policies.

Written after the document "Database", one file for each file of its schema. Names follow the document where the source
departs from it (foreign keys, indexes, unique constraints); columns are the source's. Where the database needs it for
isolation it departs from both: every table says whose its rows are, foreign keys between the workspaces' tables carry
the workspace, and what a policy chooses rows by leads an index.
"""

from tenancy.reference.agenthifive.agent_access_tokens import AgentAccessToken
from tenancy.reference.agenthifive.agent_bootstrap_secrets import AgentBootstrapSecret
from tenancy.reference.agenthifive.agent_permission_requests import AgentPermissionRequest
from tenancy.reference.agenthifive.agents import Agent
from tenancy.reference.agenthifive.approval_requests import ApprovalRequest
from tenancy.reference.agenthifive.audit_events import AuditEvent
from tenancy.reference.agenthifive.base import Base
from tenancy.reference.agenthifive.connections import Connection
from tenancy.reference.agenthifive.jti_replay_cache import JtiReplay
from tenancy.reference.agenthifive.notification_channels import NotificationChannel
from tenancy.reference.agenthifive.notifications import Notification
from tenancy.reference.agenthifive.pending_connections import PendingConnection
from tenancy.reference.agenthifive.personal_access_tokens import PersonalAccessToken
from tenancy.reference.agenthifive.policies import Policy
from tenancy.reference.agenthifive.prompt_history_quarantines import PromptHistoryQuarantine
from tenancy.reference.agenthifive.push_subscriptions import PushSubscription
from tenancy.reference.agenthifive.resolvers import (
    user_of_personal_access_token,
    user_of_session,
    workspace_of_agent,
    workspace_of_agent_access_token,
    workspace_of_bootstrap_secret,
    workspace_of_pending_connection,
    workspace_of_personal_access_token,
    workspace_of_quick_action,
    workspaces_of_user,
)
from tenancy.reference.agenthifive.users import Account, Session, User, Verification
from tenancy.reference.agenthifive.workspace_oauth_apps import WorkspaceOauthApp
from tenancy.reference.agenthifive.workspaces import Workspace

__all__ = [
    "Account",
    "Agent",
    "AgentAccessToken",
    "AgentBootstrapSecret",
    "AgentPermissionRequest",
    "ApprovalRequest",
    "AuditEvent",
    "Base",
    "Connection",
    "JtiReplay",
    "Notification",
    "NotificationChannel",
    "PendingConnection",
    "PersonalAccessToken",
    "Policy",
    "PromptHistoryQuarantine",
    "PushSubscription",
    "Session",
    "User",
    "Verification",
    "Workspace",
    "WorkspaceOauthApp",
    "user_of_personal_access_token",
    "user_of_session",
    "workspace_of_agent",
    "workspace_of_agent_access_token",
    "workspace_of_bootstrap_secret",
    "workspace_of_pending_connection",
    "workspace_of_personal_access_token",
    "workspace_of_quick_action",
    "workspaces_of_user",
]
