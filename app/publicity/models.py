"""公示 with its lines, and objections. What was shown never changes: it ends, is concluded, or is withdrawn with a reason."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.publicity.rules import Reach, SubjectKind, Verdict, Way

STANDS = text("withdrawn_at IS NULL")


class Publicity(Base):
    """One thing shown from `starts_on` to `ends_on`, both in. Triggers refuse every other change than concluding and withdrawing.

    Concluded only after its last day and with no objection open; the database sees to that too.
    """

    __tablename__ = "publicity"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="dated"),
        CheckConstraint("people > 0 OR subject_kind = 'project'", name="people"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name="withdrawn"),
        CheckConstraint("withdrawn_at IS NULL OR reason <> ''", name="reason"),
        CheckConstraint("concluded_on IS NULL OR (withdrawn_at IS NULL AND concluded_on > ends_on)", name="concluded"),
        Index("uq_publicity_subject", "subject_kind", "subject_id", unique=True, sqlite_where=STANDS, postgresql_where=STANDS),
        Index("ix_publicity_unit", "unit_id", "ends_on"),
        Index("ix_publicity_reach", "reach", "ends_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_kind: Mapped[SubjectKind]
    subject_id: Mapped[int]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    reach: Mapped[Reach]
    title: Mapped[str] = mapped_column(String(80))
    words: Mapped[str] = mapped_column(String(400))
    phone: Mapped[str] = mapped_column(String(40))
    place: Mapped[str] = mapped_column(String(80))
    people: Mapped[int]  # how many lines it has, no more can come
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    published_at: Mapped[datetime]
    published_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    concluded_on: Mapped[date | None]


class PublicityLine(Base):
    """One person's line. Append-only; the name is resolved, and masked, when it is shown."""

    __tablename__ = "publicity_line"
    __table_args__ = (Index("ix_publicity_line_person", "person_id"),)

    publicity_id: Mapped[int] = mapped_column(ForeignKey("publicity.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    seq: Mapped[int]
    words: Mapped[str] = mapped_column(String(200))


class PublicityMaker(Base):
    """Who stands behind what is publicised: proposed, reviewed, approved or published it. Append-only; they answer no objection to it."""

    __tablename__ = "publicity_maker"

    publicity_id: Mapped[int] = mapped_column(ForeignKey("publicity.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)


WAITS = text("answered_at IS NULL")


class Objection(Base):
    """Said by a signed-in person, or keyed in for somebody who came or called. Answered once, by somebody else.

    Triggers: only while it is shown and not concluded; who answers is not among the lines where it is about the whole, and never among
    the makers; an answer stays. The days by which it is due are those of the rule when it came, and stay.
    """

    __tablename__ = "objection"
    __table_args__ = (
        ForeignKeyConstraint(["publicity_id", "about_id"], ["publicity_line.publicity_id", "publicity_line.person_id"]),
        CheckConstraint("by_id IS NOT NULL OR by_name <> ''", name="somebody"),
        CheckConstraint("(way = 'online') = (keyed_by_id IS NULL)", name="keyed"),
        CheckConstraint("way <> 'online' OR by_id IS NOT NULL", name="own"),
        CheckConstraint("keyed_by_id IS NULL OR by_id IS NULL OR keyed_by_id <> by_id", name="keyed_for_another"),
        CheckConstraint("(acknowledged_at IS NULL) = (acknowledged_by_id IS NULL)", name="acknowledged"),
        CheckConstraint(
            "(answered_at IS NULL) = (answered_by_id IS NULL) AND (answered_at IS NULL) = (verdict IS NULL)"
            " AND (answered_at IS NULL OR (answer <> '' AND acknowledged_at IS NOT NULL))",
            name="answered",
        ),
        CheckConstraint(
            "answered_by_id IS NULL OR ((by_id IS NULL OR answered_by_id <> by_id) AND (about_id IS NULL OR answered_by_id <> about_id)"
            " AND (keyed_by_id IS NULL OR answered_by_id <> keyed_by_id))",
            name="another",
        ),
        Index("ix_objection_publicity", "publicity_id", "answered_at"),
        Index("ix_objection_waits", "received_at", sqlite_where=WAITS, postgresql_where=WAITS),
        Index("ix_objection_by", "by_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    publicity_id: Mapped[int] = mapped_column(ForeignKey("publicity.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))  # the publicity's: who answers is found by it
    about_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    way: Mapped[Way]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    by_name: Mapped[str] = mapped_column(String(40))
    by_phone: Mapped[str] = mapped_column(String(20))
    said: Mapped[str] = mapped_column(String(500))
    received_on: Mapped[date]
    received_at: Mapped[datetime]
    keyed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    acknowledge_by: Mapped[date] = mapped_column(nullable=True)  # a trigger asks for both of every new one
    answer_by: Mapped[date] = mapped_column(nullable=True)
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    verdict: Mapped[Verdict | None]
    answer: Mapped[str] = mapped_column(String(500), default="", server_default="")
