"""Posts, who held them when, and household contacts. Ties hold on days in [valid_from, valid_to); an open end is NULL."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.duties.rules import PostKind

OPEN = text("valid_to IS NULL")
DATED = "valid_to IS NULL OR valid_to >= valid_from"


OPEN_POST = text("closed_on IS NULL")
OPEN_POST_NOWHERE = text("closed_on IS NULL AND place_id IS NULL")


class Post(Base):
    """A titled duty in a unit, at a place where it belongs to one (楼长 of a building). `seats` is how many may hold it at once.

    `held` is kept by triggers on the terms: how many hold it now. So the checks here refuse one holder too many, fewer seats
    than holders and a holder of a closed post, whatever two people do at once.
    """

    __tablename__ = "post"
    __table_args__ = (
        CheckConstraint("seats > 0", name="seats"),
        CheckConstraint("held >= 0 AND held <= seats", name="held"),
        CheckConstraint("closed_on IS NULL OR held = 0", name="closed_empty"),
        Index("uq_post_open", "unit_id", "kind", "title", "place_id", unique=True, sqlite_where=OPEN_POST, postgresql_where=OPEN_POST),
        Index(
            "uq_post_open_nowhere",
            "unit_id",
            "kind",
            "title",
            unique=True,
            sqlite_where=OPEN_POST_NOWHERE,
            postgresql_where=OPEN_POST_NOWHERE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"), index=True)
    kind: Mapped[PostKind]
    title: Mapped[str] = mapped_column(String(40))
    duties: Mapped[str] = mapped_column(String(400), default="", server_default="")
    seats: Mapped[int] = mapped_column(default=1, server_default="1")
    held: Mapped[int] = mapped_column(default=0, server_default="0")
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]


class PostTerm(Base):
    """Somebody holds a post. A handover closes one term and begins the next on the same day, with a note of what was handed over."""

    __tablename__ = "post_term"
    __table_args__ = (
        Index("uq_post_term_open", "post_id", "person_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        CheckConstraint(DATED, name="dated"),
        Index("ix_post_term_post", "post_id", "valid_to"),
        Index("ix_post_term_due", "due_on", sqlite_where=OPEN, postgresql_where=OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    due_on: Mapped[date | None]  # when the term was meant to end
    noticed_on: Mapped[date | None]  # when the holder was told that it ends soon
    handover_note: Mapped[str] = mapped_column(String(200), default="", server_default="")
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]


class HouseholdContact(Base):
    """户联系: a member keeps in touch with a household. The household is words (3栋502 陈伯家), not a person's record."""

    __tablename__ = "household_contact"
    __table_args__ = (
        Index("uq_household_contact_open", "person_id", "place_id", "household", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        CheckConstraint(DATED, name="dated"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    household: Mapped[str] = mapped_column(String(40))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
