"""Points are given and taken back one person at a time: whoever decides takes the person first, as the door does."""

from datetime import date
from typing import Any

from app.core import clock
from app.core.db import in_transaction
from app.core.errors import DomainError
from app.points import queries as points
from app.points.rules import SchemeKind
from app.points.totals import disagreements
from app.schemes.rules import Proposal
from app.schemes.service import proposals
from tests.conftest import statements
from tests.schemes.conftest import DAY
from tests.schemes.versions import publish, rule

URLS = {"show": "/", "own": "/"}


def proposed(village: Any, day: date) -> int:
    one = Proposal(village.member, SchemeKind.MEMBER, day, "支委会讨论", rule_code="bonus")
    return in_transaction(lambda: proposals.propose(one, village.secretary, "/work", clock.now()))


def approve(village: Any, proposal: int) -> Any:
    return in_transaction(lambda: proposals.approve(proposal, village.deputy, URLS, clock.now()))


def revoke(village: Any, proposal: int) -> int:
    return in_transaction(lambda: proposals.revoke(proposal, "弄错了人", DAY, village.secretary, "/work", clock.now()))


def test_a_cap_holds_while_one_is_taken_back_and_another_given(village, at_once):
    publish(SchemeKind.MEMBER, date(2026, 11, 1), rule("bonus", "manual", 200, cap=500))
    first, second, third, fourth = (proposed(village, DAY.replace(day=day)) for day in (2, 3, 4, 5))
    assert [approve(village, one) for one in (first, second, third)] == [200, 200, 100]
    back = revoke(village, first)
    assert not [one for one in at_once([lambda: approve(village, back), lambda: approve(village, fourth)]) if isinstance(one, DomainError)]
    said = [one for one in points.why(village.member, SchemeKind.MEMBER, date(2026, 11, 1), date(2026, 11, 30)) if one.rule_code == "bonus"]
    assert sum(one.points for one in said) == 500
    assert disagreements() == []


def test_deciding_takes_the_person_before_the_proposal(village, engine):
    first = proposed(village, DAY)
    approve(village, first)
    back = revoke(village, first)
    with statements() as sent:
        approve(village, back)
    locks = [one for one in sent if " FOR " in one and "UPDATE" in one.split(" FOR ")[-1]]
    tables = ["person" if "FROM person" in one else "point_proposal" for one in locks]
    assert tables[:2] == (["person", "point_proposal"] if engine == "postgresql" else [])
