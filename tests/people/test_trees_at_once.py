"""Both trees when two people change them in the same moment, and when there are 2,000 units."""

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError

from app.core.db import db, in_transaction, is_sqlite
from app.core.errors import Conflict
from app.people import queries
from app.people.models import Membership, Unit, UnitAncestry, UnitParent
from app.people.queries import trees
from app.people.rules import MembershipKind, UnitKind
from tests.conftest import statements
from tests.people.town import BEGAN, FEBRUARY, MARCH, TODAY, close, create, move

K = UnitKind


def test_two_who_move_each_below_the_other_make_no_circle(town, at_once):
    one, other = (create(K.TEAM, name, town["lake"]) for name in ("甲队", "乙队"))
    for _ in range(5):
        done = at_once([lambda: move(one, other), lambda: move(other, one)])
        refused = [result for result in done if isinstance(result, Conflict)]
        assert len(refused) == 1
        assert "不能反过来" in refused[0].message
        assert trees.disagreements() == []
        for team in (one, other):
            move(team, town["lake"])


def test_the_database_alone_refuses_a_circle_of_two_writers(make, at_once):
    """Both look at a tree in which their own edge is harmless; the second waits for the first and is refused."""
    root = make.unit(kind=K.SUBDISTRICT)
    one, other = (make.unit(name, K.TEAM) for name in ("甲队", "乙队"))
    assert root

    def hang(unit, parent):
        def work():
            db.session.execute(insert(UnitParent).values(unit_id=unit, parent_id=parent, valid_from=TODAY))
            db.session.execute(text("SELECT 1") if is_sqlite() else text("SELECT pg_sleep(0.2)"))  # both are inside by now

        in_transaction(work)

    done = at_once([lambda: hang(one, other), lambda: hang(other, one)])
    assert [isinstance(result, IntegrityError) for result in done].count(True) == 1
    assert db.session.scalar(select(func.count()).select_from(UnitParent)) == 1


def test_the_database_refuses_overlapping_parents_and_circles_of_the_past(app, make):
    root, one, other = (make.unit(name, K.TEAM) for name in ("总队", "甲队", "乙队"))
    make._add(UnitParent, unit_id=one, parent_id=other, valid_from=BEGAN, valid_to=MARCH)
    with pytest.raises(IntegrityError):
        make._add(UnitParent, unit_id=one, parent_id=root, valid_from=FEBRUARY)
    with pytest.raises(IntegrityError):
        make._add(UnitParent, unit_id=other, parent_id=one, valid_from=FEBRUARY)
    make._add(UnitParent, unit_id=other, parent_id=one, valid_from=MARCH)  # the other way round, from the day it ended
    make._add(UnitParent, unit_id=one, parent_id=root, valid_from=MARCH)
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(text("UPDATE unit_parent SET valid_from = '2026-02-01' WHERE valid_to IS NULL")))


@pytest.mark.parametrize("turn", range(3))
def test_nobody_slips_into_a_unit_that_is_being_closed(make, town, turn, at_once):
    group, person = town["groups"][0], make.person()

    def join():
        values = {"person_id": person, "unit_id": group, "kind": MembershipKind.HOME, "valid_from": TODAY}
        in_transaction(lambda: db.session.execute(insert(Membership).values(**values)))

    done = at_once([lambda: close(group), join] if turn else [join, lambda: close(group)])
    assert sum(isinstance(result, (Conflict, IntegrityError)) for result in done) == 1
    closed = db.session.scalar(select(Unit.closed_on).where(Unit.id == group))
    inside = db.session.scalar(select(func.count()).select_from(Membership).where(Membership.valid_to.is_(None)))
    assert (closed is None) == (inside == 1)


# 2,000 units


@pytest.fixture
def county(app):
    """街道 → 45 社区 → 400 总支 → 1,554 支部: 2,000 units, put in set-wise."""
    root = create(K.SUBDISTRICT, "桂城街道党工委", None)

    def build():
        number, above = root, {root: [(root, 0)]}
        units, edges, lines = [], [], []
        layers = [(K.COMMUNITY, 45), (K.GENERAL_BRANCH, 400), (K.BRANCH, 1554)]
        parents = [root]
        for kind, count in layers:
            layer = []
            for at in range(count):
                number += 1
                parent = parents[at % len(parents)]
                above[number] = [(number, 0)] + [(ancestor, depth + 1) for ancestor, depth in above[parent]]
                units.append({"id": number, "kind": kind, "name": f"{kind}{at}", "opened_on": BEGAN})
                edges.append({"unit_id": number, "parent_id": parent, "valid_from": BEGAN})
                lines += [{"unit_id": number, "ancestor_id": up, "depth": depth, "valid_from": BEGAN} for up, depth in above[number]]
                layer.append(number)
            parents = layer
        db.session.execute(insert(Unit), units)
        db.session.execute(insert(UnitParent), edges)
        db.session.execute(insert(UnitAncestry), lines)
        if not is_sqlite():
            db.session.execute(text("SELECT setval('unit_id_seq', (SELECT max(id) FROM unit))"))
        return root

    root = in_transaction(build)
    if not is_sqlite():
        in_transaction(lambda: db.session.execute(text("ANALYZE unit_ancestry")))
    return root


def test_a_subtree_of_2000_is_one_indexed_query(county):
    with statements() as sent:
        everything = db.session.execute(queries.below([county], TODAY)).scalars().all()
    assert len(everything) == 2000
    assert len(sent) == 1
    explain = "EXPLAIN QUERY PLAN " if is_sqlite() else "EXPLAIN "
    query = queries.below([county + 1], TODAY).compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = "\n".join(str(row) for row in db.session.execute(text(explain + str(query))))
    assert "ix_unit_ancestry_down" in plan, plan
    assert "SCAN unit_ancestry" not in plan
    assert "Seq Scan" not in plan


def test_a_great_move_costs_as_many_questions_as_a_small_one(county):
    general = db.session.scalar(select(Unit.id).where(Unit.kind == K.GENERAL_BRANCH).limit(1))
    branch = db.session.scalar(select(Unit.id).where(Unit.kind == K.BRANCH).order_by(Unit.id.desc()).limit(1))
    communities = db.session.scalars(select(Unit.id).where(Unit.kind == K.COMMUNITY).order_by(Unit.id.desc()).limit(2)).all()
    counts = []
    for unit in (general, branch):
        with statements() as sent:
            move(unit, communities[0])
        counts.append(len(sent))
    assert counts[0] == counts[1] < 25
    assert trees.disagreements() == []
