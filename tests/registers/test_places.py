"""地点: the whole way to a place is its identity; nothing is renamed or moved."""

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict
from app.people.models import Place, PlaceUnit
from app.people.queries import trees
from app.people.rules import PlaceKind, UnitKind
from app.people.service import create_place
from app.registers.rules import RegisterKind
from tests.registers import sheet
from tests.registers.sheet import counts, refusals

PLACES = RegisterKind.PLACES


@pytest.fixture
def top(make):
    return make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)


@pytest.fixture
def lake(make, top):
    return make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=top)


def place(name, kind="楼栋", parent="灯湖社区/中海万锦豪园", **more):
    return {"名称": name, "类别": kind, "上级": parent} | more


STREET = (
    place("银杏一座"),
    place("中海万锦豪园", "小区", "灯湖社区"),
    place("灯湖社区", "社区", "", 对应组织="灯湖社区党委"),
    place("１单元", "楼道", "灯湖社区/中海万锦豪园/银杏一座"),
    place("初心驿站", "组织生活馆", "灯湖社区"),
)


def held():
    return (
        db.session.scalar(select(func.count()).select_from(Place)),
        db.session.scalar(select(func.count()).where(PlaceUnit.valid_to.is_(None))),
    )


def test_places_are_created_inside_each_other_in_whatever_order_they_stand(lake):
    batch = sheet.write(PLACES, *STREET)
    assert held() == (5, 1)
    assert trees.disagreements() == []
    assert counts(sheet.plan(PLACES, *STREET)) == (0, 0, 5, 0)
    sheet.undo(batch)
    assert held() == (0, 0)


def test_the_same_name_in_two_estates_is_two_places(lake):
    sheet.write(PLACES, *STREET)
    rows = (place("海琴湾", "小区", "灯湖社区"), place("银杏一座", parent="灯湖社区/海琴湾"))
    assert counts(sheet.plan(PLACES, *rows)) == (2, 0, 0, 0)


def test_one_more_unit_is_a_tie(make, lake):
    sheet.write(PLACES, *STREET)
    make.unit("锦园第一党支部", parent=lake)
    row = place("中海万锦豪园", "小区", "灯湖社区", 对应组织="锦园第一党支部")
    batch = sheet.write(PLACES, row)
    assert held() == (5, 2)
    assert counts(sheet.plan(PLACES, row)) == (0, 0, 1, 0)
    sheet.undo(batch)
    assert held() == (5, 1)


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (place(""), "名称", "没有填名称"),
        (place("甲", "洞"), "类别", "只能填"),
        (place("甲", parent="没有的社区"), "上级", "不在系统里，也不在这张表里"),
        (place("甲", "楼道", "灯湖社区"), "上级", "楼道不能直接放在社区下面"),
        (place("甲", parent=""), "上级", "要在一个社区里"),
        (place("中海万锦豪园", "楼栋", "灯湖社区"), "类别", "类别不能改"),
        (place("甲", 对应组织="没有的支部"), "对应组织", "没有找到组织"),
        (place("甲", 对应组织="灯湖社区党委"), "对应组织", "不对应"),
    ],
)
def test_what_can_not_be_right_is_refused_with_the_reason(lake, row, column, words):
    sheet.write(PLACES, *STREET)
    said = [(where, why) for _, where, why in refusals(sheet.plan(PLACES, row))]
    assert any(where == column and words in why for where, why in said), said


def test_a_circle_and_a_parent_of_itself_are_called_so(lake):
    rows = (place("甲", "小区", "乙"), place("乙", "小区", "甲"), place("丙", "小区", "丙"))
    assert [why for _, _, why in refusals(sheet.plan(PLACES, *rows))] == [
        "上级绕成了圈：甲 → 乙 → 甲",
        "上级绕成了圈：乙 → 甲 → 乙",
        "上级不能是自己",
    ]


def test_places_of_others_are_refused_by_name(make, top, lake):
    sheet.write(PLACES, *STREET)
    elsewhere = make.unit("怡海社区党委", UnitKind.COMMUNITY, parent=top)
    found = sheet.plan(
        PLACES, place("银杏一座"), place("银杏二座"), place("怡海社区", "社区", "", 对应组织="怡海社区党委"), roots={elsewhere}
    )
    assert [why for _, _, why in refusals(found)] == [
        "“银杏一座”不在您管的范围内，请交给管它的人",
        "“中海万锦豪园”不在您管的范围内，请交给管它的人",
    ]
    assert counts(found) == (1, 0, 0, 2)


def test_a_batch_in_which_something_was_built_stays_and_says_why(lake):
    batch = sheet.write(PLACES, *STREET)
    building = db.session.scalar(select(Place.id).where(Place.name == "银杏一座"))
    in_transaction(lambda: create_place(PlaceKind.STAIRWELL, "2单元", building, clock.today(), None))
    with pytest.raises(Conflict, match="1 个地点里面有了地点"):
        sheet.undo(batch)
    assert held() == (6, 1)
