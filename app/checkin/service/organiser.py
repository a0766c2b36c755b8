"""What the people at the door do: visitors, walk-ins, who is who, 全体签退, helpers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import insert, select, update

from app.audit import service as audit
from app.checkin import queries
from app.checkin.models import Attendance, Helper, Scan
from app.checkin.queries import ScanView
from app.checkin.rules import Outcome, ShownCode, Way
from app.checkin.service.scans import record_scan
from app.checkin.service.spells import credit_spell, credit_waiting, end_spell, spell_of
from app.core.db import db, upsert, writing
from app.core.errors import Conflict
from app.people import service as people
from app.people.rules import Origin
from app.worklist.service import notify


def record_visit(shown: ShownCode, device: str, now: datetime) -> ScanView:
    """我来逛逛: counted once a device, no person stored. Counting again changes nothing."""
    writing()
    values = {
        "id": shown.scan_id,
        "activity_id": shown.activity_id,
        "way": shown.way,
        "outcome": Outcome.VISITOR,
        "at": shown.opened_at,
        "received_at": now,
        "content": shown.content(None),
        "device_hash": device,
    }
    db.session.execute(upsert(Scan.__table__).values(**values).on_conflict_do_nothing())
    counted = db.session.scalar(
        select(Scan.id).where(Scan.activity_id == shown.activity_id, Scan.outcome == Outcome.VISITOR, Scan.device_hash == device)
    )
    view = queries.scan_view(counted) if counted else None
    if view is None:
        raise Conflict("这个编号已经用在另一次扫码上，这次没有记。请再扫一次码。")
    return view


def take_in(shown: ShownCode, name: str, phone: str, now: datetime, device: str) -> tuple[int, ScanView]:
    """我来服务: a new, unconfirmed person with a scan that counts from when the code was opened. Returns the person's id.

    A matching name or phone never attaches to somebody known: the organiser says who this is.
    """
    person_id = people.record_person(name, Origin.SELF, now, phone=phone)
    audit.record(None, "person.walk_in", "person", person_id, activity=shown.activity_id)
    return person_id, record_scan(shown, person_id, now, device)


@dataclass(frozen=True)
class Confirmed:
    people: int
    credited: int


def confirm_walk_ins(activity_id: int, person_ids: Sequence[int], by_id: int, roots: frozenset[int], now: datetime) -> Confirmed:
    """The organiser says who the walk-ins are; hours that waited are posted.

    One who is on the roster of the organiser's own units, by the same name and phone, becomes that person: the spells
    move there. Persons who are not at this activity are left alone; nobody confirms themselves.
    """
    writing()
    here = {row.person_id for row in queries.spells_of(activity_id) if not row.confirmed}
    chosen = [person_id for person_id in dict.fromkeys(person_ids) if person_id in here and person_id != by_id]
    twins = queries.roster_twins(chosen, roots)
    credited = 0
    for person_id in sorted(chosen):
        people.lock_person(person_id)
        credited += len(queries.waiting_of(person_id))
        known = twins.get(person_id)
        if known and _become(person_id, known[0], by_id):
            credit_waiting(known[0], now)
        else:
            people.confirm_person(person_id, by_id, now)  # which credits what waited, see people.when_confirmed
    return Confirmed(len(chosen), credited)


def _become(person_id: int, known_id: int, by_id: int) -> bool:
    """Move the spells of a walk-in to the person they turned out to be; False where that person is in already."""
    people.lock_person(known_id)
    open_shifts = select(Attendance.shift_id).where(Attendance.person_id == known_id, Attendance.out_at.is_(None))
    clash = select(Attendance.id).where(
        Attendance.person_id == person_id, Attendance.out_at.is_(None), Attendance.shift_id.in_(open_shifts)
    )
    if db.session.scalar(clash.limit(1)) is not None:
        return False
    moved = db.session.execute(
        update(Attendance).where(Attendance.person_id == person_id).values(person_id=known_id).returning(Attendance.id)
    ).scalars()
    audit.record(by_id, "person.recognition", "person", known_id, walk_in=person_id, attendances=list(moved))
    return True


@dataclass(frozen=True)
class SignOuts:
    """`own` counts the organiser's own spells, which somebody else must end."""

    people: int
    minutes: int
    own: int


def sign_out_all(activity_id: int, ends: Mapping[int, datetime], by_id: int, now: datetime) -> SignOuts:
    """全体签退: end the named spells at the given times, each at most at its shift's end. 补录时长, since a person names the end.

    `ends` maps attendance id → time. Spells not named, ended meanwhile, or the organiser's own stay as they are.
    """
    writing()
    event = queries.event_of(activity_id)
    done = minutes = own = 0
    open_spells = sorted(
        (row for row in queries.spells_of(activity_id) if row.out_at is None and row.id in ends), key=lambda row: row.person_id
    )
    for row in open_spells:
        if row.person_id == by_id:
            own += 1
            continue
        people.lock_person(row.person_id)
        at = max(row.in_at, min(ends[row.id], row.shift.last_end))
        shown = ShownCode(uuid4(), activity_id, Way.ORGANISER, at)
        db.session.execute(
            insert(Scan).values(
                id=shown.scan_id,
                activity_id=activity_id,
                shift_id=row.shift_id,
                person_id=row.person_id,
                by_id=by_id,
                way=Way.ORGANISER,
                outcome=Outcome.OUT,
                at=at,
                received_at=now,
                content=shown.content(row.person_id),
            )
        )
        if not end_spell(spell_of(row), shown):
            continue
        ended = credit_spell(spell_of(row), event, at, Way.ORGANISER, now, made_by_id=by_id)
        minutes += 0 if ended.review else ended.minutes
        done += 1
    audit.record(by_id, "activity.sign_out_all", "activity", activity_id, people=done, minutes=minutes)
    return SignOuts(done, minutes, own)


def appoint_helper(shift_ids: Sequence[int], person_id: int, by_id: int, title: str, url: str, now: datetime) -> None:
    """请帮手: this person may work the door until the shifts end, and is told so. Asking again changes nothing."""
    writing()
    for shift_id in sorted(shift_ids):
        adding = upsert(Helper.__table__).values(shift_id=shift_id, person_id=person_id, made_at=now, made_by_id=by_id)
        db.session.execute(adding.on_conflict_do_nothing())
    audit.record(by_id, "activity.helper", "person", person_id, shifts=list(shift_ids))
    notify(person_id, f"请您今天在“{title}”帮忙签到，谢谢您", url)
