"""Lists of names with the evidence that a decision needs."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import aliased

from app.accounts.deciders import turn_of
from app.accounts.models import RoleGrant
from app.activities.models import Activity, Shift
from app.activities.rules import ActivityKind
from app.checkin.models import Attendance
from app.checkin.rules import ShiftTimes, count
from app.claims.models import Claim, ClaimBatch
from app.claims.rules import BatchKind, Verdict
from app.core.actor import Actor
from app.core.clock import local_date
from app.core.db import db
from app.core.permissions import Action
from app.core.words import span_words
from app.crediting.rules import HOUR_KIND
from app.people.models import Person, Unit

DAY = timedelta(days=1)


@dataclass(frozen=True)
class ClaimRow:
    """One name. `minutes` is what it would count; `doubt` what the decider should know; `skipped` why nothing was recorded."""

    person_id: int
    name: str
    in_at: datetime
    out_at: datetime
    minutes: int
    attendance_id: int | None
    skipped: str
    doubt: str


@dataclass(frozen=True)
class BatchRow:
    id: int
    kind: BatchKind
    activity_id: int
    title: str
    activity_kind: ActivityKind
    shift_name: str
    shift: ShiftTimes
    unit_id: int
    unit_name: str
    maker_id: int
    maker_name: str
    made_at: datetime
    note: str
    decided_at: datetime | None
    decider_name: str | None
    verdict: Verdict | None
    answer: str
    claims: tuple[ClaimRow, ...]

    @property
    def starts_at(self) -> datetime:
        return self.shift.starts_at

    @property
    def ends_at(self) -> datetime:
        return self.shift.last_end

    @property
    def counts(self) -> bool:
        """Whether this kind of activity gives hours at all."""
        return self.activity_kind in HOUR_KIND

    @property
    def minutes(self) -> int:
        """What the whole shift counts."""
        return count(self.shift, self.shift.starts_at, self.shift.last_end).minutes

    @property
    def decidable_from(self) -> datetime:
        """Nobody confirms that somebody stayed until a time that has not come yet."""
        return max(claim.out_at for claim in self.claims)

    @property
    def doubtful(self) -> tuple[ClaimRow, ...]:
        return tuple(claim for claim in self.claims if claim.doubt)

    @property
    def own_times(self) -> tuple[ClaimRow, ...]:
        """Those whose times are not the shift's."""
        return tuple(claim for claim in self.claims if (claim.in_at, claim.out_at) != (self.shift.starts_at, self.shift.last_end))

    @property
    def left_out(self) -> tuple[ClaimRow, ...]:
        return tuple(claim for claim in self.claims if claim.skipped)

    @property
    def named(self) -> frozenset[int]:
        return frozenset(claim.person_id for claim in self.claims)


def batch(batch_id: int) -> BatchRow | None:
    return next(iter(_batches([batch_id])), None)


