"""The ways that money may go, each asked for by one and approved by another; all others are refused, by services and by the database."""

from contextlib import contextmanager

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid, Refused
from app.fund import queries
from app.fund.models import FundMovementEntry, FundRequest, FundStepEntry
from app.fund.models_road import FundInstalment
from app.fund.rules import MovementKind, RequestKind, Step
from app.fund.service.ledger import account_id, money_account


@contextmanager
def too_much(most):
    """Refused with how much may go at most."""
    with pytest.raises(Invalid) as told:
        yield
    assert f"{most}.00" in told.value.fields["fen"]


def test_the_books_begin_with_what_was_there_once_an_account(house, ways):
    ways.opening(12_000)
    assert ways.balance(code="general") == 12_000
    assert ways.balance(code="opening") == -12_000
    assert queries.totals().income == queries.totals().balance == 12_000_00
    with pytest.raises(Conflict, match="已经记过"):
        ways.note_opening(1)
    purpose = ways.purpose()
    ways.opening(500, purpose)
    assert ways.balance(purpose_id=purpose) == 500
    assert queries.disagreements() == []


def test_an_opening_that_was_wrong_is_reversed_and_noted_anew(house, ways):
    first = ways.opening(12_000)
    house.correct(first)
    ways.opening(11_000)
    assert ways.balance(code="general") == 11_000


def test_two_openings_that_wait_are_booked_once(house, ways):
    first = ways.note_opening(100)
    with pytest.raises(Conflict):
        ways.note_opening(100)
    ways.approve(first)


def test_what_came_back_of_a_payment_lessens_the_spending_of_its_line(house, ways):
    project = house.project()
    house.donate(1_000, project)
    payment = house.pay(project, 600)
    refund = ways.note_refund(payment, 200)
    assert queries.figures_of(project).spent == 600_00
    ways.approve(refund, house.administrator)
    figures = queries.figures_of(project)
    assert (figures.spent, figures.balance, queries.page(project).lines[0].spent) == (400_00, 600_00, 400_00)
    assert queries.totals().spent == 400_00
    assert queries.year_figures(2026).spent == 400_00
    with too_much("400"):
        ways.note_refund(payment, 401)
    ways.approve(ways.note_refund(payment, 400))
    assert queries.totals().spent == 0
    assert queries.disagreements() == []


def test_a_refund_is_checked_against_the_bank_by_another(house, ways):
    project = house.project()
    house.donate(1_000, project)
    refund = ways.note_refund(house.pay(project, 600), 200)
    with pytest.raises(Refused):
        ways.approve(refund, house.officer)
    other = ways.note_refund(house.pay(project, 100), 50, by=house.approver)
    with pytest.raises(Refused):
        ways.approve(other, house.approver)


def test_refunds_that_wait_count_and_a_reversed_payment_gives_nothing_back(house, ways):
    project = house.project()
    house.donate(1_000, project)
    payment = house.pay(project, 600)
    waiting = ways.note_refund(payment, 500)
    with pytest.raises(Invalid):
        ways.note_refund(payment, 101)
    house.correct(payment)
    with pytest.raises(Conflict, match="最多"):
        ways.approve(waiting)
    house.step(waiting, Step.RETURNED, house.approver, "原来那笔冲回了")
    with pytest.raises(Invalid):
        ways.note_refund(payment, 1)


def test_a_payment_is_not_reversed_while_a_refund_rests_on_it(house, ways):
    project = house.project()
    house.donate(1_000, project)
    payment = house.pay(project, 600)
    refund = ways.approve(ways.note_refund(payment, 100))
    with pytest.raises(Conflict, match="退回过"):
        house.correct(payment)
    asked = db.session.query(FundRequest).filter_by(corrects_id=payment).one().id
    house.step(asked, Step.RETURNED, house.approver, "先更正退回")
    house.correct(refund)
    house.correct(payment)
    assert queries.totals().spent == 0
    assert queries.disagreements() == []


def test_what_is_left_goes_back_to_where_it_was_granted_from(house, ways):
    house.donate(10_000)
    project = house.project()
    house.grant(project, 3_000)
    house.pay(project, 1_000)
    ways.approve(ways.ask_return(project, 1_500))
    page = queries.page(project)
    assert (page.granted, page.moved[MovementKind.RETURN], page.card.figures.balance) == (3_000_00, 1_500_00, 500_00)
    with too_much("500"):
        ways.ask_return(project, 501)
    assert ways.balance(code="general") == 8_500
    assert queries.totals().balance == 9_000_00
    assert queries.disagreements() == []


