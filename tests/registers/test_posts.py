"""岗位: unit, title and place are the identity; one row for each holder; seats hold."""

from datetime import date

import pytest
from sqlalchemy import select, update

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict
from app.duties.models import Post, PostTerm
from app.people.naming import volunteer_number
from app.people.rules import PlaceKind, UnitKind
from app.people.service import create_place
from app.registers.rules import RegisterKind
from tests.registers import sheet
from tests.registers.sheet import changes, counts, refusals

POSTS = RegisterKind.POSTS


@pytest.fixture
def top(make):
    return make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)


@pytest.fixture
def branch(make, top):
    return make.unit("锦园第一党支部", parent=make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=top))


@pytest.fixture
def place(branch):
    street = in_transaction(lambda: create_place(PlaceKind.COMMUNITY, "灯湖社区", None, clock.today(), None))
    return in_transaction(lambda: create_place(PlaceKind.BUILDING, "银杏一座", street, clock.today(), None))


@pytest.fixture
def he(make, branch):
    return make.person("何嘉怡", home=branch, phone="13800138000")


def post(holder="", title="政策宣传岗", **more):
    plain = {"组织": "锦园第一党支部", "岗位": title, "类别": "党员岗位", "任职人": holder, "任职日期": "2026-01-01" if holder else None}
    return plain | more


def terms():
    rows = select(Post.title, Post.seats, PostTerm.person_id, PostTerm.valid_from, PostTerm.due_on)
    return [tuple(row) for row in db.session.execute(rows.outerjoin(PostTerm, PostTerm.post_id == Post.id).order_by(Post.id, PostTerm.id))]


def test_a_post_with_two_holders_is_two_rows(make, branch, place, he):
    other = make.person("欧阳·买买提", home=branch, phone="13800138001")
    rows = (
        post("何嘉怡（8000）", 名额=2, 到期日期="2028-12-31"),
        post("欧阳·买买提"),
        post(title="银杏一座楼长", 类别="楼长", 地点="灯湖社区/银杏一座"),
    )
    batch = sheet.write(POSTS, *rows)
    first = date(2026, 1, 1)
    assert terms() == [
        ("政策宣传岗", 2, he, first, date(2028, 12, 31)),
        ("政策宣传岗", 2, other, first, None),
        ("银杏一座楼长", 1, None, None, None),
    ]
    assert counts(sheet.plan(POSTS, *rows)) == (0, 0, 3, 0)
    sheet.undo(batch)
    assert terms() == []


def test_more_seats_another_holder_and_a_later_end_are_changes(make, branch, he):
    sheet.write(POSTS, post("何嘉怡8000", 到期日期="2027-12-31"))
    before = terms()
    make.person("罗国栋", home=branch)
    rows = (post("何嘉怡", 名额=2, 到期日期="2028-12-31"), post("罗国栋"))
    found = sheet.plan(POSTS, *rows)
    assert counts(found) == (0, 2, 0, 0)
    assert changes(found) == [
        ("名额", "1", "2"),
        ("到期日期", "2027年12月31日", "2028年12月31日"),
        ("任职人", "", "罗国栋，2026年1月1日起"),
    ]
    batch = sheet.write(POSTS, *rows)
    assert len(terms()) == 2
    sheet.undo(batch)
    assert terms() == before


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (post(title=""), "岗位", "没有填岗位"),
        (post(组织="没有的支部"), "组织", "没有找到组织"),
        (post(类别="站长"), "类别", "只能填"),
        (post(地点="月球"), "地点", "没有找到地点"),
        (post(名额="很多"), "名额", "整数"),
        (post("没有的人"), "任职人", "名册里没有"),
        (post("何嘉怡（9999）"), "任职人", "名册里没有"),
        (post("何嘉怡", 任职日期=None), "任职日期", "就要填任职日期"),
        (post("何嘉怡", 任职日期="2026-12-01"), "任职日期", "今天之后"),
        (post("何嘉怡", 到期日期="2025-12-01"), "到期日期", "早于任职日期"),
        (post(任职日期="2026-01-01"), "任职人", "没有填任职人"),
    ],
)
def test_what_can_not_be_right_is_refused_with_the_reason(he, row, column, words):
    [(_, where, why), *_] = refusals(sheet.plan(POSTS, row))
    assert where == column
    assert words in why


