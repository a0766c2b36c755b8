"""One's own 双50, the branch's view of it, and the tables."""

import io
from datetime import timedelta

from openpyxl import load_workbook

from app.core.permissions import Role
from app.hours.rules import HourClass, HourKind
from app.people.rules import StageKind
from app.requirements import queries
from app.requirements.rules import State
from tests.conftest import statements
from tests.requirements.conftest import BEGAN, TODAY


def test_one_s_own_page_tells_each_entry_and_why_it_does_not_count(branch, as_person):
    person = branch.person
    branch.serve(person, BEGAN - timedelta(days=1), 60)
    branch.serve(person, BEGAN + timedelta(days=1), 120)
    for day, minutes in ((2, 540), (3, 120), (4, 30)):
        branch.serve(
            person,
            BEGAN + timedelta(days=day),
            minutes,
            hour_class=HourClass.HONOUR,
            made_by_id=branch.deputy,
            approved_by_id=branch.secretary,
        )
    branch.serve(person, BEGAN + timedelta(days=5), 90, kind=HourKind.STUDY)
    page = as_person(person).get("/me/double50").text
    for words in ("在进入这个阶段以前", "计 1 小时：补录时长已到上限", "以前的服务", "学习＋服务制", "补录时长 9 小时", "李柏豪审核"):
        assert words in page, words
    assert page.count("计入</span>") == 3
    service, study = queries.progress_of([person], TODAY)[person]
    assert (service.credit, service.honour, study.credit) == (120, 600, 90)


def test_a_long_record_is_shown_by_twenties_and_costs_no_more_queries(branch, as_person):
    browser = as_person(branch.person)

    def cost():
        with statements() as sent:
            browser.get("/me/double50")
        return len(sent)

    branch.serve(branch.person, BEGAN, 30)
    once = cost()
    for nth in range(44):
        branch.serve(branch.person, BEGAN + timedelta(days=nth), 30)
    assert cost() == once
    page = browser.get("/me/double50").text
    assert (page.count("扫码时长 30 分"), "再看 20 条" in page) == (20, True)
    page = browser.get("/me/double50?service=40").text
    assert (page.count("扫码时长 30 分"), "再看 5 条" in page) == (40, True)


def test_those_of_whom_nothing_is_asked_are_told_so(branch, as_person, make):
    assert "现在没有双50的要求" in as_person(make.person("街坊", home=branch.unit)).get("/me/double50").text
    assert "现在没有双50的要求" in as_person(branch.secretary).get("/me/double50").text


def test_the_branch_confirms_from_the_page_of_a_person(branch, as_person):
    desk, address = as_person(branch.secretary), f"/people/{branch.person}/double50"
    assert "支部确认，封存凭证" not in desk.get(address).text
    branch.fill(branch.person)
    page = desk.get(address).text
    assert "都满了，等支部确认" in page
    sent = desk.post(f"{address}/confirmations", data={"stage": "activist", "began_on": BEGAN.isoformat(), "note": "支委会 11 月 20 日"})
    assert sent.status_code == 303
    page = desk.get(sent.location).text
    for words in ("支部已确认", "李柏豪", "支委会 11 月 20 日", "下载 PDF", "这是您确认的"):
        assert words in page, words
    assert "已封存" in desk.get(address).text
    deputy = as_person(branch.deputy)
    assert deputy.post(f"{sent.location}/withdrawal", data={"reason": ""}).status_code == 422
    assert deputy.post(f"{sent.location}/withdrawal", data={"reason": "记错了人"}).status_code == 303
    assert "记错了人" in as_person(branch.person).get("/me/double50").text


def test_nobody_confirms_without_the_right_there(branch, as_person, make):
    branch.fill(branch.person)
    sibling = make.unit("锦园第三党支部", parent=branch.community)
    elsewhere = branch.official("别处书记", Role.SECRETARY, sibling)
    form = {"stage": "activist", "began_on": BEGAN.isoformat()}
    for person in (branch.person, elsewhere, branch.administrator):
        assert as_person(person).post(f"/people/{branch.person}/double50/confirmations", data=form).status_code == 404
    assert as_person(elsewhere).get(f"/people/{branch.person}/double50").status_code == 404
    assert as_person(branch.secretary).post(f"/people/{branch.person}/double50/confirmations", data={"stage": "x"}).status_code == 422


