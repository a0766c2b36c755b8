"""Recording scans: each is a row, moving in and out follows, hours follow that."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.checkin import queries, service
from app.checkin.models import Attendance, Scan
from app.checkin.reasons import Rung, Verdict
from app.checkin.rules import CodeFault, Outcome, ShownCode, Way
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, NotFound
from app.core.permissions import Role
from app.hours import queries as hours
from app.hours.models import HourEntry
from tests.conftest import NOON, statements


@pytest.fixture
def place(make):
    """An activity from noon to three, its branch and its organiser."""
    branch = make.unit("锦园第一党支部", parent=make.unit("桂城街道党工委"))
    organiser = make.person("霍静雯", home=branch)
    activity = make.activity(branch, organiser)
    shift = make.shift(activity, NOON, 3)

    class Place:
        pass

    place = Place()
    place.branch, place.organiser, place.activity, place.shift = branch, organiser, activity, shift
    return place


def scan(place, person, at=NOON, scan_id=None, way=Way.POSTER, fault=None, received=None):
    shown = ShownCode(scan_id or uuid4(), place.activity, way, at, fault)
    with clock.frozen_at(received or at):
        return in_transaction(lambda: service.record_scan(shown, person, received or at))


def later(minutes):
    return NOON + timedelta(minutes=minutes)


def test_in_and_out_by_scanning_is_credited_at_once(place, make):
    person = make.person(home=place.branch)
    assert scan(place, person).outcome is Outcome.IN
    out = scan(place, person, later(160))
    assert (out.outcome, out.minutes) == (Outcome.OUT, 160)
    assert hours.sums(person) == hours.Sums(service_credit=160)


def test_what_is_shown_at_once_is_what_is_shown_later(place, make):
    person = make.person(home=place.branch)
    for at in (NOON, later(30), later(160)):
        at_once = scan(place, person, at)
        again = queries.scan_view(at_once.scan_id)
        for field in ("outcome", "at", "in_at", "out_at", "minutes", "hour_class", "shift_name", "out_scan_id", "review", "counts"):
            assert getattr(again, field) == getattr(at_once, field), field


def test_the_same_scan_sent_again_changes_nothing(place, make):
    person, scan_id = make.person(home=place.branch), uuid4()
    first = scan(place, person, scan_id=scan_id)
    second = scan(place, person, scan_id=scan_id, received=later(1))
    assert (first.outcome, first.in_at) == (second.outcome, second.in_at)
    assert db.session.scalar(select(func.count()).select_from(Scan)) == 1


def test_the_same_id_with_another_content_is_a_conflict(place, make):
    person, other, scan_id = make.person(home=place.branch), make.person("梁凤珍", home=place.branch), uuid4()
    scan(place, person, scan_id=scan_id)
    with pytest.raises(Conflict):
        scan(place, other, scan_id=scan_id)
    with pytest.raises(Conflict):
        scan(place, person, later(1), scan_id=scan_id)


@pytest.mark.parametrize(("fault", "outcome"), [(CodeFault.STALE, Outcome.STALE_CODE), (CodeFault.WRONG_WAY, Outcome.WRONG_WAY)])
def test_a_refused_scan_is_a_row_with_its_reason(place, make, fault, outcome):
    person = make.person(home=place.branch)
    assert scan(place, person, fault=fault).outcome is outcome
    assert db.session.scalar(select(Scan.outcome)) is outcome
    assert db.session.scalar(select(func.count()).select_from(Attendance)) == 0


def test_a_draft_does_not_admit(place, make):
    place.activity = make.activity(place.branch, place.organiser, published=False)
    make.shift(place.activity, NOON)
    assert scan(place, make.person(home=place.branch)).outcome is Outcome.NOT_OPEN


def test_an_activity_that_does_not_exist_is_not_found(place, make):
    place.activity = 999
    with pytest.raises(NotFound):
        scan(place, make.person(home=place.branch))


def test_a_scan_that_waited_for_sign_in_counts_from_when_the_code_was_opened(place, make):
    person = make.person(home=place.branch)
    view = scan(place, person, NOON, received=later(9))
    assert view.in_at == NOON


def test_now_leaving_needs_a_second_scan_made_just_now(place, make):
    person = make.person(home=place.branch)
    scan(place, person)
    second = scan(place, person, later(60))
    assert second.outcome is Outcome.ALREADY_IN
    with pytest.raises(Conflict, match="再扫一次"):
        in_transaction(lambda: service.depart(second.scan_id, person, later(95)))
    view = in_transaction(lambda: service.depart(second.scan_id, person, later(62)))
    assert (view.outcome, view.minutes) == (Outcome.OUT, 62)
    assert hours.sums(person).service_credit == 62


def test_nobody_leaves_for_another(place, make):
    person, other = make.person(home=place.branch), make.person("梁凤珍", home=place.branch)
    scan(place, person)
    second = scan(place, person, later(60))
    with pytest.raises(NotFound):
        in_transaction(lambda: service.depart(second.scan_id, other, later(61)))


def test_a_sign_out_can_be_taken_back_for_ten_minutes(place, make):
    person = make.person(home=place.branch)
    scan(place, person)
    out = scan(place, person, later(155))
    view = in_transaction(lambda: service.undo_sign_out(out.scan_id, person, later(160)))
    assert view.outcome is Outcome.UNDONE
    assert hours.sums(person) == hours.Sums()
    assert scan(place, person, later(180)).minutes == 180
    assert hours.sums(person).service_credit == 180
    last = db.session.scalars(select(Scan.id).where(Scan.outcome == Outcome.OUT).order_by(Scan.received_at.desc())).first()
    with pytest.raises(Conflict, match="10 分钟"):
        in_transaction(lambda: service.undo_sign_out(last, person, later(191)))


def test_a_stay_under_a_quarter_of_an_hour_is_recorded_and_counts_nothing(place, make):
    person = make.person(home=place.branch)
    scan(place, person, later(170))
    assert scan(place, person, later(178)).minutes == 0
    assert hours.sums(person) == hours.Sums()
    assert db.session.scalar(select(Attendance.out_at)) is not None


def test_credited_spells_never_overlap_across_activities(place, make):
    person = make.person(home=place.branch)
    scan(place, person)
    first_activity = place.activity
    place.activity = make.activity(place.branch, place.organiser, title="主题巡查")
    make.shift(place.activity, NOON, 2)
    scan(place, person, later(10))
    assert scan(place, person, later(110)).minutes == 100
    place.activity = first_activity
    view = scan(place, person, later(170))
    assert view.review
    assert hours.sums(person).service_credit == 100
    assert db.session.scalars(select(Attendance.held_for).where(Attendance.held_at.is_not(None))).all() == [Rung.ORGANISER]


def test_the_database_itself_refuses_an_overlap(place, make):
    from sqlalchemy import update
    from sqlalchemy.exc import IntegrityError

    person = make.person(home=place.branch)
    scan(place, person)
    second = scan(place, person, later(60))
    in_transaction(lambda: service.depart(second.scan_id, person, later(61)))
    scan(place, person, later(75))
    spell = db.session.scalars(select(Attendance.id).where(Attendance.out_at.is_(None))).one()
    forced = update(Attendance).where(Attendance.id == spell)
    forced = forced.values(out_at=later(170), out_way=Way.BUTTON, credited_from=later(30), credited_to=later(170))
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(forced))


def test_three_pairs_a_day_then_the_organiser(place, make):
    person = make.person(home=place.branch)
    for start in (0, 40, 80):
        assert scan(place, person, later(start)).outcome is Outcome.IN
        second = scan(place, person, later(start + 20))
        in_transaction(lambda second=second, start=start: service.depart(second.scan_id, person, later(start + 21)))
    assert scan(place, person, later(120)).outcome is Outcome.TOO_MANY
    assert hours.sums(person).service_credit == 63


def test_a_tap_sent_twice_is_one(place, make):
    person = make.person(home=place.branch)
    scan(place, person)
    second = scan(place, person, later(60))
    first, again = (in_transaction(lambda: service.depart(second.scan_id, person, later(61))) for _ in range(2))
    assert (first.scan_id, first.minutes) == (again.scan_id, again.minutes)
    undone, still = (in_transaction(lambda: service.undo_sign_out(first.scan_id, person, later(63))) for _ in range(2))
    assert undone.scan_id == still.scan_id
    assert hours.sums(person) == hours.Sums()


def test_scanning_again_after_leaving_says_so_and_offers_to_take_it_back(place, make):
    person = make.person(home=place.branch)
    scan(place, person)
    out = scan(place, person, later(160))
    again = scan(place, person, later(162))
    assert (again.outcome, again.out_scan_id, again.minutes) == (Outcome.ALREADY_OUT, out.scan_id, 160)
    assert len(queries.spells_of(place.activity)) == 1


def test_a_closed_activity_lets_nobody_in_or_out(place, make):
    from app.activities import service as activities

    person, other = make.person(home=place.branch), make.person("梁凤珍", home=place.branch)
    scan(place, person)
    with clock.frozen_at(later(181)):
        in_transaction(lambda: activities.close_activity(place.activity, place.organiser, 10, later(181)))
    assert scan(place, person, later(185)).outcome is Outcome.NOT_OPEN
    assert scan(place, other, later(186)).outcome is Outcome.TOO_LATE
    assert hours.sums(person) == hours.Sums()


class TestVisitors:
    def test_are_counted_once_a_device_and_no_person_is_stored(self, place, make):
        for device in ("a", "a", "b"):
            shown = ShownCode(uuid4(), place.activity, Way.POSTER, NOON)
            view = in_transaction(lambda shown=shown, device=device: service.record_visit(shown, device * 32, NOON))
            assert view.outcome is Outcome.VISITOR
        assert queries.visitors(place.activity) == 2
        assert db.session.scalar(select(func.count()).select_from(Attendance)) == 0

    def test_a_stale_code_or_a_closed_door_counts_nobody(self, place, make):
        for shown, outcome in (
            (ShownCode(uuid4(), place.activity, Way.ROTATING, NOON, CodeFault.STALE), Outcome.STALE_CODE),
            (ShownCode(uuid4(), place.activity, Way.POSTER, later(-61)), Outcome.TOO_EARLY),
            (ShownCode(uuid4(), place.activity, Way.POSTER, later(241)), Outcome.TOO_LATE),
        ):
            view = in_transaction(lambda shown=shown: service.record_visit(shown, "a" * 32, shown.opened_at))
            assert view.outcome is outcome
        assert queries.visitors(place.activity) == 0


class TestOverlaps:
    @pytest.fixture
    def held(self, place, make):
        """A spell of 170 minutes held because another of 100 minutes was counted first."""
        person = make.person(home=place.branch)
        scan(place, person)
        first = place.activity
        place.activity = make.activity(place.branch, place.organiser, title="主题巡查")
        make.shift(place.activity, NOON, 2)
        scan(place, person, later(10))
        scan(place, person, later(110))
        other, place.activity = place.activity, first
        scan(place, person, later(170))
        (spell,) = [row for row in queries.spells_of(first) if row.held]
        return person, spell, other

    def test_are_counted_once_the_other_is_void(self, place, held):
        person, _, other = held
        (blocking,) = queries.spells_of(other)
        in_transaction(lambda: service.void(blocking.id, place.organiser, "那场没去", later(200)))
        assert hours.sums(person).service_credit == 170

    def test_are_left_out_or_stay_held_by_somebody_elses_decision(self, place, make, held):
        person, spell, _ = held
        make.grant(place.organiser, Role.ORGANISER, place.branch)
        organiser = make.actor(place.organiser)
        done = in_transaction(lambda: service.decide([spell.id], Verdict.COUNT, organiser, later(200)))
        assert (done.done, done.clashing) == (0, ("何嘉怡",))
        done = in_transaction(lambda: service.decide([spell.id], Verdict.LEAVE, organiser, later(200)))
        assert done.done == 1
        assert hours.sums(person).service_credit == 100
        assert not [row for row in queries.spells_of(place.activity) if row.held]


class TestWalkIns:
    def take_in(self, place, name="郭志明", phone="13900006291"):
        shown = ShownCode(uuid4(), place.activity, Way.POSTER, NOON)
        return in_transaction(lambda: service.take_in(shown, name, phone, NOON, "d" * 32))

    def confirm(self, place, *people, roots=None):
        roots = frozenset({place.branch}) if roots is None else roots
        return in_transaction(lambda: service.confirm_walk_ins(place.activity, people, place.organiser, roots, later(200)))

    def test_are_recorded_and_their_hours_wait(self, place):
        person, view = self.take_in(place)
        assert view.outcome is Outcome.PENDING
        scan(place, person, later(160))
        assert hours.sums(person) == hours.Sums()
        assert self.confirm(place, person).people == 1
        assert hours.sums(person).service_credit == 160

    def test_confirmed_before_they_leave_are_credited_when_they_do(self, place):
        person, _ = self.take_in(place)
        self.confirm(place, person)
        scan(place, person, later(160))
        assert hours.sums(person).service_credit == 160

    def test_one_on_the_roster_becomes_that_person(self, place, make):
        known = make.person("郭志明", home=place.branch, phone="13900006291")
        person, _ = self.take_in(place)
        scan(place, person, later(160))
        self.confirm(place, person)
        assert hours.sums(known).service_credit == 160
        assert hours.sums(person) == hours.Sums()

    def test_confirmed_while_still_inside_the_phone_signs_out_as_that_person(self, place, make):
        from app.people import queries as people

        known = make.person("郭志明", home=place.branch, phone="13900006291")
        person, _ = self.take_in(place)
        in_transaction(lambda: service.confirm_walk_ins(place.activity, [person], place.organiser, frozenset({place.branch}), later(20)))
        assert people.who_now(person) == known
        assert scan(place, people.who_now(person), later(160)).minutes == 160
        assert hours.sums(known).service_credit == 160

    def test_one_whose_known_self_is_here_already_is_left_for_asking(self, place, make):
        known = make.person("郭志明", home=place.branch, phone="13900006291")
        scan(place, known)
        person, _ = self.take_in(place)
        done = self.confirm(place, person)
        assert (done.people, done.clashing) == (0, ("郭志明",))
        assert [row.confirmed for row in queries.spells_of(place.activity) if row.person_id == person] == [False]

    def test_a_roster_outside_the_organisers_scope_is_never_matched(self, place, make):
        elsewhere = make.unit("别的支部")
        known = make.person("郭志明", home=elsewhere, phone="13900006291")
        person, _ = self.take_in(place)
        scan(place, person, later(160))
        self.confirm(place, person)
        assert hours.sums(known) == hours.Sums()
        assert hours.sums(person).service_credit == 160

    def test_nobody_confirms_themselves(self, place, make):
        place.organiser, _ = self.take_in(place)
        assert self.confirm(place, place.organiser).people == 0

    def test_people_who_are_not_here_are_left_alone(self, place, make):
        stranger = make.person("某人", confirmed=False)
        assert self.confirm(place, stranger).people == 0


class TestSignOutAll:
    def test_is_made_up_time_and_at_most_to_the_end(self, place, make):
        person = make.person(home=place.branch)
        scan(place, person)
        spell = queries.spells_of(place.activity)[0].id
        done = in_transaction(lambda: service.sign_out_all(place.activity, {spell: later(400)}, place.organiser, later(400)))
        assert (done.people, done.minutes) == (1, 180)
        assert hours.sums(person) == hours.Sums(service_honour=180)

    def test_nobody_is_credited_for_time_to_come(self, place, make):
        person = make.person(home=place.branch)
        scan(place, person)
        spell = queries.spells_of(place.activity)[0].id
        in_transaction(lambda: service.sign_out_all(place.activity, {spell: later(180)}, place.organiser, later(16)))
        assert hours.sums(person) == hours.Sums(service_honour=16)

    def test_after_closing_it_waits_for_another_person(self, place, make):
        from app.activities import service as activities

        person = make.person(home=place.branch)
        scan(place, person)
        spell = queries.spells_of(place.activity)[0].id
        in_transaction(lambda: activities.close_activity(place.activity, place.organiser, 10, later(181)))
        done = in_transaction(lambda: service.sign_out_all(place.activity, {spell: later(180)}, place.organiser, later(300)))
        assert (done.people, done.minutes, done.held) == (1, 0, 1)
        assert hours.sums(person) == hours.Sums()

    def test_a_hundred_people_take_a_few_statements(self, place, make):
        def sign_out(count):
            place.activity = make.activity(place.branch, place.organiser, title=f"{count} 人")
            make.shift(place.activity, NOON, 3)
            people = [make.person(f"街坊{number}", home=place.branch) for number in range(count)]
            for person in people:
                scan(place, person)
            ends = {row.id: later(180) for row in queries.spells_of(place.activity)}
            with statements() as sent:
                in_transaction(lambda: service.sign_out_all(place.activity, ends, place.organiser, later(200)))
            return len([one for one in sent if not one.lstrip().startswith(("INSERT INTO hour_entry", "INSERT INTO point_entry"))])

        assert sign_out(20) == sign_out(10)

    def test_leaves_out_those_not_named_and_the_organiser(self, place, make):
        person = make.person(home=place.branch)
        scan(place, person)
        scan(place, place.organiser)
        spells = {row.person_id: row.id for row in queries.spells_of(place.activity)}
        done = in_transaction(
            lambda: service.sign_out_all(place.activity, {spells[place.organiser]: later(180)}, place.organiser, later(200))
        )
        assert (done.people, done.own) == (0, 1)
        assert len([row for row in queries.spells_of(place.activity) if row.out_at is None]) == 2

    def test_an_open_spell_counts_nothing_and_is_shown_as_waiting(self, place, make):
        person = make.person(home=place.branch)
        scan(place, person)
        (row,) = queries.spells_of(place.activity)
        assert not row.waits(later(239))
        assert row.waits(later(241))
        assert db.session.scalar(select(func.count()).select_from(HourEntry)) == 0
