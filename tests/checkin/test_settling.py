"""A scan that arrives late means what it would have meant in its turn; one spell, one credit, whatever the order."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from app.activities import service as activities
from app.activities.models import Shift
from app.checkin import agreement, queries, service
from app.checkin.fence import Fence
from app.checkin.models import Attendance, AttendanceReason, Scan
from app.checkin.reasons import Reason, Verdict
from app.checkin.rules import Outcome, ShiftTimes, ShownCode, Way
from app.checkin.service import PaperSpell
from app.checkin.service.uploads import undo_scan
from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.hours import queries as hours
from app.hours.models import HourEntry
from tests.conftest import NOON, statements

AFTER = timedelta(minutes=200)  # when what was kept arrives


def later(minutes):
    return NOON + timedelta(minutes=minutes)


@pytest.fixture
def place(make):
    """Two shifts, noon to two and half past two to four, and a volunteer."""

    class Place:
        branch = make.unit("锦园第一党支部", parent=make.unit("桂城街道党工委"))
        organiser = make.person("霍静雯", home=branch)
        person = make.person("何嘉怡", home=branch)
        activity = make.activity(branch, organiser)
        first = make.shift(activity, NOON, 2, name="上午班")
        second = make.shift(activity, later(150), 2, name="下午班")

    make.grant(Place.organiser, Role.ORGANISER, Place.branch)
    return Place


def scan(place, minutes, way=Way.POSTER, *, person=None, received=None, by=None, activity=None, fence=None):
    """A scan made at `minutes` after noon that arrives at `received` (in its turn when not given)."""
    at = later(minutes)
    now = at if received is None else later(received)
    shown = ShownCode(uuid4(), activity or place.activity, way, at, digest="d" * 32, fence=fence)
    with clock.frozen_at(now):
        return in_transaction(lambda: service.record_scan(shown, person or place.person, now, by_id=by))


def spells(place, person=None, activity=None):
    """(shift, in, out) in minutes after noon, of spells that were not left out."""
    rows = [row for row in queries.spells_of(activity or place.activity) if row.person_id == (person or place.person) and not row.excluded]
    return sorted((row.shift_name, _minutes(row.in_at), _minutes(row.out_at)) for row in rows)


def _minutes(at):
    return None if at is None else int((at - NOON).total_seconds() // 60)


def name_end(place, minutes, said):
    """全体签退 of who is still in, at an earlier time than it is said."""
    ends = {row.id: later(minutes) for row in queries.spells_of(place.activity) if row.out_at is None}
    with clock.frozen_at(later(said)):
        in_transaction(lambda: service.sign_out_all(place.activity, ends, place.organiser, later(said)))


def reasons(place):
    found = select(AttendanceReason.reason).join(Attendance, Attendance.id == AttendanceReason.attendance_id)
    return set(db.session.scalars(found.where(Attendance.person_id == place.person)))


def ledger(place):
    rows = db.session.execute(select(HourEntry.minutes).where(HourEntry.person_id == place.person).order_by(HourEntry.id))
    return list(rows.scalars())


class TestOneSpell:
    def test_two_devices_and_the_same_person_settle_on_the_first_time(self, place):
        scan(place, 5, Way.PERSONAL_CODE)
        late = scan(place, 0, received=30)
        assert (late.outcome, late.in_at) == (Outcome.IN, NOON)
        assert spells(place) == [("上午班", 0, None)]
        assert sorted(db.session.scalars(select(Scan.outcome))) == [Outcome.IN, Outcome.IN]
        assert scan(place, 100).minutes == 100

    def test_two_phones_at_one_gate_in_the_last_half_hour_sign_nobody_out(self, place):
        scan(place, 95)
        shown = ShownCode(uuid4(), place.activity, Way.PERSONAL_CODE, later(95) + timedelta(seconds=20))
        assert in_transaction(lambda: service.record_scan(shown, place.person, later(96))).outcome is Outcome.ALREADY_IN

    def test_a_sign_out_that_came_first_finds_its_beginning(self, place):
        assert scan(place, 110).outcome is Outcome.IN
        scan(place, 0, received=150)
        assert spells(place) == [("上午班", 0, 110)]
        assert hours.sums(place.person).service_credit == 110

    def test_a_sign_out_after_the_end_that_had_nothing_to_end_does_too(self, place, make):
        activity = make.activity(place.branch, place.organiser, title="一个班次")
        make.shift(activity, NOON, 2)
        assert scan(place, 130, activity=activity).outcome is Outcome.TOO_LATE
        scan(place, 0, received=150, activity=activity)
        assert spells(place, activity=activity) == [("童玩摊位组", 0, 130)]
        assert hours.sums(place.person).service_credit == 120

    def test_an_earlier_sign_out_takes_the_place_of_a_later_one_and_the_ledger_says_so(self, place):
        scan(place, 0)
        scan(place, 115)
        late = scan(place, 100, received=140)
        assert (late.outcome, late.minutes) == (Outcome.OUT, 100)
        assert spells(place) == [("上午班", 0, 100)]
        assert ledger(place) == [115, -115, 100]
        reason = db.session.scalar(select(HourEntry.reason).where(HourEntry.minutes == -115))
        assert "先后" in reason
        assert agreement.disagreements() == []

    def test_where_the_credit_stays_the_same_nothing_is_posted_again(self, place):
        scan(place, -20)
        scan(place, 115)
        scan(place, -40, received=140)
        assert spells(place) == [("上午班", -40, 115)]
        assert ledger(place) == [115]

    def test_a_scan_of_a_machine_takes_the_place_of_an_end_that_people_named(self, place):
        scan(place, 0)
        spell = queries.spells_of(place.activity)[0].id
        in_transaction(lambda: service.sign_out_all(place.activity, {spell: later(120)}, place.organiser, later(125)))
        assert hours.sums(place.person) == hours.Sums(service_honour=120)
        scan(place, 110, received=140)
        assert hours.sums(place.person) == hours.Sums(service_credit=110)

    def test_a_scan_after_an_end_that_people_named_changes_nothing(self, place):
        scan(place, 0)
        spell = queries.spells_of(place.activity)[0].id
        in_transaction(lambda: service.sign_out_all(place.activity, {spell: later(100)}, place.organiser, later(120)))
        assert scan(place, 115, received=140).outcome is Outcome.ALREADY_OUT
        assert spells(place) == [("上午班", 0, 100)]

    def test_nor_does_one_that_was_scanned_before_they_named_it(self, place):
        scan(place, 0)
        scan(place, 70)
        spell = queries.spells_of(place.activity)[0].id
        in_transaction(lambda: service.sign_out_all(place.activity, {spell: later(60)}, place.organiser, later(120)))
        scan(place, 65, received=140)
        scan(place, 30, received=141)
        assert spells(place) == [("上午班", 0, 60)]

    def test_a_scan_made_before_they_named_it_opens_nothing_although_nothing_newer_is_known(self, place):
        """Found by the simulator: named at 69 for 19, and a scan of 31 without signal opened a spell that nobody ever ended."""
        scan(place, 0)
        name_end(place, 19, said=69)
        told = scan(place, 31, received=75)
        assert (told.outcome, told.out_at) == (Outcome.ALREADY_OUT, later(19))
        assert spells(place) == [("上午班", 0, 19)]
        assert ledger(place) == [19]

    def test_who_scans_after_they_named_it_comes_again(self, place):
        scan(place, 0)
        name_end(place, 19, said=69)
        assert scan(place, 70, received=75).outcome is Outcome.IN
        assert spells(place) == [("上午班", 0, 19), ("上午班", 70, None)]

    def test_an_end_that_they_named_says_nothing_of_another_shift(self, place):
        scan(place, 0)
        name_end(place, 100, said=190)
        assert scan(place, 160, received=200).outcome is Outcome.IN
        assert spells(place) == [("上午班", 0, 100), ("下午班", 160, None)]

    def test_a_scan_from_before_somebody_was_left_out_opens_nothing(self, place):
        scan(place, 0)
        spell = queries.spells_of(place.activity)[0].id
        in_transaction(lambda: service.leave_open(place.activity, [spell], place.organiser, later(70)))
        assert scan(place, 31, received=75).outcome is Outcome.ALREADY_IN
        assert spells(place) == []
        assert scan(place, 72, received=76).outcome is Outcome.IN

    def test_a_shift_that_was_extended_since_opens_no_sign_out_again_and_calls_nobody_back(self, place, make):
        activity, other = make.activity(place.branch, place.organiser, title="一个班次"), make.person("梁凤珍", home=place.branch)
        shift = make.shift(activity, NOON, 2)
        scan(place, 30, activity=activity)
        scan(place, 100, activity=activity)
        assert scan(place, 121, activity=activity, person=other).outcome is Outcome.TOO_LATE
        in_transaction(lambda: db.session.execute(update(Shift).where(Shift.id == shift).values(extended_to=later(240))))
        scan(place, 0, received=140, activity=activity)
        scan(place, -70, received=140, activity=activity, person=other)
        assert spells(place, activity=activity) == [("童玩摊位组", 0, 100)]
        assert spells(place, other, activity) == []

    def test_a_sign_up_made_since_moves_nobody_to_another_shift(self, place, make):
        activity = make.activity(place.branch, place.organiser, title="两组")
        make.shift(activity, NOON, 2, name="甲组")
        second = make.shift(activity, NOON, 2, name="乙组")
        scan(place, 10, activity=activity)
        make.signup(second, place.person)
        scan(place, 110, activity=activity)
        scan(place, 100, received=140, activity=activity)
        assert spells(place, activity=activity) == [("甲组", 10, 100)]

    def test_what_is_no_more_ends_where_it_began_and_stays_on_record(self, place):
        scan(place, 181)
        scan(place, 0, received=190)
        assert spells(place) == [("上午班", 0, None), ("下午班", 181, None)]
        scan(place, 171, received=195)
        assert spells(place) == [("上午班", 0, 171)]
        (gone,) = [row for row in queries.spells_of(place.activity) if row.excluded]
        assert (gone.in_at, gone.out_at, gone.credited) == (later(181), later(181), False)
        assert hours.sums(place.person).service_credit == 120

    def test_an_end_outside_of_the_fence_that_comes_late_waits_although_the_minutes_stay_the_same(self, place):
        scan(place, 0)
        scan(place, 130, fence=Fence.INSIDE)
        assert scan(place, 125, received=140, fence=Fence.OUTSIDE).review
        assert spells(place) == [("上午班", 0, 125)]
        assert ledger(place) == [120, -120]
        assert Reason.OUTSIDE in reasons(place)
        assert agreement.disagreements() == []

    def test_so_does_a_beginning_outside_of_it(self, place):
        scan(place, -20)
        scan(place, 115)
        scan(place, -40, received=140, fence=Fence.OUTSIDE)
        assert spells(place) == [("上午班", -40, 115)]
        assert ledger(place) == [115, -115]

    def test_an_end_inside_of_the_fence_that_comes_late_counts_what_waited(self, place):
        scan(place, 0)
        assert scan(place, 130, fence=Fence.OUTSIDE).review
        assert not scan(place, 125, received=140, fence=Fence.INSIDE).review
        assert ledger(place) == [120]
        assert reasons(place) == set()

    def test_what_is_noted_of_a_spell_is_of_the_scans_that_it_has_now(self, place):
        scan(place, -20)
        scan(place, 115)
        assert reasons(place) == set()
        scan(place, -40, received=140)
        assert ledger(place) == [115]
        assert reasons(place) == {Reason.LATE}

    def test_a_late_scan_answers_the_same_when_it_is_sent_again(self, place):
        scan(place, 110)
        shown = ShownCode(uuid4(), place.activity, Way.POSTER, NOON, digest="e" * 32)
        first, again = (in_transaction(lambda now=now: service.record_scan(shown, place.person, now)) for now in (later(150), later(160)))
        assert first == again
        assert ledger(place) == [110]


class TestWhatPeopleDecided:
    def test_a_closed_activity_stays_as_it_is(self, place):
        scan(place, 110)
        with clock.frozen_at(later(280)):
            in_transaction(lambda: activities.close_activity(place.activity, place.organiser, 10, later(280)))
        assert scan(place, 0, received=290).outcome is Outcome.NOT_OPEN
        assert spells(place) == [("上午班", 110, None)]

    def test_a_record_on_paper_stays_as_it_is(self, place, make):
        shift = ShiftTimes(place.first, NOON, later(120), None, 0)
        event, second = queries.event_of(place.activity), make.person("罗国栋")
        paper = [PaperSpell(place.person, NOON, later(120))]
        in_transaction(
            lambda: service.record_paper(event, shift, paper, later(125), made_by_id=place.organiser, approved_by_id=second, batch_id=1)
        )
        for minutes in (-5, 30, 118):
            assert scan(place, minutes, received=130).outcome is Outcome.ALREADY_OUT
        assert spells(place) == [("上午班", 0, 120)]
        assert ledger(place) == [120]
        assert scan(place, 160).outcome is Outcome.IN  # the other shift is another matter

    def test_an_end_that_was_named_and_decided_about_stands_as_well(self, place, make):
        """Outside of the fence, so somebody looks; a scan from between its end and the moment it was named opens nothing."""
        actor = make.actor(place.organiser)
        for number, verdict in enumerate(Verdict):
            place.person = make.person(f"街坊{number}", home=place.branch)
            scan(place, 0, fence=Fence.OUTSIDE)
            name_end(place, 19, said=69)
            (spell,) = [row.id for row in queries.spells_of(place.activity) if row.person_id == place.person]
            with clock.frozen_at(later(72)):
                in_transaction(lambda s=spell, v=verdict: service.decide([s], v, actor, later(72)))
            assert scan(place, 31, received=75).outcome is Outcome.ALREADY_OUT
            assert spells(place) == ([("上午班", 0, 19)] if verdict is Verdict.COUNT else [])
            assert scan(place, 71, received=76).outcome is Outcome.IN

    def test_what_is_on_paper_says_so_of_the_time_until_it_was_written(self, place, make):
        shift = ShiftTimes(place.first, NOON, later(120), None, 0)
        event, second = queries.event_of(place.activity), make.person("罗国栋")
        paper = [PaperSpell(place.person, NOON, later(40))]
        in_transaction(
            lambda: service.record_paper(event, shift, paper, later(80), made_by_id=place.organiser, approved_by_id=second, batch_id=1)
        )
        assert scan(place, 60, received=90).outcome is Outcome.ALREADY_OUT
        assert scan(place, 85, received=91).outcome is Outcome.IN
        assert spells(place) == [("上午班", 0, 40), ("上午班", 85, None)]

    def test_a_void_record_stays_void(self, place):
        scan(place, 0)
        scan(place, 60)
        scan(place, 110)
        spell = queries.spells_of(place.activity)[0].id
        in_transaction(lambda: service.void(spell, place.organiser, "没有来", later(130)))
        scan(place, 50, received=140)
        assert spells(place) == []
        assert sum(ledger(place)) == 0

    def test_what_was_left_out_stays_out_although_a_scan_had_met_it(self, place):
        scan(place, 0)
        scan(place, 60)
        spell = queries.spells_of(place.activity)[0].id
        in_transaction(lambda: service.leave_open(place.activity, [spell], place.organiser, later(190)))
        scan(place, 195)
        scan(place, 192, received=200)
        assert scan(place, 110, received=201).outcome is Outcome.ALREADY_IN
        assert spells(place) == [("下午班", 192, None)]

    def test_a_decision_stands(self, place, make):
        other = make.activity(place.branch, place.organiser, title="主题巡查")
        make.shift(other, NOON, 2)
        scan(place, 0)
        scan(place, 10, activity=other)
        scan(place, 110)
        held = scan(place, 112, activity=other)
        assert held.review
        spell = held.attendance_id
        actor = make.actor(place.organiser)
        with clock.frozen_at(later(130)):
            in_transaction(lambda: service.decide([spell], Verdict.LEAVE, actor, later(130)))
        scan(place, 100, received=140, activity=other)
        assert spells(place, activity=other) == []
        assert hours.sums(place.person).service_credit == 110

    def test_an_undone_check_in_does_not_come_back(self, place):
        wrong = scan(place, 0, Way.CARD, by=place.organiser)
        in_transaction(lambda: undo_scan(place.activity, wrong.scan_id, place.organiser, later(2)))
        scan(place, 30)
        scan(place, 20, received=60)
        assert spells(place) == [("上午班", 20, None)]

    def test_an_undone_sign_out_leaves_them_in_whatever_was_scanned_meanwhile(self, place):
        scan(place, 0)
        out = scan(place, 100)
        scan(place, 103)
        in_transaction(lambda: service.undo_sign_out(out.scan_id, place.person, later(105)))
        scan(place, 40, received=110)
        assert spells(place) == [("上午班", 0, None)]
        assert scan(place, 118).minutes == 118

    def test_nor_does_one_that_was_told_to_be_a_check_in_and_became_the_end(self, place):
        """Their phone sends later that they had come before; what they take back then is the sign-out that it is by now."""
        told = scan(place, 100)
        assert told.outcome is Outcome.IN
        scan(place, 3, received=108)
        scan(place, 103, received=108)
        in_transaction(lambda: service.undo_sign_out(told.scan_id, place.person, later(109)))
        assert spells(place) == [("上午班", 3, None)]
        scan(place, 40, received=110)
        assert spells(place) == [("上午班", 3, None)]

    def test_undoing_a_check_in_gives_way_to_the_scan_after_it(self, place):
        wrong = scan(place, 0, Way.CARD, by=place.organiser)
        scan(place, 5)
        in_transaction(lambda: undo_scan(place.activity, wrong.scan_id, place.organiser, later(7)))
        assert spells(place) == [("上午班", 5, None)]


class TestOtherActivities:
    def test_a_late_scan_never_makes_credited_spells_overlap(self, place, make):
        other = make.activity(place.branch, place.organiser, title="主题巡查")
        make.shift(other, NOON, 2)
        scan(place, 60)
        scan(place, 110)
        scan(place, 5, activity=other, received=130)
        late = scan(place, 95, activity=other, received=131)
        assert late.review
        assert hours.sums(place.person).service_credit == 50
        scan(place, 2, received=140)  # which moves the first one's beginning before the other
        assert hours.sums(place.person).service_credit == 108
        assert agreement.disagreements() == []

    def test_what_was_held_is_looked_at_again_once_the_other_has_changed(self, place, make):
        other = make.activity(place.branch, place.organiser, title="主题巡查")
        make.shift(other, later(60), 1)
        scan(place, 0)
        scan(place, 118)
        scan(place, 61, activity=other)
        assert scan(place, 117, activity=other).review
        scan(place, 95, received=130)  # they had left for the other one earlier than it seemed
        assert spells(place) == [("上午班", 0, 95)]
        assert hours.sums(place.person).service_credit == 95

    def test_three_pairs_a_day_are_those_of_the_day_of_the_scan(self, place, make):
        for start in (0, 30, 60):
            scan(place, start)
            second = scan(place, start + 10)
            in_transaction(lambda second=second, start=start: service.depart(second.scan_id, place.person, later(start + 16)))
        assert scan(place, 155, received=24 * 60).outcome is Outcome.TOO_MANY
        tomorrow = make.activity(place.branch, place.organiser, title="明天")
        make.shift(tomorrow, later(24 * 60), 2)
        assert scan(place, 24 * 60, activity=tomorrow).outcome is Outcome.IN

    def test_who_was_sent_away_on_a_full_day_is_in_only_where_scans_are_told_anew_and_the_day_is_full_no_more(self, place, make):
        other = make.activity(place.branch, place.organiser, title="主题巡查")
        make.shift(other, NOON, 2)
        for start in (0, 30, 60):
            scan(place, start, activity=other)
            second = scan(place, start + 10, activity=other)
            in_transaction(lambda second=second, start=start: service.depart(second.scan_id, place.person, later(start + 16)))
        assert scan(place, 155).outcome is Outcome.TOO_MANY
        spell = queries.spells_of(other)[0].id
        in_transaction(lambda: service.void(spell, place.organiser, "没有来", later(200)))
        assert spells(place) == []
        scan(place, -70, received=201)
        assert spells(place) == [("下午班", 155, None)]


def test_walk_ins_who_turned_out_to_be_somebody_settle_too(place, make):
    known = make.person("郭志明", home=place.branch, phone="13900006291")
    shown = ShownCode(uuid4(), place.activity, Way.POSTER, later(10))
    walk_in, _ = in_transaction(lambda: service.take_in(shown, "郭志明", "13900006291", later(10), "d" * 32))
    in_transaction(lambda: service.confirm_walk_ins(place.activity, [walk_in], place.organiser, frozenset({place.branch}), later(20)))
    scan(place, 100, person=known)
    scan(place, 5, person=known, received=130)
    assert spells(place, known) == [("上午班", 5, 100)]
    assert hours.sums(known).service_credit == 95


def test_what_arrives_for_somebody_not_confirmed_waits_with_the_rest(place, make):
    stranger = make.person("郭志明", confirmed=False)
    scan(place, 110, person=stranger)
    assert scan(place, 0, person=stranger, received=130).outcome is Outcome.PENDING
    assert hours.sums(stranger) == hours.Sums()
    in_transaction(lambda: service.confirm_walk_ins(place.activity, [stranger], place.organiser, frozenset(), later(140)))
    assert hours.sums(stranger).service_credit == 110


def test_a_scan_in_its_turn_asks_what_it_asked_before(place):
    """The queue: nothing of all this costs a check-in a statement."""
    with statements() as check_in:
        scan(place, 0)
    with statements() as again:
        scan(place, 20)
    kinds = [[one.lstrip().split()[0] for one in sent if "FOR " not in one and not one.startswith("BEGIN")] for sent in (check_in, again)]
    merged = [] if db.engine.dialect.name == "sqlite" else ["SELECT"]  # whether a merge took the record meanwhile, once its turn has come
    assert kinds == [["SELECT", *merged, "INSERT", "INSERT"], ["SELECT", *merged, "INSERT"]]


WAYS = st.sampled_from([Way.POSTER, Way.PERSONAL_CODE, Way.NAMED])
TIMES = st.one_of(st.integers(-70, 340), st.sampled_from([0, 89, 90, 91, 119, 121, 130, 150, 180, 181, 240, 269]))


@st.composite
def arrivals(draw):
    made = draw(st.lists(st.tuples(TIMES, WAYS), min_size=2, max_size=6, unique_by=lambda one: one[0]))
    return made, draw(st.permutations(made))


def test_any_order_of_arrival_gives_the_same_spells_and_the_same_minutes(place, make):
    def outcome(order):
        place.person = make.person(home=place.branch)
        for number, (minutes, way) in enumerate(order):
            scan(place, minutes, way, received=400 + number)
        rows = select(Attendance.shift_id, Attendance.in_at, Attendance.in_way, Attendance.out_at, Attendance.out_way)
        rows = rows.where(Attendance.person_id == place.person, Attendance.excluded_at.is_(None)).order_by(Attendance.in_at)
        return db.session.execute(rows).all(), hours.sums(place.person)

    @settings(max_examples=40, deadline=None, database=None)
    @given(arrivals())
    def check(pair):
        made, order = pair
        assert outcome(order) == outcome(sorted(made, key=lambda one: one[0]))

    check()
    assert agreement.disagreements() == []


def test_two_devices_that_send_the_same_people_at_once_settle_on_one_spell_each(app, place, make, as_person):
    """Real threads, each a phone of its own that was without signal; every scan is answered, nobody comes or goes twice."""
    people = [make.person(f"街坊{number}", home=place.branch, phone=f"1380000{number:04d}") for number in range(8)]
    helper = make.person("邓淑芬", home=place.branch)
    in_transaction(lambda: service.appoint_helper([place.first, place.second], helper, place.organiser, "邻里节", "/x", later(-60)))
    for person in people:
        make.signup(place.first, person)
    desks = [as_person(place.organiser), as_person(helper)]
    db.session.remove()
    gate, answers, faults = threading.Barrier(2), [[], []], []

    def send(number):
        order = people if number == 0 else people[::-1]
        scans = [
            {
                "id": str(uuid4()),
                "at": later(minutes + number).isoformat(),
                "name": f"街坊{people.index(person)}",
                "tail": f"{people.index(person):04d}",
            }
            for person in order
            for minutes in ((0, 100) if number == 0 else (100, 0))
        ]
        with app.app_context():
            gate.wait()
            for part in (scans[:6], scans[6:]):
                body = {"sent_at": later(300).isoformat(), "scans": part}
                answer = desks[number].post(f"/activities/{place.activity}/uploads", json=body)
                if answer.status_code != 200:
                    faults.append(answer.text)
                answers[number] += answer.get_json()["results"]
            db.session.remove()

    with clock.frozen_at(later(300)):
        threads = [threading.Thread(target=send, args=(number,)) for number in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert faults == []
    assert [len(one) for one in answers] == [16, 16]
    assert {one["outcome"] for one in answers[0] + answers[1]} <= {"in", "out", "already_in", "already_out"}
    assert db.session.scalar(select(func.count()).select_from(Scan)) == 32
    for person in people:
        assert spells(place, person) == [("上午班", 0, 100)]
        assert hours.sums(person) == hours.Sums(service_honour=100)
    assert agreement.disagreements() == []
