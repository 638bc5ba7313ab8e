"""What the application must know before it knows the user: who signs in, comes back from a provider, or is written of.

Each answers with ids alone. What else is to be checked, such as whether a connection is active, is read in the session
of that user.
"""

from __future__ import annotations

from sqlalchemy import Integer, Text, func, select

from tenancy.reference.connectors.auth import Account, Session, User
from tenancy.reference.connectors.connections import (
    GithubInstallation,
    LinearConnection,
    PkceChallenge,
    SlackConnection,
)
from tenancy.reference.connectors.enums import InvitationStatus
from tenancy.reference.connectors.organizations import Invitation, Member, Organization
from tenancy.schema import resolver, secret

#: The columns keep UTC without a time zone.
_UTC_NOW = func.timezone("UTC", func.now())

# --- signing in -------------------------------------------------------------------------------------------------------

user_of_session = resolver(
    "user_of_session",
    select(Session.user_id).where(Session.token == secret("session_token", Text), Session.expires_at > _UTC_NOW),
)

#: Whoever signs in with a password names themselves by their address.
user_of_email = resolver("user_of_email", select(User.id).where(User.email == secret("address", Text)))

#: The source does not keep two users from having the same account: it is then nobody's.
user_of_account = resolver(
    "user_of_account",
    select(Account.user_id).where(
        Account.provider_id == secret("provider", Text), Account.account_id == secret("account", Text)
    ),
)

#: Of the state with which a provider sends a user back; nobody's while the flow has no user.
user_of_pkce_challenge = resolver(
    "user_of_pkce_challenge",
    select(PkceChallenge.user_id).where(
        PkceChallenge.state == secret("returned_state", Text), PkceChallenge.expires_at > _UTC_NOW
    ),
)

# --- organizations ----------------------------------------------------------------------------------------------------

organizations_of_user = resolver(
    "organizations_of_user", select(Member.organization_id).where(Member.user_id == secret("member", Text)), many=True
)

#: The id is the only secret of an invitation, so the e-mail address that it was sent to is asked for as well.
organization_of_invitation = resolver(
    "organization_of_invitation",
    select(Invitation.organization_id).where(
        Invitation.id == secret("invitation", Text),
        Invitation.email == secret("address", Text),
        Invitation.status == InvitationStatus.PENDING,
        Invitation.expires_at > _UTC_NOW,
    ),
)

#: Everybody may know a slug: it stands in addresses, and whoever comes by it must still be a member.
organization_of_slug = resolver(
    "organization_of_slug", select(Organization.id).where(Organization.slug == secret("name_in_url", Text))
)

# --- webhooks ---------------------------------------------------------------------------------------------------------
# Several users may connect the same team or account. Those that no user is linked to yet are left out.

users_of_slack_team = resolver(
    "users_of_slack_team",
    select(SlackConnection.user_id).where(SlackConnection.team_id == secret("team", Text)),
    many=True,
)

users_of_linear_user = resolver(
    "users_of_linear_user",
    select(LinearConnection.user_id).where(LinearConnection.linear_user_id == secret("linear_user", Text)),
    many=True,
)

users_of_github_installation = resolver(
    "users_of_github_installation",
    select(GithubInstallation.user_id).where(GithubInstallation.installation_id == secret("installation", Integer)),
    many=True,
)
