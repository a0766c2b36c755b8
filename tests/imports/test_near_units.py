"""A branch that is not on record: made only where somebody ticks it, and asked about where the name is nearly another's."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.core.errors import Conflict
from app.core.permissions import Role
from app.imports import running, status
from app.imports.likeness import alike, number
from app.people.models import Membership, Person, Unit
from app.people.rules import UnitKind
from tests.imports.sheet import file, plan, stage, warnings, write

SLIP = {"所属党支部": "灯湖二支部"}
OTHER = {"姓名": "乙", "手机号码": "13900139000"}


@pytest.fixture
def top(make):
    return make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)


@pytest.fixture
def place(make, top):
    community = make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=top)
    make.unit("灯湖社区第二党支部", parent=community)
    return make.unit("灯湖社区第一党支部", parent=community)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("锦园第二党支部", "锦园二支部"),
        ("锦园第二党支部", "锦园第2党支部"),
        ("锦园第十二党支部", "锦园12支部"),
        ("灯湖社区第一党支部", "灯潮社区第一党支部"),
        ("灯湖社区第一党支部", "灯湖第一党支部"),
        ("灯湖社区第一党支部", "湖灯社区第一支部委员会"),
        ("映月湖畔党支部", "映月湖党支部"),
        ("保利天寰花园退休党支部", "保利天环花苑退休党支部"),
    ],
)
def test_slips_of_the_pen_are_alike(one, other):
    assert alike(one, other)
    assert alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("锦园第二党支部", "锦园第三党支部"),
        ("锦园第二党支部", "锦园第十二党支部"),
        ("桂花第一党支部", "锦园第一党支部"),
        ("灯湖社区退休党支部", "灯湖社区在职党支部"),
        ("第一党支部", "第二党支部"),
    ],
)
def test_neighbours_are_not(one, other):
    assert not alike(one, other)


@given(st.integers(0, 199))
def test_chinese_numbers_are_read(value):
    tens, ones = divmod(value % 100, 10)
    words = ("一百" if value >= 100 else "") + (
        ("零一二三四五六七八九"[tens] if tens > 1 or (value >= 100 and tens) else "") + "十" if tens else ""
    )
    words += "零一二三四五六七八九"[ones] if ones or not value else ""
    assert number(words) == number(str(value)) == value


def test_a_slip_is_asked_about_and_its_rows_wait(place):
    found = plan(file(SLIP))
    assert any("是不是“灯湖社区第二党支部”" in reason for _, reason in warnings(found))
    batch_id = write(file(SLIP, OTHER))
    assert db.session.scalars(select(Person.name)).all() == ["乙"]
    assert db.session.scalar(select(Unit.id).where(Unit.name == "灯湖二支部")) is None
    written = status.batch(batch_id)
    assert (written.fresh, written.waiting, written.refused, written.rows) == (1, 1, 0, 2)


def test_a_roster_of_clearly_new_units_needs_no_word(place):
    write(file({"所属党支部": "灯湖社区第三党支部"}))
    assert db.session.scalar(select(Membership.id)) is not None


def test_with_its_tick_it_is_made_and_taken_back(place):
    batch_id = stage(file(SLIP))
    (unit,) = status.new_units(batch_id)
    assert (unit.name, unit.likes, unit.people) == ("灯湖二支部", "灯湖社区第二党支部", 1)
    running.write(batch_id, None, clock.now(), make={unit.key})
    assert db.session.scalar(select(Unit.id).where(Unit.name == "灯湖二支部"))
    running.undo(batch_id, None, clock.now())
    assert db.session.scalar(select(Unit.id).where(Unit.name == "灯湖二支部")) is None


def test_nothing_is_written_where_everything_waits_and_the_preview_stays(place):
    batch_id = stage(file(SLIP))
    with pytest.raises(Conflict, match="要等新单位"):
        running.write(batch_id, None, clock.now())
    assert status.batch(batch_id).is_preview
    assert status.batch(batch_id).fresh == 1


def test_what_stands_below_an_unwanted_unit_waits_too(place):
    slip = {"所在社区": "灯潮社区", "所属党支部": "映月湖畔党支部"}
    batch_id = write(file(slip, OTHER))
    assert status.batch(batch_id).waiting == 1
    assert db.session.scalars(select(Unit.name).where(Unit.name.in_(["灯潮社区党委", "映月湖畔党支部"]))).all() == []


def test_a_failed_writing_is_a_preview_again_with_its_waiting_rows(place, make):
    batch_id = stage(file(SLIP, OTHER))
    make.person("抢先的", phone="13900139000", home=place)
    with pytest.raises(Conflict):
        running.write(batch_id, None, clock.now())
    found = status.batch(batch_id)
    assert (found.is_preview, status.progress(batch_id).fresh_of) == (True, 2)


def test_on_the_page_units_are_made_where_they_are_ticked(place, top, make, as_person):
    clerk = make.person("周敏", phone="13800000004")
    make.grant(clerk, Role.ADMINISTRATOR, top)
    browser = as_person(clerk)
    rows = (SLIP, {**OTHER, "所属党支部": "灯湖社区第三党支部"}, {"姓名": "丙", "手机号码": "13700137000"})

    def send():
        return browser.post("/imports", data={"file": (io.BytesIO(file(*rows)), "a.xlsx")}, content_type="multipart/form-data").location

    address = send()
    page = browser.get(address).text
    for words in ("像是写错了名字", "是不是“灯湖社区第二党支部”", "新建这 1 个单位", "写入 1 行，连同勾选的", "2 行要等新单位"):
        assert words in page
    browser.post(f"{address}/application", data={"make_units": "1"})
    assert set(db.session.scalars(select(Person.name))) == {"周敏", "乙", "丙"}
    page = browser.get(address).text
    assert "1 行还等着，单位没有新建" in page
    assert "灯湖二支部" in page
    again = send()
    key = status.new_units(int(again.rsplit("/", 1)[1]))[0].key
    browser.post(f"{again}/application", data={"unit": str(key)})
    assert db.session.scalar(select(Unit.id).where(Unit.name == "灯湖二支部"))


def test_the_command_leaves_near_names_unless_it_is_told(app, place, tmp_path):
    sheet = tmp_path / "a.xlsx"
    sheet.write_bytes(file(SLIP, OTHER))
    run = app.test_cli_runner()
    said = run.invoke(args=["roster", "import", str(sheet), "--apply"]).output
    assert "是不是“灯湖社区第二党支部”？确实要建，加 --units" in said
    assert db.session.scalars(select(Person.name)).all() == ["乙"]
    run.invoke(args=["roster", "import", str(sheet), "--apply", "--units"])
    assert set(db.session.scalars(select(Person.name))) == {"乙", "何嘉怡"}
