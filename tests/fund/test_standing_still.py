"""No money moves while a project stands still: past every service the database refuses it."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict
from app.fund import queries
from app.fund.rules import MovementKind, Stage, Step
from tests.fund.test_ledger_attacks import movement, step_row


def forced(statement):
    in_transaction(lambda: db.session.execute(statement))


@pytest.fixture
def project(house):
    project = house.project()
    house.donate(5_000)
    house.donate(1_000, project)
    return project


@pytest.mark.parametrize("stage", [Stage.PAUSED, Stage.STOPPED])
def test_no_payment_is_booked_for_a_project_that_stands_still(house, project, stage):
    request = house.ask(project, 100)
    house.step(request, Step.APPROVED, house.approver)
    house.advance(project, stage, house.approver)
    with pytest.raises(Conflict, match="不进钱也不出钱"):
        steps_paid_later(house, request)
    forced(step_row(request, 3, Step.PAID, house.officer))
    people = {"made_by_id": house.officer, "approved_by_id": house.approver}
    with pytest.raises(DBAPIError, match="stands still"):
        forced(movement(request, voucher=3, booked_on=clock.today() + timedelta(1), **people))
    forced(movement(request, voucher=3, **people))  # paid on the very day, before it was paused: true, and booked


def steps_paid_later(house, request):
    """Paid on the day after."""
    from app.fund.service import steps

    now = clock.now() + timedelta(days=1)
    day = clock.local_date(now)
    in_transaction(lambda: steps.take(request, Step.PAID, house.officer, now, reference="0619", happened_on=day))


@pytest.mark.parametrize("stage", [Stage.PAUSED, Stage.STOPPED])
def test_no_grant_is_booked_for_a_project_that_stands_still(house, project, stage):
    request = house.ask_grant(project, 500)
    house.advance(project, stage, house.approver)
    with pytest.raises(Conflict, match="不进钱也不出钱"):
        house.step(request, Step.APPROVED, house.approver)
    forced(step_row(request, 2, Step.APPROVED, house.approver))
    people = {"made_by_id": house.officer, "approved_by_id": house.approver}
    with pytest.raises(DBAPIError, match="stands still"):
        forced(movement(request, fen=50_000, voucher=3, kind=MovementKind.GRANT, **people))


def test_once_it_goes_on_the_same_payment_is_booked(house, project):
    request = house.ask(project, 100)
    house.step(request, Step.APPROVED, house.approver)
    house.advance(project, Stage.PAUSED, house.approver)
    house.advance(project, Stage.RUNNING, house.approver)
    house.step(request, Step.PAID, house.officer)
    assert queries.figures_of(project).spent == 10_000
    assert queries.disagreements() == []
