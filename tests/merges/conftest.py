"""Two records of one person in a branch, and the two people who decide about them."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select

from app.activities.models import Activity, Shift
from app.checkin.models import Attendance, Scan
from app.checkin.queries import Event
from app.checkin.rules import Outcome, ShiftTimes, ShownCode, Way
from app.checkin.service.spells import Ending, Spell, credit_spells
from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.hours.models import HourEntry, HourPersonTotal, HourUnitTotal
from app.hours.rules import HourClass
from app.merges import service
from app.merges.own_rules import Pair
from app.merges.queries.digest import digest
from app.people.rules import UnitKind
from app.points.models import PointEntry, PointPersonTotal

NOON = datetime.fromisoformat("2026-11-21T04:00:00+00:00")


@dataclass
class Two:
    """`old` and `new` are one human; `maker` and `checker` decide; both records are of the branch."""

    make: Any
    root: int
    branch: int
    old: int
    new: int
    maker: int
    checker: int
    days: Any = field(default_factory=lambda: count(1))

    def pair(self, stays: int | None = None, goes: int | None = None) -> Pair:
        return Pair(stays or self.old, goes or self.new, self.checker, clock.now(), clock.today())

    def propose(self, stays: int | None = None, goes: int | None = None) -> int:
        pair = self.pair(stays, goes)
        proposal = service.Proposal(pair.stays_id, pair.goes_id, "两次登记的是同一个人", digest(pair))
        return in_transaction(lambda: service.propose(proposal, self.maker, clock.now()))

    def approve(self, merge_id: int, stays: int | None = None, goes: int | None = None) -> None:
        seen = digest(self.pair(stays, goes))
        in_transaction(lambda: service.approve(merge_id, self.checker, seen, clock.now()))

    def finish(self, merge_id: int, step: int = 150) -> None:
        while in_transaction(lambda: service.advance(merge_id, clock.now(), step)):
            pass

    def merge(self, stays: int | None = None, goes: int | None = None, step: int = 150) -> int:
        merge_id = self.propose(stays, goes)
        self.approve(merge_id, stays, goes)
        self.finish(merge_id, step)
        return merge_id

    def undo(self, merge_id: int, step: int = 150) -> None:
        in_transaction(lambda: service.undo(merge_id, self.checker, "弄错了", clock.now()))
        while in_transaction(lambda: service.go_back(merge_id, clock.now(), step)):
            pass

    def activity(self, starts_at: datetime, hours: int = 3, **kinds: Any) -> tuple[int, int]:
        activity_id = self.make.activity(self.branch, self.maker, **kinds)
        return activity_id, self.make.shift(activity_id, starts_at, hours)

    def serve(
        self, person_id: int, minutes: int = 120, *, on: date | None = None, shift: tuple[int, int] | None = None, late: int = 0
    ) -> int:
        """A spell with its scans and entries; the id of the attendance."""
        start = clock.at_local(on or clock.today() - timedelta(days=next(self.days))) + timedelta(hours=9)
        activity_id, shift_id = shift or self.activity(start, 10)
        if shift:
            start = db.session.scalar(select(Shift.starts_at).where(Shift.id == shift_id)) + timedelta(minutes=late)
        return in_transaction(lambda: self._serve(person_id, activity_id, shift_id, start, start + timedelta(minutes=minutes)))

    def _serve(self, person_id: int, activity_id: int, shift_id: int, start: datetime, end: datetime) -> int:
        ends = [ShownCode(uuid4(), activity_id, Way.POSTER, at) for at in (start, end)]
        for shown, outcome in zip(ends, (Outcome.IN, Outcome.OUT), strict=True):
            db.session.execute(
                insert(Scan).values(
                    id=shown.scan_id, activity_id=activity_id, shift_id=shift_id, person_id=person_id, way=Way.POSTER, outcome=outcome,
                    at=shown.opened_at, received_at=shown.opened_at, content=shown.content(person_id),
                )
            )  # fmt: skip
        spell_id = db.session.execute(
            insert(Attendance)
            .values(
                shift_id=shift_id, person_id=person_id, in_at=start, in_way=Way.POSTER, in_scan_id=ends[0].scan_id,
                out_at=end, out_way=Way.POSTER, out_scan_id=ends[1].scan_id,
            )
            .returning(Attendance.id)
        ).scalar_one()  # fmt: skip
        row = db.session.execute(
            select(Shift.starts_at, Shift.ends_at, Activity.kind, Activity.unit_id).join(Activity).where(Shift.id == shift_id)
        ).one()
        spell = Spell(spell_id, person_id, ShiftTimes(shift_id, row[0], row[1], None, 0), start, Way.POSTER)
        credit_spells([Ending(spell, end, Way.POSTER)], Event(activity_id, row[2], row[3]), clock.now())
        return spell_id


@pytest.fixture
def two(make) -> Two:
    root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    branch = make.unit("灯湖第一党支部", parent=root)
    maker, checker = make.person("李书记", home=branch), make.person("王管理", home=root)
    make.grant(maker, Role.SECRETARY, branch)
    make.grant(checker, Role.ADMINISTRATOR, root)
    old, new = make.person("陈志强", home=branch, phone="13800001111"), make.person("陳志強", home=branch, phone="13800001111")
    return Two(make, root, branch, old, new, maker, checker)


def hours_of(*person_ids: int) -> dict[tuple[str, str, str], int]:
    """Minutes by period, kind and class, all of them together; nothing where it is 0."""
    t = HourPersonTotal
    rows = db.session.execute(
        select(t.period, t.kind, t.hour_class, func.sum(t.minutes))
        .where(t.person_id.in_(person_ids))
        .group_by(t.period, t.kind, t.hour_class)
    )
    return {(period, str(kind), str(of)): int(minutes) for period, kind, of, minutes in rows if minutes}


def points_of(*person_ids: int) -> dict[tuple[str, int], int]:
    t = PointPersonTotal
    rows = db.session.execute(
        select(t.period, t.rule_id, func.sum(t.points)).where(t.person_id.in_(person_ids)).group_by(t.period, t.rule_id)
    )
    return {(period, rule): int(points) for period, rule, points in rows if points}


def units() -> dict[tuple[int, str, str, str], int]:
    t = HourUnitTotal
    rows = db.session.execute(select(t.unit_id, t.period, t.kind, t.hour_class, t.minutes))
    return {(unit, period, str(kind), str(of)): minutes for unit, period, kind, of, minutes in rows if minutes}


def faults() -> list[str]:
    """What `ledger verify` finds."""
    from app.web.commands.ledger import CHECKS

    return [fault for _, check in CHECKS for fault in check()]


def attended(person_id: int) -> set[int]:
    return set(db.session.scalars(select(Attendance.id).where(Attendance.person_id == person_id)))


__all__ = ["HourClass", "HourEntry", "PointEntry", "Two", "attended", "faults", "hours_of", "points_of", "units"]
