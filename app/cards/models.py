"""Member cards: for those who come without a phone, and as a picture on one."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base

VALID = text("revoked_at IS NULL")


class MemberCard(Base):
    """One issue of somebody's card; `number` counts their issues. At most one is valid, and a new one revokes it.

    Its token is derived from the id and the site's key (cards.rules). `issued_by_id` is the person themselves where they
    saved their code as a picture.
    """

    __tablename__ = "member_card"
    __table_args__ = (
        Index("uq_member_card_valid", "person_id", unique=True, sqlite_where=VALID, postgresql_where=VALID),
        UniqueConstraint("person_id", "number"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by_id IS NULL)", name="revoked"),
        CheckConstraint("revoked_at IS NULL OR revoked_at >= issued_at", name="dated"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    number: Mapped[int]
    issued_at: Mapped[datetime]
    issued_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
