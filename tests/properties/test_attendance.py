"""Whatever is scanned, sent late, taken back, named, decided or declared void, by whomever: what must hold, holds."""

from collections import Counter
from datetime import timedelta
from uuid import uuid4

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from app.activities.models import Activity, Shift
from app.checkin import agreement, queries, service
from app.checkin.models import Attendance, AttendanceDecision
from app.checkin.reasons import PARENT_MINUTES, SUBDISTRICT_MINUTES, Verdict
from app.checkin.rules import SPELLS_A_DAY, Outcome, ShiftTimes, ShownCode, Way, takes_a_pair
from app.core import clock
from app.core.actor import Actor, Grant
from app.core.db import db, in_transaction
from app.core.errors import DomainError
from app.core.permissions import Role
from app.hours import verifying as hour_verifying
from app.hours.models import HourEntry
from app.hours.rules import SourceKind
from app.people.models import Phone
from app.people.rules import UnitKind
from app.points import totals as point_totals
from tests.conftest import NOON
from tests.factories import LONG_AGO, Factory

PICK = st.integers(0, 30)
MORNING = NOON - timedelta(hours=12)  # midnight in Guicheng
DOORS = ((1, 9, "广场"), (5, 6, "公园"), (10, 5, "码头"), (14, 8, "广场"))  # begins at, lasts, place: some overlap, the day is long


