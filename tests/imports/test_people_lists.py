"""Who is new and who changes, from what to what: on the preview, on pages of their own, and after the writing."""

import io
from datetime import date

import pytest

from app.core import clock
from app.core.permissions import Role
from app.imports import listing, running, status
from app.imports.listing import Move
from app.people.rules import StageKind, UnitKind
from tests.conftest import statements
from tests.imports.sheet import file, stage, write

MOVED = {
    "性别": "女", "所属党支部": "灯湖社区第二党支部", "报到社区": "怡海社区", "备注": "楼长",
    "政治面貌": "发展对象", "进入当前阶段日期": "2026-10-01",
}  # fmt: skip


@pytest.fixture
def top(make):
    return make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)


@pytest.fixture
def place(make, top):
    community = make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=top)
    make.unit("灯湖社区第二党支部", parent=community)
    return make.unit("灯湖社区第一党支部", parent=community)


@pytest.fixture
def browser(as_person, make, top):
    clerk = make.person("周敏", phone="13800000004")
    make.grant(clerk, Role.ADMINISTRATOR, top)
    return as_person(clerk)


def send(browser, data):
    return browser.post("/imports", data={"file": (io.BytesIO(data), "名册.xlsx")}, content_type="multipart/form-data").location


def known(make, place):
    return make.person("何嘉怡", home=place, phone="13800138000", stage=StageKind.ACTIVIST, stage_since=date(2026, 3, 1))


WHAT_MOVES = [
    Move("性别", "（空）", "女"),
    Move("出生日期", "（空）", "1990年1月2日"),
    Move("备注", "（空）", "楼长"),
    Move("党支部", "灯湖社区第一党支部", "灯湖社区第二党支部"),
    Move("报到社区", "（空）", "怡海社区党委"),
    Move("发展阶段", "入党积极分子，2026年3月1日起", "发展对象，2026年10月1日起"),
]


def test_who_changes_is_named_with_every_old_and_new_value(make, place):
    known(make, place)
    batch_id = stage(file(MOVED, {"姓名": "乙", "手机号码": "13900139000"}))
    (one,) = listing.changed(batch_id, moves_dates=False)
    assert (one.row, one.name, one.branch) == (3, "何嘉怡", "灯湖社区第二党支部")
    assert one.moves == WHAT_MOVES
    running.write(batch_id, None, clock.now())
    assert listing.changed(batch_id, moves_dates=False) == [one]


def test_a_stage_date_says_that_it_waits_for_its_tick(make, place):
    known(make, place)
    data = file({"性别": None, "出生日期": None, "备注": "楼长", "进入当前阶段日期": "2026-02-01"})
    batch_id = stage(data)
    waits = Move("阶段日期", "2026年3月1日", "2026年2月1日", waits=True)
    assert listing.changed(batch_id, moves_dates=False)[0].moves[1] == waits
    batch_id = write(data, move_dates=True)
    assert status.batch(batch_id).move_dates
    assert not listing.changed(batch_id, moves_dates=True)[0].moves[1].waits


def test_who_is_new_is_listed_with_a_masked_number(make, place):
    batch_id = stage(file({}, {"姓名": "乙", "手机号码": "139****9000", "报到社区": "怡海社区"}))
    first, second = listing.fresh(batch_id)
    assert (first.row, first.name, first.phone, first.branch, first.stage) == (
        3, "何嘉怡", "138****8000", "灯湖社区第一党支部", StageKind.ACTIVIST,
    )  # fmt: skip
    assert (second.phone, second.reported) == ("", "怡海社区党委")
    assert [one.name for one in listing.fresh(batch_id, after=1, most=1)] == ["乙"]


def test_the_preview_shows_them_and_leads_to_all(browser, make, place):
    known(make, place)
    address = send(browser, file(MOVED, {"姓名": "乙", "手机号码": "13900139000"}))
    page = browser.get(address).text
    for words in ("改动的 1 人", "何嘉怡", "灯湖社区第一党支部</span> → 灯湖社区第二党支部", "新增的 1 人是谁"):
        assert words in page
    assert "楼长" in browser.get(f"{address}/changed").text
    new = browser.get(f"{address}/fresh").text
    assert "139****9000" in new
    assert "13900139000" not in new


def test_long_lists_go_by_pages_and_ask_as_much_for_many_as_for_one(browser, make, place):
    def asked(address):
        with statements() as sent:
            for path in ("", "/changed", "/fresh"):
                assert browser.get(f"{address}{path}").status_code == 200
        return len(sent)

    rows = [{"姓名": "何" + chr(0x4E00 + n), "手机号码": f"139{n:08d}"} for n in range(250)]
    write(file(*rows[:120]))
    one = send(browser, file({**rows[0], "备注": "楼长"}, rows[200]))
    many = send(browser, file(*({**row, "备注": "楼长"} for row in rows[:120]), *rows[120:]))
    once = asked(one)
    assert asked(many) == once
    assert browser.get(f"{many}/changed").text.count('<dl class="facts">') == 100
    assert browser.get(f"{many}/changed?after=100").text.count('<dl class="facts">') == 20
    assert "上一页" in browser.get(f"{many}/fresh?after=100").text


@pytest.mark.parametrize("path", ["fresh", "changed"])
def test_who_may_not_import_there_finds_nothing(browser, as_person, make, top, place, path):
    address = send(browser, file({}))
    elsewhere = make.person("别处")
    make.grant(elsewhere, Role.ADMINISTRATOR, make.unit("怡海社区党委", UnitKind.COMMUNITY, parent=top))
    assert as_person(elsewhere).get(f"{address}/{path}").status_code == 404
