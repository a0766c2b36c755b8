"""Restricted purposes and the limits: what one proposes another decides, and what was decided never changes."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid, Refused
from app.fund import queries
from app.fund.models_office import FundPolicy
from app.fund.money_rules import PolicyWanted, Verdict
from app.fund.queries import office
from app.fund.service import purposes
from app.worklist.service import number


def propose(house, days=1, second=300_000, minute=3_000_000, by=None):
    wanted = PolicyWanted(clock.today() + timedelta(days), second, minute, "请到街道党群服务中心", "例会决定")
    return in_transaction(lambda: purposes.propose_limits(wanted, by or house.officer, clock.now()))


def decide(proposal, verdict, by, answer="", at=None):
    in_transaction(lambda: purposes.decide_limits(proposal, verdict, answer, by, at or clock.now()))


def attack(statement):
    with pytest.raises(DBAPIError):
        in_transaction(lambda: db.session.execute(text(statement) if isinstance(statement, str) else statement))


def test_limits_hold_from_their_day_on_once_another_has_agreed(house):
    proposal = propose(house)
    with pytest.raises(Refused):
        decide(proposal, Verdict.APPROVED, house.officer)
    decide(proposal, Verdict.APPROVED, house.approver)
    today = clock.today()
    assert queries.policy(today).second_above == 500_000
    assert queries.policy(today + timedelta(1)).second_above == 300_000
    assert [(row.made_by, row.decided_by) for row in office.policies()] == [("邓淑芬", "罗国栋"), (None, None)]
    with pytest.raises(Conflict):
        decide(proposal, Verdict.RETURNED, house.second, "再想想")


def test_a_payment_is_asked_for_by_the_limits_of_its_day(house, ways):
    decide(propose(house, days=0, second=10_000), Verdict.APPROVED, house.approver)
    project = house.project()
    house.donate(1_000, project)
    from app.fund.queries import requests as asked

    assert asked.request_page(house.ask(project, 100)).row.needs_second is False
    assert asked.request_page(house.ask(project, 101)).row.needs_second is True


def test_one_proposal_a_day_and_none_for_the_past(house):
    with pytest.raises(Invalid):
        propose(house, days=-1)
    with pytest.raises(Invalid):
        propose(house, second=2, minute=1)
    proposal = propose(house)
    with pytest.raises(Invalid):
        propose(house)
    decide(proposal, Verdict.WITHDRAWN, house.officer)
    late = propose(house)
    with pytest.raises(Conflict, match="已经过了"):
        decide(late, Verdict.APPROVED, house.approver, at=clock.now() + timedelta(days=3))
    with pytest.raises(Invalid):
        decide(late, Verdict.RETURNED, house.approver)
    with pytest.raises(Refused):
        decide(late, Verdict.WITHDRAWN, house.approver, "x")
    decide(late, Verdict.RETURNED, house.approver, "换一天")


def test_the_database_knows_no_limits_that_one_person_made(house):
    proposal = propose(house)
    values = {"valid_from": clock.today() + timedelta(1), "second_above": 300_000, "minute_above": 3_000_000, "how_to_give": "x"}
    attack(insert(FundPolicy).values(proposal_id=proposal, **values))
    attack(insert(FundPolicy).values(**values))
    attack(f"UPDATE fund_policy_proposal SET verdict = 'approved', decided_at = made_at, decided_by_id = {house.officer}")
    decide(proposal, Verdict.APPROVED, house.approver)
    attack("UPDATE fund_policy SET second_above = 1")
    attack("DELETE FROM fund_policy")
    attack("UPDATE fund_policy_proposal SET reason = 'x'")
    attack("DELETE FROM fund_policy_proposal")


def test_a_purpose_is_opened_by_another_than_who_asked(house):
    now = clock.now()
    asked = in_transaction(lambda: purposes.ask_purpose("助学", "给孩子", house.officer, now))
    with pytest.raises(Invalid):
        in_transaction(lambda: purposes.ask_purpose("助学", "又一个", house.officer, now))
    with pytest.raises(Refused):
        in_transaction(lambda: purposes.decide_purpose(asked, Verdict.APPROVED, "", house.officer, now))
    assert office.open_purposes() == []
    in_transaction(lambda: purposes.decide_purpose(asked, Verdict.APPROVED, "", house.approver, now))
    assert office.open_purposes() == [(asked, "助学")]
    assert office.purposes()[0].balance == 0
    attack("UPDATE fund_purpose SET words = 'x'")
    attack("UPDATE fund_purpose SET verdict = 'returned'")
    attack("DELETE FROM fund_purpose")
    attack("UPDATE fund_account SET purpose_id = NULL, kind = 'general' WHERE kind = 'restricted'")
    attack("INSERT INTO fund_account (code, kind, name, balance) VALUES ('mine', 'general', 'x', 0), ('more', 'restricted', 'x', 0)")


def test_what_waits_for_whom(house):
    in_transaction(lambda: purposes.ask_purpose("助学", "给孩子", house.officer, clock.now()))
    propose(house)
    count = {
        name: number(office.count_waiting(house.make.actor(getattr(house, name)), clock.today()))
        for name in ("officer", "approver", "second", "administrator", "auditor")
    }
    assert count == {"officer": 0, "approver": 2, "second": 2, "administrator": 0, "auditor": 0}
