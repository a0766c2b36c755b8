"""What one record scanned, approved, organised or closed is not decided about by the other: disputes, corrections, held spells."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from app.activities.models import Activity
from app.activities.rules import ActivityKind
from app.checkin import service as checkin
from app.checkin.models import Attendance
from app.checkin.queries import closing, deciding
from app.checkin.queries.waiting import waiting_doors
from app.checkin.reasons import Reason, Rung
from app.checkin.rules import ShownCode, Way
from app.claims import queries as claims
from app.claims import service as claiming
from app.claims.correction_rules import Change, Proposal
from app.claims.queries import correctable
from app.claims.queries.corrections import waiting_corrections_count
from app.claims.service import corrections
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import NotFound, Refused
from app.core.permissions import Role
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.hours import queries as hours
from app.hours.rules import HourClass, SourceKind
from app.worklist import queries as worklist
from app.worklist.models import Notice
from app.worklist.service import number
from tests.checkin.test_after_closing import CLOSING, closed, decide, names_an_end, spell
from tests.checkin.test_reasons import PHONE, Place, held, later, reasons
from tests.claims.conftest import branch, members, relatives
from tests.merges.conftest import Two
from tests.merges.test_followed import merging

__all__ = ["branch", "closed", "members"]


@pytest.fixture
def pair(branch, make) -> Two:
    """`old`, who stays, is the deputy; under `new` they had a part in a record before anybody knew that both are one."""
    return merging(make, branch.street, branch.unit, branch.deputy, make.person("罗国梁", home=branch.unit))


def at_the_door(branch, person: int, by: int) -> int:
    """A record of an hour and a half that somebody scanned; the secretary organised the activity."""
    for minutes in (0, 90):
        at = branch.start + timedelta(minutes=minutes)
        shown = ShownCode(uuid4(), branch.activity, Way.CARD, at)
        with clock.frozen_at(at):
            in_transaction(lambda shown=shown, at=at: checkin.record_scan(shown, person, at, by_id=by))
    return db.session.scalars(select(Attendance.id).where(Attendance.person_id == person)).one()


def of_a_register(branch, person: int, made_by: int, approved_by: int) -> int:
    credit = Credit(
        person, None, ActivityKind.SERVICE, branch.unit, clock.today(), 240, HourClass.HONOUR, 70 + person, f"past-{person}",
        SourceKind.IMPORT, made_by_id=made_by, approved_by_id=approved_by, reason="旧台账",
    )  # fmt: skip
    in_transaction(lambda: crediting.credit([credit], clock.now()))
    return hours.entries(person)[0].id


def objects(person: int, attendance: int | None = None, entry: int | None = None) -> int:
    if attendance:
        return in_transaction(lambda: claiming.dispute(attendance, person, "我十一点才走", "/work", clock.now()))
    return in_transaction(lambda: claiming.dispute_entry(entry or 0, person, "那天六个小时", "/work", clock.now()))


def answers(branch, dispute: int) -> str:
    """What is said to the deputy who would answer it; '' where it is done. The work list offers it or not accordingly."""
    offered = dispute in {one.id for one in claims.waiting_disputes(branch.make.actor(branch.deputy), clock.now())}
    try:
        in_transaction(lambda: claiming.answer(dispute, branch.deputy, "查实了", own_url="/me", now=clock.now()))
    except Refused as refused:
        assert not offered
        return str(refused)
    assert offered
    return ""


def test_who_scanned_a_record_under_the_other_one_upholds_no_dispute_about_it(branch, members, pair):
    before = objects(members[0], at_the_door(branch, members[0], pair.new))
    merge_id = pair.merge()
    after = objects(members[1], at_the_door(branch, members[1], branch.secretary))
    assert "经手的部分" in answers(branch, before)
    assert answers(branch, after) == ""
    pair.undo(merge_id)
    assert answers(branch, before) == ""


def test_nor_is_one_that_is_said_after_the_merge_theirs(branch, members, pair, make):
    chief = make.person("梁素琴")
    make.grant(chief, Role.ADMINISTRATOR, branch.street)
    make.account(chief)
    record = at_the_door(branch, members[0], pair.new)
    pair.merge()
    said = objects(members[0], record)
    told = {who for who in (branch.deputy, chief) if any("记录不对" in row.text for row in worklist.notices(who))}
    assert told == {chief}, "who answers it"
    assert "已转梁素琴" in answers(branch, said)


def test_nor_are_hours_of_a_register_that_they_brought_or_approved(branch, members, pair, make):
    chief = make.person("梁素琴")
    brought = of_a_register(branch, members[0], pair.new, chief)
    approved = of_a_register(branch, members[1], chief, pair.new)
    before = objects(members[0], entry=brought)
    pair.merge()
    after = objects(members[1], entry=approved)
    assert ["经手的部分" in answers(branch, one) for one in (before, after)] == [True, True]


def test_where_they_alone_had_no_part_a_dispute_goes_to_the_unit_above(branch, members, pair, make):
    chief = make.person("梁素琴")
    make.grant(chief, Role.ADMINISTRATOR, branch.street)
    actor = make.actor(chief)
    objects(members[0], at_the_door(branch, members[0], pair.new))
    assert number(claims.waiting_disputes_count(actor, clock.now())) == 0
    pair.merge()
    assert number(claims.waiting_disputes_count(actor, clock.now())) == 1


def proposed(branch, subject) -> int:
    change = Proposal(Change.VOID, "那天没来") if subject.attendance_id else Proposal(Change.MINUTES, "问过领队", minutes=360)
    return in_transaction(lambda: corrections.propose(subject, change, branch.secretary, "/work", clock.now()))


def approves(branch, correction: int) -> str:
    offered = number(waiting_corrections_count(branch.make.actor(branch.deputy), clock.now())) == 1
    try:
        in_transaction(lambda: corrections.approve(correction, branch.deputy, "/me", "/c", clock.now()))
    except Refused as refused:
        assert not offered
        return str(refused)
    assert offered
    return ""


@pytest.fixture
def closed_activity(branch):
    def close() -> None:
        in_transaction(lambda: db.session.execute(update(Activity).where(Activity.id == branch.activity).values(closed_at=clock.now())))

    return close


def test_who_scanned_a_record_under_the_other_one_approves_no_correction_of_it(branch, members, pair, closed_activity):
    record = at_the_door(branch, members[0], pair.new)
    closed_activity()
    one = proposed(branch, correctable.attendance_subject(record))
    merge_id = pair.merge()
    assert "经手的部分" in approves(branch, one)
    pair.undo(merge_id)
    assert approves(branch, one) == ""


def test_nor_one_that_is_proposed_after_the_merge(branch, members, pair, make, closed_activity):
    second = make.person("冼柏豪", home=branch.unit)
    make.grant(second, Role.DEPUTY, branch.unit)
    make.account(second)
    record = at_the_door(branch, members[0], pair.new)
    closed_activity()
    pair.merge()
    one = proposed(branch, correctable.attendance_subject(record))
    assert [any("更正等您确认" in row.text for row in worklist.notices(who)) for who in (branch.deputy, second)] == [False, True]
    assert "已转冼柏豪" in approves(branch, one)


def test_nor_one_of_a_register_that_they_approved(branch, members, pair, make):
    entry = of_a_register(branch, members[0], make.person("梁素琴"), pair.new)
    one = proposed(branch, correctable.entry_subject(entry))
    pair.merge()
    assert "经手的部分" in approves(branch, one)


@pytest.fixture
def halves(closed, make) -> Two:
    """`old`, who stays, is the secretary, who decides about what was left at a fair that the organiser made and closed."""
    return merging(make, closed.root, closed.branch, closed.secretary, make.person("冼百豪", home=closed.branch))


def changed(place, **columns: int) -> None:
    in_transaction(lambda: db.session.execute(update(Activity).where(Activity.id == place.activity).values(**columns)))


def decidable(place) -> bool:
    return spell(place, place.shared[0]).id in deciding.decidable(place.activity, place.make.actor(place.secretary), later(300))


def doors(place, person: int, at: int = 300) -> set[int]:
    actor = place.make.actor(person)
    with clock.frozen_at(later(at)):
        return {one.activity_id for one in waiting_doors(actor, later(at)) if one.reviews}


@pytest.mark.parametrize("column", ["created_by_id", "contact_id", "closed_by_id"])
def test_who_organised_or_closed_it_under_the_other_record_decides_about_nothing_left_there(closed, halves, column):
    changed(closed, **{column: halves.new})
    assert decidable(closed)
    merge_id = halves.merge()
    assert not decidable(closed)
    assert closed.secretary in closing.settlers(closed.activity)
    with pytest.raises(Refused, match="另一位"):
        decide(closed, closed.secretary, closed.shared[0])
    halves.undo(merge_id)
    assert decide(closed, closed.secretary, closed.shared[0]).done == 1


def test_it_waits_above_and_those_are_reminded(closed, halves, make):
    in_transaction(lambda: checkin.confirm_walk_ins(closed.activity, [closed.stranger], closed.above, frozenset({closed.root}), later(275)))
    changed(closed, closed_by_id=halves.new)
    assert (doors(closed, closed.secretary), doors(closed, closed.above)) == ({closed.activity}, set())
    halves.merge()
    assert (doors(closed, closed.secretary), doors(closed, closed.above)) == (set(), {closed.activity})
    in_transaction(lambda: checkin.remind("/work", later(CLOSING + 4 * 24 * 60)))
    told = set(db.session.scalars(select(Notice.person_id).where(Notice.text.contains("没核实"))))
    assert told == {closed.above}


def test_who_named_an_end_under_the_other_record_does_not_decide_about_that_spell(closed, halves):
    closed.me = halves.new
    with pytest.raises(Refused, match="另一位"):
        names_an_end(closed)
    halves.merge()
    with pytest.raises(Refused, match="另一位"):
        decide(closed, closed.secretary, closed.inside)
    assert decide(closed, closed.secretary, closed.shared[0]).done == 1


def test_nor_says_who_a_stranger_is_whom_they_scanned(make):
    place = Place(make)
    two = merging(make, place.root, place.branch, place.secretary, place.person("冼百豪"))
    stranger = make.person("郭志明", confirmed=False)
    place.attend(stranger, by=two.new)
    changed(place, closed_at=later(CLOSING))
    two.merge()
    with pytest.raises(Refused, match="您扫码或签退"):
        in_transaction(
            lambda: checkin.confirm_walk_ins(place.activity, [stranger], place.secretary, frozenset({place.branch}), later(CLOSING + 5))
        )


def test_above_who_organises_under_the_other_record_decides_about_no_long_day(closed, make):
    two = merging(make, closed.root, closed.branch, closed.above, closed.person("李婉怡"))
    held_above = update(Attendance).where(Attendance.id == spell(closed, closed.shared[0]).id)
    in_transaction(lambda: db.session.execute(held_above.values(held_for=Rung.PARENT, held_unit_id=closed.community)))
    changed(closed, created_by_id=two.new)

    def waits(person: int) -> int:
        with clock.frozen_at(later(300)):
            return number(deciding.waiting_above_count(closed.make.actor(person), later(300)))

    assert (waits(closed.above), waits(closed.top)) == (1, 0)
    two.merge()
    assert (waits(closed.above), waits(closed.top)) == (0, 1)
    with pytest.raises(Refused, match="另一位"):
        decide(closed, closed.above, closed.shared[0])


@pytest.fixture
def fair(make) -> Place:
    """Organised under the record that went, with somebody else to call; it is not over."""
    place = Place(make)
    place.two = merging(make, place.root, place.branch, place.secretary, place.person("冼百豪"))
    place.activity = place.event(by=place.two.new)
    changed(place, contact_id=place.organiser)
    return place


def test_they_and_their_family_are_looked_at_by_the_unit_above(fair):
    family, guest = fair.person("冼小妹"), fair.person("麦永康")
    relatives(fair.make, fair.secretary, family)
    fair.two.merge()
    for minutes in (0, 180):
        for person in (fair.secretary, family, guest):
            fair.scan(person, minutes, device=PHONE)
    assert Reason.STAFF in reasons(fair.secretary)
    assert Reason.KIN in reasons(family)
    rungs = [list(held(person).values()) for person in (fair.secretary, family, guest)]
    assert rungs == [[Rung.PARENT], [Rung.PARENT], [Rung.ORGANISER]]


def test_before_closing_they_decide_about_no_long_day_above_either(fair, make):
    above = merging(make, fair.root, fair.branch, fair.above, fair.person("李婉怡"))
    changed(fair, created_by_id=above.new)
    guests = [fair.person(name) for name in ("罗国栋", "麦永康", "谭伟强")]
    for minutes in (0, 180):
        for person in guests:
            fair.scan(person, minutes, device=PHONE)
    spells = [spell(fair, person).id for person in guests]
    held_above = update(Attendance).where(Attendance.id == spells[0])
    in_transaction(lambda: db.session.execute(held_above.values(held_for=Rung.PARENT, held_unit_id=fair.community)))
    actor = make.actor(fair.above)
    assert deciding.decidable(fair.activity, actor, later(300)) == set(spells)
    above.merge()
    assert deciding.decidable(fair.activity, actor, later(300)) == set(spells[1:]), "of what waits for the organisers it is no matter"
    with pytest.raises(NotFound):
        decide(fair, fair.above, guests[0])


def test_where_they_never_signed_out_another_is_asked(fair, make):
    make.account(fair.secretary)
    fair.scan(fair.secretary, 0)
    fair.two.merge()
    with clock.frozen_at(later(300)):
        assert [one.inside for one in waiting_doors(make.actor(fair.above), later(300)) if one.activity_id == fair.activity] == [1]
