"""Open points of one activity: all that its organiser still has to look at, in one list."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import select

from app.activities.models import Shift
from app.checkin.models import Attendance, AttendanceReason
from app.checkin.queries.deciding import Decision, HeldRow, Why, decidable, decisions_of, held_at, reasons_of, relatives_among
from app.checkin.queries.spells import SpellRow
from app.checkin.reasons import Reason
from app.checkin.rules import count
from app.core.actor import Actor
from app.core.db import db


@dataclass(frozen=True)
class Kind:
    """Held spells of one kind, decided one by one or together."""

    reason: Reason
    rows: list[HeldRow]

    @property
    def names(self) -> str:
        return "、".join(dict.fromkeys(row.spell.name for row in self.rows))

    @property
    def scanned(self) -> int:
        return sum(row.minutes for row in self.rows if row.scanned)

    @property
    def named(self) -> int:
        return sum(row.minutes for row in self.rows if not row.scanned)


@dataclass(frozen=True)
class Points:
    """`inside` can be signed out by this actor now that their shift is over, `aside` only by somebody else.

    `kinds` are for this actor to decide, `above` for others. `notes` count (or are too short to), and are told only.
    """

    inside: list[SpellRow]
    aside: list[SpellRow]
    strangers: list[SpellRow]
    kinds: list[Kind]
    above: list[HeldRow]
    notes: list[tuple[SpellRow, list[Why]]]
    decisions: list[tuple[SpellRow, Decision]]
    closed: bool

    @property
    def total(self) -> int:
        """How many wait for this actor; who is new and not signed out either is one. Who was not signed out by the closing counts nothing,

        and waits no more.
        """
        new = {row.person_id for row in self.strangers}
        inside = [] if self.closed else [row for row in self.inside if row.person_id not in new]
        return len(inside) + len(new) + sum(len(kind.rows) for kind in self.kinds)

    @property
    def names(self) -> str:
        return "、".join(dict.fromkeys(row.name for row in self.inside))

    @property
    def minutes(self) -> int:
        """What signing all out at the end of their shifts would count."""
        return sum(count(row.shift, row.in_at, max(row.in_at, row.shift.last_end)).minutes for row in self.inside if row.confirmed)

    def long(self, limit: int) -> int:
        """How many of those would be held for a long day, by this activity alone."""
        return sum(count(row.shift, row.in_at, max(row.in_at, row.shift.last_end)).minutes > limit for row in self.inside if row.confirmed)


ORDER = list(Reason)


def open_points(activity_id: int, spells: Collection[SpellRow], actor: Actor, now: datetime, *, closed: bool) -> Points:
    """From all spells of an activity; a constant number of queries."""
    still = [row for row in spells if row.out_at is None and row.shift.last_end <= now and not row.excluded]
    kin = {actor.person_id, *relatives_among(actor.person_id, {row.person_id for row in still})}
    waiting, mine = held_at(activity_id), decidable(activity_id, actor, now)
    ordered = sorted((row for row in waiting if row.spell.id in mine), key=lambda row: ORDER.index(row.main))
    noted = [row for row in spells if row.out_at and not row.held]
    why, decisions = reasons_of(_with_reasons(activity_id)), decisions_of({row.id for row in noted})
    return Points(
        inside=[row for row in still if row.person_id not in kin],
        aside=[row for row in still if row.person_id in kin],
        strangers=list({row.person_id: row for row in spells if not row.confirmed and not row.excluded}.values()),
        kinds=[Kind(reason, list(rows)) for reason, rows in groupby(ordered, key=lambda row: row.main)],
        above=[row for row in waiting if row.spell.id not in mine],
        notes=[(row, why[row.id]) for row in noted if row.id in why and row.id not in decisions and not row.excluded],
        decisions=[(row, decisions[row.id]) for row in noted if row.id in decisions],
        closed=closed,
    )


def _with_reasons(activity_id: int) -> set[int]:
    """The spells of an activity of which there is something to say."""
    query = select(AttendanceReason.attendance_id).join(Attendance, Attendance.id == AttendanceReason.attendance_id)
    return set(db.session.execute(query.join(Shift, Shift.id == Attendance.shift_id).where(Shift.activity_id == activity_id)).scalars())
