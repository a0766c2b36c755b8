"""While somebody is away another takes their steps, and neither of the two checks what either of them did."""

from datetime import date, timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid, Refused
from app.core.permissions import Role
from app.fund import queries
from app.fund.models import FundStepEntry
from app.fund.money_rules import Away
from app.fund.queries import requests as asked
from app.fund.rules import Step
from app.fund.service import deputies, steps
from tests.conftest import NOON


def take(request_id, step, by, for_id, note="", at=None):
    paid = step is Step.PAID
    return in_transaction(
        lambda: steps.take(
            request_id,
            step,
            by,
            at or clock.now(),
            note=note,
            reference="0619 2284 7731" if paid else "",
            happened_on=clock.today() if paid else None,
            for_id=for_id,
        )
    )


def row(request_id, seq, step, by, for_id, at=None):
    """Past every service."""
    values = {"request_id": request_id, "seq": seq, "step": step, "at": at or clock.now(), "happened_on": clock.today()}
    return insert(FundStepEntry).values(by_id=by, for_id=for_id, reference="0619" if step is Step.PAID else "", note="x", **values)


def forced(*args, **kwargs):
    with pytest.raises(DBAPIError):
        in_transaction(lambda: db.session.execute(row(*args, **kwargs)))


@pytest.fixture
def project(house):
    project = house.project()
    house.donate(20_000, project)
    return project


@pytest.fixture
def other(ways):
    """A second officer, who does not approve."""
    return ways.second_officer()


def test_a_deputy_takes_the_step_of_who_is_away_and_both_are_named(house, ways, project, other):
    request = house.ask(project, 100)
    with pytest.raises(Refused):
        take(request, Step.APPROVED, other, house.approver)
    ways.stand_in(house.approver, other)
    take(request, Step.APPROVED, other, house.approver)
    step = asked.request_page(request).steps[-1]
    assert (step.name, step.for_name) == ("冯少珍", "罗国栋")


def test_what_waits_for_who_is_away_waits_for_the_deputy(house, ways, project, other):
    request = house.ask(project, 100)
    actor = house.make.actor(other)
    assert asked.rows(queries.waiting(actor, clock.now())) == []
    ways.stand_in(house.approver, other)
    assert [line.id for line in asked.rows(queries.waiting(actor, clock.now()))] == [request]


def test_nobody_approves_their_own_through_a_deputy_nor_as_one(house, ways, project, other):
    ways.stand_in(house.approver, other)
    own = house.ask(project, 100, by=other)
    theirs = house.ask(project, 100, by=house.approver)
    for request in (own, theirs):
        with pytest.raises(Refused, match="两个人经手过的都算"):
            take(request, Step.APPROVED, other, house.approver)
        forced(request, 2, Step.APPROVED, other, house.approver)
    house.step(own, Step.APPROVED, house.second)
    house.step(theirs, Step.APPROVED, house.second)


def test_two_steps_under_two_hats_are_still_two_steps_by_one_person(house, ways, project, other):
    ways.stand_in(house.approver, other)
    ways.stand_in(house.second, other)
    request = house.ask(project, 6_000)
    take(request, Step.APPROVED, other, house.approver)
    with pytest.raises(Refused):
        take(request, Step.SECONDED, other, house.second)
    forced(request, 3, Step.SECONDED, other, house.second)
    with pytest.raises(Refused):
        house.step(request, Step.SECONDED, house.approver)
    forced(request, 3, Step.SECONDED, house.approver, None)
    house.step(request, Step.SECONDED, house.second)


def test_who_paid_through_a_deputy_does_not_reconcile(house, ways, project, other):
    house.make.grant(house.administrator, Role.FUND_OFFICER, house.root)
    ways.stand_in(house.administrator, other)
    request = house.ask(project, 100)
    house.step(request, Step.APPROVED, house.approver)
    take(request, Step.PAID, other, house.administrator)
    with pytest.raises(Refused):
        house.step(request, Step.RECONCILED, house.administrator)
    forced(request, 4, Step.RECONCILED, house.administrator, None)
    house.step(request, Step.RECONCILED, house.second)


def test_a_deputy_steps_aside_from_the_projects_of_both_units(house, ways, project, other):
    ways.stand_in(house.neighbour, other)
    request = house.ask(project, 100)
    with pytest.raises(Refused, match="回避"):
        take(request, Step.APPROVED, other, house.neighbour)


