"""What a service must know before it knows the organization: whose session or token it is, and where they work."""

from __future__ import annotations

from sqlalchemy import Text, func, or_, select

from tenancy.reference.trovella.enums import InvitationStatus
from tenancy.reference.trovella.identity import Invitation, Member, Session
from tenancy.reference.trovella.mcp import PersonalAccessToken
from tenancy.schema import resolver, secret

#: The tables of Better Auth keep UTC without a time zone.
_UTC_NOW = func.timezone("UTC", func.now())

user_of_session = resolver(
    "user_of_session",
    select(Session.user_id).where(Session.token == secret("session_token", Text), Session.expires_at > _UTC_NOW),
)

user_of_personal_access_token = resolver(
    "user_of_personal_access_token",
    select(PersonalAccessToken.user_id).where(
        PersonalAccessToken.token_hash == secret("hash", Text),
        PersonalAccessToken.revoked_at.is_(None),
        or_(PersonalAccessToken.expires_at.is_(None), PersonalAccessToken.expires_at > func.now()),
    ),
)

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
