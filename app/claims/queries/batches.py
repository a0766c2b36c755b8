"""Lists of names and own claims, with the evidence that a decision needs."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.deciders import turn_of
from app.accounts.models import RoleGrant
from app.activities.models import Activity, Shift
from app.activities.rules import ActivityKind
from app.checkin.queries.kin import kin
from app.checkin.rules import ShiftTimes, count
from app.claims.models import Claim, ClaimBatch, ClaimWitness
from app.claims.queries import evidence
from app.claims.queries.evidence import Photo, Witness
from app.claims.rules import BatchKind, Says, Verdict, longest
from app.core.actor import Actor
from app.core.db import db
from app.core.permissions import Action
from app.crediting.rules import HOUR_KIND
from app.people.models import Person, Unit
from app.people.queries import being


@dataclass(frozen=True)
class ClaimRow:
    """One name. `minutes` is what it would count; `doubt` what the decider should know; `skipped` why nothing was recorded.

    `returned` is the reason why this one alone was sent back; `scans` what was noted of them near the shift (while undecided).
    """

    person_id: int
    name: str
    in_at: datetime
    out_at: datetime
    minutes: int
    attendance_id: int | None
    skipped: str
    returned: str
    doubt: str = ""
    signed_up: bool = False
    scans: tuple[str, ...] = ()


@dataclass(frozen=True)
class BatchRow:
    """Maker and witness are who they are now, by their names of then.

    `maker_lately` and `unit_lately`: make-ups of the last 90 days, this one included; told while it is undecided.
    """

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
    waits_since: datetime | None
    withdrawn_at: datetime | None
    claims: tuple[ClaimRow, ...]
    photos: tuple[Photo, ...] = ()
    witness: Witness | None = None
    maker_lately: int = 0
    unit_lately: int = 0

    @property
    def own(self) -> bool:
        """Somebody's own claim: one name, the maker's."""
        return self.kind is BatchKind.OWN

    @property
    def open(self) -> bool:
        return self.decided_at is None and self.withdrawn_at is None

    @property
    def proven(self) -> bool:
        """There is what one can decide by: a list has its maker's word, an own claim a photo or a witness who said yes."""
        return not self.own or bool(self.photos) or self.vouched

    @property
    def vouched(self) -> bool:
        """A witness said yes, and is not the maker under a former record."""
        return self.witness is not None and self.witness.says is Says.YES and self.witness.person_id != self.maker_id

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
        return longest(self.shift)

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
    def scanned(self) -> tuple[ClaimRow, ...]:
        return tuple(claim for claim in self.claims if claim.scans)

    @property
    def seated(self) -> int:
        """How many of them had signed up."""
        return sum(claim.signed_up for claim in self.claims)

    @property
    def left_out(self) -> tuple[ClaimRow, ...]:
        return tuple(claim for claim in self.claims if claim.skipped)

    @property
    def sent_back(self) -> tuple[ClaimRow, ...]:
        return tuple(claim for claim in self.claims if claim.returned)

    @property
    def recorded(self) -> int:
        return len(self.claims) - len(self.left_out) - len(self.sent_back)

    @property
    def named(self) -> frozenset[int]:
        return frozenset(claim.person_id for claim in self.claims)

    @property
    def concerned(self) -> frozenset[int]:
        """Who does not decide: the maker, the named, the witness."""
        return self.named | {self.maker_id} | ({self.witness.person_id} if self.witness else set())


def batch(batch_id: int, now: datetime | None = None) -> BatchRow | None:
    """With `now` also how many make-ups there were lately."""
    return next(iter(_batches([batch_id], now)), None)


def _batches(ids: Collection[int], now: datetime | None) -> list[BatchRow]:
    """With their names and evidence, in a constant number of queries; the longest waiting first."""
    maker, decider = aliased(Person), aliased(Person)
    rows = db.session.execute(
        select(ClaimBatch, Activity.id, Activity.title, Activity.kind, Shift, Unit.name, maker.became_id, maker.name, decider.name)
        .join(Shift, Shift.id == ClaimBatch.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .join(Unit, Unit.id == ClaimBatch.unit_id)
        .join(maker, maker.id == ClaimBatch.made_by_id)
        .outerjoin(decider, decider.id == ClaimBatch.decided_by_id)
        .where(ClaimBatch.id.in_(ids))
        .order_by(func.coalesce(ClaimBatch.waits_since, ClaimBatch.made_at), ClaimBatch.id)
        .execution_options(populate_existing=True)
    ).all()
    if not rows:
        return []
    times = {row.ClaimBatch.id: times_of(row.Shift) for row in rows}
    undecided = [row.ClaimBatch for row in rows if row.ClaimBatch.decided_at is None]
    own = [row.ClaimBatch.id for row in rows if row.ClaimBatch.kind is BatchKind.OWN]
    claims = _claims(times, [one.id for one in undecided])
    photos, witnesses = (evidence.photos(own), evidence.witnesses(own)) if own else ({}, {})
    makers, units = _lately(undecided, now) if now is not None and undecided else ({}, {})
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
            maker_id=became_id or one.made_by_id,
            maker_name=maker_name,
            made_at=one.made_at,
            note=one.note,
            decided_at=one.decided_at,
            decider_name=decider_name,
            verdict=one.verdict,
            answer=one.answer,
            waits_since=one.waits_since,
            withdrawn_at=one.withdrawn_at,
            claims=tuple(claims[one.id]),
            photos=photos.get(one.id, ()),
            witness=witnesses.get(one.id),
            maker_lately=makers.get(one.made_by_id, 0),
            unit_lately=units.get(one.unit_id, 0),
        )
        for one, activity_id, title, kind, shift, unit_name, became_id, maker_name, decider_name in rows
    ]


