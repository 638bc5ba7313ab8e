"""Platform: what is switched on, and how the system does."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import String, false, func, text
from sqlalchemy.orm import Mapped, mapped_column

from tenancy.reference.mutate.base import Base, utc_now
from tenancy.reference.mutate.shapes import Document, OrganizationOverrides
from tenancy.schema import Json, Private


class FeatureFlag(Private, Base):
    """A feature that is switched on for some organizations.

    It looks like reference data, but `workspace_overrides` names organizations: a tenant that read the row would learn
    who the others are and what they have. So a system session reads it and asks `is_on_for`. Its name is unique across
    tenants by nature: it is nobody's.
    """

    __tablename__ = "feature_flags"

    name: Mapped[str] = mapped_column(String(100), unique=True)
    description: Mapped[str | None]
    enabled: Mapped[bool] = mapped_column(server_default=false())
    rollout_percentage: Mapped[int | None] = mapped_column(server_default=text("0"))
    workspace_overrides: Mapped[OrganizationOverrides | None] = mapped_column(Json(OrganizationOverrides))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=utc_now)

    def is_on_for(self, organization_id: str) -> bool:
        """Whether the organization has the feature: by its override, else if it is among the percentage."""
        override = (self.workspace_overrides or {}).get(organization_id)
        if override is not None:
            return override
        place = int.from_bytes(hashlib.sha256(f"{self.name}:{organization_id}".encode()).digest()) % 100
        return self.enabled and place < (self.rollout_percentage or 0)


class SystemMetric(Private, Base):
    """A measurement of the whole system, all tenants together; only ever appended to, by system sessions."""

    __tablename__ = "system_metrics"

    metric_type: Mapped[str] = mapped_column(String(50))
    value: Mapped[int]
    metadata_: Mapped[Document | None] = mapped_column("metadata", Json(Document))
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())
