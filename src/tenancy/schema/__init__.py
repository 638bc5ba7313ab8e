"""What a developer writes: scopes, access, mixins, column types, names, tenant foreign keys."""

from tenancy.schema.access import Access
from tenancy.schema.classification import scoped
from tenancy.schema.foreign_key import TenantForeignKey
from tenancy.schema.function import parameter
from tenancy.schema.membership import Membership, membership
from tenancy.schema.metadata import metadata
from tenancy.schema.mixins import Private, Shared, SoftDeleted, TenantRoot, TenantScoped, Timestamped, UserScoped
from tenancy.schema.naming import POLICY_NAMING, SQLALCHEMY_NAMING
from tenancy.schema.query import ScopedQuery, scoped_query
from tenancy.schema.resolver import Resolver, resolver, secret
from tenancy.schema.samples import sampled
from tenancy.schema.scope import Scope, is_null, parent, tenant, user
from tenancy.schema.types import HalfVector, Json, TextEnum, Vector

__all__ = [
    "POLICY_NAMING",
    "SQLALCHEMY_NAMING",
    "Access",
    "HalfVector",
    "Json",
    "Membership",
    "Private",
    "Resolver",
    "Scope",
    "ScopedQuery",
    "Shared",
    "SoftDeleted",
    "TenantForeignKey",
    "TenantRoot",
    "TenantScoped",
    "TextEnum",
    "Timestamped",
    "UserScoped",
    "Vector",
    "is_null",
    "membership",
    "metadata",
    "parameter",
    "parent",
    "resolver",
    "sampled",
    "scoped",
    "scoped_query",
    "secret",
    "tenant",
    "user",
]
