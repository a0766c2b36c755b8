"""补录: one names, another confirms, nothing counts before; nobody decides for themselves, in the service and in the database."""

from datetime import date, time, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from app.accounts.rules import rises_before
from app.activities import service as activities
from app.activities.rules import ActivityKind
from app.checkin import service as checkin
from app.checkin.models import Attendance, Scan
from app.checkin.rules import Outcome, ShownCode, Way
from app.claims import queries
from app.claims.models import Claim, ClaimBatch
from app.claims.rules import BatchKind, Verdict, moments
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid, Refused
from app.core.permissions import Action, Role
from app.core.workdays import KNOWN
from app.hours import queries as hours
from app.hours import verifying
from app.hours.models import HourEntry
from app.hours.rules import HourClass
from app.points.models import PointEntry
from app.worklist import queries as worklist
from app.worklist.service import number
from tests.claims.conftest import relatives
from tests.conftest import NOON, statements


def how_many(table):
    return db.session.scalar(select(func.count()).select_from(table))


def notices(person):
    return [row.text for row in worklist.notices(person)]


def skipped(batch):
    return {claim.person_id: claim.skipped for claim in queries.batch(batch).claims if claim.skipped}


def test_nothing_counts_before_another_has_confirmed(branch, members):
    batch = branch.name(members)
    assert how_many(Attendance) == how_many(HourEntry) == how_many(PointEntry) == 0
    assert [(one.title, one.state) for one in queries.mine(members[0], NOON)] == [("台风后清障", "open")]
    assert branch.approve(batch).people == 3
    assert hours.sums(members[0]) == hours.Sums(service_honour=120)
    assert queries.mine(members[0], NOON) == []


def test_what_is_confirmed_says_who_named_and_who_confirmed(branch, members):
    batch = branch.name(members[:1])
    branch.approve(batch)
    entry = db.session.scalars(select(HourEntry)).one()
    assert (entry.made_by_id, entry.approved_by_id, entry.batch_id) == (branch.secretary, branch.deputy, batch)
    assert (entry.hour_class, entry.minutes, entry.organising_unit_id) == (HourClass.HONOUR, 120, branch.unit)
    spell = db.session.scalars(select(Attendance)).one()
    assert (spell.in_way, spell.out_way, entry.source_id) == (Way.PAPER, Way.PAPER, spell.id)
    scans = db.session.scalars(select(Scan).order_by(Scan.at)).all()
    assert [(one.outcome, one.way, one.by_id) for one in scans] == [
        (Outcome.IN, Way.PAPER, branch.secretary),
        (Outcome.OUT, Way.PAPER, branch.secretary),
    ]


def test_the_maker_does_not_confirm(branch, members):
    batch = branch.name(members)
    with pytest.raises(Refused, match="要由另一位来确认，已转罗国栋"):
        branch.approve(batch, by=branch.secretary)
    with pytest.raises(Refused):
        branch.send_back(batch, by=branch.secretary)
    assert queries.batch(batch).verdict is None


def test_nobody_confirms_a_list_with_their_own_name(branch, members, make):
    other = make.person("李副书记", home=branch.unit)
    make.grant(other, Role.DEPUTY, branch.unit)
    make.account(other)
    batch = branch.name([*members, branch.deputy])
    with pytest.raises(Refused, match="不能审批自己的记录，已转李副书记"):
        branch.approve(batch)
    assert branch.approve(batch, by=other).people == 4


def test_the_maker_may_be_named_since_another_confirms(branch):
    batch = branch.name([branch.secretary])
    branch.approve(batch)
    assert hours.sums(branch.secretary).service_honour == 120


@pytest.mark.parametrize("who", ["maker", "named"])
def test_the_database_too_refuses_a_decision_for_oneself(branch, members, who):
    batch = branch.name(members)
    decider = branch.secretary if who == "maker" else members[0]
    deciding = update(ClaimBatch).where(ClaimBatch.id == batch).values(decided_at=NOON, decided_by_id=decider, verdict=Verdict.APPROVED)
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(deciding))