def table(branch, make):
    """One in each state, and a branch beside it."""
    branch.fill(done := branch.activist("已确认甲"))
    branch.confirm(done)
    branch.fill(branch.activist("已达到乙"))
    branch.activist("已超期丙", since=TODAY - timedelta(days=400))
    branch.activist("偏紧丁", since=TODAY - timedelta(days=345))
    make.person("预备戊", home=branch.unit, stage=StageKind.PROBATIONARY, stage_since=BEGAN)
    other = make.unit("锦园第三党支部", parent=branch.community)
    branch.activist("邻居己", other)
    return other


def test_the_table_says_where_everybody_stands(branch, as_person, make):
    other = table(branch, make)
    found = {one.name: one.state for one in queries.lines([branch.unit], 2, TODAY)}
    assert found == {
        "已确认甲": State.CONFIRMED,
        "已达到乙": State.REACHED,
        "已超期丙": State.OVERDUE,
        "偏紧丁": State.TIGHT,
        "何嘉怡": State.ON_TRACK,
        "预备戊": State.ON_TRACK,
    }
    tight = next(one for one in queries.lines([branch.unit], 2, TODAY) if one.name == "偏紧丁")
    assert (tight.days_left, tight.missing, tight.weekly) == (20, 6000, 2100)
    desk = as_person(branch.secretary)
    page = desk.get("/double50").text
    assert "邻居己" not in page
    assert page.index("已达到乙") < page.index("已超期丙") < page.index("偏紧丁") < page.index("何嘉怡") < page.index("已确认甲")
    assert "何嘉怡" not in desk.get("/double50?state=overdue").text
    assert "预备戊" not in desk.get("/double50?stage=activist").text
    assert desk.get("/double50?sort=nonsense&state=nonsense&page=99").status_code == 200
    assert desk.get(f"/double50?unit={other}").status_code == 404
    above = as_person(branch.official("社区书记", Role.SECRETARY, branch.community))
    assert "邻居己" in above.get("/double50").text
    assert "何嘉怡" not in above.get(f"/double50?unit={other}").text


def test_the_table_on_paper_and_for_excel(branch, as_person, make):
    table(branch, make)
    desk = as_person(branch.secretary)
    assert "支部书记（签名）" in desk.get("/double50/printed?state=reached").text
    rows = list(load_workbook(io.BytesIO(desk.get("/double50.xlsx?sort=name").data)).active.iter_rows(min_row=3, values_only=True))
    heading, lines = rows[0], {row[0]: dict(zip(rows[0], row, strict=True)) for row in rows[1:]}
    assert heading[:4] == ("姓名", "组织", "发展阶段", "开始")
    done = lines["已达到乙"]
    assert (done["服务已计（小时）"], done["服务含补录（小时）"], done["状态"]) == (50, 1.66, "已达到")
    assert (lines["已超期丙"]["还有几天"], lines["已超期丙"]["还差（小时）"]) == (-35, 100)


def test_the_table_of_a_thousand_asks_no_more_and_agrees_with_each_person(branch, as_person, make):
    browser = as_person(branch.official("社区书记", Role.SECRETARY, branch.community))
    table(branch, make)
    browser.get("/double50")

    def cost():
        with statements() as sent:
            browser.get("/double50")
        return len(sent)

    before = cost()
    people = [branch.activist(f"又{nth}", since=BEGAN - timedelta(days=nth)) for nth in range(25)]
    for nth, person in enumerate(people):
        for kind in HourKind:
            branch.serve(person, BEGAN + timedelta(days=nth), 1 + 200 * nth, kind, HourClass.HONOUR if nth % 3 else HourClass.CREDIT)
    assert cost() == before
    assert "第 1 页，共 2 页" in browser.get("/double50").text
    told = queries.progress_of(people, TODAY)
    for line in queries.lines([branch.community], 2, TODAY):
        for one, same in zip(line.needs, told.get(line.person_id, []), strict=False):
            assert (one.credit, one.honour, one.days_left, one.weekly) == (same.credit, same.honour, same.days_left, same.weekly)
