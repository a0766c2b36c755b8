"""Why somebody should look at a spell, who decides, and that nothing counts before."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.checkin import queries, service
from app.checkin.models import Attendance, AttendanceDecision, AttendanceReason
from app.checkin.queries import deciding
from app.checkin.reasons import Limits, Reason, Rung, Verdict
from app.checkin.rules import ShownCode, Way
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, NotFound, Refused
from app.core.permissions import Role
from app.hours import queries as hours
from app.hours.models import HourEntry
from app.people.rules import UnitKind
from app.proxies.models import Proxy
from app.proxies.rules import Agreement, Relation
from app.worklist.models import Notice
from app.worklist.service import number
from tests.conftest import NOON, statements

PHONE = "d" * 32


def later(minutes):
    return NOON + timedelta(minutes=minutes)


class Place:
    """An activity of a branch under a community under the subdistrict, from noon to three."""

    def __init__(self, make):
        self.make = make
        self.root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
        self.community = make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=self.root)
        self.branch = make.unit("锦园第一党支部", parent=self.community)
        self.organiser = make.person("霍静雯", home=self.branch)
        self.secretary = make.person("冼柏豪", home=self.branch)
        self.above = make.person("李婉仪")
        self.top = make.person("梁国栋")
        make.grant(self.organiser, Role.ORGANISER, self.branch)
        make.grant(self.secretary, Role.SECRETARY, self.branch)
        make.grant(self.above, Role.SECRETARY, self.community)
        make.grant(self.top, Role.ADMINISTRATOR, self.root)
        self.activity = self.event()

    def event(self, start=NOON, hours_=3, place="", title="灯湖邻里节", by=None):
        activity = self.make.activity(self.branch, by or self.organiser, title=title)
        self.make.shift(activity, start, hours_)
        if place:
            from app.activities.models import Activity

            in_transaction(lambda: db.session.execute(update(Activity).where(Activity.id == activity).values(place_text=place)))
        return activity

    def scan(self, person, minutes, activity=None, device=None, by=None, received=None):
        shown = ShownCode(uuid4(), activity or self.activity, Way.POSTER, later(minutes))
        now = later(received if received is not None else minutes)
        with clock.frozen_at(now):
            return in_transaction(lambda: service.record_scan(shown, person, now, device, by_id=by))

    def attend(self, person, start=0, end=180, activity=None, device=None, by=None):
        self.scan(person, start, activity, device, by)
        return self.scan(person, end, activity, device, by)

    def person(self, name="何嘉怡", **values):
        return self.make.person(name, home=self.branch, **values)

    def decide(self, by, verdict, *spells, at=300):
        actor = self.make.actor(by)
        return in_transaction(lambda: service.decide([*spells], verdict, actor, later(at)))


@pytest.fixture
def place(make):
    return Place(make)


def reasons(person):
    """reason → (holds, number) of everything that is known about somebody's spells."""
    rows = db.session.execute(
        select(AttendanceReason.reason, AttendanceReason.holds, AttendanceReason.number)
        .join(Attendance, Attendance.id == AttendanceReason.attendance_id)
        .where(Attendance.person_id == person)
    )
    return {reason: (holds, number) for reason, holds, number in rows}


def held(person):
    rows = db.session.execute(
        select(Attendance.id, Attendance.held_for).where(Attendance.person_id == person, Attendance.held_at.is_not(None))
    )
    return dict(rows.all())


