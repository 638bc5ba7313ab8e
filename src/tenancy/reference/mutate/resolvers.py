"""What a service must know before it knows the organization: whose session or key it is, and where they work.

Each answers with ids alone. What else is to be checked, such as a member's role or a key's permissions, is read in the
session of that user or organization.
"""

from __future__ import annotations

from sqlalchemy import Text, and_, func, or_, select

from tenancy.reference.mutate.auth import Account, Passkey, Session, User
from tenancy.reference.mutate.billing import OrganizationSubscription
from tenancy.reference.mutate.enums import InvitationStatus
from tenancy.reference.mutate.integrations import ApiKey
from tenancy.reference.mutate.organizations import Invitation, Member
from tenancy.schema import resolver, secret

#: Every table keeps UTC without a time zone.
_UTC_NOW = func.timezone("UTC", func.now())

# --- signing in -------------------------------------------------------------------------------------------------------

user_of_session = resolver(
    "user_of_session",
    select(Session.user_id).where(Session.token == secret("session_token", Text), Session.expires_at > _UTC_NOW),
)

user_of_email = resolver("user_of_email", select(User.id).where(User.email == secret("address", Text)))

#: The source does not keep two users from having the same account: it is then nobody's.
user_of_account = resolver(
    "user_of_account",
    select(Account.user_id).where(
        Account.provider_id == secret("provider", Text), Account.account_id == secret("account", Text)
    ),
)

user_of_passkey = resolver(
    "user_of_passkey", select(Passkey.user_id).where(Passkey.credential_id == secret("credential", Text))
)

# --- organizations ----------------------------------------------------------------------------------------------------

organizations_of_user = resolver(
    "organizations_of_user", select(Member.organization_id).where(Member.user_id == secret("member", Text)), many=True
)

#: The user may point a session at any organization; it leads only to one of which they are a member now.
active_organization_of_session = resolver(
    "active_organization_of_session",
    select(Member.organization_id)
    .join(
        Session,
        and_(Session.user_id == Member.user_id, Session.active_organization_id == Member.organization_id),
    )
    .where(Session.token == secret("session_token", Text), Session.expires_at > _UTC_NOW),
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

# --- programs ---------------------------------------------------------------------------------------------------------

organization_of_api_key = resolver(
    "organization_of_api_key",
    select(ApiKey.organization_id).where(
        ApiKey.key_hash == secret("hash", Text), or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > _UTC_NOW)
    ),
)

#: Of a webhook of the payment provider.
organization_of_stripe_subscription = resolver(
    "organization_of_stripe_subscription",
    select(OrganizationSubscription.organization_id).where(
        OrganizationSubscription.stripe_subscription_id == secret("subscription", Text)
    ),
)
