"""As `test_second_hands`, of assessments, boards, reports, registers, 双50 and requests: on the list, on the page and where it is done."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from app.accounts import helping
from app.accounts.models import ActivationCode, RoleGrant
from app.accounts.rules import CodePurpose
from app.activities import service as activities
from app.activities.models import Activity
from app.assessments import queries as assessments
from app.assessments.views.steps import open_to
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Refused
from app.core.permissions import Role
from app.leaderboards import frozen
from app.leaderboards import service as boards
from app.leaderboards.rules import BoardKind
from app.leaderboards.spans import Length, calendar
from app.people.rules import StageKind, UnitKind
from app.registers import running, status
from app.registers import service as registers
from app.registers.rules import RegisterKind
from app.reports import queries as reports
from app.reports import service as reporting
from app.reports.figure_rules import Figure
from app.reports.rules import span_of
from app.requirements import queries as packs
from app.rights.queries import requests as rights
from app.rights.rules import How
from tests.assessments import conftest as assessing
from tests.certificates.conftest import desk
from tests.merges.test_followed import merging
from tests.registers import sheet
from tests.registers.test_past import past
from tests.registers.test_projects import project as past_project
from tests.requirements.conftest import Branch
from tests.rights.conftest import place

__all__ = ["desk", "place"]


@pytest.fixture
def branch(make):
    return assessing.build(make)


def offered(branch, one: int, person: int) -> tuple[bool, bool]:
    """Whether the list, and the page, offer somebody the next step of an assessment."""
    actor, row = branch.make.actor(person), assessments.assessment(one)
    listed = one in {found.id for found in assessments.waiting(actor, clock.now())}
    due = assessing.service.NEXT[row.step]
    return listed, bool(open_to(row, actor, assessments.figures(row), (due,))[0])


def test_the_step_after_that_of_the_other_record_is_anothers(branch, make):
    pair = merging(make, branch.street, branch.community, branch.committee, make.person("梁惠珊", home=branch.community))
    with clock.frozen_at(assessing.JANUARY):
        one = branch.start()
        branch.review(one, by=pair.new)
        assert offered(branch, one, branch.committee) == (True, True)
        pair.merge()
        assert offered(branch, one, branch.committee) == (False, False)
        with pytest.raises(Refused, match="上一步"):
            branch.approve(one)
        branch.approve(one, by=branch.other)


def test_a_list_with_a_line_of_the_other_record_is_approved_by_another(branch, make):
    pair = merging(make, branch.street, branch.unit, branch.committee, branch.member("梁惠珊"))
    with clock.frozen_at(assessing.JANUARY):
        one = branch.start(by=branch.other)
        branch.review(one)
        assert offered(branch, one, branch.committee) == (True, True)
        pair.merge()
        assert offered(branch, one, branch.committee) == (False, False)
        with pytest.raises(Refused, match="名单里有您自己"):
            branch.send_back(one)
        branch.send_back(one, by=branch.other)


@pytest.fixture
def street(make):
    """A subdistrict with two administrators; `old` of the pair is the first."""
    top = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    unit = make.unit("锦园第一党支部", parent=make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=top))
    first, second = (make.person(name, home=unit) for name in ("霍静雯", "黎国强"))
    for person in (first, second):
        make.grant(person, Role.ADMINISTRATOR, top)
        make.account(person)
    return merging(make, top, unit, first, make.person("霍靜雯", home=unit)), second


def test_who_asked_for_a_publication_is_answered_before_becoming_another_record(street, make):
    pair, second = street
    activity = make.activity(pair.root, pair.maker, published=False)
    asked = {"publication_asked_at": clock.now(), "publication_asked_by_id": pair.new}
    in_transaction(lambda: db.session.execute(update(Activity).where(Activity.id == activity).values(**asked)))
    with pytest.raises(Conflict, match="请人发布的活动还没发布"):
        pair.merge()
    in_transaction(lambda: activities.decline(activity, second, "地点还没定"))
    pair.merge()


def test_who_froze_a_board_under_the_other_record_does_not_publish_it(street):
    pair, second = street
    made = boards.settle(BoardKind.BRANCH, calendar(Length.QUARTER, date(2026, 8, 1)), clock.today())
    board = in_transaction(lambda: boards.freeze(made, pair.new, clock.now()))
    assert db.session.scalar(frozen.count_waiting(pair.old)) == 1
    pair.merge()
    assert [one.id for one in frozen.waiting(pair.old)] == []
    assert db.session.scalar(frozen.count_waiting(pair.old)) == 0
    assert frozen.board(board).frozen_by_id == pair.old
    with pytest.raises(Conflict, match="您定的榜"):
        in_transaction(lambda: boards.publish(board, pair.old, clock.now()))
    in_transaction(lambda: boards.publish(board, second, clock.now()))


def test_who_froze_a_report_under_the_other_record_does_not_send_it(street, make):
    pair, second = street
    span, now = span_of("2026-10", clock.today()), clock.now()
    report = in_transaction(lambda: reporting.freeze(pair.branch, span, pair.new, now))

    def listed(person: int) -> bool:
        return report in {found.id for found, _ in reports.waiting(make.actor(person), now)}

    def send(person: int) -> None:
        in_transaction(lambda: reporting.send(report, person, "", now, str))

    make.grant(pair.old, Role.DEPUTY, pair.branch)
    assert listed(pair.old)
    pair.merge()
    assert not listed(pair.old)
    assert db.session.scalar(reports.waiting_count(make.actor(pair.old), now)) == 0
    with pytest.raises(Refused, match="自己冻结的"):
        send(pair.old)
    send(second)


def test_who_recorded_a_figure_under_the_other_record_does_not_confirm_it(street, make):
    pair, second = street
    noted = (Figure.ACTIVITIES, 570, date(2022, 9, 30), "珠江时报", pair.new, pair.root)
    opening = in_transaction(lambda: reporting.record_opening(*noted, clock.now()))
    actor = make.actor(pair.old)
    assert db.session.scalar(reports.openings.waiting_count(actor)) == 1
    pair.merge()
    assert db.session.scalar(reports.openings.waiting_count(actor)) == 0
    assert reports.openings.waiting(actor) == []
    with pytest.raises(Refused, match="自己记的"):
        in_transaction(lambda: reporting.decide_opening(opening, True, pair.old, pair.root, clock.now()))
    in_transaction(lambda: reporting.decide_opening(opening, True, second, pair.root, clock.now()))


def test_hours_brought_under_the_other_record_are_taken_back_by_another(street, make, as_person):
    pair, second = street
    make.person("何嘉怡", home=pair.branch, phone="13800138000", stage=StageKind.ACTIVIST, stage_since=date(2024, 1, 1))
    batch = sheet.write(RegisterKind.HOURS, past(), by=pair.new, approved_by=second)
    page, act = f"/registers/batches/{batch}", f"/registers/batches/{batch}/reversal"
    assert act in as_person(pair.old).get(page).text
    pair.merge()
    assert act not in as_person(pair.old).get(page).text
    with pytest.raises(Refused, match="不能退回自己上传的"):
        sheet.undo(batch, pair.old)
    sheet.undo(batch, second)


def test_hours_of_the_other_record_are_approved_by_another(street, make):
    pair, second = street
    named = make.person("何嘉怡", home=pair.branch, phone="13800138000", stage=StageKind.ACTIVIST, stage_since=date(2024, 1, 1))
    batch = running.stage(sheet.plan(RegisterKind.HOURS, past()), pair.root, "a.xlsx", second, clock.now())
    pair.merge(goes=named)
    with pytest.raises(Refused, match="您自己的时长"):
        running.write(batch, pair.old, clock.now(), approved_by_id=pair.old)


def test_projects_that_the_other_record_asked_to_take_back_are_taken_back_by_another(street, make, as_person):
    pair, second = street
    for person in (pair.old, second):
        make.grant(person, Role.FUND_APPROVER, pair.root)
    batch = sheet.write(RegisterKind.PROJECTS, past_project(), by=pair.maker, approved_by=second)
    in_transaction(lambda: registers.ask_undo(batch, pair.new, clock.now()))

    def waits() -> list[int]:
        return [one.id for one in status.waiting(make.actor(pair.old).roots, pair.old, clock.today())]

    assert waits() == [batch]
    pair.merge()
    assert waits() == []
    assert "您已提出整批退回" in as_person(pair.old).get(f"/registers/batches/{batch}").text
    with pytest.raises(Refused, match="两个人"):
        sheet.undo(batch, pair.old)
    sheet.undo(batch, second)


def test_a_pack_confirmed_or_held_under_the_other_record_is_withdrawn_by_another(make, as_person):
    branch = Branch(make)
    branch.fill(branch.person)
    pair = merging(make, branch.root, branch.unit, branch.deputy, make.person("梁鳳珍", home=branch.unit))
    pack = branch.confirm(by=pair.new)
    act = f"/double50/packs/{pack}/withdrawal"
    assert act in as_person(branch.deputy).get(f"/double50/packs/{pack}").text
    pair.merge()
    assert act not in as_person(branch.deputy).get(f"/double50/packs/{pack}").text
    assert packs.pack(pack).confirmed_by_id == branch.deputy
    with pytest.raises(Refused, match="您确认的"):
        branch.withdraw(pack, branch.deputy)
    branch.withdraw(pack, branch.secretary)


def test_a_request_that_the_other_record_wrote_down_is_no_work_and_no_form(place, make, as_person):
    pair = merging(make, place.root, place.branch, place.secretary, make.person("李书纪", home=place.branch))
    request = place.ask(how=How.IN_PERSON, by=pair.new)
    actor, act = make.actor(place.secretary), f"/rights/{request}/approval"
    assert [one.id for one in rights.items_for(actor, clock.now())] == [request]
    assert act in as_person(place.secretary).get(f"/rights/{request}").text
    pair.merge()
    assert rights.items_for(actor, clock.now()) == []
    assert db.session.scalar(rights.count_for(actor, clock.now())) == 0
    assert act not in as_person(place.secretary).get(f"/rights/{request}").text


def test_who_accepted_a_certificate_is_relieved_before_becoming_another_record(desk, make):
    pair = merging(make, desk.street, desk.unit, desk.deputy, make.person("罗国梁", home=desk.unit))
    request = desk.apply()
    desk.accept(request, by=pair.new)
    with pytest.raises(Conflict, match="受理的证明申请还没出具"):
        pair.merge()
    desk.issue(request, by=desk.secretary)
    pair.merge()


def test_who_got_their_role_or_their_code_from_the_other_record_is_no_second_person(two):
    third, now = two.make.person("冯少珍", home=two.branch), clock.now()
    two.make.grant(third, Role.SECRETARY, two.branch)
    by_the_other = update(RoleGrant).where(RoleGrant.person_id == third).values(granted_by_id=two.new, valid_from=clock.today())
    in_transaction(lambda: db.session.execute(by_the_other))
    two.make._add(
        ActivationCode,
        code_hash="x",
        person_id=third,
        purpose=CodePurpose.ACTIVATION,
        made_by_id=two.new,
        made_at=now,
        used_at=now,
        expires_at=now + timedelta(days=2),
    )

    def theirs(person: int) -> tuple[bool, bool]:
        return helping.given_by(third, person, now), helping.opened_by_code(third, now, helping.LATELY, person)

    assert (theirs(two.old), theirs(two.new)) == ((False, False), (True, True))
    merge_id = two.merge()
    assert theirs(two.old) == (True, True)
    two.undo(merge_id)
    assert theirs(two.old) == (False, False)
