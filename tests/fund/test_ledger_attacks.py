"""By force, past every service: what the database itself refuses, and what `disagreements` finds."""

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from app.core import clock
from app.core.db import db, in_transaction, is_sqlite
from app.fund import queries
from app.fund.models import (
    FundAccount,
    FundBudgetLine,
    FundMovementEntry,
    FundRequest,
    FundServiceEntry,
    FundStageEntry,
    FundStepEntry,
)
from app.fund.rules import MovementKind, Stage, Step
from app.fund.service import projects

LEDGERS = ("fund_movement_entry", "fund_step_entry", "fund_stage_entry", "fund_service_entry", "fund_progress_entry")


def attack(statement, **values):
    def work():
        db.session.execute(text(statement) if isinstance(statement, str) else statement, values)

    with pytest.raises(DBAPIError):
        in_transaction(work)


@pytest.fixture
def project(house):
    project = house.project()
    house.donate(1_000, project)
    house.pay(project, 100)
    in_transaction(lambda: projects.add_service(project, clock.today(), 12, "上门", None, house.officer, clock.now()))
    in_transaction(lambda: projects.add_progress(project, clock.today(), "修好 3 户", house.officer, clock.now()))
    return project


@pytest.mark.parametrize("table", LEDGERS)
def test_published_rows_can_not_be_changed_deleted_or_replaced(project, table):
    attack(f"UPDATE {table} SET id = id")
    attack(f"DELETE FROM {table}")
    if is_sqlite():
        attack(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
    else:
        attack(f"TRUNCATE {table} CASCADE")
        attack(f"INSERT INTO {table} SELECT * FROM {table} ON CONFLICT (id) DO UPDATE SET id = excluded.id")
    assert queries.disagreements() == []


@pytest.mark.parametrize(
    "change", ["fen = fen + 1", "purpose = 'x'", "to_account_id = from_account_id", "needs_second = NOT needs_second", "counterparty = 'x'"]
)
def test_what_was_asked_for_can_not_be_changed_afterwards(project, change):
    attack(f"UPDATE fund_request SET {change}")
    attack("DELETE FROM fund_request")


def test_a_published_budget_can_not_be_changed(house, project):
    attack("UPDATE fund_budget_line SET fen = fen + 1")
    attack("DELETE FROM fund_budget_line")
    attack(insert(FundBudgetLine).values(project_id=project, place=9, name="新的一项", fen=1))


def step_row(request_id, seq, step, by):
    return insert(FundStepEntry).values(
        request_id=request_id,
        seq=seq,
        step=step,
        at=clock.now(),
        happened_on=clock.today(),
        by_id=by,
        reference="流水号" if step is Step.PAID else "",
        note="",
    )


def test_the_database_refuses_steps_by_the_wrong_people_or_out_of_order(house, project):
    request = house.ask(project, 100)
    attack(step_row(request, 2, Step.APPROVED, house.officer))
    attack(step_row(request, 2, Step.PAID, house.approver))
    attack(step_row(request, 3, Step.APPROVED, house.approver))
    attack(step_row(request, 2, Step.WITHDRAWN, house.approver))
    house.step(request, Step.APPROVED, house.approver)
    attack(step_row(request, 3, Step.PAID, house.approver))
    attack(step_row(request, 3, Step.RECONCILED, house.second))
    attack(step_row(request, 3, Step.CORRECTED, house.second))
    house.step(request, Step.PAID, house.officer)
    attack(step_row(request, 4, Step.RECONCILED, house.officer))


def test_above_the_limit_the_database_asks_for_the_second_approver(house, project):
    request = house.ask(project, 5_001)
    house.step(request, Step.APPROVED, house.approver)
    attack(step_row(request, 3, Step.PAID, house.officer))
    attack(step_row(request, 3, Step.SECONDED, house.officer))


def movement(request_id, fen=10_000, voucher=99, **changes):
    asked = db.session.execute(select(FundRequest).where(FundRequest.id == request_id)).scalar_one()
    values = {
        "voucher_no": voucher,
        "line_no": 1,
        "kind": MovementKind.SPENDING,
        "from_account_id": asked.from_account_id,
        "to_account_id": asked.to_account_id,
        "fen": fen,
        "budget_line_id": asked.budget_line_id,
        "request_id": request_id,
        "booked_on": clock.today(),
        "booked_at": clock.now(),
        "memo": "x",
    }
    return insert(FundMovementEntry).values(**(values | changes))


def test_no_movement_without_a_request_that_stands_at_its_posting_step(house, project):
    request = house.ask(project, 100)
    people = {"made_by_id": house.officer, "approved_by_id": house.approver}
    attack(movement(request, voucher=3, **people))
    house.step(request, Step.APPROVED, house.approver)
    attack(movement(request, voucher=3, **people))
    in_transaction(lambda: db.session.execute(step_row(request, 3, Step.PAID, house.officer)))
    assert queries.disagreements() != [], "a payment that was never booked is found"
    attack(movement(request, fen=10_001, voucher=3, **people))
    attack(movement(request, voucher=4, **people))
    attack(movement(request, voucher=3, line_no=2, **people))
    attack(movement(request, voucher=3, made_by_id=house.officer, approved_by_id=house.officer))
    attack(movement(request, voucher=3, made_by_id=house.officer, approved_by_id=house.auditor))
    other = house.project("山区小学的书")
    attack(movement(request, voucher=3, budget_line_id=queries.page(other).lines[0].id, **people))
    in_transaction(lambda: db.session.execute(movement(request, voucher=3, **people)))
    attack(movement(request, voucher=4, **people))
    assert queries.disagreements() == []


def test_no_balance_below_zero_whoever_writes(house, project):
    attack("UPDATE fund_account SET balance = -1 WHERE code = 'general'")
    request = house.ask(project, 4_000)
    house.step(request, Step.APPROVED, house.approver)
    in_transaction(lambda: db.session.execute(step_row(request, 3, Step.PAID, house.officer)))
    attack(movement(request, fen=400_000, voucher=3, made_by_id=house.officer, approved_by_id=house.approver))


def test_a_published_figure_is_taken_back_by_two_people_only(house, project):
    entry = db.session.scalar(select(FundServiceEntry.id))
    values = {
        "project_id": project,
        "served_on": clock.today(),
        "people": -12,
        "what": "重复",
        "booked_at": clock.now(),
        "reverses_id": entry,
        "made_by_id": house.officer,
        "approved_by_id": house.approver,
    }
    attack(insert(FundServiceEntry).values(**values))


def test_a_project_is_not_made_public_by_who_sent_it(house):
    draft = house.draft()
    row = {"project_id": draft, "at": clock.now(), "by_id": house.officer, "note": ""}
    attack(insert(FundStageEntry).values(seq=2, stage=Stage.RUNNING, **row))
    in_transaction(lambda: projects.send(draft, house.officer, clock.now()))
    attack(insert(FundStageEntry).values(seq=3, stage=Stage.RUNNING, **row))
    attack(insert(FundStageEntry).values(seq=3, stage=Stage.CHECKED, **row))


@pytest.mark.parametrize(
    ("force", "said"),
    [
        ("UPDATE fund_account SET balance = balance + 1 WHERE code = 'general'", "余额"),
        ("UPDATE fund_request SET state = 'reconciled' WHERE kind = 'payment'", "最后一步"),
        ("UPDATE fund_project SET stage = 'archived'", "最后一步"),
    ],
)
def test_a_figure_changed_by_force_is_found(house, project, force, said):
    assert queries.disagreements() == []
    in_transaction(lambda: db.session.execute(text(force)))
    assert any(said in line for line in queries.disagreements())


def test_a_row_tampered_with_after_dropping_the_trigger_is_found(house, project):
    drop = (
        "DROP TRIGGER fund_movement_entry_no_update"
        if is_sqlite()
        else "DROP TRIGGER fund_movement_entry_append_only ON fund_movement_entry"
    )

    def force():
        db.session.execute(text(drop))
        db.session.execute(text("UPDATE fund_movement_entry SET fen = fen + 100 WHERE voucher_no = 2"))

    in_transaction(force)
    assert queries.disagreements()
    assert db.session.scalar(select(FundAccount.balance).where(FundAccount.code == "payees")) == 10_000