def _batches(ids: Collection[int]) -> list[BatchRow]:
    """With their names and doubts, in three queries however many they are; the oldest first."""
    maker, decider = aliased(Person), aliased(Person)
    rows = db.session.execute(
        select(ClaimBatch, Activity.id, Activity.title, Activity.kind, Shift, Unit.name, maker.name, decider.name)
        .join(Shift, Shift.id == ClaimBatch.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .join(Unit, Unit.id == ClaimBatch.unit_id)
        .join(maker, maker.id == ClaimBatch.made_by_id)
        .outerjoin(decider, decider.id == ClaimBatch.decided_by_id)
        .where(ClaimBatch.id.in_(ids))
        .order_by(ClaimBatch.made_at, ClaimBatch.id)
        .execution_options(populate_existing=True)
    ).all()
    times = {
        row.ClaimBatch.id: ShiftTimes(row.Shift.id, row.Shift.starts_at, row.Shift.ends_at, row.Shift.extended_to, row.Shift.break_minutes)
        for row in rows
    }
    claims = _claims(times, [row.ClaimBatch.id for row in rows if row.ClaimBatch.decided_at is None]) if rows else {}
    return [
        BatchRow(
            id=one.id,
            kind=one.kind,
            activity_id=activity_id,
            title=title,
            activity_kind=kind,
            shift_name=shift.name,
            shift=times[one.id],
            unit_id=one.unit_id,
            unit_name=unit_name,
            maker_id=one.made_by_id,
            maker_name=maker_name,
            made_at=one.made_at,
            note=one.note,
            decided_at=one.decided_at,
            decider_name=decider_name,
            verdict=one.verdict,
            answer=one.answer,
            claims=tuple(claims[one.id]),
        )
        for one, activity_id, title, kind, shift, unit_name, maker_name, decider_name in rows
    ]


def _claims(times: dict[int, ShiftTimes], undecided: Collection[int]) -> dict[int, list[ClaimRow]]:
    doubts = _doubts(undecided, times) if undecided else {}
    found: dict[int, list[ClaimRow]] = {batch_id: [] for batch_id in times}
    rows = db.session.execute(
        select(Claim.batch_id, Claim.person_id, Person.name, Claim.in_at, Claim.out_at, Claim.attendance_id, Claim.skipped)
        .join(Person, Person.id == Claim.person_id)
        .where(Claim.batch_id.in_(times))
        .order_by(Person.name, Person.id)
    )
    for batch_id, person_id, name, in_at, out_at, attendance_id, skipped in rows:
        minutes = count(times[batch_id], in_at, out_at).minutes
        doubt = doubts.get((batch_id, person_id), "")
        found[batch_id].append(ClaimRow(person_id, name, in_at, out_at, minutes, attendance_id, skipped, doubt))
    return found


def _doubts(batch_ids: Collection[int], times: dict[int, ShiftTimes]) -> dict[tuple[int, int], str]:
    """What else is recorded of the named on the same day; one query."""
    since = min(times[one].starts_at for one in batch_ids) - DAY
    until = max(times[one].last_end for one in batch_ids) + DAY
    rows = db.session.execute(
        select(
            Claim.batch_id,
            Claim.person_id,
            Claim.in_at,
            Claim.out_at,
            Attendance.shift_id,
            Attendance.in_at,
            Attendance.out_at,
            Attendance.credited_from,
            Attendance.credited_to,
            Activity.title,
        )
        .join(Attendance, and_(Attendance.person_id == Claim.person_id, Attendance.excluded_at.is_(None)))
        .join(Shift, Shift.id == Attendance.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .where(Claim.batch_id.in_(batch_ids), Attendance.in_at > since, Attendance.in_at < until)
        .order_by(Attendance.in_at)
    )
    doubts: dict[tuple[int, int], str] = {}
    for batch_id, person_id, in_at, out_at, shift_id, came, left, credited_from, credited_to, title in rows:
        shift = times[batch_id]
        part = count(shift, in_at, out_at)
        if shift_id == shift.id:
            doubt = "这一班已有记录，不会再记"
        elif credited_from and credited_to and credited_from < part.credited_to and credited_to > part.credited_from:
            doubt = f"和“{title}”已记的时间重叠，不会记"
        elif local_date(came) == local_date(in_at):
            doubt = f"当天还有“{title}”{span_words(came, left) if left else '，还没签退'}"
        else:
            continue
        doubts[batch_id, person_id] = min(doubts.get((batch_id, person_id), doubt), doubt, key=lambda one: not one.endswith("记"))
    return doubts


def _waits_for(actor: Actor, now: datetime) -> ColumnElement[bool]:
    own = select(Claim.id).where(Claim.batch_id == ClaimBatch.id, Claim.person_id == actor.person_id).correlate(ClaimBatch).exists()
    named = select(Claim.id).where(Claim.batch_id == ClaimBatch.id, Claim.person_id == RoleGrant.person_id)
    concerned = (RoleGrant.person_id == ClaimBatch.made_by_id) | named.correlate(ClaimBatch, RoleGrant).exists()
    roots = actor.roots(Action.CLAIM_APPROVE)
    turn = turn_of(ClaimBatch.unit_id, ClaimBatch.made_at, roots, Action.CLAIM_APPROVE, now, concerned)
    return and_(ClaimBatch.decided_at.is_(None), ClaimBatch.made_by_id != actor.person_id, ~own, turn)


def waiting_batches_count(actor: Actor, now: datetime) -> int:
    """Lists that wait for this actor's decision: those of their units, neither made by them nor with their name."""
    if not actor.roots(Action.CLAIM_APPROVE):
        return 0
    return db.session.scalar(select(func.count()).select_from(ClaimBatch).where(_waits_for(actor, now))) or 0


def waiting_batches(actor: Actor, now: datetime) -> list[BatchRow]:
    """The same with their evidence; four queries."""
    if not actor.roots(Action.CLAIM_APPROVE):
        return []
    return _batches(db.session.execute(select(ClaimBatch.id).where(_waits_for(actor, now))).scalars().all())


@dataclass(frozen=True)
class PendingClaim:
    """A record of somebody's own that waits for approval and counts nothing yet."""

    batch_id: int
    activity_id: int
    title: str
    shift_name: str
    in_at: datetime
    out_at: datetime
    minutes: int
    made_at: datetime


def pending_for(person_id: int) -> list[PendingClaim]:
    """Newest first; one query."""
    rows = db.session.execute(
        select(ClaimBatch.id, Activity.id, Activity.title, Shift, Claim.in_at, Claim.out_at, ClaimBatch.made_at)
        .join(Claim, Claim.batch_id == ClaimBatch.id)
        .join(Shift, Shift.id == ClaimBatch.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .where(Claim.person_id == person_id, ClaimBatch.decided_at.is_(None))
        .order_by(Claim.in_at.desc())
    )
    return [
        PendingClaim(
            batch_id,
            activity_id,
            title,
            shift.name,
            in_at,
            out_at,
            count(ShiftTimes(shift.id, shift.starts_at, shift.ends_at, shift.extended_to, shift.break_minutes), in_at, out_at).minutes,
            made_at,
        )
        for batch_id, activity_id, title, shift, in_at, out_at, made_at in rows
    ]
