"""更正: one proposes, another without a part in the record approves; then the ledgers hold a reversal and a new entry."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

from app.activities.models import Activity
from app.activities.rules import ActivityKind
from app.checkin import agreement
from app.checkin import service as checkin
from app.checkin.models import Attendance, Scan
from app.checkin.rules import ShownCode, Way
from app.claims import queries, service
from app.claims.correction_rules import Change, CorrectionVerdict, DisputeState, Proposal
from app.claims.models_corrections import HourCorrection
from app.claims.queries import correctable
from app.claims.queries import corrections as reading
from app.claims.service import carrying_out, corrections
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.permissions import Role
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.hours import queries as hours
from app.hours import verifying
from app.hours.models import HourEntry
from app.hours.rules import HourClass, SourceKind
from app.points import queries as points
from app.points import totals as point_totals
from app.points.rules import SchemeKind
from app.worklist import queries as worklist
from app.worklist.service import number
from tests.conftest import NOON, statements


@pytest.fixture
def closed(branch, record):
    """The record, once its activity was closed."""
    in_transaction(lambda: db.session.execute(update(Activity).where(Activity.id == branch.activity).values(closed_at=NOON)))
    return record


def longer(branch, minutes=30, reason="摊位收到十一点，有两位作证"):
    return Proposal(Change.TIMES, reason, branch.start, branch.start + timedelta(minutes=90 + minutes))


VOID = Proposal(Change.VOID, "那天他没来，码是别人扫的")


def propose(record, proposal, by, dispute=None):
    return in_transaction(lambda: corrections.propose(correctable.attendance_subject(record), proposal, by, "/work", clock.now(), dispute))


def approve(one, by):
    return in_transaction(lambda: corrections.approve(one, by, "/me", "/c", clock.now()))


def agrees():
    assert verifying.disagreements() == point_totals.disagreements() == agreement.disagreements() == []


def test_nothing_changes_until_another_approves_and_then_the_ledger_holds_both(branch, members, closed):
    one = propose(closed, longer(branch), branch.secretary)
    assert (hours.sums(members[0]).service_credit, hours.sums(members[0]).service_honour) == (90, 0)
    assert "更正等您确认" in worklist.notices(branch.deputy)[0].text
    approve(one, branch.deputy)
    assert (hours.sums(members[0]).service_credit, hours.sums(members[0]).service_honour) == (0, 120), "people named its end: 补录时长"
    first, back, again = db.session.scalars(select(HourEntry).order_by(HourEntry.id)).all()
    assert (first.minutes, back.minutes, again.minutes) == (90, -90, 120)
    assert (back.reverses_id, back.reason, back.made_by_id, back.approved_by_id) == (
        first.id, "更正：摊位收到十一点，有两位作证", branch.secretary, branch.deputy,
    )  # fmt: skip
    assert (again.made_by_id, again.approved_by_id, again.generation, again.hour_class) == (branch.secretary, branch.deputy, 1, "honour")
    row = reading.correction(one)
    assert (row.was, row.becomes, row.decider_name) == ("1 小时 30 分，扫码时长", "2 小时，补录时长", "罗国栋")
    assert "原来 1 小时 30 分，扫码时长，现在 2 小时，补录时长" in worklist.notices(members[0])[0].text
    scanned = select(func.count()).select_from(Scan).where(Scan.person_id == members[0], Scan.by_id.is_(None))
    assert db.session.scalar(scanned) == 2, "what the phone scanned stays"
    agrees()


def test_the_preview_is_what_approving_does_and_leaves_nothing_behind(branch, members, closed):
    before = points.totals([members[0]], SchemeKind.VOLUNTEER, "all")[members[0]]
    one = propose(closed, longer(branch), branch.secretary)
    tried = in_transaction(lambda: carrying_out.try_out(one, clock.now()))
    assert {(each.name, each.before, each.after) for each in tried.changes if not each.is_points} == {
        ("扫码时长", 90, 0),
        ("补录时长", 0, 120),
    }
    assert db.session.scalar(select(func.count()).select_from(HourEntry)) == 1
    assert points.totals([members[0]], SchemeKind.VOLUNTEER, "all")[members[0]] == before
    approve(one, branch.deputy)
    now_ = points.totals([members[0]], SchemeKind.VOLUNTEER, "all")[members[0]]
    told = [each.after for each in tried.changes if each.name == "志愿积分"]
    assert now_ == (told[0] if told else before)


def test_the_maker_the_person_and_who_had_a_part_in_it_do_not_approve(branch, members, closed, make):
    one = propose(closed, VOID, branch.secretary)
    for person, why in ((branch.secretary, "您提出的"), (members[0], "自己的记录")):
        with pytest.raises(Refused, match=why):
            approve(one, person)
    in_transaction(lambda: corrections.withdraw(one, branch.secretary, clock.now()))
    with pytest.raises(Invalid, match="有几处要改") as nobody:
        propose(closed, VOID, branch.deputy)
    assert "还没有别的人" in nobody.value.fields["change"], "the secretary made the activity, the deputy proposes: nobody is left"
    chief = make.person("梁凤珍")
    make.grant(chief, Role.ADMINISTRATOR, branch.street)
    make.account(chief)
    two = propose(closed, VOID, branch.deputy)
    with pytest.raises(Refused, match="经手的部分，要由没有经手的人来确认，已转梁凤珍"):
        approve(two, branch.secretary)
    for person in (branch.secretary, branch.deputy, members[0]):  # past the service, the database has the last word
        values = {"decided_at": NOON, "decided_by_id": person, "verdict": CorrectionVerdict.APPROVED}
        by_force = update(HourCorrection).where(HourCorrection.id == two).values(**values)
        with pytest.raises(DBAPIError):
            in_transaction(lambda by_force=by_force: db.session.execute(by_force))
    assert [row.id for row in reading.waiting_corrections(make.actor(chief), NOON)] == [two], "it waits above at once"
    assert number(reading.waiting_corrections_count(make.actor(branch.secretary), NOON)) == 0
    approve(two, chief)
    with pytest.raises(DBAPIError):
        in_transaction(lambda: db.session.execute(update(HourCorrection).where(HourCorrection.id == two).values(answer="后来改的")))
    assert (hours.sums(members[0]).service_credit, queries.own_record(members[0], closed).counted) == (0, "作废了，不计")
    agrees()


def test_nobody_proposes_for_oneself_and_one_waits_a_record(branch, members, closed, make):
    make.grant(members[0], Role.DEPUTY, branch.unit)
    with pytest.raises(Refused):
        propose(closed, VOID, members[0])
    propose(closed, VOID, branch.secretary)
    with pytest.raises(Conflict, match="已经有一条更正"):
        propose(closed, longer(branch), branch.secretary)


@pytest.mark.parametrize(
    ("minutes", "field"),
    [(0, "in"), (-80, "out")],
    ids=["nothing changes", "too short to count"],
)
def test_what_can_not_be_is_said_at_once(branch, members, closed, minutes, field):
    with pytest.raises(Invalid) as refused:
        propose(closed, longer(branch, minutes), branch.secretary)
    assert field in refused.value.fields


def test_before_it_is_closed_the_organiser_still_changes_it(branch, members, record):
    with pytest.raises(Invalid) as refused:
        propose(record, longer(branch), branch.secretary)
    assert "收场以后再更正" in refused.value.fields["in"]


def test_never_on_top_of_another_credited_spell(branch, members, closed, make):
    other = make.shift(make.activity(branch.unit, branch.secretary, title="巡河"), branch.start + timedelta(minutes=95), 1)
    activity = db.session.scalars(select(Activity.id).where(Activity.title == "巡河")).one()
    naming = branch.naming(
        [members[0]], shift=other, activity=activity, start=branch.start + timedelta(minutes=95), end=NOON - timedelta(minutes=20)
    )
    batch = in_transaction(lambda: service.name_people(naming, branch.secretary, "/work", clock.now()))
    branch.approve(batch)
    with pytest.raises(Invalid) as refused:
        propose(closed, longer(branch), branch.secretary)
    assert "重叠" in refused.value.fields["in"]
    agrees()


def test_what_changed_since_it_was_proposed_is_looked_at_again(branch, members, closed):
    one = propose(closed, longer(branch), branch.secretary)
    in_transaction(lambda: checkin.void(closed, branch.deputy, "没来过", clock.now()))
    with pytest.raises(Conflict, match="变过了"):
        approve(one, branch.deputy)
    assert reading.correction(one).verdict is None
    in_transaction(lambda: corrections.refuse(one, branch.deputy, "已经作废了", "/c", clock.now()))
    with pytest.raises(Conflict):
        in_transaction(lambda: corrections.withdraw(one, branch.secretary, clock.now()))


def test_a_closed_month_stays_and_the_difference_counts_today(branch, members, closed):
    one = propose(closed, longer(branch), branch.secretary)
    with clock.frozen_at(NOON + timedelta(days=30)):  # 21 December: November is closed
        tried = in_transaction(lambda: carrying_out.try_out(one, clock.now()))
        assert tried.counts_on == clock.today()
        november = hours.sums(members[0], "2026-11")
        approve(one, branch.deputy)
        assert hours.sums(members[0], "2026-11") == november
        december = hours.sums(members[0], "2026-12")
        assert (december.service_credit, december.service_honour) == (-90, 120)
        standing = next(entry for entry in hours.entries(members[0]) if not entry.reversed_reason)
        assert (standing.served_on, standing.counted_on) == (clock.local_date(branch.start), clock.today())
    agrees()


def test_hours_from_before_this_system_are_corrected_by_their_sum(branch, members):
    credit = Credit(
        members[0], None, ActivityKind.SERVICE, branch.unit, clock.today(), 240, HourClass.HONOUR, 71, "past-1",
        SourceKind.IMPORT, made_by_id=branch.secretary, reason="旧台账",
    )  # fmt: skip
    in_transaction(lambda: crediting.credit([credit], clock.now()))
    entry = hours.entries(members[0])[0].id
    proposal = Proposal(Change.MINUTES, "台账上写的是 3 小时", minutes=180)
    one = in_transaction(lambda: corrections.propose(correctable.entry_subject(entry), proposal, branch.secretary, "/work", clock.now()))
    approve(one, branch.deputy)
    assert hours.sums(members[0]).service_honour == 180
    newest = next(each for each in hours.entries(members[0]) if not each.reversed_reason)
    assert [row.id for row in reading.history_of(members[0]).of_entry[newest.id]] == [one]
    with pytest.raises(AttributeError):
        correctable.entry_subject(entry).title  # noqa: B018  (it stands no more)
    agrees()


def test_the_answer_to_a_dispute_is_the_approved_correction(branch, members, closed):
    said = in_transaction(lambda: service.dispute(closed, members[0], "我十一点才走", "/work", clock.now()))
    one = propose(closed, longer(branch), branch.secretary, said)
    assert queries.dispute(said).state is DisputeState.CORRECTING
    with pytest.raises(Conflict):
        in_transaction(lambda: service.answer(said, branch.deputy, "没错", own_url="/me", now=clock.now()))
    in_transaction(lambda: corrections.refuse(one, branch.deputy, "请附上签到表", "/c", clock.now()))
    assert queries.dispute(said).state is DisputeState.NEW, "it waits for its answer again"
    approve(propose(closed, longer(branch), branch.secretary, said), branch.deputy)
    row = queries.dispute(said)
    assert (row.state, row.answerer_name) == (DisputeState.CORRECTED, "霍静雯")
    assert "1 小时 30 分，扫码时长 → 2 小时，补录时长" in row.answer


def test_of_two_who_approve_at_once_one_does(branch, members, closed, make, at_once):
    second = make.person("谭志明", home=branch.unit)
    make.grant(second, Role.DEPUTY, branch.unit)
    one = propose(closed, longer(branch), branch.secretary)
    found = at_once([lambda: approve(one, branch.deputy), lambda: approve(one, second)])
    assert sum(isinstance(result, Conflict) for result in found) == 1
    assert hours.sums(members[0]).service_honour == 120
    agrees()


def test_the_pages_show_it_to_those_of_the_unit_only(branch, members, closed, make, as_person):
    stranger = make.person("梁凤珍", home=make.unit("灯湖第二党支部", parent=branch.street))
    make.grant(stranger, Role.SECRETARY, make.unit("灯湖第三党支部", parent=branch.street))
    form = f"/attendances/{closed}/correction"
    assert as_person(stranger).get(form).status_code == as_person(members[0]).get(form).status_code == 404
    secretary = as_person(branch.secretary)
    wrong = secretary.post(form, data={"change": "times", "in": "09:00", "out": "10:30", "reason": ""})
    assert wrong.status_code == 422
    assert "请填写依据" in wrong.get_data(as_text=True)
    sent = secretary.post(form, data={"change": "times", "in": "09:00", "out": "11:00", "reason": "收摊到十一点"})
    assert sent.status_code == 303
    page = as_person(branch.deputy).get(sent.location).get_data(as_text=True)
    assert "确认更正" in page
    assert "2 小时" in page
    assert "确认更正" not in secretary.get(sent.location).get_data(as_text=True)
    assert as_person(stranger).get(sent.location).status_code == 404
    assert "待确认 1" in secretary.get("/corrections").get_data(as_text=True)
    assert "待确认 0" in as_person(stranger).get("/corrections").get_data(as_text=True)
    assert as_person(branch.deputy).post(f"{sent.location}/approval").status_code == 303
    with statements() as sent:
        assert "已更正 1" in as_person(branch.deputy).get("/corrections?show=approved").get_data(as_text=True)
    assert len(sent) < 30
    told = as_person(members[0]).get(f"/attendances/{closed}/disputes").get_data(as_text=True)
    assert "原来 1 小时 30 分，扫码时长 → 更正为 2 小时，补录时长" in told


def test_a_correction_that_is_not_there_is_not_found(app):
    with pytest.raises(NotFound):
        approve(999, 1)


def test_an_end_that_nobody_made_and_what_was_too_short_are_corrected_too(branch, members, make):
    times = {0: None, 1: 5}  # the first never signed out, the second left after five minutes
    for place, minutes in times.items():
        for after in [0] if minutes is None else [0, minutes]:
            at = branch.start + timedelta(minutes=after)
            shown = ShownCode(uuid4(), branch.activity, Way.POSTER, at)
            with clock.frozen_at(at):
                in_transaction(lambda shown=shown, place=place, at=at: checkin.record_scan(shown, members[place], at))
                if minutes and after:
                    in_transaction(lambda shown=shown, place=place, at=at: checkin.depart(shown.scan_id, members[place], at))
    in_transaction(lambda: db.session.execute(update(Activity).where(Activity.id == branch.activity).values(closed_at=NOON)))
    for place in times:
        record = db.session.scalars(select(Attendance.id).where(Attendance.person_id == members[place])).one()
        assert hours.sums(members[place]).service_honour == 0
        approve(propose(record, longer(branch), branch.secretary), branch.deputy)
        assert hours.sums(members[place]).service_honour == 120
    agrees()


def test_a_day_that_grows_too_long_by_it_is_held_for_the_unit_above(branch, members, closed, make):
    begins = branch.start - timedelta(hours=8)
    night = make.activity(branch.unit, branch.secretary, title="值守")
    shift = make.shift(night, begins, 7)
    naming = branch.naming([members[0]], shift=shift, activity=night, start=begins, end=begins + timedelta(minutes=385))
    branch.approve(in_transaction(lambda: service.name_people(naming, branch.secretary, "/work", clock.now())))
    one = propose(closed, longer(branch), branch.secretary)
    assert in_transaction(lambda: carrying_out.try_out(one, clock.now())).held, "385 and 120 minutes are more than eight hours"
    assert approve(one, branch.deputy).held
    assert (hours.sums(members[0]).service_credit, hours.sums(members[0]).service_honour) == (0, 385)
    assert "等上级核实" in worklist.notices(members[0])[0].text
    agrees()