class TestOnePhone:
    def test_for_three_people_holds_each_of_them(self, place):
        people = [place.person(name) for name in ("罗国栋", "麦永康", "谭伟强")]
        for person in people:
            place.scan(person, 0, device=PHONE)
        for person in people:
            assert place.scan(person, 180, device=PHONE).review
            assert reasons(person) == {Reason.SHARED_DEVICE: (True, 3)}
            assert hours.sums(person) == hours.Sums()

    def test_for_two_is_a_note_and_counts(self, place):
        people = [place.person(name) for name in ("罗国栋", "麦永康")]
        for person in people:
            place.scan(person, 0, device=PHONE)
        for person in people:
            place.scan(person, 180, device=PHONE)
            assert reasons(person) == {Reason.SHARED_DEVICE: (False, 2)}
            assert hours.sums(person).service_credit == 180

    def test_does_not_count_people_for_whom_its_owner_acts_nor_scans_of_staff(self, place):
        owner, *wards = [place.person(name) for name in ("罗国栋", "麦永康", "谭伟强", "区美玲")]
        place.scan(owner, 0, device=PHONE)
        for ward in wards:
            place.scan(ward, 0, device=PHONE, by=owner)
        for person, by in [(owner, None), *((ward, owner) for ward in wards)]:
            assert place.scan(person, 180, device=PHONE, by=by).minutes == 180
            assert reasons(person) == {}

    def test_of_another_activity_is_another_matter(self, place):
        other = place.event(later(-600), title="主题巡查")
        first, second, third = [place.person(name) for name in ("罗国栋", "麦永康", "谭伟强")]
        place.attend(first, -600, -420, other, PHONE)
        place.attend(second, -600, -420, other, PHONE)
        assert place.attend(third, device=PHONE).minutes == 180
        assert reasons(third) == {}


class TestPairs:
    def test_two_places_with_less_time_than_moving_takes(self, place):
        person = place.person()
        near = place.event(later(180), place="平洲玉器街", title="文明交通")
        place.attend(person, 0, 180)
        place.attend(person, 187, 330, near)
        assert reasons(person) == {Reason.TOO_NEAR: (True, 7)}
        assert hours.sums(person).service_credit == 180

    def test_the_same_place_needs_no_time(self, place):
        person = place.person()
        place.attend(person, 0, 180)
        place.attend(person, 181, 330, place.event(later(180), title="清场"))
        assert reasons(person) == {}

    def test_ten_minutes_are_enough(self, place):
        person = place.person()
        place.attend(person, 0, 180)
        place.attend(person, 190, 330, place.event(later(180), place="平洲玉器街"))
        assert reasons(person) == {}

    def test_scanned_at_both_places_at_once_though_only_one_is_credited_then(self, place):
        person = place.person()
        near = place.event(later(180), place="平洲玉器街")
        place.scan(person, 0)
        place.scan(person, 150, near)
        place.scan(person, 180)
        assert place.scan(person, 330, near).review
        assert reasons(person)[Reason.ELSEWHERE][0]
        (spell,) = held(person)
        assert place.decide(place.organiser, Verdict.COUNT, spell, at=340).done == 1
        assert hours.sums(person).service_credit == 330


class TestNotes:
    def test_a_short_stay_is_noted_and_counts_nothing(self, place):
        person = place.person()
        place.attend(person, 166, 178)
        assert reasons(person) == {Reason.SHORT: (False, None)}
        assert not held(person)

    def test_a_scan_that_arrived_late_counts_and_is_noted(self, place):
        person = place.person()
        place.scan(person, 0, received=40)
        place.scan(person, 180)
        assert reasons(person) == {Reason.LATE: (False, 40)}
        assert hours.sums(person).service_credit == 180

    def test_a_quarter_of_an_hour_is_not_late(self, place):
        person = place.person()
        place.scan(person, 0, received=15)
        place.scan(person, 180)
        assert reasons(person) == {}


