"""A deputy says what a line of the bank is for somebody away; what either of the two paid, neither may say."""

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import DatabaseError

from app.bank.models import BankMatch
from app.bank.queries import lines as seen
from app.bank.service import groups
from app.bank.service import lines as service
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Invalid, Refused
from app.core.permissions import Role
from app.fund.queries.requests import standing
from app.fund.rules import Step
from tests.bank.examples import bring, line_ids
from tests.bank.test_matching import NUMBER, out, paid  # noqa: F401  # the fixture
from tests.fund.houses import YUAN
from tests.fund.ways import Ways


@pytest.fixture
def ways(house):
    return Ways(house)


@pytest.fixture
def other(ways):
    """A second officer, who does not reconcile themselves."""
    return ways.second_officer()


def match(line, request, by, for_id):
    in_transaction(lambda: service.match(line, request, by, clock.now(), for_id))


def test_only_within_a_deputation_and_the_line_says_for_whom(house, ways, paid, other):  # noqa: F811
    line = out(house)
    with pytest.raises(Refused, match="代办没有"):
        match(line, paid, other, house.second)
    ways.stand_in(house.second, other)
    match(line, paid, other, house.second)
    assert standing(paid).state is Step.RECONCILED
    (matched,) = seen.matches_of(line)
    assert (matched.made_by, matched.for_name) == ("冯少珍", "关绮华")


def test_who_paid_has_no_deputy_for_it_and_is_none(house, ways, paid, other):  # noqa: F811
    line = out(house)
    house.make.grant(house.officer, Role.FUND_APPROVER, house.root)
    ways.stand_in(house.officer, other)
    with pytest.raises(Refused, match="两个人经手过的都算"):
        match(line, paid, other, house.officer)
    ways.stand_in(house.second, house.officer)
    with pytest.raises(Refused, match="两个人经手过的都算"):
        match(line, paid, house.officer, house.second)


def test_past_the_service_the_database_says_the_same(house, ways, paid, other):  # noqa: F811
    line = out(house)
    house.step(paid, Step.RECONCILED, house.approver)
    row = {"line_id": line, "request_id": paid, "made_at": clock.now(), "made_by_id": other}

    def force(for_id):
        in_transaction(lambda: db.session.execute(insert(BankMatch).values(**row, for_id=for_id)))

    with pytest.raises(DatabaseError):
        force(house.second)
    ways.stand_in(house.officer, other)
    with pytest.raises(DatabaseError):
        force(house.officer)
    ways.stand_in(house.second, other)
    force(house.second)


def test_several_lines_are_tied_by_a_deputy_too(house, ways, paid, other):  # noqa: F811
    parts = [(clock.today(), -part * YUAN, "南庄顺达五金店", NUMBER, "货款") for part in (150, 50)]
    lines = line_ids(bring(house.approver, 1_000 * YUAN, *parts))
    with pytest.raises((Refused, Invalid)):
        in_transaction(lambda: groups.tie(lines, [paid], other, clock.now(), house.second))
    ways.stand_in(house.second, other)
    in_transaction(lambda: groups.tie(lines, [paid], other, clock.now(), house.second))
    assert standing(paid).state is Step.RECONCILED


def test_the_pages_let_the_deputy_and_nobody_else(house, ways, paid, other, as_person):  # noqa: F811
    line = out(house)
    desk, address = as_person(other), f"/fund/bank/lines/{line}"
    assert "是这一笔" not in desk.get(address).text
    assert desk.post(f"{address}/matches", data={"request_id": str(paid)}).status_code == 404
    ways.stand_in(house.second, other)
    assert "您在替关绮华代办" in desk.get(address).text
    assert desk.post(f"{address}/matches", data={"request_id": str(paid)}).status_code == 303
    assert "冯少珍代关绮华" in desk.get(address).text
    assert desk.get("/fund/bank/statements/new").status_code in (403, 404), "the evidence is not brought for somebody"