def test_gifts_for_a_project_do_not_go_back_to_the_fund(house, ways):
    house.donate(10_000)
    project = house.project()
    house.grant(project, 100)
    house.donate(900, project)
    with too_much("100"):
        ways.ask_return(project, 101)
    purpose = ways.purpose()
    with too_much("900"):
        ways.ask_transfer(purpose, 901, project)
    ways.transfer(purpose, 900, project)
    ways.approve(ways.ask_return(project, 100))
    assert ways.balance(project_id=project) == 0
    assert ways.balance(purpose_id=purpose) == 900
    assert queries.disagreements() == []


def test_a_transfer_needs_the_minute_itself_and_says_why_in_public(house, ways):
    house.donate(10_000)
    purpose = ways.purpose()
    asked = ways.ask_transfer(purpose, 2_000)
    with pytest.raises(Conflict, match="纪要"):
        ways.approve(asked)
    ways.minute(asked)
    ways.approve(asked)
    entry = queries.movements().rows[0]
    assert (entry.kind, entry.memo) == (MovementKind.TRANSFER, "孩子毕业了，留给同类的孩子")


def test_money_of_a_purpose_goes_to_its_projects_only(house, ways):
    purpose, other = ways.purpose(), ways.purpose("长者助浴")
    ways.donate(1_000, purpose)
    mine, none = ways.project(purpose), ways.project()
    with pytest.raises(Invalid):
        ways.ask_grant(none, 100, purpose)
    with pytest.raises(Invalid):
        ways.ask_grant(mine, 100, other)
    ways.approve(ways.ask_grant(mine, 700, purpose))
    assert ways.balance(project_id=mine) == 700
    with pytest.raises(Invalid):
        ways.ask_return(mine, 100)
    ways.approve(ways.ask_return(mine, 300, purpose))
    assert (ways.balance(purpose_id=purpose), ways.balance(code="general")) == (600, 0)
    assert queries.disagreements() == []


def test_a_purpose_that_is_not_open_takes_no_money(house, ways):
    with pytest.raises(Conflict):
        ways.donate(1, 99)


def test_money_that_is_not_the_funds_is_shown_and_in_no_figure(house, ways):
    house.donate(500)
    project = ways.project(source_name="区残联")
    house.donate(1_000, project)
    house.pay(project, 600)
    totals, year = queries.totals(), queries.year_figures(2026)
    assert (totals.income, totals.spent, totals.balance) == (500_00, 0, 500_00)
    assert (year.income, year.spent) == (500_00, 0)
    figures = queries.figures_of(project)
    assert (figures.spent, figures.balance) == (600_00, 400_00)
    with pytest.raises(Conflict, match="不是基金的钱"):
        ways.ask_grant(project, 1)
    with pytest.raises(Conflict, match="不是基金的钱"):
        ways.ask_transfer(ways.purpose(), 1, project)
    ways.approve(ways.ask_return(project, 400))
    assert ways.balance(project_id=project) == 0
    assert queries.disagreements() == []


@pytest.mark.parametrize("way", ["grant", "donation"])
def test_what_later_entries_rest_on_is_not_reversed_before_them(house, ways, way):
    house.donate(5_000)
    project, purpose = house.project(), ways.purpose()
    first = house.grant(project, 1_000) if way == "grant" else house.donate(1_000, project)
    house.donate(2_000, project)  # enough on the account: it is not the balance that refuses
    second = ways.approve(ways.ask_return(project, 400)) if way == "grant" else ways.transfer(purpose, 2_500, project)
    if way == "donation":
        house.grant(project, 1_000)
    with pytest.raises(Conflict, match=r"交回过|限定用途"):
        house.correct(first)
    house.step(db.session.query(FundRequest).filter_by(corrects_id=first).one().id, Step.RETURNED, house.approver, "先更正后来的")
    house.correct(second)
    house.correct(first)
    assert queries.disagreements() == []


# By force: a request with lawful steps, yet for a way that the table does not have.


