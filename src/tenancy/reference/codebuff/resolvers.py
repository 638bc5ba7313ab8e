"""What the application must know before it knows who is asking: the user behind a sign-in, the organizations of a user.

Each answers with ids alone. What else is to be checked, such as whether a user is banned or a member's role, is read in
the session of that user or organization. A key that a user brought is looked up in that user's session and needs none.
"""

from __future__ import annotations

from sqlalchemy import Text, func, select

from tenancy.reference.codebuff.auth import Account, Session, User
from tenancy.reference.codebuff.organization import Org, OrgInvite, OrgMember
from tenancy.schema import resolver, secret

#: The tables of NextAuth keep UTC without a time zone.
_UTC_NOW = func.timezone("UTC", func.now())

# --- signing in -------------------------------------------------------------------------------------------------------

#: Of a browser, a command line or a personal access token: all three are sessions.
user_of_session = resolver(
    "user_of_session",
    select(Session.user_id).where(Session.session_token == secret("token", Text), Session.expires > _UTC_NOW),
)

user_of_account = resolver(
    "user_of_account",
    select(Account.user_id).where(
        Account.provider == secret("provider_name", Text), Account.provider_account_id == secret("account", Text)
    ),
)

user_of_email = resolver("user_of_email", select(User.id).where(User.email == secret("address", Text)))

#: Whoever signs up with a code was referred by its user.
user_of_referral_code = resolver(
    "user_of_referral_code", select(User.id).where(User.referral_code == secret("code", Text))
)

# --- organizations ----------------------------------------------------------------------------------------------------

orgs_of_user = resolver(
    "orgs_of_user", select(OrgMember.org_id).where(OrgMember.user_id == secret("member", Text)), many=True
)

org_of_invite = resolver(
    "org_of_invite",
    select(OrgInvite.org_id).where(
        OrgInvite.token == secret("invitation", Text),
        OrgInvite.accepted_at.is_(None),
        OrgInvite.expires_at > func.now(),
    ),
)

#: No secret: the slug stands in addresses, and opens nothing to who is not a member.
org_of_slug = resolver("org_of_slug", select(Org.id).where(Org.slug == secret("address", Text)))

# --- webhooks of Stripe, whose customers are users and organizations --------------------------------------------------

user_of_stripe_customer = resolver(
    "user_of_stripe_customer", select(User.id).where(User.stripe_customer_id == secret("customer", Text))
)

org_of_stripe_customer = resolver(
    "org_of_stripe_customer", select(Org.id).where(Org.stripe_customer_id == secret("customer", Text))
)
