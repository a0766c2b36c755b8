"""After 收场 hours are final: there is no way by which one person changes what is counted; two people can."""

from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select, update

from app.activities import queries as activities
from app.activities import service as activity_service
from app.activities.models import Activity
from app.activities.outcomes import Report
from app.checkin import queries, service
from app.checkin.models import Attendance
from app.checkin.queries import deciding, records
from app.checkin.queries.waiting import waiting_doors
from app.checkin.reasons import Verdict
from app.checkin.rules import ShownCode, Way
from app.claims import service as claims
from app.claims.correction_rules import Change, Proposal
from app.claims.queries import correctable
from app.claims.rules import BatchKind, NamedSpell, Naming
from app.claims.service import corrections
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, NotFound, Refused
from app.hours import queries as hours
from app.hours.models import HourEntry
from app.people import service as people
from app.people.models import Phone
from app.people.rules import Origin
from app.worklist.models import Notice
from app.worklist.service import number
from tests.checkin.test_reasons import PHONE, Place, later

CLOSING = 270
ROLES = {  # who tries, and who has closed it; the organiser made it
    "organised and closed it": ("organiser", "organiser"),
    "organised it": ("organiser", "secretary"),
    "closed it": ("above", "above"),
}


@pytest.fixture
def closed(make):
    """A fair that one person organised and closed, with all that can be left: spells held, a stranger, one who never left."""
    place = Place(make)
    place.me = place.organiser
    for person in (place.secretary, place.above, place.top, place.organiser):
        make.account(person)
    place.shared = [place.person(name) for name in ("罗国栋", "麦永康", "谭伟强")]
    for minutes in (0, 180):
        for person in place.shared:
            place.scan(person, minutes, device=PHONE)
    place.counted, place.inside = place.person("区慧敏"), place.person("白健")
    place.attend(place.counted)
    place.scan(place.inside, 5)
    place.stranger = make.person("郭志明", confirmed=False, origin=Origin.SELF)
    place.attend(place.stranger)
    in_transaction(lambda: service.close(place.activity, Report(9), place.organiser, later(CLOSING)))
    return place


def closed_by(place, person):
    changing = update(Activity).where(Activity.id == place.activity).values(closed_by_id=person)
    in_transaction(lambda: db.session.execute(changing))


def counted(place):
    """The minutes in the ledger, and how many entries made them."""
    return db.session.execute(
        select(func.coalesce(func.sum(HourEntry.minutes), 0), func.count()).where(HourEntry.activity_id == place.activity)
    ).one()


def spell(place, person):
    return next(row for row in queries.spells_of(place.activity) if row.person_id == person)


def decide(place, by, *people_, verdict=Verdict.COUNT, at=300):
    return place.decide(by, verdict, *(spell(place, person).id for person in people_), at=at)


# Each is tried by one person alone, on behalf of whoever it concerns.


def counts_what_was_held(place):
    decide(place, place.me, place.shared[0])


def counts_all_that_was_held(place):
    decide(place, place.me, *place.shared)


def leaves_out_what_was_held(place):
    decide(place, place.me, place.shared[0], verdict=Verdict.LEAVE)


def counts_it_from_the_list_above(place):
    """A secretary of the unit above who closed it may decide about no long day there either."""
    held_above = update(Attendance).where(Attendance.id == spell(place, place.shared[0]).id)
    in_transaction(lambda: db.session.execute(held_above.values(held_for="parent", held_unit_id=place.community)))
    decide(place, place.me, place.shared[0])


def scans_with_their_own_phone(place):
    place.scan(place.inside, 271)
    place.scan(place.person("谁"), 271)


def sends_what_the_phone_kept(place):
    place.scan(place.inside, 175, received=275)


def scans_for_them(place):
    for person in (place.inside, place.counted, place.person("严兰珍")):
        shown = ShownCode(uuid4(), place.activity, Way.CARD, later(179))
        in_transaction(lambda shown=shown, person=person: service.record_scan(shown, person, later(275), by_id=place.me))


def takes_a_sign_out_back(place):
    scan_id = db.session.scalar(select(Attendance.out_scan_id).where(Attendance.person_id == place.counted))
    in_transaction(lambda: service.undo_sign_out(scan_id, place.counted, later(271), by_id=place.me))


def names_an_end(place):
    done = in_transaction(lambda: service.sign_out_all(place.activity, {spell(place, place.inside).id: later(180)}, place.me, later(275)))
    assert (done.minutes, done.held) == (0, 1)
    decide(place, place.me, place.inside)


def leaves_out_who_never_left(place):
    in_transaction(lambda: service.leave_open(place.activity, [spell(place, place.inside).id], place.me, later(275)))


def says_who_a_stranger_is(place):
    roots = frozenset({place.branch})
    in_transaction(lambda: service.confirm_walk_ins(place.activity, [place.stranger], place.me, roots, later(275)))
    assert spell(place, place.stranger).held
    decide(place, place.me, place.stranger)


