"""What people see of the fund: public pages equal the ledger, forms say what is wrong, nobody sees what is not theirs."""

import random
import re

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db, in_transaction
from app.core.words import yuan
from app.demo import fund as demo
from app.demo.fund_road import Hands
from app.fund import queries
from app.fund.models import FundRequest
from app.fund.rules import Stage, Step
from app.fund.service import projects
from app.worklist import service as worklist
from app.worklist.service import number
from tests.conftest import statements
from tests.fund.houses import reviewers

sqlite_only = True


@pytest.fixture
def count_queries(app):
    def counted(work):
        with statements() as seen:
            work()
        return len(seen)

    return counted


def test_anyone_sees_where_the_money_went(client, house):
    project = house.project()
    house.donate(20_000, public_name="灯湖商会")
    house.donate(300, project)
    house.grant(project, 10_000)
    house.pay(project, 4_860)
    page = client.get("/fund").text
    totals = queries.totals()
    assert f"收入 {yuan(totals.income)} − 支出 {yuan(totals.spent)} = 结余 {yuan(totals.balance)} 元" in page
    assert "独居长者家里修一修" in page
    assert "5,000 元以上加一位核准" in page
    shown = client.get(f"/fund/projects/{project}").text
    assert "10,300.00 元" in shown
    assert "4,860.00 元" in shown
    entries = client.get("/fund/entries").text
    assert "灯湖商会" in entries
    assert "爱心人士" in entries


def test_public_pages_name_no_person_and_ask_for_no_money(client, house):
    project = house.project()
    house.donate(9_000, project)
    request = house.pay(project, 600)
    house.correct(request)
    pages = [client.get(address).text for address in ("/fund", f"/fund/projects/{project}", "/fund/entries")]
    for page in pages:
        for secret in ("何先生", "邓淑芬", "罗国栋", "南庄顺达五金店", "0619 2284 7731", "发票 0001"):
            assert secret not in page
        assert not re.search(r"<(button|a)[^>]*>[^<]*捐(款|赠|助)[^<]*</", page)


def test_every_shown_entry_adds_up_to_the_shown_sum(client, house):
    project = house.project()
    house.donate(9_000, project)
    for amount in (120, 340, 560):
        house.pay(project, amount)
    house.correct(house.pay(project, 77))
    page = client.get("/fund/entries?way=out").text
    amounts = [part.replace("−", "-").replace(",", "").replace("+", "") for part in re.findall(r'<b class="keep">([^<]+)</b>', page)]
    assert sum(round(float(amount) * 100) for amount in amounts) == 102_000 == queries.totals().spent
    assert "1,020.00" in page


def test_a_draft_is_seen_by_the_funds_people_only(client, as_person, house):
    draft = house.draft()
    assert client.get(f"/fund/projects/{draft}").status_code == 404
    assert as_person(house.make.person("路人")).get(f"/fund/projects/{draft}").status_code == 404
    assert as_person(house.auditor).get(f"/fund/projects/{draft}").status_code == 200
    assert client.get("/fund/projects/999").status_code == 404


@pytest.mark.parametrize("address", ["/fund/entries?project=x&year=99999&page=-1&way=zz", "/fund?show=zz&page=999&q=%25", "/fund?page=abc"])
def test_odd_query_strings_are_harmless(client, house, address):
    house.project()
    assert client.get(address, follow_redirects=True).status_code == 200


def test_finding_a_project(client, house):
    house.project("独居长者家里修一修")
    house.project("山区小学的书")
    page = client.get("/fund?q=小学", follow_redirects=True).text
    assert "山区小学的书" in page
    assert "独居长者" not in page
    assert "没有找到" in client.get("/fund/projects?q=100%25").text


def test_the_list_costs_as_many_queries_for_many_projects_as_for_one(client, house, count_queries):
    house.donate(9_000, house.project("第一个"))
    one = count_queries(lambda: client.get("/fund"))
    for place in range(8):
        house.donate(500, house.project(f"项目 {place}"))
    assert count_queries(lambda: client.get("/fund")) == one <= 24


def test_the_desk_costs_as_many_queries_for_many_requests(as_person, house, count_queries):
    project = house.project()
    house.ask(project, 10)
    browser = as_person(house.approver)
    one = count_queries(lambda: browser.get("/fund/desk"))
    for amount in range(11, 20):
        house.ask(project, amount)
    assert count_queries(lambda: browser.get("/fund/desk")) == one


def project_form(house, **changes):
    return {
        "kind": "micro",
        "name": "楼道安全灯",
        "summary": "装感应灯",
        "area": "灯湖社区",
        "beneficiaries": "住户",
        "unit_id": str(house.community),
        "starts_on": "2026-11-01",
        "ends_on": "2027-06-30",
        "line_1": "灯具",
        "fen_1": "12,000",
        "line_2": "安装",
        "fen_2": "６０００．５",
    } | changes


