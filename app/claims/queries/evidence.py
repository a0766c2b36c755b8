"""What a decision about make-ups needs to see: other records of the day, scans near it, sign-ups, photos, the witness, how many lately."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select

from app.activities.models import Activity, Shift, Signup
from app.checkin.models import Attendance, Scan
from app.checkin.rules import Outcome, ShiftTimes, Way, count
from app.claims.models import Claim, ClaimBatch, ClaimPhoto, ClaimWitness
from app.claims.rules import LATELY, Says
from app.core.clock import local_date
from app.core.db import db
from app.core.words import span_words, time_words
from app.people.models import Person
from app.people.queries import being

DAY = timedelta(days=1)
NEAR = timedelta(hours=3)
SEEN = {
    Outcome.IN: "签到",
    Outcome.OUT: "签退",
    Outcome.PENDING: "签到，当时没核实是谁",
    Outcome.ALREADY_IN: "又扫了一次",
    Outcome.ALREADY_OUT: "签退后又扫了一次",
    Outcome.TOO_EARLY: "扫早了，没签上",
    Outcome.TOO_LATE: "扫晚了，没签上",
    Outcome.STALE_CODE: "码过了时，没签上",
    Outcome.WRONG_WAY: "扫的是海报，没签上",
    Outcome.NOT_OPEN: "活动没开着，没签上",
    Outcome.TOO_MANY: "当天次数满了，没签上",
    Outcome.NOT_IN: "没签到就签退，没签上",
    Outcome.FORGED: "码不对，没签上",
    Outcome.UNDONE: "撤销了签退",
}


@dataclass(frozen=True)
class Photo:
    name: str
    width: int
    height: int


@dataclass(frozen=True)
class Witness:
    person_id: int
    name: str
    says: Says | None
    answered_at: datetime | None


Pair = tuple[int, int]  # batch, person


def photos(batch_ids: Collection[int]) -> dict[int, tuple[Photo, ...]]:
    """Of each batch, in their order; those of a claim that was taken back are gone."""
    rows = db.session.execute(
        select(ClaimPhoto.batch_id, ClaimPhoto.name, ClaimPhoto.width, ClaimPhoto.height)
        .where(ClaimPhoto.batch_id.in_(batch_ids), ClaimPhoto.removed_at.is_(None))
        .order_by(ClaimPhoto.batch_id, ClaimPhoto.slot)
    )
    found: dict[int, tuple[Photo, ...]] = {}
    for batch_id, name, width, height in rows:
        found[batch_id] = (*found.get(batch_id, ()), Photo(name, width, height))
    return found


def photo_of(batch_id: int, name: str) -> tuple[int, int] | None:
    """Whose photo it is, and the unit whose deciders may see it; None where there is none (any more)."""
    owner = select(being(ClaimBatch.made_by_id), ClaimBatch.unit_id).join(ClaimPhoto, ClaimPhoto.batch_id == ClaimBatch.id)
    here = ClaimPhoto.batch_id == batch_id, ClaimPhoto.name == name, ClaimPhoto.removed_at.is_(None)
    found = db.session.execute(owner.where(*here)).one_or_none()
    return (found[0], found[1]) if found else None


def removed_photos(before: datetime) -> list[str]:
    """Names of the files that nobody may see any more since before a moment."""
    return list(db.session.scalars(select(ClaimPhoto.name).where(ClaimPhoto.removed_at < before).order_by(ClaimPhoto.id)))


def doubts(batch_ids: Collection[int], times: dict[int, ShiftTimes]) -> dict[Pair, str]:
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
    found: dict[Pair, str] = {}
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
        found[batch_id, person_id] = min(found.get((batch_id, person_id), doubt), doubt, key=lambda one: not one.endswith("记"))
    return found


def signed_up(batch_ids: Collection[int]) -> set[Pair]:
    """Who of the named holds a seat in the shift; one query."""
    rows = db.session.execute(
        select(Claim.batch_id, Claim.person_id)
        .join(ClaimBatch, ClaimBatch.id == Claim.batch_id)
        .join(Signup, and_(Signup.shift_id == ClaimBatch.shift_id, Signup.person_id == Claim.person_id))
        .where(Claim.batch_id.in_(batch_ids), Signup.withdrawn_at.is_(None), Signup.seated_at.is_not(None))
    )
    return {(batch_id, person_id) for batch_id, person_id in rows}


def scans(batch_ids: Collection[int]) -> dict[Pair, tuple[str, ...]]:
    """08:52 扫早了，没签上: what a phone or a door noted of the named at this activity, near the shift; one query."""
    rows = db.session.execute(
        select(Claim.batch_id, Claim.person_id, Scan.at, Scan.outcome, Shift.starts_at, Shift.ends_at)
        .join(ClaimBatch, ClaimBatch.id == Claim.batch_id)
        .join(Shift, Shift.id == ClaimBatch.shift_id)
        .join(Scan, and_(Scan.person_id == Claim.person_id, Scan.activity_id == Shift.activity_id))
        .where(Claim.batch_id.in_(batch_ids), or_(Scan.way != Way.PAPER, Scan.outcome.not_in((Outcome.IN, Outcome.OUT))))
        .order_by(Scan.at)
    )
    found: dict[Pair, tuple[str, ...]] = {}
    for batch_id, person_id, at, outcome, starts_at, ends_at in rows:
        if starts_at - NEAR <= at <= ends_at + NEAR and outcome in SEEN:
            found[batch_id, person_id] = (*found.get((batch_id, person_id), ()), f"{time_words(at)} {SEEN[outcome]}")
    return found


def witnesses(batch_ids: Collection[int]) -> dict[int, Witness]:
    rows = db.session.execute(
        select(ClaimWitness.batch_id, func.coalesce(Person.became_id, Person.id), Person.name, ClaimWitness.says, ClaimWitness.answered_at)
        .join(Person, Person.id == ClaimWitness.person_id)
        .where(ClaimWitness.batch_id.in_(batch_ids))
    )
    return {batch_id: Witness(person_id, name, says, answered_at) for batch_id, person_id, name, says, answered_at in rows}


def lately(maker_ids: Collection[int], unit_ids: Collection[int], now: datetime) -> tuple[dict[int, int], dict[int, int]]:
    """How many make-ups each maker named, and each unit had, in the last 90 days, whatever came of them; two queries."""
    standing = (ClaimBatch.made_at > now - LATELY, ClaimBatch.withdrawn_at.is_(None))
    named = select(func.count(Claim.id)).join(ClaimBatch, ClaimBatch.id == Claim.batch_id)
    by_maker = named.add_columns(ClaimBatch.made_by_id).where(ClaimBatch.made_by_id.in_(maker_ids), *standing)
    by_unit = named.add_columns(ClaimBatch.unit_id).where(ClaimBatch.unit_id.in_(unit_ids), *standing)
    makers = {who: many for many, who in db.session.execute(by_maker.group_by(ClaimBatch.made_by_id))}
    return makers, {unit: many for many, unit in db.session.execute(by_unit.group_by(ClaimBatch.unit_id))}