class TestLongDays:
    def day(self, place, *blocks):
        """Activities of so many hours one after the other from midnight, and one person at all of them."""
        person, start = place.person(), -12 * 60
        for block in blocks:
            place.attend(person, start, start + block * 60, place.event(later(start), block))
            start += block * 60
        return person

    def test_eight_hours_count_at_once(self, place):
        person = self.day(place, 4, 4)
        assert hours.sums(person).service_credit == 480
        assert reasons(person) == {}

    def test_over_eight_the_spell_that_crosses_is_held_whole_for_the_parent_unit(self, place):
        person = self.day(place, 4, 5)
        assert hours.sums(person).service_credit == 240
        assert reasons(person) == {Reason.LONG_DAY: (True, 540)}
        ((spell, rung),) = held(person).items()
        assert rung is Rung.PARENT
        for nobody in (place.organiser, place.secretary):
            with pytest.raises(NotFound):
                place.decide(nobody, Verdict.COUNT, spell)
        assert place.decide(place.above, Verdict.COUNT, spell).minutes == 300
        assert hours.sums(person).service_credit == 540

    def test_over_twelve_the_subdistrict_decides(self, place):
        person = self.day(place, 8, 5)
        ((spell, rung),) = held(person).items()
        assert (rung, reasons(person)) == (Rung.SUBDISTRICT, {Reason.LONGEST_DAY: (True, 780)})
        with pytest.raises(NotFound):
            place.decide(place.above, Verdict.COUNT, spell)
        assert place.decide(place.top, Verdict.LEAVE, spell).done == 1
        assert hours.sums(person).service_credit == 480

    def test_a_day_that_grew_longer_meanwhile_goes_further_up(self, place):
        person = self.day(place, 8, 3, 3)
        first, second = sorted(held(person))
        assert set(held(person).values()) == {Rung.PARENT}
        assert place.decide(place.above, Verdict.COUNT, first).done == 1
        done = place.decide(place.above, Verdict.COUNT, second)
        assert (done.done, done.raised) == (0, ("何嘉怡",))
        assert held(person) == {second: Rung.SUBDISTRICT}
        place.decide(place.top, Verdict.COUNT, second)
        assert hours.sums(person).service_credit == 840

    def test_the_limits_are_a_setting(self, place):
        in_transaction(lambda: service.set_limits(Limits(540, 600), place.top, NOON))
        assert hours.sums(self.day(place, 4, 5)).service_credit == 540

    def test_a_list_on_paper_is_held_as_well(self, place):
        person, start = place.person(), -12 * 60
        activity = place.event(later(start), 9)
        from app.activities import queries as activities

        (shift,) = activities.shifts_of(activity)
        spell = service.PaperSpell(person, shift.starts_at, shift.ends_at)
        event, times = queries.event_of(activity), queries.door_times(activity).shifts[0]
        done = in_transaction(
            lambda: service.record_paper(
                event, times, [spell], NOON, made_by_id=place.organiser, approved_by_id=place.secretary, batch_id=1
            )
        )
        assert done[person].held
        assert hours.sums(person) == hours.Sums()
        (spell_id,) = held(person)
        place.decide(place.above, Verdict.COUNT, spell_id)
        entry = db.session.execute(select(HourEntry.made_by_id, HourEntry.approved_by_id, HourEntry.minutes)).one()
        assert tuple(entry) == (place.organiser, place.above, 540)