def by_force(house, kind, source, target, fen, **more):
    """Past every service: the request, its two steps and its movement, as the database's own rights allow."""

    def work():
        values = {"number": "F-1", "unit_id": house.root, "purpose": "x", "requested_by_id": house.officer, "requested_at": clock.now()}
        request_id = db.session.execute(
            insert(FundRequest)
            .values(kind=kind, from_account_id=source, to_account_id=target, fen=fen, **values | more)
            .returning(FundRequest.id)
        ).scalar_one()
        for seq, (step, by) in enumerate(((Step.REQUESTED, house.officer), (Step.APPROVED, house.approver)), 1):
            row = {"request_id": request_id, "seq": seq, "step": step, "at": clock.now(), "happened_on": clock.today(), "by_id": by}
            db.session.execute(insert(FundStepEntry).values(**row))
        voucher = queries.movements().count + 1
        db.session.execute(
            insert(FundMovementEntry).values(
                voucher_no=voucher,
                line_no=1,
                kind=MovementKind(kind.value),
                from_account_id=source,
                to_account_id=target,
                fen=fen,
                request_id=request_id,
                booked_on=clock.today(),
                booked_at=clock.now(),
                memo="x",
                made_by_id=house.officer,
                approved_by_id=house.approver,
                budget_line_id=more.get("budget_line_id"),
            )
        )

    in_transaction(work)


def of_project(accounts, kind, source, target):
    """The project whose account it is, and the instalment of a grant: what the request itself has to have."""
    project = accounts["projects"].get(accounts[source]) or accounts["projects"].get(accounts[target])
    instalment = select(FundInstalment.id).where(FundInstalment.project_id == project).limit(1)
    return {"project_id": project, "instalment_id": db.session.scalar(instalment) if kind == "grant" else None}


@pytest.fixture
def accounts(house, ways):
    """Money everywhere."""
    purpose, other = ways.purpose(), ways.purpose("长者助浴")
    for target in (None, purpose, other):
        ways.donate(1_000, target)
    mine, plain, foreign = ways.project(purpose), house.project(), ways.project(source_name="区残联")
    for project in (mine, plain, foreign):
        house.donate(1_000, project)
    house.grant(plain, 100)
    return {
        "general": money_account(None),
        "purpose": money_account(purpose),
        "other purpose": money_account(other),
        "projects": {account_id(project_id=project): project for project in (mine, plain, foreign)},
        "mine": account_id(project_id=mine),
        "plain": account_id(project_id=plain),
        "foreign": account_id(project_id=foreign),
        **{code: account_id(code=code) for code in ("donors", "payees", "opening", "other-in", "other-out")},
    }


@pytest.mark.parametrize(
    ("kind", "source", "target", "fen"),
    [
        ("grant", "purpose", "plain", 100),
        ("grant", "other purpose", "mine", 100),
        ("grant", "purpose", "general", 100),
        ("grant", "general", "foreign", 100),
        ("grant", "purpose", "other purpose", 100),
        ("return", "mine", "general", 100),
        ("return", "mine", "purpose", 100),
        ("return", "plain", "general", 100_01),
        ("return", "plain", "purpose", 100),
        ("return", "foreign", "general", 100),
        ("return", "foreign", "other-in", 1_000_01),
        ("transfer", "purpose", "other purpose", 100),
        ("transfer", "purpose", "general", 100),
        ("transfer", "foreign", "purpose", 100),
        ("transfer", "plain", "purpose", 1_000_01),
        ("transfer", "plain", "general", 100),
        ("donation", "donors", "foreign", 100),
        ("donation", "other-in", "general", 100),
        ("donation", "opening", "general", 100),
        ("opening", "donors", "general", 100),
        ("opening", "opening", "plain", 100),
        ("opening", "opening", "foreign", 100),
    ],
)
def test_the_database_refuses_every_other_way(house, ways, accounts, kind, source, target, fen):
    more = {"needs_minute": True, "minute_ref": "纪要", "explanation": "说明"} if kind == "transfer" else {}
    with pytest.raises(DBAPIError):
        by_force(house, RequestKind(kind), accounts[source], accounts[target], fen, **of_project(accounts, kind, source, target), **more)
    assert queries.disagreements() == []


@pytest.mark.parametrize(
    ("kind", "source", "target", "fen"),
    [
        ("grant", "purpose", "mine", 100),
        ("grant", "general", "mine", 100),
        ("return", "plain", "general", 100_00),
        ("return", "foreign", "other-in", 1_000_00),
        ("donation", "donors", "purpose", 100),
        ("opening", "opening", "general", 100),
    ],
)
def test_by_the_same_force_a_lawful_way_is_open(house, ways, accounts, kind, source, target, fen):
    by_force(house, RequestKind(kind), accounts[source], accounts[target], fen, **of_project(accounts, kind, source, target))
    assert queries.disagreements() == []
