"""Mutate, which converts files for organizations: configurations, jobs, webhooks and billing, on a platform with staff.

Written after the document "Database Agent Guide", whose groups of tables are the files here; it keeps them in one. Its
convention holds for names, its source for columns. The source has no row-level security; where isolation needs it the
tables depart from it: foreign keys between tenant tables carry the tenant and their parents are unique by tenant and
key, two unique constraints are led by the tenant, the hash of an API key is unique, and every column that decides who
sees a row leads an index (the source has one such index in fourteen). What a resolver looks up has an index as well.
"""

from tenancy.reference.mutate.admin import AuditLog, PlatformAdmin, PlatformAuditLog
from tenancy.reference.mutate.auth import Account, Passkey, Session, TwoFactor, User, Verification
from tenancy.reference.mutate.base import Base
from tenancy.reference.mutate.billing import (
    ActiveConversion,
    BillingEvent,
    OrganizationSubscription,
    SubscriptionPlan,
    UsageRecord,
)
from tenancy.reference.mutate.core import Configuration, ConfigurationVersion, TransformationJob
from tenancy.reference.mutate.integrations import ApiKey, Notification, OrganizationWebhook, WebhookDelivery
from tenancy.reference.mutate.organizations import Invitation, Member, Organization
from tenancy.reference.mutate.platform import FeatureFlag, SystemMetric
from tenancy.reference.mutate.resolvers import (
    active_organization_of_session,
    organization_of_api_key,
    organization_of_invitation,
    organization_of_stripe_subscription,
    organizations_of_user,
    user_of_account,
    user_of_email,
    user_of_passkey,
    user_of_session,
)

__all__ = [
    "Account",
    "ActiveConversion",
    "ApiKey",
    "AuditLog",
    "Base",
    "BillingEvent",
    "Configuration",
    "ConfigurationVersion",
    "FeatureFlag",
    "Invitation",
    "Member",
    "Notification",
    "Organization",
    "OrganizationSubscription",
    "OrganizationWebhook",
    "Passkey",
    "PlatformAdmin",
    "PlatformAuditLog",
    "Session",
    "SubscriptionPlan",
    "SystemMetric",
    "TransformationJob",
    "TwoFactor",
    "UsageRecord",
    "User",
    "Verification",
    "WebhookDelivery",
    "active_organization_of_session",
    "organization_of_api_key",
    "organization_of_invitation",
    "organization_of_stripe_subscription",
    "organizations_of_user",
    "user_of_account",
    "user_of_email",
    "user_of_passkey",
    "user_of_session",
]
