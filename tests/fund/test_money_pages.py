"""The pages of the rarer ways of money, of deputies, purposes and limits, and the sheet that is printed and signed."""

import re

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.fund import queries
from app.fund.models import FundRequest
from app.fund.models_office import FundDelegation, FundPolicyProposal, FundPurpose
from app.fund.rules import RequestKind, Step
from app.worklist import service as worklist

sqlite_only = True


@pytest.fixture
def officer(as_person, house):
    return as_person(house.officer)


@pytest.fixture
def approver(as_person, house):
    return as_person(house.approver)


def newest(kind):
    return db.session.scalar(select(FundRequest.id).where(FundRequest.kind == kind).order_by(FundRequest.id.desc()))


def field(page, name):
    return re.search(f'name="{name}" value="([^"]*)"', page)[1]


def asks(client, form, sent, **values):
    """Fill in a form as it is shown; sent twice it is one request."""
    values["form_key"] = field(client.get(form).text, "form_key")
    answers = [client.post(sent, data=values) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    return answers[0].location


def test_an_opening_is_noted_by_one_and_approved_by_another(officer, approver):
    where = asks(
        officer, "/fund/openings/new", "/fund/openings", purpose_id="0", fen="12,000.50", as_of="2025-12-31", reference="审计报告 3 号"
    )
    assert "现在不用您办" in officer.get(where).text
    assert approver.post(f"{where}/approval").status_code == 303
    assert queries.totals().balance == 12_000_50
    assert "期初结余" in officer.get("/fund/entries").text
    wrong = officer.post("/fund/openings", data={"purpose_id": "7", "fen": "x", "as_of": "", "reference": ""})
    assert wrong.status_code == 422
    assert "有 4 处要改" in wrong.text


def test_a_refund_is_noted_beside_its_payment(house, officer, approver):
    project = house.project()
    house.donate(1_000, project)
    payment = house.pay(project, 600)
    page = officer.get(f"/fund/requests/{payment}").text
    assert f"/fund/requests/{payment}/refunds/new" in page
    address = f"/fund/requests/{payment}/refunds"
    where = asks(officer, f"{address}/new", address, fen="200", purpose="多付了", receipt="回单 9", arrived_on=clock.today().isoformat())
    assert "对一下银行回单" in approver.get(where).text
    assert approver.post(f"{where}/approval").status_code == 404, "what arrived is found in the bank, not decided"
    assert approver.post(f"{where}/arrival").status_code == 303
    assert "200.00 元" in officer.get(f"/fund/requests/{payment}").text
    assert queries.figures_of(project).spent == 400_00


def test_what_is_left_goes_back_from_the_projects_page(house, ways, officer, approver):
    house.donate(2_000)
    project = house.project()
    house.grant(project, 1_000)
    assert f"/fund/projects/{project}/returns/new" in officer.get(f"/fund/projects/{project}").text
    assert "/returns/new" not in approver.get(f"/fund/projects/{project}").text
    address = f"/fund/projects/{project}/returns"
    where = asks(officer, f"{address}/new", address, purpose_id="0", fen="400", purpose="用不完")
    approver.post(f"{where}/approval")
    shown = officer.get(f"/fund/projects/{project}").text
    assert "已交回" in shown
    assert "400.00 元" in shown
    assert "最多能交回 600.00 元" in officer.post(address, data={"purpose_id": "0", "fen": "601", "purpose": "x"}).text


def test_a_purpose_is_opened_given_to_set_aside_for_and_granted_from(house, ways, officer, approver):
    assert officer.post("/fund/purposes", data={"name": "助学", "words": "给孩子买书"}).status_code == 303
    purpose = db.session.scalar(select(FundPurpose.id))
    assert officer.post(f"/fund/purposes/{purpose}/decision", data={"verdict": "approved"}).status_code == 404
    assert db.session.scalar(select(FundPurpose.verdict)) is None
    groups = dict(worklist.waiting(house.make.actor(house.approver)).groups)
    assert groups == {"基金事务": 1}
    assert "同意开立" in approver.get("/work").text
    approver.post(f"/fund/purposes/{purpose}/decision", data={"verdict": "approved"})
    given = {"donor": "何先生", "purpose": "助学捐赠", "receipt": "回单 1", "arrived_on": clock.today().isoformat(), "fen": "500"}
    where = asks(officer, "/fund/donations/new", "/fund/donations", project_id="0", purpose_id=str(purpose), **given)
    approver.post(f"{where}/arrival")
    assert "500.00" in officer.get("/fund/purposes").text
    house.donate(1_000)
    minute = {"explanation": "会议决定留给助学", "minute_ref": "纪要 5"}
    where = asks(officer, "/fund/transfers/new", "/fund/transfers", project_id="0", purpose_id=str(purpose), fen="300", **minute)
    ways.minute(newest(RequestKind.TRANSFER))
    approver.post(f"{where}/approval")
    assert "会议决定留给助学" in officer.get("/fund/entries").text
    project = ways.project(purpose)
    assert "限定用途" in officer.get(f"/fund/projects/{project}").text
    address = f"/fund/projects/{project}/grants"
    asks(officer, f"{address}/new", address, purpose_id=str(purpose), fen="800", purpose="拨付")
    ways.approve(newest(RequestKind.GRANT))
    assert ways.balance(project_id=project) == 800


def test_limits_are_proposed_and_agreed_to(officer, approver):
    wanted = {"valid_from": "2026-12-01", "second_above": "3,000", "minute_above": "30000", "how_to_give": "请到街道", "reason": "例会"}
    wanted |= {"sum_days": "30"}
    assert officer.post("/fund/limits", data=wanted | {"minute_above": "1"}).status_code == 422
    assert officer.post("/fund/limits", data=wanted).status_code == 303
    proposal = db.session.scalar(select(FundPolicyProposal.id))
    empty = approver.post(f"/fund/limits/{proposal}/decision", data={"verdict": "returned", "answer": ""}, follow_redirects=True)
    assert "请填写原因" in empty.text
    approver.post(f"/fund/limits/{proposal}/decision", data={"verdict": "approved"})
    page = officer.get("/fund/limits").text
    assert "邓淑芬提出，罗国栋同意" in page


def test_a_deputy_is_asked_says_yes_and_approves_by_the_page(house, ways, approver, as_person):
    deputy = ways.second_officer()
    theirs = as_person(deputy)
    project = house.project()
    house.donate(1_000, project)
    request = house.ask(project, 100)
    assert theirs.post(f"/fund/requests/{request}/approval").status_code == 404
    today = clock.today().isoformat()
    asked = {"to_id": str(deputy), "first_on": today, "last_on": today, "reason": "年假"}
    assert approver.post("/fund/deputies", data=asked).status_code == 303
    assert "请您替罗国栋代办" in theirs.get("/work").text
    delegation = db.session.scalar(select(FundDelegation.id))
    assert theirs.post(f"/fund/deputies/{delegation}/acceptance").status_code == 303
    assert "您在替罗国栋代办" in theirs.get(f"/fund/requests/{request}").text
    answer = theirs.post(f"/fund/requests/{request}/approval", follow_redirects=True).text
    assert "替罗国栋办" in answer
    assert "冯少珍，替罗国栋" in answer
    assert "代办了 1 步" in approver.get("/fund/deputies").text
    assert theirs.post(f"/fund/deputies/{delegation}/ending").status_code == 303


def test_the_sheet_shows_figures_words_steps_and_room_to_sign(house, officer):
    project = house.project()
    house.donate(9_000, project)
    request = house.ask(project, 5_001)
    house.step(request, Step.APPROVED, house.approver)
    sheet = officer.get(f"/fund/requests/{request}/form").text
    for words in ("用款申请单", "GA-2026-001-", "独居长者家里修一修", "材料", "5,001.00", "人民币伍仟零壹元整", "邓淑芬", "罗国栋", "签名"):
        assert words in sheet
    assert [name in sheet for name in ("第二人核准", "已付", "已核对")] == [True] * 3
    paper = officer.get(f"/fund/requests/{request}/form.pdf")
    assert (paper.status_code, paper.content_type, paper.data[:5]) == (200, "application/pdf", b"%PDF-")


def test_who_has_nothing_to_do_with_it_finds_nothing(house, as_person):
    project = house.project()
    house.donate(1_000, project)
    request = house.ask(project, 100)
    stranger, auditor = as_person(house.make.person("街坊")), as_person(house.auditor)
    sheet = f"requests/{request}/form"
    for page in ("purposes", "limits", "deputies", sheet, f"{sheet}.pdf", "openings/new", "transfers/new"):
        assert stranger.get(f"/fund/{page}").status_code == 404
    assert auditor.get("/fund/deputies").status_code == 200
    assert auditor.post("/fund/deputies", data={}).status_code == 404
    for step in ("approval", "payment", "reconciliation", "return"):
        assert auditor.post(f"/fund/requests/{request}/{step}", data={"note": "x"}).status_code == 404
