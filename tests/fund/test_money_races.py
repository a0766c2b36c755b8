"""Many hands at once on the rarer ways of money: no way is used beyond its limit."""

from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict
from app.fund import queries
from app.fund.money_rules import Verdict
from app.fund.queries import office
from app.fund.queries import requests as asked
from app.fund.rules import RequestKind, Step
from app.fund.service import closing, purposes, requests, steps


def refused(done):
    return sum(isinstance(result, Exception) for result in done)


def test_refunds_at_once_do_not_exceed_the_payment(house, ways, at_once):
    project = house.project()
    house.donate(1_000, project)
    payment = house.pay(project, 600)
    assert refused(at_once([lambda: ways.note_refund(payment, 250) for _ in range(4)])) == 2
    assert queries.disagreements() == []


def test_an_account_is_opened_once_whoever_asks_at_once(house, ways, at_once):
    assert refused(at_once([lambda: ways.note_opening(100) for _ in range(4)])) == 3


def test_returns_at_once_do_not_exceed_what_was_granted(house, ways, at_once):
    house.donate(5_000)
    project = house.project()
    house.grant(project, 1_000)
    house.donate(3_000, project)
    assert refused(at_once([lambda: ways.ask_return(project, 400) for _ in range(4)])) == 2


def test_a_grant_is_not_reversed_while_what_was_granted_goes_back(house, ways, at_once):
    house.donate(5_000)
    project = house.project()
    grant = house.grant(project, 1_000)
    house.donate(3_000, project)
    back = ways.ask_return(project, 600)
    reversal = in_transaction(lambda: requests.ask_correction(grant, "拨错了", house.officer, clock.now()))
    done = at_once([lambda request=request: house.step(request, Step.APPROVED, house.approver) for request in (back, reversal)])
    assert refused(done) == 1
    assert ways.balance(project_id=project) >= 3_000
    assert queries.disagreements() == []


def test_who_is_away_and_their_deputy_take_a_step_once(house, ways, at_once):
    deputy = ways.second_officer()
    ways.stand_in(house.approver, deputy)
    project = house.project()
    request = house.ask(project, 6_000)
    now = clock.now()
    done = at_once(
        [
            lambda: house.step(request, Step.APPROVED, house.approver),
            lambda: in_transaction(lambda: steps.take(request, Step.APPROVED, deputy, now, for_id=house.approver)),
            lambda: house.step(request, Step.SECONDED, house.approver),
            lambda: in_transaction(lambda: steps.take(request, Step.SECONDED, deputy, now, for_id=house.approver)),
        ]
    )
    assert [result for result in done if not isinstance(result, Exception)] == [2]


def test_a_purpose_is_opened_once(house, at_once):
    asked = in_transaction(lambda: purposes.ask_purpose("助学", "给孩子", house.officer, clock.now()))
    deciders = (house.approver, house.second, house.administrator)
    works = [lambda by=by: in_transaction(lambda: purposes.decide_purpose(asked, Verdict.APPROVED, "", by, clock.now())) for by in deciders]
    assert refused(at_once(works)) == 2
    assert office.open_purposes() == [(asked, "助学")]


def test_a_purpose_is_not_closed_while_money_comes_to_it(house, ways, at_once):
    """Whichever is first, the other is refused: a closed purpose is empty."""
    purpose = ways.purpose()
    house.donate(500)
    turn = in_transaction(lambda: closing.ask(purpose, True, "用完了", house.officer, clock.now()))
    done = at_once(
        [
            lambda: in_transaction(lambda: closing.decide(turn, Verdict.APPROVED, "", house.approver, clock.now())),
            lambda: ways.donate(100, purpose),
            lambda: ways.donate(200, purpose),
        ]
    )
    closed = office.purposes()[0].closed_on is not None
    assert refused(done) in (1, 2)
    assert all(isinstance(result, Conflict) for result in done if isinstance(result, Exception)), done
    assert not closed or ways.balance(purpose_id=purpose) == 0
    assert queries.disagreements() == []


def test_payments_asked_for_at_once_are_added_up_all_the_same(house, ways, at_once):
    project = house.project()
    house.donate(20_000, project)
    at_once([lambda: house.ask(project, 2_400) for _ in range(4)])
    needs = [row.needs_second for row in asked.of_project(project) if row.kind is RequestKind.PAYMENT]
    assert sorted(needs) == [False, False, True, True]
