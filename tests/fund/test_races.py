"""Many hands at once: one step is taken once, vouchers have no gap, nothing is spent twice."""

from sqlalchemy import func, select

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import DomainError
from app.fund import queries
from app.fund.models import FundMovementEntry
from app.fund.rules import DonationNoted, Step
from app.fund.service import requests


def test_a_step_pressed_by_several_at_once_is_taken_once(house, at_once):
    project = house.project()
    house.donate(1_000, project)
    request = house.ask(project, 700)
    done = at_once([lambda by=by: house.step(request, Step.APPROVED, by) for by in (house.approver, house.second, house.approver)])
    assert [result for result in done if result == 2] == [2]
    paid = at_once([lambda: house.step(request, Step.PAID, house.officer) for _ in range(4)])
    assert [result for result in paid if result == 3] == [3]
    assert queries.figures_of(project).spent == 70_000
    assert queries.disagreements() == []


def test_money_for_one_is_not_paid_to_two(house, at_once):
    project = house.project()
    house.donate(1_000, project)
    asked = [house.ask(project, 600) for _ in range(3)]
    for request in asked:
        house.step(request, Step.APPROVED, house.approver)
    done = at_once([lambda request=request: house.step(request, Step.PAID, house.officer) for request in asked])
    assert sum(isinstance(result, DomainError) for result in done) == 2
    assert queries.figures_of(project).balance == 40_000
    assert queries.disagreements() == []


def test_requests_at_once_do_not_exceed_a_budget_line(house, at_once):
    project = house.project(lines=(("材料", 1_000),))
    done = at_once([lambda: house.ask(project, 400) for _ in range(5)])
    assert sum(isinstance(result, DomainError) for result in done) == 3


def test_grants_at_once_do_not_exceed_the_budget(house, at_once):
    project = house.project()
    house.donate(200_000)
    done = at_once([lambda: house.ask_grant(project, 30_000) for _ in range(4)])
    asked = [result for result in done if not isinstance(result, DomainError)]
    assert len(asked) == 2
    at_once(
        [
            lambda request=request, by=by: house.step(request, Step.APPROVED, by)
            for request in asked
            for by in (house.approver, house.second)
        ]
    )
    assert queries.figures_of(project).received == 60_000_00
    assert queries.disagreements() == []


def test_a_grant_and_a_donation_booked_at_once_stay_within_the_budget(house, at_once):
    project = house.project()
    house.donate(200_000)
    granted = house.ask_grant(project, 70_000)
    noted = DonationNoted(project, 1_00, "街坊", "", "捐赠", "回单", clock.today())
    given = in_transaction(lambda: requests.note_donation(noted, house.officer, clock.now()))
    at_once([lambda request=request: house.step(request, Step.APPROVED, house.approver) for request in (given, granted)])
    received = queries.figures_of(project).received
    assert received in (1_00, 70_001_00), "the grant first: the gift comes on top; the gift first: the grant no longer fits"
    assert queries.disagreements() == []


def test_vouchers_of_many_at_once_have_no_gap(house, at_once):
    noted = DonationNoted(None, 100, "街坊", "", "捐赠", "回单", clock.today())
    asked = [in_transaction(lambda: requests.note_donation(noted, house.officer, clock.now())) for _ in range(8)]
    at_once([lambda request=request: house.step(request, Step.APPROVED, house.approver) for request in asked])
    numbers = db.session.execute(select(FundMovementEntry.voucher_no).order_by(FundMovementEntry.voucher_no)).scalars().all()
    assert numbers == list(range(1, 9))
    assert db.session.scalar(select(func.sum(FundMovementEntry.fen))) == queries.totals().income == 800


def test_a_correction_asked_by_two_at_once_is_asked_once(house, at_once):
    given = house.donate(100)
    done = at_once([lambda: requests_correct(given, house.officer) for _ in range(3)])
    assert sum(isinstance(result, DomainError) for result in done) == 2


def requests_correct(request, by):
    return in_transaction(lambda: requests.ask_correction(request, "重复", by, clock.now()))
