"""Whoever signs up, withdraws, changes position, is called or has the shift revised, in whatever order: seats are as they are counted.

taken is who sits there, by position and by shift, never one too many; who waits stands in the order they came; and before the last
12 hours nobody waits while a seat that suits them is free.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from app.activities import queries, service
from app.activities.position_rules import PositionDraft
from app.activities.queries import ShiftRow
from app.activities.rules import PROMOTES_UNTIL, ActivityDraft, ActivityKind, ShiftDraft
from app.core import clock
from app.core.actor import Actor, Grant
from app.core.db import db, in_transaction
from app.core.errors import DomainError
from app.core.permissions import Role
from app.people.rules import UnitKind
from tests.activities.positions import nobody_twice, settled
from tests.conftest import NOON
from tests.factories import Factory

PICK = st.integers(0, 30)
NAMES = ("引导", "登记", "茶水")
SEATS = st.dictionaries(st.sampled_from(NAMES), st.integers(1, 3), max_size=3)
START = NOON + timedelta(days=1)


class Seats(RuleBasedStateMachine):
    """One shift, six people and an organiser. Refusals are fine; in between the last 12 hours begin, and end when it is moved."""

    def __init__(self):
        super().__init__()
        make = Factory()
        unit = make.unit(f"街坊会{make.number()}", UnitKind.NEIGHBOURS)
        self.organiser, self.people = make.person("霍静雯"), [make.person() for _ in range(6)]
        self.actor = Actor(self.organiser, "", 0, (Grant(Role.ORGANISER, unit),))
        self.unit, self.now, self.start = unit, NOON, START
        self.activity = self.tried(lambda: service.create_activity(self.draft({"引导": 1, "登记": 1}, None, None), self.actor, NOON))
        self.tried(lambda: service.publish(self.activity, self.organiser, NOON))
        (shift,) = queries.shifts_of(self.activity)
        self.shift = shift.id

    def draft(self, seats, capacity, shift_id):
        positions = tuple(PositionDraft(name, number) for name, number in seats.items())
        whole = sum(seats.values()) or capacity
        shift = ShiftDraft("全程", self.start, self.start + timedelta(hours=2), 0, whole, shift_id, positions)
        return ActivityDraft("邻里节", ActivityKind.SERVICE, self.unit, "广场", shifts=(shift,))

    def tried(self, work):
        try:
            with clock.frozen_at(self.now):
                return in_transaction(work)
        except DomainError:
            return None
        finally:
            db.session.expire_all()

    def row(self) -> ShiftRow:
        row = queries.shift(self.shift)
        assert row
        return row

    def wish(self, pick):
        wishes = [*(one.id for one in self.row().positions), None]
        return wishes[pick % len(wishes)]

    def standing(self, pick):
        found = queries.signups_in(self.activity)
        return found[pick % len(found)] if found else None

    @rule(who=PICK, what=PICK)
    def sign_up(self, who, what):
        wish = self.wish(what)
        self.tried(lambda: service.take_seat(self.shift, self.people[who % 6], self.now, position_id=wish))

    @rule(who=PICK)
    def withdraw(self, who):
        if one := self.standing(who):
            self.tried(lambda: service.withdraw(one.id, one.person_id, self.now))

    @rule(who=PICK, what=PICK)
    def change(self, who, what):
        one, wish = self.standing(who), self.wish(what)
        if one:
            before = one.seated
            self.tried(lambda: service.change_position(one.id, one.person_id, wish, self.now))
            after = queries.signup(one.id)
            assert after
            assert after.seated >= before  # a seat is never lost by asking for another

    @rule(who=PICK)
    def send_off(self, who):
        if one := self.standing(who):
            self.tried(lambda: service.remove(one.id, self.activity, self.organiser, "同一时间报了两场", self.now))

    @rule(who=PICK, what=PICK)
    def call(self, who, what):
        one, wish = self.standing(who), self.wish(what)
        if one:
            self.tried(lambda: service.seat_by_hand(one.id, self.activity, self.organiser, self.now, position_id=wish))

    @rule(seats=SEATS, capacity=st.none() | st.integers(1, 5))
    def revise(self, seats, capacity):
        draft = self.draft(seats, capacity, self.shift)
        self.tried(lambda: service.revise(self.activity, draft, self.actor, self.now))

    @rule(old=st.sampled_from(NAMES), new=st.sampled_from((*NAMES, "带路")))
    def rename(self, old, new):
        standing = self.row()
        positions = [PositionDraft(one.name, one.capacity) for one in standing.positions]
        renamed = tuple(PositionDraft(new, one.capacity, old) if one.name == old != new else one for one in positions)
        draft = self.draft({}, standing.capacity, self.shift)
        (shift,) = draft.shifts
        whole = replace(draft, shifts=(replace(shift, positions=renamed),))
        people = {one.id: one.position_id for one in queries.signups_in(self.activity)}
        if self.tried(lambda: service.revise(self.activity, whole, self.actor, self.now)) is not None:
            kept = {one.id: one.position_id for one in queries.signups_in(self.activity)}
            assert all(kept[signup] == position for signup, position in people.items() if position)

    @rule()
    def the_last_hours_begin(self):
        self.now = self.start - PROMOTES_UNTIL + timedelta(minutes=1)

    @rule(seats=SEATS)
    def moved_to_a_later_day(self, seats):
        before, self.start = self.start, self.now + timedelta(days=2)
        if self.tried(lambda: service.revise(self.activity, self.draft(seats, None, self.shift), self.actor, self.now)) is None:
            self.start = before

    @invariant()
    def seats_are_as_counted(self):
        settled(self.shift, self.now)
        assert nobody_twice(self.shift)


@pytest.mark.usefixtures("app")
def test_seats_are_as_counted_whatever_happens():
    few = settings(max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    run_state_machine_as_test(Seats, settings=few)
