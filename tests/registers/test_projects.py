"""历史项目: booked like every yuan, approved by another, marked as without vouchers; taken back by two, to the fen."""

from datetime import date

import pytest
from sqlalchemy import func, select, update

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Refused
from app.core.permissions import Role
from app.fund import queries as fund
from app.fund.models import FundMovementEntry, FundProject, FundServiceEntry, FundStageEntry
from app.fund.rules import MoneySource, ProjectKind, Stage, Step
from app.fund.service import past_projects, requests, steps
from app.fund.service.past_projects import PastProject
from app.people.rules import UnitKind
from app.registers import running, service, status
from app.registers.models import RegisterBatch
from app.registers.rules import RegisterKind
from app.sheets.writing import Table, xlsx
from tests.conftest import statements
from tests.registers import sheet
from tests.registers.sheet import counts, refusals

PROJECTS = RegisterKind.PROJECTS


@pytest.fixture
def town(make):
    top = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    lake = make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=top)
    officer, approver, other = (make.person(name) for name in ("周敏", "霍静雯", "陈国强"))
    make.grant(officer, Role.FUND_OFFICER, top)
    make.grant(approver, Role.FUND_APPROVER, top)
    make.grant(other, Role.FUND_APPROVER, top)
    return {"top": top, "lake": lake, "officer": officer, "approver": approver, "other": other}


def project(**more):
    return {
        "项目名称": "独居长者家里修一修",
        "负责组织": "灯湖社区党委",
        "开始日期": "2016-03-01",
        "支出": "35,880.50",
        "服务人次": 4200,
    } | more


def bring(town, *rows):
    return sheet.write(PROJECTS, *rows, by=town["officer"], approved_by=town["approver"])


def only(model):
    return db.session.execute(select(model)).scalar_one()


def ask(batch_id, by):
    in_transaction(lambda: service.ask_undo(batch_id, by, clock.now()))


def test_a_project_of_the_past_is_archived_with_its_money_and_its_people(town):
    before = fund.totals()
    bring(town, project(类别="微创熟", 预算="4万", 结束日期="2016-12-20", 受益的人="长者"))
    made, after = only(FundProject), fund.totals()
    assert (made.kind, made.stage, made.source, made.number) == (ProjectKind.MICRO, Stage.ARCHIVED, MoneySource.FUND, "GA-2016-001")
    assert after.spent - before.spent == 3_588_050
    assert after.balance == before.balance
    figures = fund.figures_of(made.id)
    assert (figures.budget, figures.spent, figures.balance) == (4_000_000, 3_588_050, 0)
    assert db.session.scalar(select(func.sum(FundServiceEntry.people))) == 4200
    assert fund.disagreements() == []
    days = db.session.scalars(select(FundMovementEntry.booked_on).order_by(FundMovementEntry.voucher_no)).all()
    assert days == [date(2016, 3, 1), date(2016, 12, 20)]


def test_only_the_year_is_known(town):
    bring(town, project(开始日期="2016年"))
    made = only(FundProject)
    assert (made.starts_on, made.ends_on) == (date(2016, 1, 1), date(2016, 12, 31))


def test_other_money_is_kept_apart(town):
    before = fund.totals()
    bring(town, project(资金来源="区民政局"))
    made = only(FundProject)
    assert (made.source, made.source_name) == (MoneySource.OTHER, "区民政局")
    assert fund.totals().spent == before.spent
    assert fund.disagreements() == []


def test_nobody_approves_what_they_brought(town):
    plan = sheet.plan(PROJECTS, project())
    batch_id = running.stage(plan, town["top"], "a.xlsx", town["officer"], clock.now())
    for by in (None, town["officer"]):
        with pytest.raises(Refused, match="另一位"):
            running.write(batch_id, by, clock.now(), approved_by_id=by)
    assert db.session.scalar(select(func.count()).select_from(FundProject)) == 0
    assert [one.id for one in status.waiting(lambda _: frozenset({town["top"]}), town["approver"], clock.today())] == [batch_id]
    assert status.waiting(lambda _: frozenset({town["top"]}), town["officer"], clock.today()) == []