def test_the_ledger_too_refuses_one_person_as_maker_and_checker(branch, members):
    from app.crediting import service as crediting
    from app.crediting.rules import Credit

    one = Credit(
        members[0], branch.activity, ActivityKind.SERVICE, branch.unit, NOON.date(), 60, HourClass.HONOUR, 1, "2026.1",
        made_by_id=branch.secretary, approved_by_id=branch.secretary,
    )  # fmt: skip
    with pytest.raises(IntegrityError):
        in_transaction(lambda: crediting.credit([one], NOON))


def test_sixty_names_are_confirmed_once_and_a_second_tap_changes_nothing(branch, make):
    people = [make.person(f"党员{number}", home=branch.unit) for number in range(60)]
    batch = branch.name(people)
    assert branch.approve(batch).people == 60
    before = how_many(Attendance), how_many(Scan), how_many(HourEntry), how_many(PointEntry), len(notices(people[0]))
    again = branch.approve(batch)
    assert (again.people, again.again) == (60, True)
    assert (how_many(Attendance), how_many(Scan), how_many(HourEntry), how_many(PointEntry), len(notices(people[0]))) == before
    assert verifying.disagreements() == []


def test_party_life_records_who_came_and_gives_no_hours(branch, make, members):
    meeting = make.activity(branch.unit, branch.secretary, title="主题党日", kind=ActivityKind.PARTY_LIFE)
    shift = make.shift(meeting, branch.start, 2)
    branch.approve(branch.name(members, activity=meeting, shift=shift))
    assert how_many(Attendance) == 3
    assert how_many(HourEntry) == 0


def test_time_is_cut_to_the_shift_and_too_short_counts_nothing(branch, members):
    long_ago, late = branch.start - timedelta(hours=2), branch.end + timedelta(hours=1)
    branch.approve(branch.name(members[:1], start=long_ago, end=late - timedelta(hours=1)))
    assert hours.sums(members[0]).service_honour == 120
    branch.approve(branch.name(members[1:2], end=branch.start + timedelta(minutes=10)))
    assert hours.sums(members[1]).service_honour == 0
    assert skipped(2) == {}


def test_an_overlap_with_another_credited_spell_is_left_out_with_the_reason(branch, members, make):
    other = make.activity(branch.unit, branch.secretary, title="巡查")
    shift = make.shift(other, branch.start + timedelta(hours=1), 2)
    branch.approve(branch.name(members[:1], activity=other, shift=shift, start=branch.start + timedelta(hours=1), end=NOON))
    batch = branch.name(members)
    doubts = {claim.person_id: claim.doubt for claim in queries.batch(batch).doubtful}
    assert doubts == {members[0]: "和“巡查”已记的时间重叠，不会记"}
    done = branch.approve(batch)
    assert (done.people, done.left_out) == (2, 1)
    assert skipped(batch) == {members[0]: "和另一场已记的时间重叠，没有记"}
    assert "1 位没有记" in notices(branch.secretary)[0]


def test_another_record_of_the_day_is_a_doubt_but_no_hindrance(branch, members, make):
    other = make.activity(branch.unit, branch.secretary, title="早读")
    shift = make.shift(other, branch.start - timedelta(hours=2), 1)
    branch.approve(branch.name(members[:1], activity=other, shift=shift, start=NOON - timedelta(hours=5), end=NOON - timedelta(hours=4)))
    batch = branch.name(members)
    assert [claim.doubt for claim in queries.batch(batch).doubtful] == ["当天还有“早读”07:00–08:00"]
    assert branch.approve(batch).left_out == 0


def scan_in(branch, person):
    shown = ShownCode(uuid4(), branch.activity, Way.POSTER, branch.start)
    with clock.frozen_at(branch.start):
        in_transaction(lambda: checkin.record_scan(shown, person, branch.start))


def test_who_is_recorded_already_is_not_named_and_not_counted_twice(branch, members):
    scan_in(branch, members[0])
    batch = branch.name(members)
    assert queries.batch(batch).named == {members[1], members[2]}
    assert queries.unavailable(branch.shift) == {members[0]: "已到", members[1]: "已报", members[2]: "已报"}
    scan_in(branch, members[1])
    assert branch.approve(batch).left_out == 1
    assert skipped(batch) == {members[1]: "这一班已有记录，没有再记"}


