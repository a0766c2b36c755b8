"""One line of the bank is one request; the one who paid says nothing about it."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DatabaseError

from app.bank import rules
from app.bank.models import BankAside, BankLineEntry, BankMatch, BankStatement
from app.bank.queries import balance as balances
from app.bank.queries import lines as seen
from app.bank.service import lines as service
from app.bank.service import statements
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Refused
from app.fund.money_rules import Verdict
from app.fund.queries.requests import standing
from app.fund.rules import DonationNoted, Step
from app.fund.service import requests
from tests.bank.examples import bring, line_ids, match
from tests.fund.houses import YUAN, House

NUMBER = "0619 2284 7731"


@pytest.fixture
def paid(app, house: House) -> int:
    """A payment of 200 yuan, paid by the officer; the project has 1,000."""
    house.donate(1_000)
    project = house.project()
    house.grant(project, 1_000)
    return house.pay(project, 200)


def out(house: House, fen: int = 200 * YUAN, days: int = 0, by: int | None = None, number: str = NUMBER) -> int:
    """A statement of one line, brought by the approver."""
    line = (clock.today() - timedelta(days), -fen, "南庄顺达五金店", number, "货款")
    return line_ids(bring(by or house.approver, 1_000 * YUAN, line))[0]


def test_a_suggested_payment_becomes_checked_by_confirming_its_line(house, paid):
    line = out(house)
    (pair,) = rules.suggest(seen.free_lines(), [one for one in seen.candidates() if one.id == paid])
    assert (pair.line_id, pair.request_id, pair.sure) == (line, paid, True)
    assert set(pair.why) == {rules.Why.REFERENCE, rules.Why.SAME_DAY, rules.Why.PARTY}
    match(line, paid, house.approver)
    assert standing(paid).state is Step.RECONCILED
    assert seen.line(line).request_id == paid
    assert seen.free_lines() == []


def test_the_payer_does_not_confirm(house, paid):
    line = out(house)
    with pytest.raises(Refused, match="另一位"):
        match(line, paid, house.officer)
    assert standing(paid).state is Step.PAID


def test_a_statement_that_the_payer_brought_proves_nothing_about_their_payment(house, paid):
    line = out(house, by=house.officer)
    with pytest.raises(Refused, match="自己导入"):
        match(line, paid, house.approver)


def test_another_amount_is_never_the_same(house, paid):
    with pytest.raises(Conflict, match="金额"):
        match(out(house, 201 * YUAN), paid, house.approver)


def test_a_donation_enters_the_books_when_its_line_is_found(app, house: House):
    noted = DonationNoted(None, 300 * YUAN, "何先生", "", "街坊捐赠", "R-1", clock.today())
    request = in_transaction(lambda: requests.note_donation(noted, house.officer, clock.now()))
    (line,) = line_ids(bring(house.approver, 0, (clock.today(), 300 * YUAN, "何先生", "R-1", "")))
    match(line, request, house.second)
    assert standing(request).state is Step.APPROVED
    found = balances.balance(clock.today())
    assert (found.book, found.bank, found.items) == (300 * YUAN, 300 * YUAN, ())


def test_a_match_is_taken_back_once_with_a_reason_and_made_again(house, paid):
    line = out(house)
    match(line, paid, house.approver)
    (made,) = seen.matches_of(line)
    in_transaction(lambda: service.end_match(made.id, "对错了行", house.second, clock.now()))
    with pytest.raises(Conflict):
        in_transaction(lambda: service.end_match(made.id, "再撤", house.second, clock.now()))
    assert [one.id for one in seen.candidates() if one.id == paid] == [paid]
    match(line, paid, house.second)  # its step was taken already
    assert [one.ended_at is None for one in seen.matches_of(line)] == [False, True]


def test_a_correction_sets_the_line_free(house, paid):
    line = out(house)
    match(line, paid, house.approver)
    house.correct(paid)
    (ended,) = seen.matches_of(line)
    assert ended.end_reason == "这一笔已更正"
    assert seen.free_line(line) is not None
    assert paid not in [one.id for one in seen.candidates()]
    with pytest.raises(Conflict):
        in_transaction(lambda: service.end_match(ended.id, "撤", house.second, clock.now()))


def test_setting_aside_takes_two_people(house, paid):
    line = out(house, 5 * YUAN, number="")
    aside = in_transaction(lambda: service.ask_aside(line, "手续费", house.approver, clock.now()))
    with pytest.raises(Conflict):
        match(line, paid, house.second)
    with pytest.raises(Refused):
        in_transaction(lambda: service.decide_aside(aside, Verdict.APPROVED, "", house.approver, clock.now()))
    in_transaction(lambda: service.decide_aside(aside, Verdict.APPROVED, "", house.second, clock.now()))
    assert seen.line(line).state == "aside"
    assert seen.open_lines() == []
    in_transaction(lambda: service.end_aside(aside, "其实是货款", house.second, clock.now()))
    assert seen.line(line).state == "open"


def test_a_statement_with_something_on_it_stays(house, paid):
    line = out(house)
    match(line, paid, house.approver)
    statement = seen.line(line).statement_id
    with pytest.raises(Conflict, match="请先撤销"):
        in_transaction(lambda: statements.void(statement, "导错", house.approver, clock.now()))
    (made,) = seen.matches_of(line)
    in_transaction(lambda: service.end_match(made.id, "要重导", house.approver, clock.now()))
    in_transaction(lambda: statements.void(statement, "导错", house.approver, clock.now()))
    assert seen.free_lines() == []
    assert balances.balance(clock.today()) is None


def refused(statement) -> None:
    with pytest.raises(DatabaseError):
        in_transaction(lambda: db.session.execute(statement))


def test_the_database_refuses_what_the_service_does(house, paid):
    line = out(house)
    row = {"line_id": line, "request_id": paid, "made_at": clock.now()}
    refused(insert(BankMatch).values(**row, made_by_id=house.approver))  # 已付, not yet 已核对
    match(line, paid, house.approver)
    refused(insert(BankMatch).values(**row, made_by_id=house.second))  # twice
    refused(insert(BankAside).values(line_id=line, reason="另列", asked_by_id=house.second, asked_at=clock.now()))
    (made,) = seen.matches_of(line)
    refused(update(BankMatch).where(BankMatch.id == made.id).values(request_id=1))
    refused(update(BankStatement).values(closing=1))
    refused(update(BankStatement).values(voided_at=clock.now(), voided_by_id=house.second, void_reason="导错"))
    in_transaction(lambda: service.end_match(made.id, "撤", house.second, clock.now()))
    refused(insert(BankMatch).values(**row, made_by_id=house.officer))  # the payer
    refused(update(BankMatch).where(BankMatch.id == made.id).values(end_reason="换个说法"))


def test_the_database_lets_no_line_break_the_balance(house, paid):
    statement = db.session.get_one(BankStatement, seen.line(out(house)).statement_id)
    row = {"statement_id": statement.id, "seq": 2, "booked_on": statement.last_on, "fen": 1, "balance": statement.closing + 1}
    refused(insert(BankLineEntry).values(**row, party="", reference="", memo=""))
    assert len(db.session.scalars(select(BankLineEntry.id)).all()) == 1
