"""What communities offer to those who reported in, who took it on, and the half-yearly word to the home branch."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId
from app.pledges.rules import Grade, OfferKind


class Offer(Base):
    """A post, a project or a wish of a community. `taken` is kept by triggers on the pledges, so the check refuses one too many."""

    __tablename__ = "offer"
    __table_args__ = (
        CheckConstraint("seats > 0", name="seats"),
        CheckConstraint("taken >= 0 AND (seats IS NULL OR taken <= seats)", name="taken"),
        CheckConstraint("last_day IS NULL OR last_day >= opens_on", name="dated"),
        Index("ix_offer_unit", "unit_id", "closed_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[OfferKind]
    title: Mapped[str] = mapped_column(String(40))
    words: Mapped[str] = mapped_column(String(400), default="", server_default="")
    seats: Mapped[int | None]  # NULL: no limit
    taken: Mapped[int] = mapped_column(default=0, server_default="0")
    opens_on: Mapped[date]
    last_day: Mapped[date | None]
    closed_on: Mapped[date | None]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]


STANDING = text("withdrawn_at IS NULL")


class Pledge(Base):
    """认领: a member takes an offer on. It stands until it is withdrawn; the community says when it is done, never the member."""

    __tablename__ = "pledge"
    __table_args__ = (
        Index("uq_pledge_standing", "offer_id", "person_id", unique=True, sqlite_where=STANDING, postgresql_where=STANDING),
        CheckConstraint("(done_at IS NULL) = (confirmed_by_id IS NULL)", name="confirmed"),
        CheckConstraint("confirmed_by_id IS NULL OR confirmed_by_id <> person_id", name="two_people"),
        CheckConstraint("done_at IS NULL OR withdrawn_at IS NULL", name="done_or_withdrawn"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))  # the member, or who recorded it for them
    withdrawn_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class FeedbackEntry(Base):
    """The community's word about a member for half a year. Append-only: a correction is the next version, with its reason."""

    __tablename__ = "feedback_entry"
    __table_args__ = (
        UniqueConstraint("person_id", "half", "unit_id", "version"),
        CheckConstraint("version > 0 AND (version = 1 OR reason <> '')", name="version"),
        CheckConstraint("made_by_id <> person_id", name="two_people"),
        Index("ix_feedback_entry_unit", "unit_id", "half"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))  # the community
    half: Mapped[str] = mapped_column(String(7))  # 2026-H2
    version: Mapped[int]
    grade: Mapped[Grade]
    words: Mapped[str] = mapped_column(String(200), default="", server_default="")
    reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
