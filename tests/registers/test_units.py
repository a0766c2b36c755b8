"""组织: name and parent are the identity; a row creates, moves, closes or ties, and a batch can be taken back whole."""

from datetime import date

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict
from app.people import queries as people
from app.people.models import PlaceUnit, Unit, UnitParent
from app.people.queries import trees
from app.people.rules import PlaceKind, UnitKind
from app.people.service import create_place
from app.registers.rules import RegisterKind
from tests.registers import sheet
from tests.registers.sheet import changes, counts, refusals

UNITS = RegisterKind.UNITS


@pytest.fixture
def top(make):
    return make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)


@pytest.fixture
def lake(make, top):
    return make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=top)


@pytest.fixture
def hill(make, top):
    return make.unit("怡海社区党委", UnitKind.COMMUNITY, parent=top)


def unit(name, kind="党支部", parent="灯湖社区党委", **more):
    return {"名称": name, "类别": kind, "上级": parent} | more


def named(name):
    return db.session.execute(select(Unit.id, Unit.opened_on, Unit.closed_on).where(Unit.name == name)).one()


def parent(unit_id):
    return db.session.scalar(select(UnitParent.parent_id).where(UnitParent.unit_id == unit_id, UnitParent.valid_to.is_(None)))


def everything():
    """Both trees and their ties, as far as anybody can tell."""
    nodes = sorted(db.session.execute(select(Unit.id, Unit.name, Unit.opened_on, Unit.closed_on)))
    ties = sorted(db.session.execute(select(PlaceUnit.place_id, PlaceUnit.unit_id).where(PlaceUnit.valid_to.is_(None))))
    return nodes, set(trees.kept_lines(trees.UNITS)), ties


def test_a_circle_and_a_parent_of_itself_are_called_so(lake):
    rows = (
        unit("甲支部", "党总支", "乙支部"), unit("乙支部", "党总支", "丙支部"), unit("丙支部", "党总支", "甲支部"),
        unit("丁支部", parent="丁支部"), unit("戊支部", parent="丙支部"),
        unit("灯湖社区党委", "社区党委", "灯湖社区党委"), unit("己支部", parent="没有的社区党委"),
    )  # fmt: skip
    said = {number: why for number, where, why in refusals(sheet.plan(UNITS, *rows)) if where == "上级"}
    assert [said[number] for number in sorted(said)] == [
        "上级绕成了圈：甲支部 → 乙支部 → 丙支部 → 甲支部",
        "上级绕成了圈：乙支部 → 丙支部 → 甲支部 → 乙支部",
        "上级绕成了圈：丙支部 → 甲支部 → 乙支部 → 丙支部",
        "上级不能是自己",
        "上级“丙支部”那一行没有收，先把那一行改好",
        "上级不能是自己",
        "上级“没有的社区党委”不在系统里，也不在这张表里",
    ]


def agree():
    assert trees.disagreements() == []


def test_units_are_created_below_each_other_in_whatever_order_they_stand(lake):
    rows = [
        unit("第一党小组", "党小组", "灯湖社区党委/锦园党总支/锦园第一党支部"),
        unit("锦园第一党支部", parent="锦园党总支"),
        unit("锦园党总支", "党总支", 成立日期="2010-05-04"),
    ]
    found = sheet.plan(UNITS, *rows)
    assert (counts(found), refusals(found)) == ((3, 0, 0, 0), [])
    before = everything()
    batch = sheet.write(UNITS, *rows)
    assert named("锦园党总支").opened_on == date(2010, 5, 4)
    assert people.is_below(named("第一党小组").id, [lake], clock.today())
    agree()
    assert counts(sheet.plan(UNITS, *rows)) == (0, 0, 3, 0)
    sheet.undo(batch)
    assert everything() == before
    agree()


def test_another_parent_is_a_move_and_the_preview_says_so(make, lake, hill):
    branch = make.unit("映月湖畔党支部", parent=lake)
    group = make.unit("映月党小组", UnitKind.GROUP, parent=branch)
    row = unit("映月湖畔党支部", parent="怡海社区党委")
    found = sheet.plan(UNITS, row)
    assert counts(found) == (0, 1, 0, 0)
    assert changes(found) == [("移动", "桂城街道党工委/灯湖社区党委", "桂城街道党工委/怡海社区党委")]
    batch = sheet.write(UNITS, row)
    assert parent(branch) == hill
    assert people.is_below(group, [hill], clock.today())
    assert people.is_below(group, [lake], date(2026, 11, 20)), "until yesterday it belonged there"
    agree()
    assert counts(sheet.plan(UNITS, row)) == (0, 0, 1, 0)
    sheet.undo(batch)
    assert parent(branch) == lake
    assert people.is_below(group, [lake], clock.today())
    agree()


def test_the_same_name_in_two_communities_is_two_units(make, lake, hill):
    make.unit("第一党支部", parent=lake)
    found = sheet.plan(UNITS, unit("第一党支部"), unit("第一党支部", parent="怡海社区党委"))
    assert counts(found) == (1, 0, 1, 0)


