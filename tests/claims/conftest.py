"""A branch with a secretary, a deputy and members, and a meeting that has just ended."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.activities.rules import ActivityKind
from app.checkin import service as checkin
from app.checkin.models import Attendance
from app.checkin.rules import ShownCode, Way
from app.claims import service
from app.claims.rules import BatchKind, NamedSpell, Naming
from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.people.models import Phone
from tests.conftest import NOON
from tests.factories import LONG_AGO


@dataclass
class Branch:
    make: object
    street: int
    unit: int
    secretary: int
    deputy: int
    activity: int
    shift: int
    members: list[int] = field(default_factory=list)
    start = NOON - timedelta(hours=3)
    end = NOON - timedelta(hours=1)

    def naming(self, people, *, start=None, end=None, kind=BatchKind.TICKED, shift=None, activity=None, note=""):
        spells = tuple(NamedSpell(person, start or self.start, end or self.end) for person in people)
        return Naming(activity or self.activity, shift or self.shift, kind, spells, note)

    def name(self, people, by=None, **changes):
        naming = self.naming(people, **changes)
        return in_transaction(lambda: service.name_people(naming, by or self.secretary, "/work", clock.now()))

    def approve(self, batch, by=None):
        return in_transaction(lambda: service.approve(batch, by or self.deputy, f"/claims/{batch}", "/me", clock.now()))

    def send_back(self, batch, by=None, reason="周五不是这些人"):
        in_transaction(lambda: service.return_batch(batch, by or self.deputy, reason, f"/claims/{batch}", clock.now()))


@pytest.fixture
def branch(make):
    street = make.unit("桂城街道党工委")
    unit = make.unit("锦园第一党支部", parent=street)
    secretary, deputy = make.person("霍静雯", home=unit), make.person("罗国栋", home=unit)
    for person, role in ((secretary, Role.SECRETARY), (deputy, Role.DEPUTY)):
        make.grant(person, role, unit)
        make.account(person)
    activity = make.activity(unit, secretary, title="台风后清障", kind=ActivityKind.SERVICE)
    shift = make.shift(activity, NOON - timedelta(hours=3), 2)
    return Branch(make, street, unit, secretary, deputy, activity, shift)


@pytest.fixture
def members(branch, make):
    branch.members = [make.person(name, home=branch.unit) for name in ("陈志远", "谭嘉欣", "霍绮华")]
    return branch.members


@pytest.fixture
def record(branch, members):
    """A record that somebody scanned themselves: in and out, an hour and a half."""
    person = members[0]
    for minutes in (0, 90):
        at = branch.start + timedelta(minutes=minutes)
        shown = ShownCode(uuid4(), branch.activity, Way.POSTER, at)
        with clock.frozen_at(at):
            in_transaction(lambda shown=shown, at=at: checkin.record_scan(shown, person, at))
    return db.session.scalars(select(Attendance.id).where(Attendance.person_id == person)).one()


def relatives(make, *people):
    """People who share a number are."""
    for person in people:
        make._add(Phone, person_id=person, number="13800001234", valid_from=LONG_AGO)
