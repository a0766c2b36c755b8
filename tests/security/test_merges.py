"""Two records of two branches: neither secretary reads the other one's member by way of a merge, nor decides about both."""

import re

import pytest

from app.core.db import in_transaction
from app.core.permissions import Role
from app.merges import service
from app.merges.queries import listing
from app.merges.queries.digest import digest
from tests.merges.conftest import Two, two

__all__ = ["two"]


@pytest.fixture
def across(two: Two) -> tuple[Two, int]:
    """Of one record here and one in a sibling branch, proposed by an administrator."""
    sibling = two.make.unit("灯湖第二党支部", parent=two.root)
    other = two.make.person("陈志强", home=sibling, phone="13800002222")
    second = two.make.person("赵管理", home=two.root)
    two.make.grant(second, Role.ADMINISTRATOR, two.root)
    pair = two.pair(two.old, other)
    proposal = service.Proposal(two.old, other, "当面问过", digest(pair))
    return two, in_transaction(lambda: service.propose(proposal, second, pair.now))


def test_a_merge_with_a_record_of_another_branch_is_for_who_sees_both(across, as_person):
    two, merge_id = across
    secretary, administrator = as_person(two.maker), as_person(two.checker)
    assert secretary.get(f"/merges/{merge_id}").status_code == 404
    for action in ("approval", "return", "withdrawal", "undoing", "continuation"):
        assert secretary.post(f"/merges/{merge_id}/{action}", data={"answer": "x", "undo_reason": "x"}).status_code == 404
    assert f"/merges/{merge_id}" not in secretary.get("/merges?show=waiting").text
    assert "对照两份再定" not in secretary.get("/work").text
    assert "对照两份再定" in administrator.get("/work").text
    assert administrator.get(f"/merges/{merge_id}").status_code == 200
    assert f"/merges/{merge_id}" in administrator.get("/merges?show=waiting").text


def test_once_it_was_carried_out_it_is_read_where_who_stays_is(across, as_person):
    two, merge_id = across
    administrator = as_person(two.checker)
    seen = re.search(r'name="seen" value="(\w+)"', administrator.get(f"/merges/{merge_id}").text)[1]
    assert administrator.post(f"/merges/{merge_id}/approval", data={"seen": seen}).status_code == 303
    secretary = as_person(two.maker)
    assert secretary.get(f"/merges/{merge_id}").status_code == 200
    assert [row.id for row in listing.done([two.branch], two.pair().today)] == [merge_id]