def contract_form() -> dict[str, str]:
    whole = {"number": "GAXY-2026-001", "party": "灯湖社区居民委员会", "signed_on": "2026-11-20", "fen": "18000.50"}
    return whole | {
        **{"part_1": "10000", "due_1": "2026-12-01", "after_1": "start"},
        **{"part_2": "8000.50", "due_2": "2027-03-01", "after_2": "final", "words_2": "验收通过"},
    }


def test_a_project_is_drafted_changed_sent_and_approved_in_the_browser(as_person, client, house):
    officer, approver, second = as_person(house.officer), as_person(house.approver), as_person(house.second)
    made = officer.post("/fund/projects", data=project_form(house, kind="wish"))
    assert made.status_code == 303
    address = made.location
    assert "18,000.50 元" in officer.get(address).text
    assert officer.get(f"{address}/revision").status_code == 200
    assert officer.post(f"{address}/revision", data=project_form(house, kind="wish", name="锦园楼道安全灯")).status_code == 303
    assert officer.post(f"{address}/sending").status_code == 303
    assert officer.post(f"{address}/revision", data=project_form(house)).status_code == 409
    assert client.get(address).status_code == 404
    for by, stage in ((approver, "checked"), (second, "approved")):
        assert by.post(f"{address}/stages", data={"stage": stage}).status_code == 303
    assert officer.post(f"{address}/contract", data=contract_form()).status_code == 303
    assert client.get(address).status_code == 200
    assert "灯湖社区居民委员会" not in client.get(address).text
    assert approver.post(f"{address}/stages", data={"stage": "running"}).status_code == 303
    assert "锦园楼道安全灯" in client.get("/fund").text
    assert "分期拨付" in client.get(address).text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "请填写项目名称"),
        ({"ends_on": "2026-10-01"}, "结束日期应在开始日期之后"),
        ({"starts_on": "昨天"}, "2026-11-21 这样"),
        ({"fen_1": "一万"}, "请填金额"),
        ({"fen_1": "0"}, "超出范围"),
        ({"fen_1": "1.234"}, "最多两位小数"),
        ({"line_2": "灯具"}, "写了两次"),
        ({"line_1": "", "fen_1": "", "line_2": "", "fen_2": ""}, "至少要有一项"),
        ({"unit_id": "999999"}, "请选择负责的组织"),
        ({"kind": "zz"}, "请选择项目类型"),
        ({"summary": "长" * 401}, "最多 400 个字"),
    ],
)
def test_a_bad_project_form_says_where_and_keeps_what_was_typed(as_person, house, change, said):
    answer = as_person(house.officer).post("/fund/projects", data=project_form(house, **change))
    assert answer.status_code == 422
    assert said in answer.text
    assert "灯湖社区" in answer.text


def test_a_payment_in_the_browser_from_request_to_reconciled(as_person, client, house):
    project = house.project()
    house.donate(9_000, project)
    officer, approver = as_person(house.officer), as_person(house.approver)
    line = queries.page(project).lines[0].id
    form = {"line_id": line, "fen": "4,860", "purpose": "扶手材料，8 座和 9 座", "payee": "南庄顺达五金店", "invoice": "发票 1163"}
    form["form_key"] = "abcdef0123456789"
    asked = officer.post(f"/fund/projects/{project}/payments", data=form)
    again = officer.post(f"/fund/projects/{project}/payments", data=form)
    assert asked.location == again.location, "sent twice is once"
    address = asked.location
    assert "核准" not in [button.strip() for button in re.findall(r"<button[^>]*>([^<]*)</button>", officer.get(address).text)]
    assert officer.post(f"{address}/approval").status_code == 404
    assert approver.post(f"{address}/approval").status_code == 303
    late = officer.post(f"{address}/payment", data={"reference": "", "happened_on": "2026-11-21"})
    assert late.status_code == 422
    assert "请填写银行流水号" in late.text
    future = officer.post(f"{address}/payment", data={"reference": "0619", "happened_on": "2026-12-21"})
    assert future.status_code == 422
    assert officer.post(f"{address}/payment", data={"reference": "0619", "happened_on": "2026-11-21"}).status_code == 303
    assert officer.post(f"{address}/reconciliation").status_code == 404
    assert approver.post(f"{address}/mismatch", data={"note": ""}).status_code == 422
    assert approver.post(f"{address}/reconciliation").status_code == 303
    assert "4,860.00" in client.get(f"/fund/projects/{project}").text
    assert queries.standing(int(address.rsplit("/", 1)[1])).state is Step.RECONCILED


