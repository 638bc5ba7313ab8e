"""`l_jti_replay_cache`: which signed tokens were seen already."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from tenancy.reference.agenthifive.base import Base
from tenancy.schema import Private


class JtiReplay(Private, Base):
    """The id of a JWT that was used. It is checked before anyone is known, so only system sessions reach it.

    A log that they also clean: an id is deleted when its token has expired.
    """

    __tablename__ = "l_jti_replay_cache"

    jti: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