def finds_a_stranger_on_the_roster(place):
    known = place.person("郭志明")
    for person in (known, place.stranger):
        in_transaction(
            lambda person=person: db.session.execute(
                insert(Phone).values(person_id=person, number="13800138111", valid_from=clock.local_date(later(0)))
            )
        )
    roots = frozenset({place.branch})
    in_transaction(lambda: service.confirm_walk_ins(place.activity, [place.stranger], place.me, roots, later(275)))
    assert spell(place, known).held
    decide(place, place.me, known)


def hands_a_stranger_an_activation_code(place):
    in_transaction(lambda: people.confirm_person(place.stranger, place.me, later(275)))
    assert spell(place, place.stranger).held
    decide(place, place.me, place.stranger)


def declares_another_activity_void(place):
    """What was held because of it is looked at again, and still waits for somebody."""
    person = place.shared[0]
    other = place.event(title="别处", by=place.secretary)
    place.attend(person, activity=other)
    one = next(row for row in queries.spells_of(other) if row.person_id == person)
    in_transaction(lambda: service.void(one.id, place.me, "记错了", later(300)))
    assert spell(place, person).held
    decide(place, place.me, person)


def answers_an_objection(place):
    one = spell(place, place.counted).id
    said = in_transaction(lambda: claims.dispute(one, place.counted, "我没去", "/work", later(275)))
    void = Proposal(Change.VOID, "查实了")
    one_id = in_transaction(lambda: corrections.propose(correctable.attendance_subject(one), void, place.me, "/work", later(276), said))
    in_transaction(lambda: corrections.approve(one_id, place.me, "/me", "/work", later(277)))


def confirms_their_own_list(place):
    shift = activities.shifts_of(place.activity)[0].id
    naming = Naming(place.activity, shift, BatchKind.TICKED, (NamedSpell(place.person("冯彩霞"), later(0), later(180)),), "")
    batch = in_transaction(lambda: claims.name_people(naming, place.me, "/work", later(275)))
    in_transaction(lambda: claims.approve(batch, place.me, "/claims", "/me", later(276)))


def lets_it_run_on(place):
    in_transaction(lambda: activity_service.extend_shift(activities.shifts_of(place.activity)[0].id, later(400), place.me, later(275)))


def calls_it_off(place):
    in_transaction(lambda: activity_service.cancel(place.activity, place.me, later(275), "下雨"))


def takes_it_down(place):
    in_transaction(lambda: activity_service.unpublish(place.activity, place.me))


def closes_it_once_more(place):
    in_transaction(lambda: service.close(place.activity, Report(10), place.me, later(275)))


WAYS = (
    counts_what_was_held,
    counts_all_that_was_held,
    leaves_out_what_was_held,
    counts_it_from_the_list_above,
    scans_with_their_own_phone,
    sends_what_the_phone_kept,
    scans_for_them,
    takes_a_sign_out_back,
    names_an_end,
    leaves_out_who_never_left,
    says_who_a_stranger_is,
    finds_a_stranger_on_the_roster,
    hands_a_stranger_an_activation_code,
    declares_another_activity_void,
    answers_an_objection,
    confirms_their_own_list,
    lets_it_run_on,
    calls_it_off,
    takes_it_down,
    closes_it_once_more,
)


@pytest.mark.parametrize("role", ROLES.values(), ids=ROLES)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_no_way_of_one_person_changes_what_is_counted(closed, way, role):
    closed.me = getattr(closed, role[0])
    closed_by(closed, getattr(closed, role[1]))
    before = counted(closed)
    try:
        way(closed)
    except (Refused, Conflict, NotFound):
        db.session.rollback()
    assert counted(closed) == before
    assert all(spell(closed, person).held for person in closed.shared)


WHO_COUNTS = {
    "held before": counts_what_was_held,
    "an end named after": names_an_end,
    "a stranger confirmed": says_who_a_stranger_is,
    "a stranger activated": hands_a_stranger_an_activation_code,
}


@pytest.mark.parametrize("way", WHO_COUNTS.values(), ids=WHO_COUNTS)
def test_another_person_counts_it(closed, way):
    before = counted(closed)[0]
    with pytest.raises(Refused, match="另一位"):
        way(closed)
    person = next(row.person_id for row in queries.spells_of(closed.activity) if row.held and row.person_id not in closed.shared[1:])
    if way is not counts_what_was_held:
        person = closed.inside if way is names_an_end else closed.stranger
    assert decide(closed, closed.secretary, person).done == 1
    assert counted(closed)[0] > before


def test_one_person_who_may_not_decide_is_told_why(closed):
    with pytest.raises(Refused, match="已经收场了，要由收场的人和组织者以外的另一位来核实"):
        decide(closed, closed.organiser, closed.shared[0])


def test_before_closing_the_organiser_decides_alone(make):
    place = Place(make)
    people_ = [place.person(name) for name in ("罗国栋", "麦永康", "谭伟强")]
    for minutes in (0, 180):
        for person in people_:
            place.scan(person, minutes, device=PHONE)
    assert decide(place, place.organiser, *people_, at=200).done == 3


