"""Activities, their shifts, and who signed up."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.activities.rules import ActivityKind, CodeWay
from app.activities.series_rules import Every
from app.activities.templates import Outcome
from app.core.db import Base

TRAINS = text("gives_training <> ''")


class Activity(Base):
    """Its state is derived from the dated facts: published_at, cancelled_at, closed_at.

    `code` is the short code people type and the poster's address (/c/<code>). `served_count` is 服务人次, asked at closing.
    Closed without `closed_by_id`: by itself, a week after its end, and 服务人次 was not said. 到场人次 is kept as counted then and
    as the organiser corrected it.
    Who may join: joining_rules.Who. `form_id` is of the form that it was made with, so that a second press makes no second one.
    `publication_asked_at`: it waits for a second person, who is never the one who asked.
    """

    __tablename__ = "activity"
    __table_args__ = (
        CheckConstraint("served_count IS NULL OR served_count >= 0", name="served_count"),
        CheckConstraint("closed_at IS NULL OR closed_by_id IS NULL OR served_count IS NOT NULL", name="closed"),
        CheckConstraint("came_counted >= 0", name="came_counted"),
        CheckConstraint("came_said IS NULL OR (came_said >= 0 AND came_counted IS NOT NULL)", name="came_said"),
        CheckConstraint("age_from BETWEEN 1 AND 120", name="age_from"),
        CheckConstraint("age_to BETWEEN 1 AND 120 AND (age_from IS NULL OR age_to >= age_from)", name="age_to"),
        CheckConstraint("training_months IS NULL OR (training_months BETWEEN 1 AND 120 AND asks_training <> '')", name="training_months"),
        CheckConstraint("(series_id IS NULL) = (series_on IS NULL)", name="series_on"),
        CheckConstraint("(publication_asked_at IS NULL) = (publication_asked_by_id IS NULL)", name="publication_asked"),
        CheckConstraint(
            "published_by_id IS NULL OR publication_asked_by_id IS NULL OR published_by_id <> publication_asked_by_id",
            name="second_person",
        ),
        Index("ix_activity_published", "published_at"),
        Index("uq_activity_form_id", "form_id", unique=True),
        Index("uq_activity_series", "series_id", "series_on", unique=True),
        Index("ix_activity_gives_training", "gives_training", sqlite_where=TRAINS, postgresql_where=TRAINS),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(8), unique=True)
    title: Mapped[str] = mapped_column(String(60))
    kind: Mapped[ActivityKind]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    place_text: Mapped[str] = mapped_column(String(80))
    description: Mapped[str] = mapped_column(Text, default="")
    risk_note: Mapped[str] = mapped_column(String(300), default="")
    code_way: Mapped[CodeWay]
    contact_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    cancelled_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    served_count: Mapped[int | None]
    template: Mapped[str | None] = mapped_column(String(32))
    insurance_note: Mapped[str] = mapped_column(String(300), default="", server_default="")
    for_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    age_from: Mapped[int | None]
    age_to: Mapped[int | None]
    for_stages: Mapped[str] = mapped_column(String(80), default="", server_default="")  # values of StageKind, a blank between
    asks_training: Mapped[str] = mapped_column(String(40), default="", server_default="")
    training_months: Mapped[int | None]
    gives_training: Mapped[str] = mapped_column(String(40), default="", server_default="")
    form_id: Mapped[str | None] = mapped_column(String(36))
    series_id: Mapped[int | None] = mapped_column(ForeignKey("activity_series.id"))
    series_on: Mapped[date | None]  # the day it was planned for; stays when that one is moved
    publication_asked_at: Mapped[datetime | None]
    publication_asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    cancel_reason: Mapped[str | None] = mapped_column(String(100))
    came_counted: Mapped[int | None]  # 到场人次 as phones and check-ins told it
    came_said: Mapped[int | None]  # as the organiser says, where that is another number


class Shift(Base):
    """班次. `taken` is kept by the same statement that takes a seat, so that capacity holds in any race."""

    __tablename__ = "shift"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("break_minutes >= 0", name="break_minutes"),
        CheckConstraint("taken >= 0 AND (capacity IS NULL OR taken <= capacity)", name="capacity"),
        CheckConstraint("extended_to IS NULL OR extended_to > ends_at", name="extended_to"),
        Index("ix_shift_activity", "activity_id", "starts_at"),
        Index("ix_shift_ends_at", "ends_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    name: Mapped[str] = mapped_column(String(30))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    extended_to: Mapped[datetime | None]  # the organiser let it run on
    break_minutes: Mapped[int]
    capacity: Mapped[int | None]
    taken: Mapped[int] = mapped_column(default=0, server_default="0")


class ShiftPosition(Base):
    """岗位 of a shift. Triggers count `taken` from the sign-ups and keep the sums on the shift; nothing else may write them.

    Known by its name: a sign-up keeps its position when the organiser gives it another one.
    """

    __tablename__ = "shift_position"
    __table_args__ = (
        CheckConstraint("name <> ''", name="name"),
        CheckConstraint("capacity >= 1", name="capacity"),
        CheckConstraint("taken BETWEEN 0 AND capacity", name="taken"),
        UniqueConstraint("id", "shift_id"),
        UniqueConstraint("shift_id", "name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    name: Mapped[str] = mapped_column(String(12))
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0, server_default="0")
    place: Mapped[int]  # in the order that the organiser wrote them


ACTIVE = text("withdrawn_at IS NULL")


class Signup(Base):
    """报名. With a seat (`seated_at`) or on the waiting list; withdrawn by a date, never deleted.

    `position_id`: where the seat is, or which one they wait for; None: the shift has none, or any will do while waiting.
    """

    __tablename__ = "signup"
    __table_args__ = (
        ForeignKeyConstraint(["position_id", "shift_id"], ["shift_position.id", "shift_position.shift_id"]),
        Index("uq_signup_active", "shift_id", "person_id", unique=True, sqlite_where=ACTIVE, postgresql_where=ACTIVE),
        Index("ix_signup_person", "person_id", "withdrawn_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    seated_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    risk_read_at: Mapped[datetime | None]  # the note about risk was ticked as read, by the person or who acts for them
    position_id: Mapped[int | None]


class ActivitySeries(Base):
    """活动系列: what was planned together. Its activities are ordinary ones, each with the day that it was planned for."""

    __tablename__ = "activity_series"
    __table_args__ = (CheckConstraint("until_on >= first_on", name="dated"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    title: Mapped[str] = mapped_column(String(60))
    every: Mapped[Every]
    first_on: Mapped[date]
    until_on: Mapped[date]
    form_id: Mapped[str] = mapped_column(String(36), unique=True)
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


STANDS = text("withdrawn_at IS NULL")


class ActivityTemplate(Base):
    """A unit's own template. `shape` is a filled form without day and ids (forms.shape); withdrawn by a date, never changed."""

    __tablename__ = "activity_template"
    __table_args__ = (
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name="withdrawn"),
        CheckConstraint("withdrawn_at IS NULL OR withdrawn_at >= made_at", name="dated"),
        Index("uq_activity_template_name", "unit_id", "name", unique=True, sqlite_where=STANDS, postgresql_where=STANDS),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    name: Mapped[str] = mapped_column(String(40))
    template: Mapped[str | None] = mapped_column(String(32))
    shape: Mapped[dict[str, Any]]
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class ActivityOutcome(Base):
    """办成的事: how many of a kind, as the subdistrict counts them. What there was none of has no row."""

    __tablename__ = "activity_outcome"
    __table_args__ = (CheckConstraint("count > 0", name="count"),)

    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), primary_key=True, autoincrement=False)
    kind: Mapped[Outcome] = mapped_column(primary_key=True)
    count: Mapped[int]


