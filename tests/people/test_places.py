"""The tree of places: 社区 → 小区 → 楼栋 → 楼道, what was where, and the units that are tied to them."""

from datetime import date

import pytest

from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid
from app.people import queries, service
from app.people.queries import tree_pages, trees
from app.people.queries.trees import PLACES
from app.people.rules import PlaceKind
from app.people.tree_rules import PLACE_UNDER
from tests.people.town import BEGAN, MARCH, TODAY

K = PlaceKind


def create(kind, name, parent, since=BEGAN):
    return in_transaction(lambda: service.create_place(kind, name, parent, since, None))


def move(place, parent, on=TODAY):
    in_transaction(lambda: service.move_place(place, parent, on, TODAY, None))


def tie(place, unit, on=BEGAN):
    in_transaction(lambda: service.tie_place(place, unit, on, None))


def names(place, day):
    return [step.name for step in queries.place_path_on(place, day)]


@pytest.fixture
def streets(town):
    """灯湖社区、桂南社区；灯湖 → 中海万锦豪园 → 银杏一座 → 东梯."""
    lake, south = (create(K.COMMUNITY, name, None) for name in ("灯湖社区", "桂南社区"))
    estate = create(K.ESTATE, "中海万锦豪园", lake)
    building = create(K.BUILDING, "银杏一座", estate)
    stairs = create(K.STAIRWELL, "东梯", building)
    return {"lake": lake, "south": south, "estate": estate, "building": building, "stairs": stairs}


def test_an_estate_that_changed_its_community_is_found_where_it_was(streets):
    in_transaction(lambda: service.rename_place(streets["estate"], "万锦豪园", MARCH, None))
    move(streets["estate"], streets["south"], date(2026, 4, 1))
    assert names(streets["stairs"], date(2026, 2, 1)) == ["灯湖社区", "中海万锦豪园", "银杏一座", "东梯"]
    assert names(streets["stairs"], MARCH) == ["灯湖社区", "万锦豪园", "银杏一座", "东梯"]
    assert names(streets["stairs"], TODAY) == ["桂南社区", "万锦豪园", "银杏一座", "东梯"]
    assert trees.disagreements() == []


@pytest.mark.parametrize("kind", list(K))
def test_a_place_lies_only_where_its_kind_may(streets, kind):
    parents = {K.COMMUNITY: "lake", K.ESTATE: "estate", K.BUILDING: "building", K.STAIRWELL: "stairs"}
    for parent, key in [(None, None), *parents.items()]:
        where = streets[key] if key else None
        if (parent is None and kind is K.COMMUNITY) or parent in PLACE_UNDER[kind]:
            assert create(kind, "新的一处", where)
        else:
            with pytest.raises(Invalid):
                create(kind, "新的一处", where)


def test_a_community_has_no_parent_and_is_not_moved(streets):
    with pytest.raises(Invalid, match="有几处要改"):
        move(streets["south"], streets["lake"])


def test_a_place_is_closed_once_nothing_is_left_inside(streets):
    with pytest.raises(Conflict, match="里面还有 1 处地点"):
        in_transaction(lambda: service.close_place(streets["building"], TODAY, None))
    for key in ("stairs", "building"):
        in_transaction(lambda key=key: service.close_place(streets[key], TODAY, None))
    assert names(streets["building"], TODAY) == []
    with pytest.raises(Conflict, match="已经停用"):
        move(streets["building"], streets["lake"])
    assert trees.disagreements() == []


def test_two_who_name_a_new_place_alike_make_one(streets, at_once):
    done = at_once([lambda: create(K.BUILDING, "紫荆一座", streets["estate"]) for _ in range(3)])
    assert sum(isinstance(result, Invalid) for result in done) == 2


def test_branch_and_estate_group_and_stairwell_committee_and_community_are_tied(town, streets):
    tie(streets["lake"], town["lake"])
    tie(streets["estate"], town["branch"])
    tie(streets["stairs"], town["groups"][0])
    for place, unit in (("lake", town["branch"]), ("stairs", town["branch"]), ("estate", town["groups"][0]), ("estate", town["lake"])):
        with pytest.raises(Invalid):
            tie(streets[place], unit)
    in_transaction(lambda: service.untie_place(streets["estate"], town["branch"], TODAY, None))
    assert [tied.name for tied in tree_pages.ties(PLACES, streets["estate"], MARCH)] == ["锦园第一党支部"]
    assert tree_pages.ties(PLACES, streets["estate"], TODAY) == []
    with pytest.raises(Invalid):
        tie(streets["estate"], town["branch"], date(2019, 1, 1))  # before either was there


def test_a_branch_sees_the_places_it_is_tied_to_and_what_is_inside(town, streets):
    tie(streets["estate"], town["branch"])
    seen = [key for key, place in streets.items() if tree_pages.seen(PLACES, place, [town["branch"]], TODAY)]
    assert seen == ["estate", "building", "stairs"]
    assert [row.name for row in tree_pages.tops(PLACES, [town["branch"]], TODAY)] == ["中海万锦豪园"]
    assert [row.name for row in tree_pages.tops(PLACES, [town["root"]], TODAY)] == ["灯湖社区", "桂南社区"]
    assert tree_pages.tops(PLACES, [town["south"]], TODAY) == []
