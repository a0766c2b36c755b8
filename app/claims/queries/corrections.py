"""更正: what is proposed to be changed about records, and what became of that."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.deciders import turn_of
from app.accounts.models import RoleGrant
from app.activities.models import Activity, Shift
from app.checkin.models import Attendance
from app.checkin.queries.kin import kin
from app.claims.correction_rules import Change, CorrectionVerdict
from app.claims.models_corrections import HourCorrection, HourCorrectionAside
from app.claims.queries.correctable import OLD, PAST
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.permissions import Action
from app.core.words import minutes_words, span_words
from app.hours.models import HourEntry
from app.hours.rules import CLASS_NAMES, HourClass, SourceKind
from app.people.models import Person, Unit
from app.people.queries import being, below, records_of

NAMED = "更正时补记"  # how an end came that a correction named


@dataclass(frozen=True)
class CorrectionRow:
    """One correction. `aside` had a part in the record, under whichever record of theirs, and do not approve."""

    id: int
    person_id: int
    person_name: str
    unit_id: int
    unit_name: str
    attendance_id: int | None
    entry_id: int | None
    dispute_id: int | None
    title: str
    change: Change
    in_at: datetime | None
    out_at: datetime | None
    minutes: int
    was_in_at: datetime | None
    was_out_at: datetime | None
    was_minutes: int
    was_class: HourClass | None
    reason: str
    maker_id: int
    maker_name: str
    made_at: datetime
    decided_at: datetime | None
    decider_name: str | None
    verdict: CorrectionVerdict | None
    answer: str
    aside: frozenset[int] = field(default_factory=frozenset)

    @property
    def was(self) -> str:
        """2 小时，扫码时长."""
        if not self.was_minutes:
            return "没有计入"
        return minutes_words(self.was_minutes) + (f"，{CLASS_NAMES[self.was_class]}" if self.was_class else "")

    @property
    def becomes(self) -> str:
        """1 小时 30 分，补录时长."""
        if self.change is Change.VOID:
            return "作废，不计"
        return f"{minutes_words(self.minutes)}，{CLASS_NAMES[HourClass.HONOUR]}" if self.was_class or not self.was_minutes else "记到会"

    @property
    def was_times(self) -> str:
        return _times(self.was_in_at, self.was_out_at)

    @property
    def new_times(self) -> str:
        return _times(self.in_at, self.out_at)


def _times(in_at: datetime | None, out_at: datetime | None) -> str:
    if in_at is None:
        return ""
    return span_words(in_at, out_at) if out_at else f"{clock.local(in_at):%H:%M}，没有签退"


def _select() -> Select[*tuple[Any, ...]]:
    maker, decider = aliased(Person), aliased(Person)
    c = HourCorrection
    return (
        select(
            c.id, c.person_id, Person.name, c.unit_id, Unit.name, c.attendance_id, c.entry_id, c.dispute_id,
            func.coalesce(Activity.title, PAST.c.words, OLD), c.change, c.in_at, c.out_at, c.minutes, c.was_in_at, c.was_out_at,
            c.was_minutes, c.was_class, c.reason, c.made_by_id, maker.name, c.made_at, c.decided_at, decider.name, c.verdict, c.answer,
        )
        .join(Person, Person.id == c.person_id)
        .join(Unit, Unit.id == c.unit_id)
        .join(maker, maker.id == c.made_by_id)
        .outerjoin(decider, decider.id == c.decided_by_id)
        .outerjoin(Attendance, Attendance.id == c.attendance_id)
        .outerjoin(Shift, Shift.id == Attendance.shift_id)
        .outerjoin(Activity, Activity.id == Shift.activity_id)
        .outerjoin(HourEntry, and_(HourEntry.id == c.entry_id, HourEntry.source_kind == SourceKind.IMPORT))
        .outerjoin(PAST, PAST.c.id == HourEntry.source_id)
        .order_by(c.made_at, c.id)
    )  # fmt: skip


def _rows(query: Select[*tuple[Any, ...]]) -> list[CorrectionRow]:
    rows = [tuple(row) for row in db.session.execute(query)]
    aside: dict[int, set[int]] = {}
    if rows:
        found = select(HourCorrectionAside.correction_id, being(HourCorrectionAside.person_id))
        for correction_id, person_id in db.session.execute(found.where(HourCorrectionAside.correction_id.in_([row[0] for row in rows]))):
            aside.setdefault(correction_id, set()).add(person_id)
    return [replace(CorrectionRow(*row), aside=frozenset(aside.get(row[0], ()))) for row in rows]


def correction(correction_id: int) -> CorrectionRow | None:
    return next(iter(_rows(_select().where(HourCorrection.id == correction_id))), None)


def corrections_about(attendance_id: int | None, entry_id: int | None) -> list[CorrectionRow]:
    """All about one record, the oldest first: by its attendance, else by its entry."""
    one = HourCorrection.attendance_id == attendance_id if attendance_id is not None else HourCorrection.entry_id == entry_id
    return _rows(_select().where(one))


def corrections_of_past(entry_id: int) -> list[CorrectionRow]:
    """The same about hours from before this system, by any entry of that line of the register."""
    given, same = aliased(HourEntry), aliased(HourEntry)
    line = select(same.id).join(given, and_(given.source_kind == same.source_kind, given.source_id == same.source_id))
    return _rows(_select().where(HourCorrection.entry_id.in_(line.where(given.id == entry_id, given.source_kind == SourceKind.IMPORT))))


@dataclass(frozen=True)
class History:
    """Corrections of one person, by what they are about. Of an entry without attendance the entry that replaced it leads here too."""

    of_attendance: dict[int, list[CorrectionRow]]
    of_entry: dict[int, list[CorrectionRow]]


def history_of(person_id: int) -> History:
    """Those that wait and those that were approved; three queries at most."""
    query = _select().where(
        HourCorrection.person_id == person_id,
        or_(HourCorrection.verdict.is_(None), HourCorrection.verdict == CorrectionVerdict.APPROVED),
    )
    found = History({}, {})
    rows = _rows(query)
    for row in rows:
        if row.attendance_id is not None:
            found.of_attendance.setdefault(row.attendance_id, []).append(row)
    past = [row for row in rows if row.attendance_id is None and row.entry_id is not None]
    if past:
        sources = dict(
            db.session.execute(
                select(HourEntry.id, HourEntry.source_id).where(
                    HourEntry.person_id == person_id, HourEntry.source_kind == SourceKind.IMPORT, HourEntry.reverses_id.is_(None)
                )
            ).all()
        )
        for row in past:
            for entry_id, source in sources.items():
                if row.entry_id is not None and source == sources.get(row.entry_id):
                    found.of_entry.setdefault(entry_id, []).append(row)
    return found


def ends_named(attendance_ids: Collection[int]) -> dict[int, frozenset[str]]:
    """attendance id → which of its ends (in, out) a correction named; one query, none for no records."""
    if not attendance_ids:
        return {}
    c = HourCorrection
    rows = db.session.execute(
        select(Attendance.id, c.change, c.in_at, c.out_at, c.was_in_at, c.was_out_at)
        .join(Attendance, Attendance.id == c.attendance_id)
        .where(
            c.attendance_id.in_(attendance_ids),
            c.verdict == CorrectionVerdict.APPROVED,
            c.change.in_([Change.TIMES, Change.HOUR_CLASS]),
        )
    )
    found: dict[int, frozenset[str]] = {}
    for attendance_id, change, in_at, out_at, was_in_at, was_out_at in rows:
        came = change is Change.TIMES and in_at != was_in_at
        ends = {"in"} if came else set()
        if not came or out_at != was_out_at:
            ends.add("out")
        found[attendance_id] = found.get(attendance_id, frozenset()) | ends
    return found


def of_disputes(dispute_ids: Collection[int]) -> dict[int, CorrectionRow]:
    """dispute id → its correction that waits, else the last one; two queries, none for no disputes."""
    if not dispute_ids:
        return {}
    return {row.dispute_id: row for row in _rows(_select().where(HourCorrection.dispute_id.in_(dispute_ids))) if row.dispute_id}


OPEN, APPROVED, OTHERS = "open", "approved", "others"  # what the desk shows


def _of_desk(roots: Collection[int], show: str, today: date) -> ColumnElement[bool]:
    here, verdict = HourCorrection.unit_id.in_(below(roots, today)), HourCorrection.verdict
    if show == OPEN:
        return and_(here, verdict.is_(None))
    approved = verdict == CorrectionVerdict.APPROVED
    return and_(here, approved) if show == APPROVED else and_(here, verdict.is_not(None), ~approved)


def desk(roots: Collection[int], show: str, today: date, *, limit: int, start: int = 0) -> list[CorrectionRow]:
    """Corrections of the units below `roots`, the latest first; two queries."""
    query = _select().where(_of_desk(roots, show, today)).order_by(None).order_by(HourCorrection.made_at.desc(), HourCorrection.id.desc())
    return _rows(query.limit(limit).offset(start))


def desk_counts(roots: Collection[int], today: date) -> dict[str, int]:
    counted = [func.count().filter(_of_desk(roots, show, today)) for show in (OPEN, APPROVED, OTHERS)]
    return dict(zip((OPEN, APPROVED, OTHERS), db.session.execute(select(*counted).select_from(HourCorrection)).one(), strict=True))


def _waits_for(actor: Actor, now: datetime) -> ColumnElement[bool]:
    c = HourCorrection
    part = select(HourCorrectionAside.person_id).where(HourCorrectionAside.correction_id == c.id)
    own = part.where(HourCorrectionAside.person_id.in_(records_of(actor.person_id))).correlate(c).exists()
    theirs = part.where(being(HourCorrectionAside.person_id) == RoleGrant.person_id).correlate(c, RoleGrant).exists()
    kindred = kin(RoleGrant.person_id, c.person_id)
    concerned = (RoleGrant.person_id == c.made_by_id) | (RoleGrant.person_id == c.person_id) | theirs | kindred
    turn = turn_of(c.unit_id, c.made_at, actor.roots(Action.RECORD_CORRECT), Action.RECORD_CORRECT, now, concerned)
    return and_(
        c.decided_at.is_(None),
        c.made_by_id != actor.person_id,
        c.person_id != actor.person_id,
        ~kin(actor.person_id, c.person_id),
        ~own,
        turn,
    )


def waiting_corrections_count(actor: Actor, now: datetime) -> Select[int] | None:
    """Corrections that wait for this actor: neither proposed by them, nor about them, nor of a record that they had a part in."""
    if not actor.roots(Action.RECORD_CORRECT):
        return None
    return select(func.count()).select_from(HourCorrection).where(_waits_for(actor, now))


def waiting_corrections(actor: Actor, now: datetime) -> list[CorrectionRow]:
    if not actor.roots(Action.RECORD_CORRECT):
        return []
    return _rows(_select().where(_waits_for(actor, now)))