class TestWhoDecides:
    def shared(self, place, *people):
        """Everybody given, and enough others, by one phone: each is held."""
        extra = [place.person(f"街坊{number}") for number in range(max(0, 3 - len(people)))]
        everyone = [*people, *extra]
        for person in everyone:
            place.scan(person, 0, device=PHONE)
        for person in everyone:
            place.scan(person, 180, device=PHONE)
        return [next(iter(held(person))) for person in people]

    def test_the_organiser_normally(self, place):
        person = place.person()
        (spell,) = self.shared(place, person)
        done = place.decide(place.organiser, Verdict.COUNT, spell)
        assert (done.done, done.minutes) == (1, 180)
        assert hours.sums(person).service_credit == 180
        assert db.session.scalar(select(HourEntry.approved_by_id).where(HourEntry.person_id == person)) == place.organiser

    def test_left_out_counts_nothing_and_stays_on_record(self, place):
        person = place.person()
        (spell,) = self.shared(place, person)
        place.decide(place.organiser, Verdict.LEAVE, spell)
        assert hours.sums(person) == hours.Sums()
        (row,) = queries.spells_of_person(person)
        assert row.excluded
        assert deciding.decisions_of([spell])[spell].name == "霍静雯"

    def test_a_decision_is_final(self, place):
        person = place.person()
        (spell,) = self.shared(place, person)
        place.decide(place.organiser, Verdict.COUNT, spell)
        with pytest.raises(NotFound):
            place.decide(place.secretary, Verdict.LEAVE, spell)
        out = queries.spells_of_person(person)[0]
        scan = db.session.scalar(select(Attendance.out_scan_id).where(Attendance.id == out.id))
        with pytest.raises(Conflict, match="工作人员已经看过"):
            in_transaction(lambda: service.undo_sign_out(scan, person, later(181)))

    def test_the_organisers_own_goes_to_the_parent_unit(self, place):
        (spell,) = self.shared(place, place.organiser)
        assert held(place.organiser) == {spell: Rung.PARENT}
        assert reasons(place.organiser)[Reason.STAFF] == (True, None)
        with pytest.raises(Refused, match="自己的"):
            place.decide(place.organiser, Verdict.COUNT, spell)
        with pytest.raises(NotFound):
            place.decide(place.secretary, Verdict.COUNT, spell)
        place.decide(place.above, Verdict.COUNT, spell)
        assert hours.sums(place.organiser).service_credit == 180

    def test_a_helpers_own_too(self, place):
        helper = place.person("邓淑芬")
        place.scan(helper, -5)
        shift = queries.spells_of(place.activity)[0].shift_id
        in_transaction(lambda: service.appoint_helper([shift], helper, place.organiser, "邻里节", "/", NOON))
        people = [place.person(name) for name in ("罗国栋", "麦永康")]
        for person in people:
            place.scan(person, 0, device=PHONE)
        place.scan(helper, 180, device=PHONE)
        assert set(held(helper).values()) == {Rung.PARENT}

    @pytest.mark.parametrize("tie", ["proxy", "ward", "phone"])
    def test_relatives_of_the_organiser_too(self, place, make, tie):
        number = "13900001111"
        person = place.person("霍国强", phone=number if tie == "phone" else None)
        if tie == "phone":
            from app.people.models import Phone

            make._add(Phone, person_id=place.organiser, number=number, valid_from=clock.today())
        else:
            one, other = (person, place.organiser) if tie == "proxy" else (place.organiser, person)
            values = {"relation": Relation.FAMILY, "person_agreed": Agreement.OWN_PHONE, "made_by_id": one}
            dates = {"person_agreed_at": NOON, "proxy_agreed_at": NOON, "valid_from": NOON}
            make._add(Proxy, person_id=one, proxy_id=other, **values, **dates)
        (spell,) = self.shared(place, person)
        assert held(person) == {spell: Rung.PARENT}
        assert Reason.KIN in reasons(person)
        with pytest.raises(Refused, match="家人"):
            place.decide(place.organiser, Verdict.COUNT, spell)
        assert place.decide(place.above, Verdict.COUNT, spell).done == 1

    def test_a_guardian_does_not_decide_about_the_child(self, place, make):
        from app.people.models import GuardianConsent, Phone
        from app.people.rules import GivenHow
        from app.people.rules import Relation as Guardian

        make._add(Phone, person_id=place.organiser, number="13900001111", valid_from=clock.today())
        child = place.person("霍小宝")
        given = {"given_how": next(iter(GivenHow)), "relation": next(iter(Guardian)), "given_at": NOON}
        make._add(
            GuardianConsent, person_id=child, guardian_name="霍静雯", guardian_phone="13900001111", recorded_by_id=place.above, **given
        )
        (spell,) = self.shared(place, child)
        assert held(child) == {spell: Rung.PARENT}

    def test_who_organised_does_not_decide_at_the_parent_unit_either(self, place, make):
        make.grant(place.organiser, Role.SECRETARY, place.community)
        helper = place.person("邓淑芬")
        place.scan(helper, -5)
        shift = queries.spells_of(place.activity)[0].shift_id
        in_transaction(lambda: service.appoint_helper([shift], helper, place.organiser, "邻里节", "/", NOON))
        for person in (place.person("罗国栋"), place.person("麦永康")):
            place.scan(person, 0, device=PHONE)
        place.scan(helper, 180, device=PHONE)
        (spell,) = held(helper)
        with pytest.raises(NotFound):
            place.decide(place.organiser, Verdict.COUNT, spell)

    def test_another_branch_sees_nothing_of_it(self, place, make):
        stranger = make.person("外人")
        make.grant(stranger, Role.SECRETARY, make.unit("别的支部", parent=place.community))
        (spell,) = self.shared(place, place.person())
        with pytest.raises(NotFound):
            place.decide(stranger, Verdict.COUNT, spell)

    def test_many_at_once_take_a_few_statements(self, place):
        def decide(number):
            place.activity = place.event(title=f"{number} 人")
            people = [place.person(f"街坊{one}") for one in range(number)]
            spells = self.shared(place, *people)
            actor = place.make.actor(place.organiser)
            with statements() as sent:
                assert in_transaction(lambda: service.decide(spells, Verdict.COUNT, actor, later(300))).done == number
            return len([one for one in sent if not one.lstrip().startswith(("INSERT INTO hour_entry", "INSERT INTO point_entry"))])

        assert decide(20) == decide(10)