def test_closed_by_itself_it_waits_for_another_than_the_organiser(make):
    place = Place(make)
    people_ = [place.person(name) for name in ("罗国栋", "麦永康", "谭伟强")]
    for minutes in (0, 180):
        for person in people_:
            place.scan(person, minutes, device=PHONE)
    week = 180 + 7 * 24 * 60 + 5
    in_transaction(lambda: service.close_by_itself(place.activity, "/x", later(week)))
    with pytest.raises(Refused, match="另一位"):
        decide(place, place.organiser, *people_, at=week + 10)
    assert decide(place, place.secretary, *people_, at=week + 20).done == 3


def test_who_closed_it_makes_no_record_void(closed):
    assert closed.organiser in records.makers_of(spell(closed, closed.counted).id)
    closed_by(closed, closed.above)
    assert closed.above in records.makers_of(spell(closed, closed.counted).id)


class TestWhoIsAsked:
    def doors(self, place, person, at=300):
        actor = place.make.actor(person)
        with clock.frozen_at(later(at)):
            return {one.activity_id for one in waiting_doors(actor, later(at))}

    @pytest.fixture
    def only_held(self, closed):
        in_transaction(lambda: people.confirm_person(closed.stranger, closed.secretary, later(275)))
        return closed

    def test_another_of_the_same_unit_and_never_who_closed_it(self, only_held):
        assert self.doors(only_held, only_held.secretary) == {only_held.activity}
        assert self.doors(only_held, only_held.organiser) == set()
        assert self.doors(only_held, only_held.above) == set()

    def test_the_unit_above_at_once_where_there_is_nobody_else(self, only_held, make):
        closed_by(only_held, only_held.secretary)
        assert self.doors(only_held, only_held.secretary) == set()
        assert self.doors(only_held, only_held.above) == {only_held.activity}

    def test_a_reminder_goes_to_them_too(self, only_held):
        in_transaction(lambda: service.remind("/work", later(CLOSING + 4 * 24 * 60)))
        told = set(db.session.scalars(select(Notice.person_id).where(Notice.text.contains("没核实"))))
        assert told == {only_held.secretary}

    def test_a_long_day_goes_past_who_closed_it(self, closed):
        held_above = update(Attendance).where(Attendance.id == spell(closed, closed.shared[0]).id)
        in_transaction(lambda: db.session.execute(held_above.values(held_for="parent", held_unit_id=closed.community)))
        closed_by(closed, closed.above)
        with clock.frozen_at(later(300)):
            assert number(deciding.waiting_above_count(closed.make.actor(closed.above), later(300))) == 0
            assert number(deciding.waiting_above_count(closed.make.actor(closed.top), later(300))) == 1


class TestThePage:
    def test_offers_nothing_to_who_closed_it_and_says_who_is_asked(self, closed, as_person):
        with clock.frozen_at(later(300)):
            page = as_person(closed.organiser).get(f"/activities/{closed.activity}/open-points").text
        assert 'value="count"' not in page
        assert "罗国栋" in page
        assert "冼柏豪" in page.split("由别人核实")[1]

    def test_offers_it_to_another_one(self, closed, as_person):
        with clock.frozen_at(later(300)):
            browser = as_person(closed.secretary)
            assert 'value="count"' in browser.get(f"/activities/{closed.activity}/open-points").text
            data = {"spell": spell(closed, closed.shared[0]).id, "verdict": "count"}
            assert browser.post(f"/activities/{closed.activity}/decisions", data=data).status_code == 303
        assert hours.sums(closed.shared[0]).service_credit == 180

    def test_a_page_that_was_open_since_before_says_why_it_does_nothing(self, closed, as_person):
        with clock.frozen_at(later(300)):
            data = {"spell": spell(closed, closed.shared[0]).id, "verdict": "count"}
            answer = as_person(closed.organiser).post(f"/activities/{closed.activity}/decisions", data=data, follow_redirects=True)
        assert "要由收场的人和组织者以外的另一位来核实" in answer.text
        assert hours.sums(closed.shared[0]) == hours.Sums()

    def test_closing_says_that_what_is_left_takes_another_one(self, make, as_person):
        place = Place(make)
        people_ = [place.person(name) for name in ("罗国栋", "麦永康", "谭伟强")]
        for minutes in (0, 180):
            for person in people_:
                place.scan(person, minutes, device=PHONE)
        with clock.frozen_at(later(CLOSING)):
            page = as_person(place.organiser).get(f"/activities/{place.activity}/closing").text
        assert "收场以后要由另一位来核实" in page

    def test_confirming_strangers_does_not_promise_hours(self, closed, as_person):
        with clock.frozen_at(later(300)):
            data = {"person": closed.stranger, "from": "points"}
            answer = as_person(closed.secretary).post(f"/activities/{closed.activity}/confirmations", data=data, follow_redirects=True)
        assert "时长还要另一位核实才计" in answer.text
