"""Enums that the application checks; in the database they are text or varchar, and no native type exists.

A column whose values the source does not name (an invitation's role, events, subscriptions) is plain text.
"""

from enum import StrEnum


class MemberRole(StrEnum):
    """`member.role`."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"


class InvitationStatus(StrEnum):
    """`invitation.status`; the values are Better Auth's, which owns the table."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CANCELED = "canceled"


class ConversionType(StrEnum):
    """`configuration.conversion_type`."""

    XLSX_TO_CSV = "XLSX_TO_CSV"
    DOCX_TO_PDF = "DOCX_TO_PDF"


class JobStatus(StrEnum):
    """`transformation_job.status`."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class DeliveryStatus(StrEnum):
    """`webhook_delivery.status`; `DEAD` is given up for good."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILED = "failed"
    DEAD = "dead"


class PlatformRole(StrEnum):
    """`platform_admin.role`."""

    ADMIN = "admin"
    SUPPORT = "support"