class TestTheDatabase:
    @pytest.fixture
    def spell(self, place):
        people = [place.person(name) for name in ("罗国栋", "麦永康", "谭伟强")]
        for person in people:
            place.scan(person, 0, device=PHONE)
        for person in people:
            place.scan(person, 180, device=PHONE)
        self.person = people[0]
        return next(iter(held(people[0])))

    def record(self, spell, by):
        values = {"attendance_id": spell, "made_at": NOON, "made_by_id": by, "verdict": Verdict.COUNT}
        in_transaction(lambda: db.session.execute(insert(AttendanceDecision).values(**values)))

    def force(self, spell, **values):
        in_transaction(lambda: db.session.execute(update(Attendance).where(Attendance.id == spell).values(**values)))

    def test_refuses_a_decision_about_oneself(self, place, spell):
        with pytest.raises(IntegrityError):
            self.record(spell, self.person)

    def test_refuses_a_second_decision_and_holding_or_opening_what_was_decided(self, place, spell):
        place.decide(place.organiser, Verdict.COUNT, spell)
        with pytest.raises(IntegrityError):
            self.record(spell, place.secretary)
        gone = {"credited_from": None, "credited_to": None}
        with pytest.raises(IntegrityError):
            self.force(spell, held_at=NOON, held_for=Rung.ORGANISER, held_unit_id=place.branch, **gone)
        with pytest.raises(IntegrityError):
            self.force(spell, out_at=None, out_way=None, **gone)

    def test_refuses_to_make_a_decision_ones_own_by_turning_out_to_be_somebody(self, place, spell):
        place.decide(place.organiser, Verdict.COUNT, spell)
        with pytest.raises(IntegrityError):
            self.force(spell, person_id=place.organiser)

    def test_refuses_credit_while_held_or_left_out(self, place, spell):
        with pytest.raises(IntegrityError):
            self.force(spell, credited_from=NOON, credited_to=later(180))
        place.decide(place.organiser, Verdict.LEAVE, spell)
        with pytest.raises(IntegrityError):
            self.force(spell, credited_from=NOON, credited_to=later(180))

    def test_refuses_that_somebody_leaves_out_a_spell_of_their_own(self, place, spell):
        gone = {"held_at": None, "held_for": None, "held_unit_id": None}
        with pytest.raises(IntegrityError):
            self.force(spell, excluded_at=NOON, excluded_by_id=self.person, **gone)


