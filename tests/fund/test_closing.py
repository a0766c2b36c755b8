"""A restricted purpose is closed by two people when it is used up; from then on nothing comes and nothing leaves."""

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import DBAPIError

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.fund import queries
from app.fund.models import FundProject
from app.fund.models_office import FundPurpose, FundPurposeTurn
from app.fund.money_rules import Verdict
from app.fund.queries import office
from app.fund.rules import Stage, Step
from app.fund.service import closing
from app.worklist.service import number


def ask(house, purpose, closes=True, by=None):
    return in_transaction(lambda: closing.ask(purpose, closes, "钱用完了", by or house.officer, clock.now()))


def decide(turn, by, verdict=Verdict.APPROVED, answer=""):
    in_transaction(lambda: closing.decide(turn, verdict, answer, by, clock.now()))


def close(house, purpose):
    decide(ask(house, purpose), house.approver)


def force(statement):
    with pytest.raises(DBAPIError):
        in_transaction(lambda: db.session.execute(text(statement) if isinstance(statement, str) else statement))


def test_another_than_who_asked_closes_it_and_it_takes_no_money(house, ways):
    purpose = ways.purpose()
    house.donate(100)
    turn = ask(house, purpose)
    assert number(office.count_waiting(house.make.actor(house.approver), clock.today())) == 1
    assert number(office.count_waiting(house.make.actor(house.officer), clock.today())) == 0
    with pytest.raises(Refused, match="另一位"):
        decide(turn, house.officer)
    decide(turn, house.approver)
    assert office.open_purposes() == []
    assert office.purposes()[0].closed_on == clock.today()
    for way in (lambda: ways.donate(10, purpose), lambda: ways.opening(10, purpose), lambda: ways.transfer(purpose, 10)):
        with pytest.raises(Conflict, match="已经关闭"):
            way()
    with pytest.raises(Conflict, match="已经关闭"):
        ask(house, purpose)


def test_not_while_there_is_money_or_something_underway_or_a_project_that_goes_on(house, ways):
    purpose = ways.purpose()
    ways.donate(100, purpose)
    with pytest.raises(Conflict, match="余额为 0"):
        ask(house, purpose)
    project = ways.project(purpose)
    house.step(ways.ask_grant(project, 100, purpose), Step.APPROVED, house.approver)
    with pytest.raises(Conflict, match="助学包"):
        ask(house, purpose)
    house.step(ways.ask_return(project, 100, purpose), Step.APPROVED, house.approver)
    house.close(project)
    with pytest.raises(Conflict, match="余额为 0"):
        ask(house, purpose)


def test_money_that_comes_after_it_was_asked_for_stops_it(house, ways):
    purpose = ways.purpose()
    turn = ask(house, purpose)
    ways.donate(100, purpose)
    with pytest.raises(Conflict, match="余额为 0"):
        decide(turn, house.approver)
    assert office.open_purposes() == [(purpose, "困境儿童助学")]
    with pytest.raises(Invalid):
        decide(turn, house.approver, Verdict.RETURNED)
    decide(turn, house.approver, Verdict.RETURNED, "又收到一笔捐赠")


def test_what_comes_back_later_needs_it_opened_again(house, ways):
    purpose = ways.purpose()
    ways.donate(100, purpose)
    project = ways.project(purpose)
    house.step(ways.ask_grant(project, 100, purpose), Step.APPROVED, house.approver)
    paid = house.pay(project, 100)
    house.step(paid, Step.RECONCILED, house.approver)
    house.close(project)
    close(house, purpose)
    refund = ways.note_refund(paid, 40)
    house.step(refund, Step.APPROVED, house.approver)
    with pytest.raises(Conflict, match="已经关闭"):
        ways.ask_return(project, 40, purpose)
    decide(ask(house, purpose, closes=False), house.approver)
    house.step(ways.ask_return(project, 40, purpose), Step.APPROVED, house.approver)
    assert ways.balance(purpose_id=purpose) == 40
    assert queries.disagreements() == []


def test_who_asked_takes_it_back_and_only_one_waits(house, ways):
    purpose = ways.purpose()
    turn = ask(house, purpose)
    with pytest.raises(Conflict, match="正等"):
        ask(house, purpose)
    with pytest.raises(Refused):
        decide(turn, house.approver, Verdict.WITHDRAWN)
    decide(turn, house.officer, Verdict.WITHDRAWN)
    ask(house, purpose)
    with pytest.raises(NotFound):
        ask(house, 99)


def test_past_the_service_the_database_closes_nothing_alone_nor_what_holds_money(house, ways):
    purpose = ways.purpose()
    today = clock.today()
    shut = update(FundPurpose).where(FundPurpose.id == purpose).values(closed_on=today)
    force(shut)
    turn = ask(house, purpose)
    force(shut)
    force(f"UPDATE fund_purpose_turn SET verdict = 'approved', decided_at = asked_at, decided_by_id = {house.officer}")
    values = {"purpose_id": purpose, "closes": False, "reason": "x", "asked_by_id": house.officer, "asked_at": clock.now()}
    force(insert(FundPurposeTurn).values(**values))
    ways.donate(100, purpose)
    in_transaction(
        lambda: db.session.execute(
            text(f"UPDATE fund_purpose_turn SET verdict = 'approved', decided_at = asked_at, decided_by_id = {house.approver}")
        )
    )
    force(shut)
    force("DELETE FROM fund_purpose_turn")
    force(f"UPDATE fund_purpose_turn SET reason = 'x' WHERE id = {turn}")


def test_no_project_is_given_a_closed_purpose(house, ways):
    purpose = ways.purpose()
    close(house, purpose)
    draft = house.draft()
    force(update(FundProject).where(FundProject.id == draft).values(purpose_id=purpose))
    assert db.session.get_one(FundProject, draft).stage is Stage.DRAFT


def test_the_pages_take_it_there_and_back(house, ways, as_person):
    purpose = ways.purpose()
    officer, approver = as_person(house.officer), as_person(house.approver)
    assert "钱用完了，关闭" in officer.get("/fund/purposes").text
    address = f"/fund/purposes/{purpose}/turns"
    assert approver.post(address, data={"closes": "1", "reason": "x"}).status_code in (403, 404)
    for wrong in ({"closes": "1", "reason": ""}, {"closes": "7", "reason": "x"}, {}):
        assert officer.post(address, data=wrong).status_code == 303
    assert office.turns() == []
    officer.post(address, data={"closes": "1", "reason": "都发到孩子手里了"})
    assert "关闭限定用途：困境儿童助学" in approver.get("/work").text
    approver.post(f"/fund/purposes/turns/{office.turns()[0].id}/decision", data={"verdict": "approved"})
    page = officer.get("/fund/purposes").text
    assert "关闭</span>" in page
    assert "重新开立" in page
    assert "困境儿童助学" not in officer.get("/fund/donations/new").text