SHOWN = text("removed_at IS NULL")


class ActivityPhoto(Base):
    """A photo of an activity. `name` is of its files, which nobody can guess; `alt` says in words what is on it.

    `agreed_at`: the organiser said that everybody who can be made out agreed to publication; else it stays inside the unit.
    `digest` is of the picture as it is kept, so that the same one is there once. Removed by a date, see photo_files.
    """

    __tablename__ = "activity_photo"
    __table_args__ = (
        CheckConstraint("slot BETWEEN 1 AND 9", name="slot"),
        CheckConstraint("alt <> ''", name="alt"),
        CheckConstraint("width BETWEEN 1 AND 1600 AND height BETWEEN 1 AND 1600", name="size"),
        CheckConstraint("(removed_at IS NULL) = (removed_by_id IS NULL)", name="removed"),
        CheckConstraint("removed_at IS NULL OR removed_at >= added_at", name="dated"),
        Index("uq_activity_photo_slot", "activity_id", "slot", unique=True, sqlite_where=SHOWN, postgresql_where=SHOWN),
        Index("uq_activity_photo_digest", "activity_id", "digest", unique=True, sqlite_where=SHOWN, postgresql_where=SHOWN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    slot: Mapped[int]  # of nine
    name: Mapped[str] = mapped_column(String(32), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    alt: Mapped[str] = mapped_column(String(80))
    width: Mapped[int]
    height: Mapped[int]
    agreed_at: Mapped[datetime | None]
    added_at: Mapped[datetime]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


FEEDS = text("revoked_at IS NULL")


class CalendarFeed(Base):
    """Somebody's calendar has a secret address. It is derived from the id and the site's key (calendar_rules); at most one stands."""

    __tablename__ = "calendar_feed"
    __table_args__ = (
        CheckConstraint("revoked_at IS NULL OR revoked_at >= made_at", name="dated"),
        Index("uq_calendar_feed_stands", "person_id", unique=True, sqlite_where=FEEDS, postgresql_where=FEEDS),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
