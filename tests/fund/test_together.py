"""Payments that together exceed a limit which each of them is below: shown to who approves, and counted as 本地规定 says."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Invalid
from app.fund import queries
from app.fund.models import FundRequest
from app.fund.money_rules import Payment, PolicyWanted, Verdict, parts_of, same_payee
from app.fund.queries import requests as asked
from app.fund.queries import together
from app.fund.rules import PaymentAsked, Policy, RequestKind, Step
from app.fund.service import purposes, requests

SHOP, SCHOOL = "南庄顺达五金店", "桂城新苗书店"


@pytest.fixture
def project(house):
    project = house.project()
    house.donate(60_000, project)
    return project


def ask(house, project, yuan, payee=SHOP, line=0, days=0, minute=""):
    now = clock.now() + timedelta(days=days)
    wanted = PaymentAsked(project, queries.page(project).lines[line].id, yuan * 100, "材料", payee, "发票", minute)
    return in_transaction(lambda: requests.ask_payment(wanted, house.officer, now))


def needs_second(request):
    return db.session.scalar(select(FundRequest.needs_second).where(FundRequest.id == request))


def rule(house, days, lines=False):
    wanted = PolicyWanted(clock.today(), 500_000, 5_000_000, "请到街道", "例会", days, lines)
    proposal = in_transaction(lambda: purposes.propose_limits(wanted, house.officer, clock.now()))
    in_transaction(lambda: purposes.decide_limits(proposal, Verdict.APPROVED, "", house.approver, clock.now()))


def test_what_is_split_between_two_days_needs_the_second_approver_all_the_same(house, project):
    first, second = ask(house, project, 4_900), ask(house, project, 4_900, days=1)
    assert (needs_second(first), needs_second(second)) == (False, True)


def test_to_another_payee_after_thirty_days_or_once_given_up_it_counts_by_itself(house, project):
    first = ask(house, project, 4_900)
    assert not needs_second(ask(house, project, 4_900, payee=SCHOOL))
    house.step(first, Step.WITHDRAWN, house.officer)
    assert not needs_second(ask(house, project, 4_900))
    assert needs_second(ask(house, project, 200, days=29))
    assert not needs_second(ask(house, project, 4_900, days=60))


def test_above_the_higher_limit_together_it_needs_the_minute(house, project):
    ask(house, project, 30_000)
    with pytest.raises(Invalid) as refused:
        ask(house, project, 25_000, line=1)
    assert "合起来 55,000.00 元" in refused.value.fields["minute_ref"]
    assert asked.request_page(ask(house, project, 25_000, line=1, minute="纪要 9")).needs_minute


def test_the_local_rule_says_whether_they_count(house, project):
    rule(house, 0)
    first, second = ask(house, project, 4_900), ask(house, project, 4_900)
    assert not needs_second(second)
    shown = together.of_requests([first, second])
    assert {request: (parts.total, parts.above, parts.adds_up) for request, parts in shown.items()} == {
        first: (980_000, 500_000, False),
        second: (980_000, 500_000, False),
    }, "it is shown to who approves all the same"


def test_on_one_line_of_the_budget_they_count_where_the_rule_says_so(house, project):
    ask(house, project, 4_900)
    one = ask(house, project, 4_900, payee=SCHOOL)
    assert not needs_second(one)
    parts = together.of_requests([one])[one]
    assert (parts.payee, len(parts.others), parts.total) == (False, 1, 980_000)
    rule(house, 30, lines=True)
    assert needs_second(ask(house, project, 100, payee="海六路和记水电"))


@pytest.mark.parametrize("days", [0, 29])
def test_past_the_service_the_database_adds_them_up(house, project, days):
    ask(house, project, 4_900)
    sample = db.session.execute(select(FundRequest).where(FundRequest.kind == RequestKind.PAYMENT)).scalar_one()
    fixed = ("kind", "unit_id", "project_id", "budget_line_id", "from_account_id", "to_account_id", "purpose", "counterparty")
    row = {name: getattr(sample, name) for name in fixed} | {"requested_by_id": house.officer, "fen": 20_000, "steps": 0}
    row |= {"requested_at": clock.now() + timedelta(days=days), "public_name": "", "minute_ref": "", "explanation": "", "reference": "x"}

    def force(number, **more):
        in_transaction(lambda: db.session.execute(insert(FundRequest).values(**(row | {"number": number} | more))))

    with pytest.raises(DBAPIError, match="together"):
        force("a", needs_second=False, needs_minute=False)
    force("b", needs_second=True, needs_minute=False)
    force("c", needs_second=False, needs_minute=False, counterparty=SCHOOL)
    force("d", needs_second=False, needs_minute=False, requested_at=clock.now() + timedelta(days=30 + days))


def test_who_approves_reads_it_on_the_page_and_has_no_single_tap(house, project, as_person):
    first, second = ask(house, project, 4_900), ask(house, project, 4_800)
    approver = as_person(house.approver)
    page = approver.get(f"/fund/requests/{second}").text
    assert "可能拆分：30 天里付给同一收款人的共 2 笔，9,700.00 元" in page
    assert f"/fund/requests/{first}" in page
    assert "已按合计加一位核准" in page
    work = approver.get("/work").text
    assert work.count("可能拆分") == 2
    assert f"/fund/requests/{second}/approval" not in work


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [(SHOP, "南庄 顺达五金店", True), (SHOP, "顺达五金店", True), (SHOP, SCHOOL, False), ("王五", "王五金", False), ("ABC", "abc", True)],
)
def test_two_spellings_of_one_payee(one, other, same):
    assert same_payee(one, other) is same


def test_a_sum_that_one_of_them_exceeds_alone_is_not_split():
    today = clock.today()
    one, big = Payment(2, "", "", 90_000, SHOP, 1, 1, today), Payment(1, "", "", 600_000, SHOP, 1, 1, today)
    policy = Policy(500_000, 5_000_000, "", 30)
    assert parts_of(big, [one], policy).above is None
    assert parts_of(one, [big], policy).above == 500_000