def test_a_deputy_may_what_who_is_away_may_and_no_more(house, ways, project, other):
    ways.stand_in(house.administrator, other)
    request = house.ask(project, 100)
    with pytest.raises(Refused, match="代办没有"):
        take(request, Step.APPROVED, other, house.administrator)


@pytest.mark.parametrize("step", [Step.REQUESTED, Step.WITHDRAWN, Step.CORRECTED])
def test_asking_and_taking_back_are_never_done_for_somebody(house, ways, project, other, step):
    ways.stand_in(house.approver, other)
    request = house.ask(project, 100, by=other)
    forced(request, 2, step, other, house.approver)


def test_it_holds_from_the_first_day_to_the_last_in_guicheng(house, ways, project, other):
    today = clock.today()
    wanted = Away(house.approver, other, today + timedelta(1), today + timedelta(2), "外出学习")
    delegation = in_transaction(lambda: deputies.appoint(wanted, house.approver, clock.now(), administrator=False))
    request = house.ask(project, 100)
    first = NOON + timedelta(hours=12)  # midnight of 22 November in Guicheng, still the 21st in UTC
    with pytest.raises(Refused):
        take(request, Step.APPROVED, other, house.approver, at=first)
    forced(request, 2, Step.APPROVED, other, house.approver, at=first)
    in_transaction(lambda: deputies.accept(delegation, other, clock.now()))
    for at in (first - timedelta(seconds=1), first + timedelta(days=2)):
        with pytest.raises(Refused):
            take(request, Step.APPROVED, other, house.approver, at=at)
        forced(request, 2, Step.APPROVED, other, house.approver, at=at)
    take(request, Step.APPROVED, other, house.approver, at=first)


@pytest.mark.parametrize("ender", ["approver", "deputy", "administrator"])
def test_it_is_ended_early_by_either_or_an_administrator(house, ways, project, other, ender):
    delegation = ways.stand_in(house.approver, other)
    request = house.ask(project, 100)
    with pytest.raises(Refused):
        in_transaction(lambda: deputies.end(delegation, house.second, clock.now(), administrator=False))
    by = {"approver": house.approver, "deputy": other, "administrator": house.administrator}[ender]
    in_transaction(lambda: deputies.end(delegation, by, clock.now(), administrator=ender == "administrator"))
    with pytest.raises(Refused):
        take(request, Step.APPROVED, other, house.approver)
    forced(request, 2, Step.APPROVED, other, house.approver)
    with pytest.raises(Conflict):
        in_transaction(lambda: deputies.accept(delegation, other, clock.now()))


def test_who_may_write_it(house, other):
    today, now = clock.today(), clock.now()

    def write(away, deputy, by, administrator=False, last=today):
        wanted = Away(away, deputy, today, last, "年假")
        return in_transaction(lambda: deputies.appoint(wanted, by, now, administrator=administrator))

    with pytest.raises(Refused):
        write(house.approver, other, house.second)
    for away, deputy, by, last in (
        (house.approver, house.approver, house.approver, today),
        (house.approver, house.auditor, house.approver, today),
        (house.auditor, other, house.auditor, today),
        (house.approver, other, house.approver, date(2026, 11, 20)),
        (house.approver, other, house.approver, today + timedelta(days=92)),
    ):
        with pytest.raises(Invalid):
            write(away, deputy, by, last=last)
    with pytest.raises(Invalid):
        write(house.approver, house.administrator, house.administrator, administrator=True)
    delegation = write(house.approver, other, house.administrator, administrator=True)
    for somebody in (house.approver, house.administrator):
        with pytest.raises(Refused):
            in_transaction(lambda somebody=somebody: deputies.accept(delegation, somebody, now))


def test_what_was_written_does_not_change(house, ways, other):
    ways.stand_in(house.approver, other)
    for attack in (
        "UPDATE fund_delegation SET to_id = from_id",
        "UPDATE fund_delegation SET last_on = '2030-01-01'",
        "UPDATE fund_delegation SET accepted_at = made_at",
        "DELETE FROM fund_delegation",
    ):
        if attack.endswith("made_at"):
            in_transaction(lambda: deputies.end(1, other, clock.now(), administrator=False))
        with pytest.raises(DBAPIError):
            in_transaction(lambda attack=attack: db.session.execute(db.text(attack)))
