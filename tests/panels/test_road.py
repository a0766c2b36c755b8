"""A project along its road: 公示 and objections, contract and instalments, pause, stop, closing; and who finds it in 待我处理."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid, Refused
from app.fund.models import FundProject, FundRequest
from app.fund.queries import deciding, stages
from app.fund.queries import page as project_page
from app.fund.rules import GrantAsked, Stage, Step
from app.fund.service import contracts, projects, requests
from app.fund.stage_rules import After, ContractDraft, Instalment, actions_for, stage_fault
from app.people.queries import is_below
from app.publicity import queries as publicity
from app.publicity import service as publicities
from app.publicity.rules import Said, SubjectKind, Verdict, Way


def stage_of(project):
    return db.session.scalar(select(FundProject.stage).where(FundProject.id == project))


def shown(project):
    return publicity.standing(SubjectKind.PROJECT, [project])[project]


def objection(panel, project, verdict):
    said = Said(None, "那块地有纠纷", Way.PHONE, None, "街坊", "", shown(project).ends_on)
    panel.house.make.account(panel.house.administrator)
    made = in_transaction(lambda: publicities.object_to(shown(project).id, said, panel.house.auditor, "/work", clock.now()))
    if verdict:
        in_transaction(lambda: publicities.answer(made, panel.house.administrator, verdict, "查过了", "/work", clock.now()))
    return made


def test_a_publicity_is_for_everybody_and_names_nobody(panel, client):
    project = panel.publicised()
    page = client.get(f"/publicity/{shown(project).id}").text
    assert "拟立项：楼下共享工具角" in page
    assert "80.0 分" in page
    assert "霍静雯" not in page
    assert "陈国强" not in page
    assert "0757-86230000" in page
    assert client.get(f"/fund/projects/{project}").status_code == 200


def test_an_approval_waits_for_the_last_day_and_for_every_answer(panel):
    project = panel.scored()
    in_transaction(lambda: projects.advance(project, Stage.PUBLICISED, panel.house.officer, clock.now()))
    with pytest.raises(Conflict, match="还在公示"):
        panel.house.advance(project, Stage.APPROVED, panel.house.approver)
    second = panel.publicised("长者手机课堂")
    objection(panel, second, None)
    with pytest.raises(Conflict, match="没有答复"):
        panel.house.advance(second, Stage.APPROVED, panel.house.approver)
    assert stage_of(second) is Stage.PUBLICISED


def test_an_objection_that_is_upheld_stops_the_approval_until_it_is_publicised_anew(panel):
    project = panel.publicised()
    objection(panel, project, Verdict.UPHELD)
    with pytest.raises(Conflict, match="异议成立"):
        panel.house.advance(project, Stage.APPROVED, panel.house.approver)
    panel.house.advance(project, Stage.SCORED, panel.house.officer, "换了地方，重新公示")
    before = clock.now() - timedelta(days=9)
    in_transaction(lambda: projects.advance(project, Stage.PUBLICISED, panel.house.officer, before))
    panel.house.advance(project, Stage.APPROVED, panel.house.approver)
    assert stage_of(project) is Stage.APPROVED


def test_an_objection_that_is_rejected_stops_nothing(panel):
    project = panel.publicised()
    objection(panel, project, Verdict.REJECTED)
    panel.house.advance(project, Stage.APPROVED, panel.house.approver)
    assert stage_of(project) is Stage.APPROVED


def test_declining_takes_the_publicity_down(panel, client):
    project = panel.publicised()
    panel.house.advance(project, Stage.DECLINED, panel.house.approver, "和街道的项目重复")
    assert client.get(f"/fund/projects/{project}").status_code == 404
    assert publicity.standing(SubjectKind.PROJECT, [project]) == {}


def test_who_sent_it_decides_nothing_and_its_units_people_step_aside(panel):
    project = panel.sent()
    for by, said in ((panel.proposer, "您报的"), (panel.house.neighbour, "回避")):
        with pytest.raises(Refused, match=said):
            panel.house.advance(project, Stage.CHECKED, by)
    panel.house.advance(project, Stage.CHECKED, panel.house.officer)


def test_the_first_check_and_the_approval_are_two_people(panel):
    project = panel.publicised()
    with pytest.raises(Refused, match="初审是您做的"):
        panel.house.advance(project, Stage.APPROVED, panel.house.officer)


def test_an_application_handed_back_says_why_and_can_be_sent_again(panel):
    project = panel.sent()
    with pytest.raises(Invalid):
        panel.house.advance(project, Stage.DRAFT, panel.house.officer, "")
    panel.house.advance(project, Stage.DRAFT, panel.house.officer, "预算写细一点")
    assert project_page(project).stages[-1].note == "预算写细一点"
    in_transaction(lambda: projects.send(project, panel.proposer, clock.now()))
    assert stage_of(project) is Stage.APPLIED


def test_who_records_the_contract_does_not_begin_the_project(panel):
    project = panel.publicised()
    panel.house.advance(project, Stage.APPROVED, panel.house.approver)
    with pytest.raises(Conflict, match="协议"):
        panel.house.advance(project, Stage.RUNNING, panel.house.approver)
    panel.house.sign(project, 3_000, 1_800)
    with pytest.raises(Refused, match="您登记的"):
        panel.house.advance(project, Stage.RUNNING, panel.house.officer)
    panel.house.advance(project, Stage.RUNNING, panel.house.approver)
    with pytest.raises(Conflict):
        panel.house.sign(project, 4_800)


@pytest.mark.parametrize(
    ("fen", "parts", "field"),
    [(480_000, (300_000, 100_000), "fen"), (480_100, (480_100,), "fen"), (480_000, (480_000,), "due_1")],
)
def test_the_instalments_are_the_sum_agreed_within_the_budget(panel, fen, parts, field):
    project = panel.publicised()
    panel.house.advance(project, Stage.APPROVED, panel.house.approver)
    due = clock.today() - timedelta(days=1) if field == "due_1" else clock.today()
    wanted = ContractDraft("协议-1", clock.today(), "居委会", fen, tuple(Instalment(part, due, After.START) for part in parts))
    with pytest.raises(Invalid) as refused:
        in_transaction(lambda: contracts.sign(project, wanted, panel.house.officer, clock.now()))
    assert field in refused.value.fields


def test_grants_come_in_the_order_of_the_instalments_and_after_their_conditions(panel):
    house, project = panel.house, panel.publicised()
    house.donate(10_000)
    house.advance(project, Stage.APPROVED, house.approver)
    parts = (Instalment(300_000, clock.today(), After.START), Instalment(150_000, clock.today(), After.MIDTERM, "用款清楚"))
    wanted = ContractDraft("协议-7", clock.today(), "居委会", 450_000, parts)
    in_transaction(lambda: contracts.sign(project, wanted, house.officer, clock.now()))
    house.advance(project, Stage.RUNNING, house.approver)
    with pytest.raises(Invalid) as more:
        house.ask_grant(project, 3_001)
    assert "第 1 期" in more.value.fields["fen"]
    house.grant(project, 2_000)
    first = house.grant(project, 1_000)
    with pytest.raises(Conflict, match="中期检查以后"):
        house.ask_grant(project, 100)
    house.advance(project, Stage.MIDTERM, house.approver, "一半做完了")
    house.grant(project, 1_500)
    assert [part.left for part in stages.instalments(project)] == [0, 0]
    with pytest.raises(Conflict, match="都拨完了"):
        house.ask_grant(project, 1)
    house.correct(first)
    assert [part.left for part in stages.instalments(project)] == [100_000, 0]


def test_past_the_service_no_grant_leaves_its_instalment(panel):
    house, project = panel.house, panel.running()
    request = house.ask_grant(project, 100)
    row = db.session.execute(select(FundRequest.__table__).where(FundRequest.id == request)).mappings().one()
    values = {name: value for name, value in row.items() if name not in ("id", "state", "last_by_id", "form_key")}
    for change in ({"instalment_id": None}, {"fen": 480_000}, {"kind": "payment"}):
        forged = values | {"number": "x", "steps": 0} | change
        with pytest.raises(DBAPIError):
            in_transaction(lambda forged=forged: db.session.execute(FundRequest.__table__.insert().values(**forged)))
        db.session.rollback()


def test_a_paused_project_neither_gets_nor_spends_and_goes_back_to_what_it_was(panel):
    house, project = panel.house, panel.running()
    house.advance(project, Stage.MIDTERM, house.approver, "一半做完了")
    house.advance(project, Stage.PAUSED, house.officer, "场地要修")
    with pytest.raises(Conflict, match="已暂停"):
        in_transaction(lambda: requests.ask_grant(GrantAsked(project, 100, "拨付"), house.officer, clock.now()))
    with pytest.raises(Conflict):
        house.advance(project, Stage.RUNNING, house.officer, "好了")
    house.advance(project, Stage.MIDTERM, house.officer, "修好了")
    assert stage_of(project) is Stage.MIDTERM


def test_a_stopped_project_is_archived_when_its_money_went_back(panel):
    house, project = panel.house, panel.running()
    house.donate(10_000)
    house.grant(project, 1_000)
    house.advance(project, Stage.STOPPED, house.approver, "负责的人搬走了，余款交回")
    with pytest.raises(Conflict, match="余款"):
        house.advance(project, Stage.ARCHIVED, house.approver)
    from app.fund.money_rules import ReturnAsked
    from app.fund.service import money

    asked = ReturnAsked(project, None, 100_000, "中止，余款交回")
    request = in_transaction(lambda: money.ask_return(asked, house.officer, clock.now()))
    house.step(request, Step.APPROVED, house.approver)
    house.advance(project, Stage.ARCHIVED, house.approver)
    assert stage_of(project) is Stage.ARCHIVED


def test_what_waits_is_what_the_rule_lets_this_person_decide(panel):
    """The one-query work list against `stage_rules`, for everybody, at every stage where somebody decides."""
    house = panel.house
    seen = [panel.sent("甲"), panel.scored("乙"), panel.publicised("丙"), panel.running("丁")]
    wish = house.draft("戊")
    in_transaction(lambda: projects.send(wish, house.officer, clock.now()))
    house.advance(wish, Stage.CHECKED, house.approver)
    signed = house.approved("己", (("材料", 100),))
    house.sign(signed, 100)
    final = house.project("庚", (("材料", 100),))
    house.advance(final, Stage.FINAL, house.officer, "做完了")
    stopped = house.project("辛", (("材料", 100),))
    house.advance(stopped, Stage.STOPPED, house.approver, "不做了")
    next_stage = {
        **{Stage.APPLIED: Stage.CHECKED, Stage.CHECKED: Stage.APPROVED, Stage.SCORED: Stage.PUBLICISED, Stage.PUBLICISED: Stage.APPROVED},
        **{Stage.APPROVED: Stage.RUNNING, Stage.FINAL: Stage.CLOSED, Stage.STOPPED: Stage.ARCHIVED},
    }
    found = 0
    for person in (house.officer, house.approver, house.second, house.administrator, house.neighbour, panel.proposer):
        actor = house.make.actor(person)
        listed = {row.id for row in deciding.projects_where(deciding.waiting_projects(actor, clock.now()))}
        for project in (*seen, wish, signed, final, stopped):
            road = stages.road(project)
            to = next_stage.get(road.stage)
            if to is None:
                continue
            may = any(is_below(house.community, actor.roots(action), clock.today()) for action in actions_for(to))
            ready = road if road.stage not in (Stage.SCORED, Stage.PUBLICISED) else _as_if_shown(road)
            expected = may and stage_fault(ready, to, person, own_unit=person == house.neighbour) is None
            assert (project in listed) == expected, (project, road.stage, person)
            found += expected
    assert found > 6


def _as_if_shown(road):
    """What the decision itself brings about: the 公示 is put up with the stage, and concluded with the approval."""
    from dataclasses import replace

    return replace(road, shown=True, cleared=True)