def test_once_approved_it_is_the_payers_to_pay_or_to_return(as_person, house):
    project = house.project()
    house.donate(1_000, project)
    request = house.ask(project, 100)
    house.step(request, Step.APPROVED, house.approver)
    address = f"/fund/requests/{request}"
    second, officer = as_person(house.second), as_person(house.officer)
    assert "退回，请写明原因" not in second.get(address).text
    assert second.post(f"{address}/return", data={"note": "不急"}).status_code == 404
    assert "退回，请写明原因" in officer.get(address).text
    assert officer.post(f"{address}/return", data={"note": "店家换了账号"}).status_code == 303
    assert queries.standing(request).state is Step.RETURNED


def test_who_is_of_the_projects_unit_reads_that_they_step_aside(as_person, house):
    request = house.ask(house.project(), 100)
    neighbour = as_person(house.neighbour)
    page = neighbour.get(f"/fund/requests/{request}").text
    assert "这是您所在组织的项目，您要回避" in page
    assert f'action="/fund/requests/{request}' not in page
    assert neighbour.post(f"/fund/requests/{request}/approval").status_code == 403
    assert f"/fund/requests/{request}" not in neighbour.get("/work").text
    assert f"/fund/requests/{request}/approval" in as_person(house.approver).get("/work").text
    assert "要回避" not in as_person(house.officer).get(f"/fund/requests/{request}").text


def test_paying_without_enough_money_says_so_on_the_page(as_person, house):
    project = house.project()
    request = house.ask(project, 100)
    house.step(request, Step.APPROVED, house.approver)
    browser = as_person(house.officer)
    answer = browser.post(
        f"/fund/requests/{request}/payment", data={"reference": "0619", "happened_on": "2026-11-21"}, follow_redirects=True
    )
    assert "账上现有 0.00 元" in answer.text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"fen": "40000.01"}, "这一项预算还剩"),
        ({"fen": "-5"}, "请填金额"),
        ({"line_id": "0"}, "请选择预算里的一项"),
        ({"payee": " "}, "请填写收款人"),
    ],
)
def test_a_bad_payment_form(as_person, house, change, said):
    project = house.project()
    line = queries.page(project).lines[0].id
    form = {"line_id": line, "fen": "10", "purpose": "扶手", "payee": "五金店", "invoice": "发票 1"} | change
    answer = as_person(house.officer).post(f"/fund/projects/{project}/payments", data=form)
    assert answer.status_code == 422
    assert said in answer.text
    assert db.session.scalar(select(func.count()).select_from(FundRequest)) == 0


def test_a_donation_without_consent_stays_unnamed(as_person, client, house):
    officer = as_person(house.officer)
    form = {"project_id": "0", "fen": "500", "donor": "何大文", "public_name": "何先生", "purpose": "街坊捐赠"}
    form |= {"receipt": "回单 7", "arrived_on": "2026-11-20"}
    address = officer.post("/fund/donations", data=form).location
    assert as_person(house.administrator).post(f"{address}/arrival").status_code == 303
    page = client.get("/fund/entries").text
    assert "爱心人士" in page
    assert "何先生" not in page
    refused = officer.post("/fund/donations", data=form | {"consent": "1", "public_name": "", "arrived_on": "2026-11-22"})
    assert refused.status_code == 422


def test_a_correction_in_the_browser(as_person, client, house):
    project = house.project()
    house.donate(9_000, project)
    paid = house.pay(project, 600)
    officer = as_person(house.officer)
    assert officer.get(f"/fund/requests/{paid}/corrections/new").status_code == 200
    assert officer.post(f"/fund/requests/{paid}/corrections", data={"explanation": ""}).status_code == 422
    address = officer.post(f"/fund/requests/{paid}/corrections", data={"explanation": "付给了错的店，钱已退回"}).location
    assert as_person(house.approver).post(f"{address}/approval").status_code == 303
    assert "付给了错的店，钱已退回" in client.get("/fund").text
    assert "已更正" in officer.get(f"/fund/requests/{paid}").text


