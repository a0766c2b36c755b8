"""Reading drafts and versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from app.activities.models import Activity, Shift
from app.checkin.models import Attendance
from app.core.clock import at_local
from app.core.db import db
from app.hours.closing import is_closed
from app.hours.models import HourEntry
from app.hours.queries import closing_rules
from app.people.models import Person
from app.points.models import PointBand, PointEntry, PointRule, PointScheme
from app.points.queries import RULE_COLUMNS
from app.points.rules import Rule, SchemeKind
from app.points.standings import Band, Version
from app.schemes.models import SchemeDraft, SchemeDraftBand, SchemeDraftRule
from app.schemes.queries.facts import WITHOUT_HOURS
from app.schemes.rules import DAYS_TO_BOOK


@dataclass(frozen=True)
class DraftRow:
    """A draft with its parts. `version` has id 0: it is none yet."""

    id: int
    kind: SchemeKind
    name: str
    source: str
    valid_from: date
    maker_id: int
    maker_name: str
    made_at: datetime
    sent_at: datetime | None
    answer: str
    ended_at: datetime | None
    scheme_id: int | None
    booked_at: datetime | None
    version: Version
    based_on: str


_R = SchemeDraftRule
DRAFT_RULE = (
    _R.id, _R.per, _R.amount, _R.activity_kind, _R.hour_kind, _R.counts_honour, _R.cap, _R.cap_period, _R.code, _R.name, _R.note
)  # fmt: skip


def draft(draft_id: int) -> DraftRow | None:
    d, based = SchemeDraft, aliased(PointScheme)
    row = db.session.execute(
        select(d, Person.name, based.version)
        .join(Person, Person.id == d.made_by_id)
        .join(based, based.id == d.based_on_id)
        .where(d.id == draft_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        return None
    one, maker, based_on = row
    rules = db.session.execute(select(*DRAFT_RULE).where(_R.draft_id == draft_id).order_by(_R.id))
    bands = select(SchemeDraftBand.least, SchemeDraftBand.name).where(SchemeDraftBand.draft_id == draft_id)
    version = Version(
        0,
        one.kind,
        one.version,
        tuple(Rule(*rule) for rule in rules),
        tuple(Band(*band) for band in db.session.execute(bands.order_by(SchemeDraftBand.least.desc()))),
        one.exempt_age,
    )
    return DraftRow(
        one.id,
        one.kind,
        one.version,
        one.source,
        one.valid_from,
        one.made_by_id,
        maker,
        one.made_at,
        one.sent_at,
        one.answer,
        one.ended_at,
        one.scheme_id,
        one.booked_at,
        version,
        based_on,
    )


def open_drafts() -> dict[SchemeKind, int]:
    return dict(db.session.execute(select(SchemeDraft.kind, SchemeDraft.id).where(SchemeDraft.ended_at.is_(None))).all())


def waiting_drafts(person_id: int) -> list[DraftRow]:
    """Those that wait for a second person, and are not this one's."""
    waiting = select(SchemeDraft.id).where(
        SchemeDraft.ended_at.is_(None), SchemeDraft.sent_at.is_not(None), SchemeDraft.made_by_id != person_id
    )
    return [row for one in db.session.scalars(waiting.order_by(SchemeDraft.sent_at)) if (row := draft(one))]


def waiting_drafts_count(person_id: int) -> Select[int]:
    """For the work list to ask."""
    return select(func.count()).where(SchemeDraft.ended_at.is_(None), SchemeDraft.sent_at.is_not(None), SchemeDraft.made_by_id != person_id)


@dataclass(frozen=True)
class VersionRow:
    """A published version. `current`: in force on the day that was asked about."""

    id: int
    kind: SchemeKind
    version: str
    valid_from: date
    source: str
    exempt_age: int | None
    publisher_name: str | None
    rules: tuple[Rule, ...]
    bands: tuple[Band, ...]
    current: bool


def versions(day: date) -> list[VersionRow]:
    """Everything that was ever published, the newest first; three queries."""
    rules: dict[int, list[Rule]] = {}
    for scheme_id, *columns in db.session.execute(select(PointRule.scheme_id, *RULE_COLUMNS).order_by(PointRule.id)):
        rules.setdefault(scheme_id, []).append(Rule(*columns))
    bands: dict[int, list[Band]] = {}
    for scheme_id, least, name in db.session.execute(
        select(PointBand.scheme_id, PointBand.least, PointBand.name).order_by(PointBand.least.desc())
    ):
        bands.setdefault(scheme_id, []).append(Band(least, name))
    s = PointScheme
    rows = db.session.execute(
        select(s.id, s.kind, s.version, s.valid_from, s.source, s.exempt_age, Person.name)
        .outerjoin(Person, Person.id == s.published_by_id)
        .order_by(s.kind.desc(), s.valid_from.desc())
    ).all()
    held = {row.kind: row.id for row in reversed(rows) if row.valid_from <= day}
    return [VersionRow(*row, tuple(rules.get(row.id, ())), tuple(bands.get(row.id, ())), held.get(row.kind) == row.id) for row in rows]


def newest(kind: SchemeKind) -> PointScheme:
    """The version in force last of all, published for a day to come perhaps: a draft begins as its copy."""
    found = select(PointScheme).where(PointScheme.kind == kind).order_by(PointScheme.valid_from.desc()).limit(1)
    return db.session.scalars(found).one()


def following(kind: SchemeKind, since: date) -> date:
    """When the version of that day ends."""
    later = select(func.min(PointScheme.valid_from)).where(PointScheme.kind == kind, PointScheme.valid_from > since)
    return db.session.scalar(later) or date(2999, 12, 31)


def first_open(today: date) -> date:
    """The first day of the first month that is not closed yet."""
    rules, month = closing_rules(), today.replace(day=1)
    for _ in range(24):
        before = date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
        if is_closed(before, today, rules):
            return month
        month = before
    return month


def first_safe(today: date) -> date:
    """The first day of the first month that stays open long enough to book anew what was given in it: see `DAYS_TO_BOOK`."""
    return first_open(today + timedelta(days=DAYS_TO_BOOK))


def people_since(since: date, after: int, limit: int) -> Sequence[int]:
    """Whoever has an entry of hours or points since a day, or attended what gives no hours, by id, beyond `after`."""
    hours = select(HourEntry.person_id.label("person_id")).where(HourEntry.served_on >= since, HourEntry.person_id > after)
    points = select(PointEntry.person_id).where(PointEntry.served_on >= since, PointEntry.person_id > after)
    came = (
        select(Attendance.person_id)
        .join(Shift, Shift.id == Attendance.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .where(Activity.kind.in_(WITHOUT_HOURS), Attendance.credited_from >= at_local(since), Attendance.person_id > after)
    )
    all_of_them = hours.union(points, came).subquery()
    return db.session.scalars(select(all_of_them.c.person_id).order_by(all_of_them.c.person_id).limit(limit)).all()