class TestTheWorkList:
    def held_for_parent(self, place):
        for person in (place.organiser, place.person("罗国栋"), place.person("麦永康")):
            place.scan(person, 0, device=PHONE)
        place.scan(place.organiser, 180, device=PHONE)

    def waits_for(self, place, person, at):
        with clock.frozen_at(at):
            actor = place.make.actor(person)
            how_many = number(deciding.waiting_above_count(actor, at))
            assert how_many == len(deciding.waiting_above(actor, at))
        return how_many

    def test_what_comes_from_below_waits_for_the_parent_and_rises(self, place):
        self.held_for_parent(place)
        at = later(200)
        waits = [self.waits_for(place, one, at) for one in (place.organiser, place.secretary, place.above, place.top)]
        assert waits == [0, 0, 1, 0]
        assert self.waits_for(place, place.top, NOON + timedelta(days=10)) == 1

    def test_what_nobody_at_the_parent_unit_may_decide_waits_further_up(self, place, make):
        from app.people.models import Phone

        for person in (place.above, place.organiser):
            make._add(Phone, person_id=person, number="13900001111", valid_from=clock.today())
        self.held_for_parent(place)
        assert [self.waits_for(place, one, later(200)) for one in (place.above, place.top)] == [0, 1]

    def test_after_three_days_those_whose_turn_it_is_are_reminded_once(self, place, make):
        self.held_for_parent(place)

        def remind(at):
            return in_transaction(lambda: service.remind("/work", at))

        for person in (place.organiser, place.secretary, place.above, place.top):
            make.account(person)
        assert remind(later(200)) == 0
        assert remind(NOON + timedelta(days=4)) == 3  # the parent's, and both of the branch for two who never signed out
        told = set(db.session.scalars(select(Notice.person_id)))
        assert told == {place.above, place.organiser, place.secretary}
        assert remind(NOON + timedelta(days=5)) == 0

    def test_an_organisers_own_open_spell_waits_for_somebody_else(self, place):
        from app.checkin.queries.waiting import waiting_doors

        place.scan(place.organiser, 0)
        with clock.frozen_at(later(300)):
            found = waiting_doors(place.make.actor(place.secretary), later(300))
            assert [door.activity_id for door in found] == [place.activity]


def test_nobody_names_an_end_for_themselves_or_a_relative(place, make):
    from app.people.models import Phone

    wife = place.person("区美玲", phone="13900001111")
    make._add(Phone, person_id=place.organiser, number="13900001111", valid_from=clock.today())
    for person in (place.organiser, wife):
        place.scan(person, 0)
    ends = {row.id: later(180) for row in queries.spells_of(place.activity)}
    done = in_transaction(lambda: service.sign_out_all(place.activity, ends, place.organiser, later(200)))
    assert (done.people, done.own) == (0, 2)
    left = in_transaction(lambda: service.leave_open(place.activity, list(ends), place.organiser, later(200)))
    assert (left.people, left.own) == (0, 2)
    assert in_transaction(lambda: service.sign_out_all(place.activity, ends, place.secretary, later(200))).people == 2


def test_an_open_spell_is_left_out_by_the_organiser(place):
    person = place.person()
    place.scan(person, 0)
    (row,) = queries.spells_of(place.activity)
    in_transaction(lambda: service.leave_open(place.activity, [row.id], place.organiser, later(200)))
    (row,) = queries.spells_of(place.activity)
    assert (row.excluded, row.out_at, row.out_way) == (True, row.in_at, Way.ORGANISER)
    assert db.session.scalar(select(func.count()).select_from(HourEntry)) == 0


def test_a_plain_sign_out_asks_one_question_more_than_it_must(place):
    """The hot path: with nothing to look at, one statement for reasons and none for limits, relatives or units."""
    person = place.person()
    place.scan(person, 0)
    with statements() as sent:
        place.scan(person, 180)
    about = [one for one in sent if "attendance_reason" in one or "setting" in one or "proxy" in one or "unit_ancestry" in one]
    assert about == []
    assert len([one for one in sent if "device_hash" in one and one.lstrip().startswith("SELECT")]) == 1