def test_closing_and_taking_it_back(make, lake):
    branch = make.unit("锦园第一党支部", parent=lake)
    before = everything()
    batch = sheet.write(UNITS, unit("锦园第一党支部", 关闭日期="2026-11-01"))
    assert named("锦园第一党支部").closed_on == date(2026, 11, 1)
    agree()
    assert counts(sheet.plan(UNITS, unit("锦园第一党支部", 关闭日期="2026-11-01"))) == (0, 0, 1, 0)
    sheet.undo(batch)
    assert everything() == before
    assert people.is_below(branch, [lake], clock.today())
    agree()


def test_a_tie_to_a_place(make, top, lake):
    now = clock.today()
    place = in_transaction(lambda: create_place(PlaceKind.COMMUNITY, "灯湖社区", None, now, None))
    in_transaction(lambda: create_place(PlaceKind.ESTATE, "中海万锦豪园", place, now, None))
    row = unit("锦园第一党支部", 对应地点="灯湖社区/中海万锦豪园")
    batch = sheet.write(UNITS, row)
    assert len(everything()[2]) == 1
    assert counts(sheet.plan(UNITS, row)) == (0, 0, 1, 0)
    sheet.undo(batch)
    assert everything()[2] == []


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (unit(""), "名称", "没有填名称"),
        (unit("甲支部", "支部"), "类别", "只能填"),
        (unit("甲支部", ""), "类别", "没有填类别"),
        (unit("甲支部", parent=""), "上级", "只有街道没有上级"),
        (unit("甲支部", parent="没有的社区党委"), "上级", "不在系统里，也不在这张表里"),
        (unit("甲支部", 成立日期="2026-12-01"), "成立日期", "今天以后"),
        (unit("甲支部", 关闭日期="2026-01-01"), "关闭日期", "已关闭的不必再导入"),
        (unit("甲小组", "党小组"), "上级", "党小组不能直接放在社区党委下面"),
        (unit("甲支部", 对应地点="月球"), "对应地点", "没有找到地点"),
        (unit("灯湖社区党委", "党支部", "桂城街道党工委"), "类别", "类别不能改"),
        (unit("桂城街道党工委", "街道党工委", "灯湖社区党委"), "上级", "不"),
    ],
)
def test_what_can_not_be_right_is_refused_with_the_reason(lake, row, column, words):
    [(_, where, why), *_] = refusals(sheet.plan(UNITS, row))
    assert where == column
    assert words in why


def test_units_outside_the_reach_are_refused_by_name(make, lake, hill):
    branch = make.unit("锦园第一党支部", parent=lake)
    found = sheet.plan(UNITS, unit("锦园第一党支部", parent="怡海社区党委"), unit("新支部"), roots={hill})
    said = [why for _, _, why in refusals(found)]
    assert "“锦园第一党支部”不在您管的范围内，请交给管它的人" in said
    assert "“灯湖社区党委”不在您管的范围内，请交给管它的人" in said
    assert counts(found)[:3] == (0, 0, 0)
    assert parent(branch) == lake


def test_the_same_row_twice_is_refused_the_second_time(lake):
    found = sheet.plan(UNITS, unit("甲支部"), unit("甲支部"))
    assert counts(found) == (1, 0, 0, 1)
    assert "重复" in refusals(found)[0][2]


def test_two_that_would_stand_above_each_other_are_refused(make, lake):
    team = make.unit("甲队", UnitKind.TEAM, parent=lake)
    make.unit("乙队", UnitKind.TEAM, parent=team)
    found = sheet.plan(UNITS, unit("甲队", "志愿服务队", "乙队"))
    assert "不能反过来" in refusals(found)[0][2]


def test_a_batch_that_something_rests_on_stays_and_says_why(make, lake):
    batch = sheet.write(UNITS, unit("甲支部"), unit("乙支部"))
    make.person(home=named("甲支部").id)
    before = everything()
    with pytest.raises(Conflict, match="1 个组织有了成员"):
        sheet.undo(batch)
    assert everything() == before


def test_what_changed_since_the_preview_is_not_written_and_nothing_stays(make, lake, hill):
    from app.people.service import close_unit
    from app.registers import running

    found = sheet.plan(UNITS, unit("甲支部"), unit("乙支部", parent="怡海社区党委"))
    batch = running.stage(found, None, "a.xlsx", None, clock.now())
    in_transaction(lambda: close_unit(hill, clock.today(), None))
    before = db.session.scalar(select(func.count()).select_from(Unit))
    with pytest.raises(Conflict, match="没有写入任何东西"):
        running.write(batch, None, clock.now())
    assert db.session.scalar(select(func.count()).select_from(Unit)) == before
    agree()


def test_after_thirty_days_a_batch_stays(lake):
    batch = sheet.write(UNITS, unit("甲支部"))
    with clock.frozen_at(clock.now().replace(month=12, day=30)), pytest.raises(Conflict, match="超过 30 天"):
        sheet.undo(batch)


def test_planning_asks_as_much_for_many_rows_as_for_one(lake):
    from tests.conftest import statements

    def asked(number):
        with statements() as sent:
            sheet.plan(UNITS, *(unit(f"第{n}支部") for n in range(number)))
        return len(sent)

    assert asked(1) == asked(40)