def test_the_database_asks_for_the_second_person_too(town):
    plan = sheet.plan(PROJECTS, project())
    batch_id = running.stage(plan, town["top"], "a.xlsx", town["officer"], clock.now())
    alone = update(RegisterBatch).where(RegisterBatch.id == batch_id).values(started_at=clock.now())
    with pytest.raises(Exception, match="approved"):
        in_transaction(lambda: db.session.execute(alone))


def test_taken_back_by_two_every_figure_is_as_before(town):
    before = fund.totals()
    batch_id = bring(town, project(), project(项目名称="楼道安全灯", 支出="1.2万"))
    with pytest.raises(Refused, match="两个人"):
        sheet.undo(batch_id, town["approver"])
    ask(batch_id, town["officer"])
    with pytest.raises(Refused, match="两个人"):
        sheet.undo(batch_id, town["officer"])
    sheet.undo(batch_id, town["approver"])
    assert fund.totals() == before
    assert fund.disagreements() == []
    assert set(db.session.scalars(select(FundProject.stage))) == {Stage.VOIDED}
    assert db.session.scalar(select(func.sum(FundServiceEntry.people))) == 0
    assert db.session.scalar(select(func.count()).select_from(FundMovementEntry)) == 8, "four entries and their reversals stay"
    assert db.session.scalars(select(FundStageEntry.by_id).where(FundStageEntry.stage == Stage.VOIDED)).all() == [town["approver"]] * 2


def test_after_it_was_taken_back_it_can_come_in_again(town):
    batch_id = bring(town, project())
    ask(batch_id, town["approver"])
    sheet.undo(batch_id, town["other"])
    bring(town, project(支出="100"))
    assert fund.totals().spent == 10_000
    assert fund.disagreements() == []


def test_what_stands_already_is_not_booked_twice(town):
    bring(town, project())
    assert counts(sheet.plan(PROJECTS, project())) == (0, 0, 1, 0)
    assert "要改请走更正" in refusals(sheet.plan(PROJECTS, project(支出="1")))[0][2]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"支出": ""}, "没有填支出"),
        ({"支出": "一百"}, "金额请填数字"),
        ({"支出": "1.005"}, "到分为止"),
        ({"支出": "-5"}, "0 到一百亿"),
        ({"开始日期": "2008"}, "从 2009 年开始"),
        ({"开始日期": ""}, "没有填开始日期"),
        ({"结束日期": "2015-01-01"}, "结束要在开始之后"),
        ({"结束日期": "2031-01-01"}, "不是历史数据"),
        ({"负责组织": "没有这个社区"}, "没有找到组织"),
        ({"服务人次": "许多"}, "填整数"),
        ({"类别": "别的"}, "只能填"),
    ],
)
def test_a_row_that_can_not_be_right_says_why(town, cells, said):
    faults = refusals(sheet.plan(PROJECTS, project(**cells)))
    assert any(said in reason for _, _, reason in faults), faults


def test_the_same_project_twice_in_a_list(town):
    assert "重复" in refusals(sheet.plan(PROJECTS, project(), project()))[0][2]


def test_amounts_under_a_heading_in_ten_thousands(town):
    data = xlsx(Table("表", ["项目名称", "负责组织", "年度", "支出（万元）"], [["敬老", "灯湖社区党委", 2017, 3.58805]]))
    [one] = sheet.plan_data(PROJECTS, data).decisions
    assert one.values["spent"] == 3_588_050


def test_whoever_may_not_sees_no_batch(client, as_person, town, make):
    batch_id = bring(town, project())
    page = f"/registers/batches/{batch_id}"
    assert as_person(town["officer"]).get(page).status_code == 200
    boss = make.person("何家荣")
    make.grant(boss, Role.SECRETARY, town["lake"])
    assert as_person(boss).get(page).status_code == 404
    assert as_person(boss).post(f"{page}/reversal-request").status_code == 404