def test_the_same_list_sent_again_is_not_a_second_one(branch, members):
    branch.name(members)
    with pytest.raises(Invalid, match="改"):
        branch.name(members)
    assert how_many(ClaimBatch) == 1


def test_who_is_not_confirmed_is_left_out(branch, make):
    batch = branch.name([make.person("郭志明", confirmed=False), make.person("陈志远", home=branch.unit)])
    assert branch.approve(batch).left_out == 1


def test_a_returned_list_says_why_and_counts_nothing(branch, members):
    batch = branch.name(members)
    branch.send_back(batch)
    assert (queries.batch(batch).verdict, queries.batch(batch).answer) == (Verdict.RETURNED, "周五不是这些人")
    assert "退回" in notices(branch.secretary)[0]
    with pytest.raises(Conflict):
        branch.approve(batch)
    assert how_many(Attendance) == 0
    assert branch.approve(branch.name(members)).people == 3


def test_a_confirmed_list_is_not_returned(branch, members):
    batch = branch.name(members)
    branch.approve(batch)
    with pytest.raises(Conflict):
        branch.send_back(batch)


def test_the_database_refuses_a_return_without_a_reason(branch, members):
    batch = branch.name(members)
    with pytest.raises(IntegrityError):
        branch.send_back(batch, reason="")


def test_who_was_named_is_told_and_so_is_the_maker(branch, members):
    branch.approve(branch.name(members))
    assert notices(members[0]) == ["您在“台风后清障”的到场已补录，补录时长 2 小时"]
    assert notices(branch.secretary) == ["“台风后清障”补录的 3 位已确认"]
    assert notices(branch.deputy) == ["“台风后清障”有 3 位补录，等您确认"]


def test_names_are_taken_from_the_start_until_thirty_days_after_the_end(branch, members):
    with clock.frozen_at(branch.start - timedelta(minutes=1)), pytest.raises(Invalid) as early:
        branch.name(members)
    assert "还没开始" in early.value.fields["person"]
    with clock.frozen_at(branch.end + timedelta(days=30, minutes=1)), pytest.raises(Invalid) as late:
        branch.name(members)
    assert "过去 30 天" in late.value.fields["person"]
    with clock.frozen_at(branch.end + timedelta(days=30)):
        branch.name(members)


def test_nobody_confirms_that_somebody_stayed_until_a_time_that_has_not_come(branch, members):
    with clock.frozen_at(branch.start + timedelta(minutes=5)):
        batch = branch.name(members)
        with pytest.raises(Conflict, match="还没到离开的时间"):
            branch.approve(batch)
    assert branch.approve(batch).people == 3


def test_drafts_and_cancelled_activities_have_no_names(branch, make, members):
    draft = make.activity(branch.unit, branch.secretary, published=False)
    shift = make.shift(draft, branch.start, 2)
    with pytest.raises(Conflict):
        branch.name(members, activity=draft, shift=shift)


def test_what_was_cancelled_meanwhile_is_not_confirmed_but_can_be_returned(branch, members):
    batch = branch.name(members)
    in_transaction(lambda: activities.cancel(branch.activity, branch.secretary, clock.now()))
    with pytest.raises(Conflict, match="后来取消了"):
        branch.approve(batch)
    assert db.session.scalar(select(func.count()).select_from(Attendance)) == 0
    branch.send_back(batch)
    assert queries.batch(batch).verdict is Verdict.RETURNED


def test_what_was_confirmed_can_not_be_cancelled(branch, members):
    branch.approve(branch.name(members))
    with pytest.raises(Conflict, match="已经有人签到"):
        in_transaction(lambda: activities.cancel(branch.activity, branch.secretary, clock.now()))


def test_a_list_that_nobody_else_could_confirm_is_not_taken(branch, members):
    with pytest.raises(Invalid) as error:
        branch.name([*members, branch.deputy])
    assert "还没有别的人能确认" in error.value.fields["person"]


