"""What somebody may claim for themselves, who may witness it, and what became of what they claimed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, exists, func, literal, or_, select, union
from sqlalchemy.orm import aliased

from app.accounts.models import Account
from app.activities.models import Activity, Shift, Signup
from app.activities.queries import held_condition
from app.activities.queries.activities import last_end
from app.activities.rules import ActivityKind
from app.checkin.models import Attendance, Helper
from app.checkin.rules import ShiftTimes
from app.claims.models import Claim, ClaimBatch, ClaimWitness
from app.claims.queries.batches import times_of
from app.claims.rules import BatchKind, LocalRules, Says, Verdict, claimable, longest
from app.core.clock import local_date
from app.core.db import db
from app.core.workdays import working_days_after
from app.crediting.rules import HOUR_KIND
from app.people.models import Membership, Person, Phone, Unit, UnitAncestry
from app.people.queries import holds_on
from app.people.rules import UnitKind
from app.settings import queries as settings

SETTING = "claims"  # {"within_days": 30, "share_percent": 20}
MOST = 40  # shifts to choose from
TOLD_FOR = timedelta(days=30)  # how long one's own page tells what was decided


def local_rules() -> LocalRules:
    default = LocalRules()
    kept = settings.value(SETTING, {"within_days": default.within_days, "share_percent": default.share_percent})
    return LocalRules(int(kept["within_days"]), int(kept["share_percent"]))


def answer_by(since: datetime) -> date:
    """Until when an answer is due; from then on it waits for those above too."""
    days = int(settings.value("rising", {"days": 5})["days"])
    return working_days_after(local_date(since), days, settings.holidays())


@dataclass(frozen=True)
class Choice:
    """A shift that somebody may say they were at. `state` says why not: recorded, waiting (`batch_id`), or empty."""

    shift: ShiftTimes
    shift_name: str
    activity_id: int
    title: str
    kind: ActivityKind
    place: str
    unit_id: int
    unit_name: str
    signed_up: bool
    state: str
    attendance_id: int | None
    batch_id: int | None

    @property
    def counts(self) -> bool:
        return self.kind in HOUR_KIND

    @property
    def minutes(self) -> int:
        return longest(self.shift)

    @property
    def starts_at(self) -> datetime:
        return self.shift.starts_at

    @property
    def ends_at(self) -> datetime:
        return self.shift.last_end


def _reach(person_id: int, day: date) -> ColumnElement[bool]:
    """Activities of the units above somebody's own, and of all units of their community."""
    mine = select(Membership.unit_id).where(Membership.person_id == person_id, holds_on(Membership, day))
    above = select(UnitAncestry.ancestor_id).where(UnitAncestry.unit_id.in_(mine), holds_on(UnitAncestry, day))
    community = select(Unit.id).where(Unit.id.in_(above), Unit.kind == UnitKind.COMMUNITY)
    beside = select(UnitAncestry.unit_id).where(UnitAncestry.ancestor_id.in_(community), holds_on(UnitAncestry, day))
    return or_(Activity.unit_id.in_(above), Activity.unit_id.in_(beside))


def _choices(person_id: int, day: date) -> Select[*tuple[object, ...]]:
    seat = exists().where(
        Signup.shift_id == Shift.id, Signup.person_id == person_id, Signup.withdrawn_at.is_(None), Signup.seated_at.is_not(None)
    )
    here = Attendance.shift_id == Shift.id, Attendance.person_id == person_id, Attendance.excluded_at.is_(None)
    record = select(Attendance.id).where(*here).order_by(Attendance.id).limit(1).correlate(Shift).scalar_subquery()
    waiting = select(Claim.batch_id).where(Claim.open_shift_id == Shift.id, Claim.person_id == person_id).correlate(Shift).scalar_subquery()
    columns = Activity.id, Activity.title, Activity.kind, Activity.place_text, Unit.id, Unit.name
    return (
        select(Shift, *columns, seat.label("seat"), record.label("record"), waiting.label("waiting"))
        .join(Activity, Activity.id == Shift.activity_id)
        .join(Unit, Unit.id == Activity.unit_id)
        .where(held_condition(), or_(seat, _reach(person_id, day)))
    )


def _choice(row: tuple[object, ...]) -> Choice:
    shift, activity_id, title, kind, place, unit_id, unit_name, seat, record, waiting = row
    assert isinstance(shift, Shift)  # noqa: S101  (the first column of the select)
    state = "recorded" if record else "waiting" if waiting else ""
    about = (activity_id, title, kind, place, unit_id, unit_name, bool(seat), state, record, waiting)
    return Choice(times_of(shift), shift.name, *about)  # type: ignore[arg-type]  # columns of the select, in the order of the fields


def choices(person_id: int, now: datetime, within: timedelta) -> list[Choice]:
    """Shifts that ended in the last days without a record of theirs: those they signed up for first, then the latest. One query."""
    query = _choices(person_id, local_date(now)).where(last_end <= now, last_end >= now - within)
    rows = [_choice(tuple(row)) for row in db.session.execute(query.order_by(Shift.starts_at.desc(), Shift.id))]
    free = [one for one in rows if not one.state]
    return sorted(free, key=lambda one: not one.signed_up)[:MOST]


def choice(person_id: int, shift_id: int, now: datetime) -> Choice | None:
    """One shift whenever it was, where it is in reach; it may be too late for it, or recorded already."""
    row = db.session.execute(_choices(person_id, local_date(now)).where(Shift.id == shift_id)).one_or_none()
    return _choice(tuple(row)) if row else None