def test_service_figures_and_progress_are_published_and_corrected(as_person, client, house):
    project = house.project()
    officer, approver = as_person(house.officer), as_person(house.approver)
    form = {"served_on": "2026-11-20", "people": "312", "what": "上门修缮", "activity_id": "0"}
    assert officer.post(f"/fund/projects/{project}/services", data=form).status_code == 303
    assert officer.post(f"/fund/projects/{project}/services", data=form | {"people": "0"}).status_code == 422
    assert officer.post(f"/fund/projects/{project}/services", data=form | {"served_on": "2027-01-01"}).status_code == 422
    assert queries.totals().people == 312
    entry = queries.page(project).services[0].id
    address = officer.post(f"/fund/services/{entry}/corrections", data={"explanation": "多记了一天"}).location
    assert queries.totals().people == 312
    assert approver.post(f"{address}/approval").status_code == 303
    assert queries.totals().people == 0
    assert "多记了一天" in client.get(f"/fund/projects/{project}").text
    body = {"happened_on": "2026-11-19", "body": "装好 7 座"}
    assert officer.post(f"/fund/projects/{project}/progress", data=body).status_code == 303
    first = queries.page(project).progress[0].id
    assert officer.post(f"/fund/projects/{project}/progress", data=body | {"body": "是 6 座", "replaces": first}).status_code == 303
    page = client.get(f"/fund/projects/{project}").text
    assert "装好 7 座" in page
    assert "这一条后来有更正" in page


def test_overdue_progress_is_said_in_public(client, house):
    project = house.project()
    assert "进展逾期" in client.get("/fund").text
    in_transaction(lambda: projects.add_progress(project, clock.today(), "走访完", house.officer, clock.now()))
    assert "按时公开" in client.get("/fund").text


WRITES = ("approval", "arrival", "return", "payment", "reconciliation", "mismatch", "answer", "withdrawal", "corrections")


def test_the_auditor_reads_all_and_writes_nothing(as_person, house):
    project = house.project()
    house.donate(1_000, project)
    request = house.ask(project, 10)
    auditor = as_person(house.auditor)
    for address in ("/fund/desk?show=all", f"/fund/requests/{request}", f"/fund/projects/{project}"):
        page = auditor.get(address)
        assert page.status_code == 200
        assert f'action="/fund/requests/{request}' not in page.text
    for step in WRITES:
        assert auditor.post(f"/fund/requests/{request}/{step}", data={"note": "x"}).status_code == 404
    for step in ("payments", "grants", "services", "progress", "sending", "approval", "closing"):
        assert auditor.post(f"/fund/projects/{project}/{step}").status_code == 404
    assert queries.standing(request).state is Step.REQUESTED


def test_people_of_another_community_see_no_request(as_person, house):
    from app.core.permissions import Role

    request = house.ask(house.project(), 10)
    elsewhere = house.make.unit("桂雅社区党委", parent=house.root)
    other = house.make.person("梁国强", home=elsewhere)
    house.make.grant(other, Role.FUND_APPROVER, elsewhere)
    browser = as_person(other)
    assert browser.get(f"/fund/requests/{request}").status_code == 404
    assert browser.post(f"/fund/requests/{request}/approval").status_code == 404
    assert "没有等您办的" in browser.get("/fund/desk").text


def test_strangers_are_sent_to_sign_in(client, house):
    assert client.get("/fund/desk").status_code in (302, 303)
    assert client.post("/fund/donations", data={}).status_code in (302, 303, 401)


def test_what_waits_stands_in_the_work_list_of_who_may_decide(as_person, house):
    project = house.project()
    request = house.ask(project, 10)
    house.draft("童玩角")
    draft = house.draft("等立项的项目")
    in_transaction(lambda: projects.send(draft, house.officer, clock.now()))
    make = house.make
    keys = {name: set() for name in ("officer", "approver", "administrator")}
    for name in keys:
        actor = make.actor(getattr(house, name))
        for source in worklist.sources():
            items = source.items(actor)
            assert len(items) == number(source.count(actor))
            keys[name] |= {item.key for item in items if item.key.startswith("fund")}
    assert keys == {"officer": set(), "approver": {f"fund-{request}", f"fund-project-{draft}"}, "administrator": set()}
    page = as_person(house.approver).get("/work").text
    assert "等立项的项目" in page
    assert f"/fund/requests/{request}/approval" in page


def test_the_demos_money_goes_through_the_same_hands(client, house):
    demo.load(
        random.Random(7),
        Hands(house.neighbour, house.officer, house.approver, house.administrator, reviewers(house)),
        unit_id=house.community,
        activity_ids=[house.make.activity(house.community, house.officer) for _ in range(4)],
        today=clock.today(),
    )
    assert queries.disagreements() == []
    states = set(db.session.execute(select(FundRequest.state)).scalars())
    assert {Step.REQUESTED, Step.APPROVED, Step.PAID, Step.RECONCILED, Step.CORRECTED} <= states
    assert {card.stage for card in queries.project_cards(tuple(Stage))} == {
        *(Stage.APPLIED, Stage.CHECKED, Stage.PUBLICISED, Stage.RUNNING, Stage.MIDTERM, Stage.CLOSED)
    }
    assert client.get("/fund").status_code == client.get("/fund?show=closed").status_code == 200
    assert client.get("/fund/projects/5").status_code == 200