def test_a_list_waits_for_the_nearest_who_may_and_rises_after_five_working_days(branch, make, members):
    chief = make.person("梁凤珍")
    make.grant(chief, Role.ADMINISTRATOR, branch.street)
    chief, deputy, secretary = make.actor(chief), make.actor(branch.deputy), make.actor(branch.secretary)
    batch = branch.name(members)

    def waits(actor, at=NOON):
        assert number(queries.waiting_batches_count(actor, at)) == len(queries.waiting_batches(actor, at))
        return [one.id for one in queries.waiting_batches(actor, at)]

    assert (waits(deputy), waits(secretary), waits(chief)) == ([batch], [], [])
    for days, at_chief in ((5, []), (6, []), (7, [batch])):  # Saturday to the Monday after next week's
        assert waits(chief, NOON + timedelta(days=days)) == at_chief, days
    assert waits(deputy, NOON + timedelta(days=9)) == [batch]
    with_deputy = branch.name([branch.deputy])
    assert with_deputy in waits(chief)
    assert with_deputy not in waits(deputy)


def test_evidence_takes_few_queries_however_many_names(branch, make):
    actor = make.actor(branch.deputy)
    for size in (1, 60):
        branch.name([make.person(f"党员{size}-{number}", home=branch.unit) for number in range(size)])
        with statements() as queries_made:
            assert queries.waiting_batches(actor, NOON)
        assert len(queries_made) <= 9
        with statements() as queries_made:
            assert number(queries.waiting_batches_count(actor, NOON))
        assert len(queries_made) == 2


def test_five_working_days_leave_out_the_weekend():
    assert rises_before(date(2026, 11, 23)) == date(2026, 11, 16)
    assert rises_before(date(2026, 11, 27)) == date(2026, 11, 20)
    assert rises_before(date(2026, 11, 28)) == date(2026, 11, 23)


def test_five_working_days_leave_out_public_holidays_and_count_the_weekend_worked_instead():
    assert rises_before(date(2026, 10, 9), holidays=KNOWN) == date(2026, 9, 24), "after 中秋 and 国庆"
    assert rises_before(date(2026, 10, 12), holidays=KNOWN) == date(2026, 9, 29), "Saturday the 10th is worked"


def test_times_past_midnight_belong_to_the_next_day_only_in_a_night_shift():
    night = clock.at_local(NOON.date(), time(22)), clock.at_local(NOON.date() + timedelta(days=1), time(2))
    assert moments(*night, time(22), time(2)) == night
    assert moments(*night, time(0, 30), time(1))[0] == clock.at_local(NOON.date() + timedelta(days=1), time(0, 30))
    day = clock.at_local(NOON.date(), time(9)), clock.at_local(NOON.date(), time(12))
    assert moments(*day, time(12), time(9)) == (day[1], day[0])


def test_a_list_keeps_how_it_was_made(branch, members):
    batch = branch.name(members, kind=BatchKind.PAPER, note="签到表存支部")
    assert (queries.batch(batch).kind, queries.batch(batch).note) == (BatchKind.PAPER, "签到表存支部")
    assert how_many(Claim) == 3


def test_relatives_decide_neither_about_a_list_nor_about_an_own_claim(branch, members, make, as_person):
    """Said to whoever looks, kept from their list of work, and handed to somebody else."""
    relatives(make, members[0], branch.deputy)
    chief = make.person("梁素琴")
    make.grant(chief, Role.ADMINISTRATOR, branch.street)
    make.account(chief)
    batch = branch.name(members)
    assert [one.person_id for one in queries.deciders(branch.unit, Action.CLAIM_APPROVE, NOON.date(), (), members)] == [
        branch.secretary,
        chief,
    ]
    assert "等您确认" in worklist.notices(chief)[0].text
    for work in (lambda: branch.approve(batch), lambda: branch.send_back(batch)):
        with pytest.raises(Refused, match="名单里有您的家人，要由另一位来确认，已转梁素琴"):
            work()
    assert [len(queries.waiting_batches(make.actor(who), NOON)) for who in (branch.deputy, chief)] == [0, 1]
    shown = as_person(branch.deputy).get(f"/claims/{batch}").get_data(as_text=True)
    assert "名单里有您的家人" in shown
    assert as_person(branch.deputy).post(f"/claims/{batch}/approval").status_code == 403
    assert branch.approve(batch, chief).people == 3