def _lately(batches: Collection[ClaimBatch], now: datetime) -> tuple[dict[int, int], dict[int, int]]:
    return evidence.lately({one.made_by_id for one in batches}, {one.unit_id for one in batches}, now)


def times_of(shift: Shift) -> ShiftTimes:
    return ShiftTimes(shift.id, shift.starts_at, shift.ends_at, shift.extended_to, shift.break_minutes)


def _claims(times: dict[int, ShiftTimes], undecided: Collection[int]) -> dict[int, list[ClaimRow]]:
    doubts = evidence.doubts(undecided, times) if undecided else {}
    seated, scans = (evidence.signed_up(undecided), evidence.scans(undecided)) if undecided else (set(), {})
    found: dict[int, list[ClaimRow]] = {batch_id: [] for batch_id in times}
    rows = db.session.execute(
        select(Claim.batch_id, Claim.person_id, Person.name, Claim.in_at, Claim.out_at, Claim.attendance_id, Claim.skipped, Claim.returned)
        .join(Person, Person.id == Claim.person_id)
        .where(Claim.batch_id.in_(times))
        .order_by(Person.name, Person.id)
    )
    for batch_id, person_id, name, in_at, out_at, attendance_id, skipped, returned in rows:
        minutes, key = count(times[batch_id], in_at, out_at).minutes, (batch_id, person_id)
        seen = doubts.get(key, ""), key in seated, scans.get(key, ())
        found[batch_id].append(ClaimRow(person_id, name, in_at, out_at, minutes, attendance_id, skipped, returned, *seen))
    return found


def _waits_for(actor: Actor, now: datetime) -> ColumnElement[bool]:
    mine = or_(Claim.person_id == actor.person_id, kin(actor.person_id, Claim.person_id))
    own = select(Claim.id).where(Claim.batch_id == ClaimBatch.id, mine).correlate(ClaimBatch).exists()
    asked = select(ClaimWitness.batch_id).where(ClaimWitness.batch_id == ClaimBatch.id, being(ClaimWitness.person_id) == actor.person_id)
    theirs = or_(Claim.person_id == RoleGrant.person_id, kin(RoleGrant.person_id, Claim.person_id))
    named = select(Claim.id).where(Claim.batch_id == ClaimBatch.id, theirs)
    vouched = ClaimWitness.batch_id == ClaimBatch.id, being(ClaimWitness.person_id) == RoleGrant.person_id
    vouching = select(ClaimWitness.batch_id).where(*vouched)
    concerned = or_(
        RoleGrant.person_id == being(ClaimBatch.made_by_id),
        named.correlate(ClaimBatch, RoleGrant).exists(),
        vouching.correlate(ClaimBatch, RoleGrant).exists(),
    )
    roots = actor.roots(Action.CLAIM_APPROVE)
    since = func.coalesce(ClaimBatch.waits_since, ClaimBatch.made_at)
    turn = turn_of(ClaimBatch.unit_id, since, roots, Action.CLAIM_APPROVE, now, concerned)
    waits = and_(ClaimBatch.decided_at.is_(None), ClaimBatch.withdrawn_at.is_(None), ClaimBatch.waits_since.is_not(None))
    return and_(waits, being(ClaimBatch.made_by_id) != actor.person_id, ~own, ~asked.correlate(ClaimBatch).exists(), turn)


def waiting_batches_count(actor: Actor, now: datetime) -> Select[int] | None:
    """What waits for this actor's decision: of their units, neither made by them nor about them nor witnessed by them."""
    if not actor.roots(Action.CLAIM_APPROVE):
        return None
    return select(func.count()).select_from(ClaimBatch).where(_waits_for(actor, now))


def waiting_batches(actor: Actor, now: datetime) -> list[BatchRow]:
    """The same with their evidence; a constant number of queries."""
    if not actor.roots(Action.CLAIM_APPROVE):
        return []
    return _batches(db.session.execute(select(ClaimBatch.id).where(_waits_for(actor, now))).scalars().all(), now)


def next_waiting(actor: Actor, now: datetime) -> int | None:
    """The batch that has waited longest for this actor and can be decided now."""
    ended = ~select(Claim.id).where(Claim.batch_id == ClaimBatch.id, Claim.out_at > now).correlate(ClaimBatch).exists()
    waiting = select(ClaimBatch.id).where(_waits_for(actor, now), ended).order_by(ClaimBatch.waits_since, ClaimBatch.id)
    return db.session.scalar(waiting.limit(1)) if actor.roots(Action.CLAIM_APPROVE) else None
