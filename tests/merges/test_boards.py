"""The boards as they stand, before a merge, after it and after its undo: one person, one head, and hours that are counted once."""

import re

import pytest

from app.core import clock
from app.core.db import in_transaction
from app.leaderboards import queries, rules
from app.leaderboards.measures import Figure, Measure
from app.people import service as people
from app.people.rules import ConsentKind, UnitKind
from tests.leaderboards.conftest import _nothing_kept  # noqa: F401

BY = frozenset(Measure)
OLD, NEW = 120, 90  # minutes of the two records


@pytest.fixture
def listed(two):
    """Both records are on the personal board and have hours; five others make the branch large enough to be ranked."""
    for _ in range(5):
        two.make.person("何嘉怡", home=two.branch)
    for person, minutes in ((two.old, OLD), (two.new, NEW)):
        in_transaction(lambda one=person: people.give_consent(one, ConsentKind.PERSONAL_BOARD, clock.now()))
        two.serve(person, minutes)
    return two


def figures(kind: str, period: str = "quarter") -> dict[int, Figure]:
    choice = rules.choose({"kind": kind, "period": period}, clock.today())
    return {one.id: one for one in queries.figures(choice, queries.rule(), BY)}


def everything() -> dict[tuple[str, str], dict[int, Figure]]:
    return {
        (kind, period): figures(kind, period)
        for kind in ("person", "branch", "community")
        for period in ("month", "quarter", "year", "all")
    }


def shown(client, **asked: str) -> str:
    """The page without what changes with every answer."""
    answer = client.get("/boards", query_string=asked)
    assert answer.status_code == 200
    return re.sub(r'nonce="[^"]*"', "", answer.text)


def test_one_line_with_the_hours_of_both_takes_the_place_of_two(listed, client):
    before = figures("person")
    assert (before[listed.old].minutes, before[listed.new].minutes) == (OLD, NEW)
    page = shown(client, kind="person")
    merge_id = listed.merge()
    assert {one.id: one.minutes for one in figures("person").values() if one.minutes} == {listed.old: OLD + NEW}
    merged = shown(client, kind="person")
    assert ("3.5<small>" in merged, "2<small>" in page, "2<small>" in merged) == (True, True, False)
    listed.undo(merge_id)
    assert figures("person") == before
    assert shown(client, kind="person") == page


def test_a_branch_keeps_its_hours_and_has_one_head_fewer(listed, client):
    before = figures("branch")[listed.branch]
    page = shown(client, kind="branch", by="total")
    merge_id = listed.merge()
    after = figures("branch")[listed.branch]
    assert (after.minutes, after.heads, after.took) == (before.minutes, before.heads - 1, before.took - 1)
    assert after.spread == (OLD + NEW,)
    assert f"{after.heads} 人" in shown(client, kind="branch", by="total")
    listed.undo(merge_id)
    assert figures("branch")[listed.branch] == before
    assert shown(client, kind="branch", by="total") == page


def test_of_two_branches_the_one_that_stays_has_the_person_and_all_figures_come_back(two, client):
    community = two.make.unit("灯湖社区党委", UnitKind.COMMUNITY, two.root)
    one, other = (two.make.unit(name, parent=community) for name in ("锦园第一党支部", "翠苑党支部"))
    for branch in (one, other):
        for _ in range(5):
            two.make.person("何嘉怡", home=branch)
    two.old, two.new = two.make.person("陈志强", home=one, phone="13800002222"), two.make.person("陳志強", home=other, phone="13800002222")
    two.serve(two.old, OLD)
    two.serve(two.new, NEW)
    before, pages = everything(), [shown(client, kind=kind) for kind in ("branch", "community")]
    assert [before["branch", "quarter"][branch].heads for branch in (one, other)] == [6, 6]
    merge_id = two.merge()
    after = figures("branch"), figures("community")[community]
    assert [after[0][branch].heads for branch in (one, other)] == [6, 5]
    assert (after[1].minutes, after[1].heads, after[1].spread) == (OLD + NEW, 11, (OLD + NEW,))
    assert sum(after[0][branch].minutes for branch in (one, other)) == OLD + NEW
    two.undo(merge_id)
    assert everything() == before
    assert [shown(client, kind=kind) for kind in ("branch", "community")] == pages