def to_claim(person_id: int, activity_id: int, now: datetime, within: timedelta) -> list[Choice]:
    """The shifts of one activity that they signed up for, were not recorded at, and that are over; one query."""
    query = _choices(person_id, local_date(now)).where(Activity.id == activity_id, last_end < now, last_end >= now - within)
    rows = [_choice(tuple(row)) for row in db.session.execute(query.order_by(Shift.starts_at))]
    return [one for one in rows if one.signed_up and one.state != "recorded"]


def _there(activity_id: int) -> Select[int]:
    """Who belongs to an activity: signed up, was there, helped at the door, organised it."""
    shifts = select(Shift.id).where(Shift.activity_id == activity_id)
    return union(
        select(Signup.person_id).where(Signup.shift_id.in_(shifts), Signup.withdrawn_at.is_(None)),
        select(Attendance.person_id).where(Attendance.shift_id.in_(shifts), Attendance.excluded_at.is_(None)),
        select(Helper.person_id).where(Helper.shift_id.in_(shifts)),
        select(Activity.contact_id).where(Activity.id == activity_id),
        select(Activity.created_by_id).where(Activity.id == activity_id),
    )  # type: ignore[return-value]


def find_witness(activity_id: int, name: str, tail: str, day: date) -> list[tuple[int, bool]]:
    """Those of an activity with that whole name (and those last digits of a phone, where told), each with whether they can sign in."""
    account = exists().where(Account.person_id == Person.id)
    query = select(Person.id, account).where(Person.name == name, Person.id.in_(_there(activity_id)))
    if tail:
        phone = exists().where(Phone.person_id == Person.id, Phone.number.endswith(tail, autoescape=True), holds_on(Phone, day))
        query = query.where(phone)
    return [(person_id, bool(has)) for person_id, has in db.session.execute(query.order_by(Person.id))]


def is_there(activity_id: int, person_id: int) -> bool:
    return db.session.scalar(select(literal(1)).where(literal(person_id).in_(_there(activity_id)))) is not None


@dataclass(frozen=True)
class MyClaim:
    """A claim as the person it is about sees it. `counted`: its minutes stand in the ledger."""

    batch_id: int
    own: bool
    activity_id: int
    title: str
    shift_id: int
    unit_id: int
    in_at: datetime
    out_at: datetime
    minutes: int
    counts: bool
    made_at: datetime
    waits_since: datetime | None
    decided_at: datetime | None
    verdict: Verdict | None
    reason: str
    attendance_id: int | None
    counted: bool
    held: bool
    witness_id: int | None
    witness_name: str
    says: Says | None

    @property
    def open(self) -> bool:
        return self.decided_at is None

    @property
    def state(self) -> str:
        """witness, refused (the witness said no), open, returned, left_out or approved."""
        if self.open:
            return "open" if self.waits_since else "refused" if self.says is Says.NO else "witness"
        if self.verdict is Verdict.RETURNED:
            return "returned"
        return "approved" if self.attendance_id else "left_out"


def mine(person_id: int, now: datetime) -> list[MyClaim]:
    """What waits, and what was decided about one's own claims in the last 30 days; newest first, one query.

    Of lists that others made only those that wait.
    """
    told = or_(ClaimBatch.decided_at.is_(None), (ClaimBatch.decided_at > now - TOLD_FOR) & (ClaimBatch.kind == BatchKind.OWN))
    witness = aliased(Person)
    rows = db.session.execute(
        select(ClaimBatch, Claim, Activity.id, Activity.title, Activity.kind, Shift, Attendance.credited_from, Attendance.held_at)
        .add_columns(func.coalesce(witness.became_id, witness.id), witness.name, ClaimWitness.says)
        .join(Claim, Claim.batch_id == ClaimBatch.id)
        .join(Shift, Shift.id == ClaimBatch.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .outerjoin(Attendance, Attendance.id == Claim.attendance_id)
        .outerjoin(ClaimWitness, ClaimWitness.batch_id == ClaimBatch.id)
        .outerjoin(witness, witness.id == ClaimWitness.person_id)
        .where(Claim.person_id == person_id, ClaimBatch.withdrawn_at.is_(None), told)
        .order_by(ClaimBatch.made_at.desc(), ClaimBatch.id.desc())
        .execution_options(populate_existing=True)
    )
    return [
        MyClaim(
            batch_id=batch.id,
            own=batch.kind is BatchKind.OWN,
            activity_id=activity_id,
            title=title,
            shift_id=shift.id,
            unit_id=batch.unit_id,
            in_at=claim.in_at,
            out_at=claim.out_at,
            minutes=claimable(times_of(shift), claim.in_at, claim.out_at).minutes,
            counts=kind in HOUR_KIND,
            made_at=batch.made_at,
            waits_since=batch.waits_since,
            decided_at=batch.decided_at,
            verdict=batch.verdict,
            reason=batch.answer or claim.returned or claim.skipped,
            attendance_id=claim.attendance_id,
            counted=credited_from is not None,
            held=held_at is not None,
            witness_id=witness_id,
            witness_name=witness_name or "",
            says=says,
        )
        for batch, claim, activity_id, title, kind, shift, credited_from, held_at, witness_id, witness_name, says in rows
    ]