def test_a_hundred_take_as_many_statements_as_ten(town):
    def make(first, many):
        found = [past(town, first + n) for n in range(many)]
        with statements() as seen:
            in_transaction(lambda: past_projects.make(found, 1, town["officer"], town["approver"], clock.now()))
        return len(seen)

    assert make(0, 10) >= make(10, 100)
    assert fund.totals().spent == sum(range(1, 111)) * 100
    assert fund.disagreements() == []


def past(town, n):
    """The n-th of many, with n + 1 yuan."""
    days = date(2016, 1, 1), date(2016, 12, 31)
    return PastProject(ProjectKind.CARE, f"项目{n}", "-", "-", "-", town["lake"], *days, "", (n + 1) * 100, (n + 1) * 100, n)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"服务人次": "4,300"}, "服务人次 4,200"),
        ({"预算": "9万"}, "预算 40,000.00 元"),
        ({"类别": "微心愿"}, "类别是微创熟"),
        ({"结束日期": "2016-11-20"}, "结束日期 2016-12-20"),
        ({"资金来源": "区民政局"}, "资金来源是关爱基金"),
    ],
)
def test_whatever_a_list_says_otherwise_than_the_books_is_noticed(town, cells, said):
    told = {"类别": "微创熟", "预算": "4万", "结束日期": "2016-12-20"}
    bring(town, project(**told))
    faults = refusals(sheet.plan(PROJECTS, project(**told | cells)))
    assert [column for _, column, _ in faults] == list(cells)
    assert said in faults[0][2]
    assert "要改请走更正" in faults[0][2]
    assert counts(sheet.plan(PROJECTS, project(服务人次="", 结束日期=""))) == (0, 0, 1, 0), "what a list leaves open is not compared"


def test_a_correction_that_waits_is_named_and_holds_up_the_undoing_until_it_is_withdrawn(town, as_person):
    batch_id = bring(town, project())
    served = only(FundServiceEntry)
    asked = in_transaction(lambda: requests.ask_figure_correction(served.id, "多写了一个零", town["officer"], clock.now()))
    ask(batch_id, town["officer"])
    page = as_person(town["approver"]).get(f"/registers/batches/{batch_id}").text
    assert f"/fund/requests/{asked}" in page
    assert "同意，整批退回" not in page
    with pytest.raises(Conflict, match=r"1 笔更正还等着核准（GA-2016-001-03）"):
        sheet.undo(batch_id, town["approver"])
    assert only(FundProject).stage is Stage.ARCHIVED
    officer = as_person(town["officer"])
    assert f"/fund/requests/{asked}/withdrawal" in officer.get(f"/fund/requests/{asked}").text
    assert officer.post(f"/fund/requests/{asked}/withdrawal").status_code == 303
    sheet.undo(batch_id, town["approver"])
    assert only(FundProject).stage is Stage.VOIDED
    assert fund.disagreements() == []


def test_a_figure_that_was_corrected_is_taken_back_as_it_stands(town):
    batch_id = bring(town, project())
    served = only(FundServiceEntry)
    asked = in_transaction(lambda: requests.ask_figure_correction(served.id, "重复", town["officer"], clock.now()))
    in_transaction(lambda: steps.take(asked, Step.APPROVED, town["approver"], clock.now()))
    ask(batch_id, town["officer"])
    sheet.undo(batch_id, town["approver"])
    assert fund.totals().people == 0
    assert db.session.scalar(select(func.count()).select_from(FundServiceEntry)) == 2


def test_a_hundred_are_taken_back_with_as_many_statements_as_ten(town):
    def void(first, many):
        found = [past(town, first + n) for n in range(1, many + 1)]
        ids = in_transaction(lambda: past_projects.make(found, 1, town["officer"], town["approver"], clock.now()))
        with statements() as seen:
            in_transaction(lambda: past_projects.void(ids, "退回", town["officer"], town["approver"], clock.now()))
        return len(seen)

    assert void(0, 10) >= void(10, 100)
    assert (fund.totals().spent, fund.totals().people) == (0, 0)
    assert fund.disagreements() == []