class Attendances(RuleBasedStateMachine):
    """One long day at four activities: an organiser, their relative, two volunteers, those above. Refusals are fine."""

    def __init__(self):
        super().__init__()
        make = Factory()
        self.now = MORNING + timedelta(minutes=45)
        root = make.unit(f"街道{make.number()}", UnitKind.SUBDISTRICT)
        community = make.unit(f"社区{make.number()}", UnitKind.COMMUNITY, parent=root)
        branch = make.unit(parent=community)
        number = f"139{make.number():08d}"
        self.organiser, self.wife = make.person("霍静雯", home=branch, phone=number), make.person("区美玲", home=branch)
        make._add(Phone, person_id=self.wife, number=number, valid_from=LONG_AGO)
        self.secretary, self.above, self.top = (make.person(name, home=branch) for name in ("冼柏豪", "李婉仪", "梁国栋"))
        self.volunteers = [make.person(name, home=branch) for name in ("罗国栋", "麦永康")]
        self.people = [*self.volunteers, self.secretary, self.organiser, self.wife]
        grants = {
            self.organiser: (Role.ORGANISER, branch),
            self.secretary: (Role.SECRETARY, branch),
            self.above: (Role.SECRETARY, community),
            self.top: (Role.ADMINISTRATOR, root),
        }
        self.actors = [Actor(who, "", 0, (Grant(*grant),)) for who, grant in grants.items()]
        self.actors.append(Actor(self.wife, "", 0, (Grant(Role.ORGANISER, branch),)))
        self.doors = []
        for begins, lasts, place in DOORS:
            activity = make.activity(branch, self.organiser, title=f"活动{make.number()}")
            in_transaction(lambda a=activity, p=place: db.session.execute(update(Activity).where(Activity.id == a).values(place_text=p)))
            make.shift(activity, MORNING + timedelta(hours=begins), lasts)
            self.doors.append(activity)
        self.seen, self.left, self.decisions = [], [], {}

    def attempt(self, work):
        with clock.frozen_at(self.now):
            try:
                return in_transaction(work)
            except DomainError:
                return None

    def shown(self, door, at=None):
        digest = None if at is None else uuid4().hex
        return ShownCode(uuid4(), self.doors[door % len(self.doors)], Way.POSTER, at or self.now, digest=digest)

    @rule(minutes=st.sampled_from([1, 9, 45, 180]))
    def time_passes(self, minutes):
        self.now += timedelta(minutes=minutes)

    @rule(who=PICK, door=PICK, phone=st.sampled_from([None, "a" * 32]))
    def scan(self, who, door, phone):
        person, shown = self.people[who % len(self.people)], self.shown(door)
        view = self.attempt(lambda: service.record_scan(shown, person, self.now, phone))
        if view and view.outcome is Outcome.OUT:
            self.left.append((view.scan_id, person))
        if view and view.outcome is Outcome.ALREADY_IN:
            self.seen.append((view.scan_id, person))

    @rule(who=PICK, door=PICK, minutes=st.sampled_from([20, 150, 300, 480]), phone=st.sampled_from([None, None, "a" * 32]))
    def come_and_go(self, who, door, minutes, phone):
        """A whole stay; where somebody is in already, its end."""
        self.scan(who, door, phone)
        self.time_passes(minutes)
        self.scan(who, door, phone)
        self.leave_now(-1)

    @rule(door=PICK, minutes=st.sampled_from([60, 200]))
    def three_with_one_phone(self, door, minutes):
        for who in range(3):
            self.scan(who, door, "b" * 32)
        self.time_passes(minutes)
        for who in range(3):
            self.scan(who, door, "b" * 32)
            self.leave_now(-1)

    @rule(who=PICK, first=st.sampled_from([300, 480]), then=st.sampled_from([200, 420]))
    def a_long_day(self, who, first, then):
        """At the first door as long as it is open, and from there to the last one, in the same square."""
        self.come_and_go(who, 0, first, None)
        if self.now < MORNING + timedelta(hours=14):
            self.now = MORNING + timedelta(hours=14)
        self.come_and_go(who, 3, then, None)

    @rule(who=PICK, door=PICK, ago=st.integers(16, 500))
    def scan_that_arrives_late(self, who, door, ago):
        person, shown = self.people[who % len(self.people)], self.shown(door, self.now - timedelta(minutes=ago))
        self.attempt(lambda: service.record_scan(shown, person, self.now))

    @rule(which=PICK)
    def leave_now(self, which):
        if self.seen:
            scan_id, person = self.seen[which % len(self.seen)]
            view = self.attempt(lambda: service.depart(scan_id, person, self.now))
            if view and view.outcome is Outcome.OUT:
                self.left.append((view.scan_id, person))

    @rule(which=PICK)
    def take_a_sign_out_back(self, which):
        if self.left:
            scan_id, person = self.left[which % len(self.left)]
            self.attempt(lambda: service.undo_sign_out(scan_id, person, self.now))

    @rule(door=PICK, by=PICK, leave=st.booleans())
    def name_ends(self, door, by, leave):
        activity, actor = self.doors[door % len(self.doors)], self.actors[by % len(self.actors)]
        ends = {row.id: self.now for row in queries.spells_of(activity)}
        change = service.leave_open if leave else service.sign_out_all
        self.attempt(lambda: change(activity, list(ends) if leave else ends, actor.person_id, self.now))

    @rule(which=PICK, by=PICK, verdict=st.sampled_from([Verdict.COUNT, Verdict.COUNT, Verdict.LEAVE]))
    def decide(self, which, by, verdict):
        held = [row.id for row in self.spells() if row.held_at]
        if held:
            self.decide_one(held[which % len(held)], by, verdict)

    def decide_one(self, spell, by, verdict):
        """By whoever may, `by` first."""
        for turn in range(len(self.actors)):
            actor = self.actors[(by + turn) % len(self.actors)]
            if self.attempt(lambda: service.decide([spell], verdict, actor, self.now)):  # noqa: B023 (called at once)
                return

    @rule(by=PICK)
    def count_all(self, by):
        for spell in self.spells():
            if spell.held_at:
                self.decide_one(spell.id, by, Verdict.COUNT)

    @rule(which=PICK, by=PICK)
    def declare_void(self, which, by):
        spells, by_id = self.spells(), self.actors[by % len(self.actors)].person_id
        if spells:
            spell = spells[which % len(spells)]
            try:
                self.attempt(lambda: service.void(spell.id, by_id, "没来过", self.now))
            except IntegrityError:
                assert spell.person_id == by_id, "only a voiding of one's own is for the database to refuse"

    def spells(self):
        db.session.expire_all()
        return db.session.scalars(select(Attendance).where(Attendance.person_id.in_(self.people)).order_by(Attendance.id)).all()

    def standing(self):
        """attendance id → minutes that stand in the ledger."""
        found = db.session.execute(
            select(HourEntry.source_id, func.sum(HourEntry.minutes))
            .where(HourEntry.person_id.in_(self.people), HourEntry.source_kind == SourceKind.ATTENDANCE)
            .group_by(HourEntry.source_id)
        )
        return {spell: int(minutes) for spell, minutes in found}

    @invariant()
    def credited_spells_never_overlap(self):
        last = {}
        for spell in sorted((one for one in self.spells() if one.credited_from), key=lambda one: one.credited_from):
            assert last.get(spell.person_id, MORNING - timedelta(days=1)) <= spell.credited_from
            last[spell.person_id] = spell.credited_to

    @invariant()
    def nobody_has_more_than_three_pairs_a_day(self):
        """What counted nothing takes none of them away."""
        found = db.session.execute(select(Shift.id, Shift.starts_at, Shift.ends_at, Shift.extended_to, Shift.break_minutes))
        times = {one.id: ShiftTimes(*one) for one in found}
        spells = [one for one in self.spells() if one.excluded_at is None and takes_a_pair(times[one.shift_id], one.in_at, one.out_at)]
        pairs = Counter((one.person_id, clock.local_date(one.in_at)) for one in spells)
        assert all(number <= SPELLS_A_DAY for number in pairs.values())

    @invariant()
    def nothing_counts_while_it_is_held_or_left_out(self):
        standing = self.standing()
        for spell in self.spells():
            if spell.held_at or spell.excluded_at or spell.out_at is None:
                assert spell.credited_from is None
                assert standing.get(spell.id, 0) == 0

    def decided(self):
        """attendance id → (verdict, by whom, about whom)."""
        found = db.session.execute(
            select(AttendanceDecision.attendance_id, AttendanceDecision.verdict, AttendanceDecision.made_by_id, Attendance.person_id)
            .join(Attendance, Attendance.id == AttendanceDecision.attendance_id)
            .where(Attendance.person_id.in_(self.people))
        )
        return {spell: (verdict, by, person) for spell, verdict, by, person in found}

    @invariant()
    def nobody_decided_about_themselves_and_a_decision_stays(self):
        now, home = self.decided(), {self.organiser, self.wife}
        for _, by, person in now.values():
            assert by != person
            assert not {by, person} <= home, "nor about a relative"
        assert all(one.excluded_by_id != one.person_id for one in self.spells() if one.excluded_by_id)
        assert self.decisions.items() <= now.items()
        self.decisions = now

    @invariant()
    def a_long_day_was_decided_above(self):
        days = db.session.execute(
            select(HourEntry.person_id, HourEntry.served_on, func.sum(HourEntry.minutes))
            .where(HourEntry.person_id.in_(self.people))
            .group_by(HourEntry.person_id, HourEntry.served_on)
        )
        deciders = {person: set() for person in self.people}
        for verdict, by, person in self.decided().values():
            if verdict is Verdict.COUNT:
                deciders[person].add(by)
        for person, _, minutes in days:
            assert minutes <= PARENT_MINUTES or deciders[person] & {self.above, self.top}
            assert minutes <= SUBDISTRICT_MINUTES or self.top in deciders[person]

    @invariant()
    def attendance_and_ledger_tell_the_same(self):
        assert agreement.disagreements() == []

    def teardown(self):
        assert hour_verifying.disagreements() == []
        assert point_totals.disagreements() == []


def test_attendance_holds_whatever_is_done(app):
    run_state_machine_as_test(
        Attendances,
        settings=settings(
            max_examples=20, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
        ),
    )