def test_seats_hold(make, branch, he):
    make.person("罗国栋", home=branch)
    found = sheet.plan(POSTS, post("何嘉怡"), post("罗国栋"))
    assert "名额 1 个，已经满了" in refusals(found)[0][2]
    sheet.write(POSTS, post("何嘉怡"))
    assert "已经满了" in refusals(sheet.plan(POSTS, post("罗国栋")))[0][2]


def test_namesakes_are_told_apart(make, branch, he):
    other = make.person("何嘉怡", home=branch)
    assert "有 2 位何嘉怡" in refusals(sheet.plan(POSTS, post("何嘉怡")))[0][2]
    assert not refusals(sheet.plan(POSTS, post("何嘉怡（8000）")))
    numbered = sheet.plan(POSTS, post(f"何嘉怡（{volunteer_number(other)}）"))
    assert numbered.decisions[0].values["term"]["person"] == other


def test_units_and_people_elsewhere_are_refused_by_name(make, top, he):
    elsewhere = make.unit("怡海社区党委", UnitKind.COMMUNITY, parent=top)
    assert "“锦园第一党支部”不在您管的范围内" in refusals(sheet.plan(POSTS, post(), roots={elsewhere}))[0][2]
    said = refusals(sheet.plan(POSTS, post("何嘉怡", 组织="怡海社区党委"), roots={elsewhere}))
    assert said == [(2, "任职人", "何嘉怡的组织关系不在您管的范围内")]


def test_a_term_that_was_handed_over_keeps_the_batch(he):
    batch = sheet.write(POSTS, post("何嘉怡"))
    in_transaction(lambda: db.session.execute(update(PostTerm).values(valid_to=clock.today())))
    with pytest.raises(Conflict, match="1 个任职已经交接"):
        sheet.undo(batch)


def test_a_seat_taken_since_the_preview_is_not_taken_twice(make, branch, he):
    make.person("罗国栋", home=branch)
    sheet.write(POSTS, post())
    one, other = sheet.plan(POSTS, post("何嘉怡")), sheet.plan(POSTS, post("罗国栋"))
    sheet.write_plan(one)
    with pytest.raises(Conflict):
        sheet.write_plan(other)
    assert len(terms()) == 1


def test_a_members_duty_is_for_those_at_home_in_the_unit(make, top, branch, he):
    away = make.unit("怡海社区党委", UnitKind.COMMUNITY, parent=top)
    make.person("罗国栋", home=away)
    [(_, column, why)] = refusals(sheet.plan(POSTS, post("罗国栋")))
    assert (column, why) == ("任职人", "罗国栋的组织关系不在“锦园第一党支部”，党员岗位只能给这里的党员")
    assert not refusals(sheet.plan(POSTS, post("罗国栋", 组织="桂城街道党工委"), post("罗国栋", title="北巷巷长", 类别="巷长")))


@pytest.mark.parametrize(
    "later",
    [
        update(Post).values(seats=5),
        update(PostTerm).values(due_on=date(2030, 1, 1)),
        update(Post).where(Post.title == "新岗").values(duties="每周一次"),
    ],
)
def test_what_was_changed_since_is_not_lost_by_taking_back(he, later):
    sheet.write(POSTS, post())
    batch = sheet.write(POSTS, post("何嘉怡", 名额=2), post(title="新岗"))
    in_transaction(lambda: db.session.execute(later))
    before = [*terms(), *db.session.scalars(select(Post.duties).order_by(Post.title))]
    with pytest.raises(Conflict, match="已经恢复原样"):
        sheet.undo(batch)
    assert [*terms(), *db.session.scalars(select(Post.duties).order_by(Post.title))] == before
