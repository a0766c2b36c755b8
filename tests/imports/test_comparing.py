"""Who a row is, what changes, and what is left alone."""

from datetime import date

import pytest
from sqlalchemy import select

from app.core.db import db
from app.core.errors import Invalid
from app.people.models import Membership, Person, Stage, Unit
from app.people.rules import MembershipKind, Origin, StageKind, UnitKind
from tests.imports.sheet import HEADING, counts, file, plan, refusals, warnings, write

PHONE = "13800138000"


@pytest.fixture
def place(make):
    """灯湖社区 with its first branch; the branch's id."""
    top = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    community = make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=top)
    return make.unit("灯湖社区第一党支部", parent=community)


def known(make, place, **more):
    """何嘉怡 as the plain row has her."""
    return make.person(
        "何嘉怡",
        home=place,
        phone=PHONE,
        stage=more.pop("stage", StageKind.ACTIVIST),
        stage_since=more.pop("since", date(2026, 3, 1)),
        **more,
    )


def stages_of(person):
    return db.session.execute(select(Stage.kind, Stage.began_on).where(Stage.person_id == person).order_by(Stage.began_on)).all()


def test_same_phone_and_name_is_the_same_person(place, make):
    person = known(make, place)
    found = plan(file({"姓名": "何　嘉怡", "手机号码": "138 0013-8000", "性别": None, "出生日期": None}))
    assert counts(found) == (0, 0, 1, 0)
    assert found.decisions[0].person_id == person


def test_same_phone_with_another_name_is_refused(place, make):
    known(make, place)
    found = plan(file({"姓名": "陈志明"}))
    assert counts(found) == (0, 0, 0, 1)
    assert refusals(found) == [(3, "手机号码", "这个号码已登记，姓名不同（何嘉怡），请先核对")]


def test_two_names_on_one_phone_in_the_sheet_refuse_the_second(place, make):
    assert refusals(plan(file({}, {"姓名": "陈志明"}))) == [(4, "手机号码", "第 3 行已填这个号码，姓名不同（何嘉怡）")]


def test_a_self_registered_person_who_is_not_confirmed_is_never_taken_over(place, make):
    stranger = make.person("何嘉怡", phone=PHONE, confirmed=False, origin=Origin.SELF)
    make.account(stranger, PHONE)
    found = plan(file({}))
    assert counts(found) == (1, 0, 0, 0)
    assert any("本人用激活码认领" in reason for _, reason in warnings(found))
    write(file({}))
    assert db.session.scalar(select(Person.confirmed_at).where(Person.id == stranger)) is None
    assert db.session.scalars(select(Membership.id).where(Membership.person_id == stranger)).all() == []
    assert counts(plan(file({}))) == (0, 0, 1, 0)


def test_an_unconfirmed_holder_of_the_phone_with_another_name_is_not_in_the_way(place, make):
    make.person("别人", phone=PHONE, confirmed=False, origin=Origin.SELF)
    assert counts(plan(file({}))) == (1, 0, 0, 0)


def test_a_confirmed_person_who_registered_alone_is_the_same_person(place, make):
    person = make.person("何嘉怡", phone=PHONE, origin=Origin.SELF)
    write(file({}))
    home = db.session.scalar(select(Membership.unit_id).where(Membership.person_id == person, Membership.kind == MembershipKind.HOME))
    assert home == place


def test_an_empty_cell_changes_nothing(place, make):
    person = known(make, place)
    write(file({"备注": "楼长"}))
    write(file({"备注": None, "性别": None, "出生日期": None}))
    assert db.session.scalar(select(Person.note).where(Person.id == person)) == "楼长"
    assert db.session.scalar(select(Person.birth_date).where(Person.id == person)) == date(1990, 1, 2)


def test_moving_to_another_branch_closes_the_old_tie_and_keeps_it(place, make):
    person = known(make, place)
    found = plan(file({"所属党支部": "灯湖社区第二党支部", "报到社区": "怡海社区"}))
    assert counts(found) == (0, 1, 0, 0)
    write(file({"所属党支部": "灯湖社区第二党支部", "报到社区": "怡海社区"}))
    ties = select(Unit.name, Membership.valid_to.is_(None)).join(Unit, Unit.id == Membership.unit_id).where(Membership.person_id == person)
    assert set(db.session.execute(ties)) == {("灯湖社区第一党支部", False), ("灯湖社区第二党支部", True), ("怡海社区党委", True)}


def test_a_later_stage_is_a_new_dated_stage(place, make):
    person = known(make, place)
    write(file({"政治面貌": "发展对象", "进入当前阶段日期": "2026.10.8"}))
    assert stages_of(person) == [(StageKind.ACTIVIST, date(2026, 3, 1)), (StageKind.CANDIDATE, date(2026, 10, 8))]


def test_another_date_of_a_known_stage_changes_nothing_unless_it_is_ticked(place, make):
    person = known(make, place)
    data = file({"进入当前阶段日期": "2026-02-01", "性别": None, "出生日期": None})
    found = plan(data)
    assert counts(found) == (0, 0, 1, 0)
    assert any("双50的起算日" in reason for _, reason in warnings(found))
    write(data)
    assert stages_of(person) == [(StageKind.ACTIVIST, date(2026, 3, 1))]
    write(data, move_dates=True)
    assert stages_of(person) == [(StageKind.ACTIVIST, date(2026, 2, 1))]


def test_an_earlier_stage_than_the_record_is_left_alone_with_a_warning(place, make):
    person = known(make, place, stage=StageKind.MEMBER, since=date(2020, 1, 1))
    found = plan(file({"性别": None, "出生日期": None}))
    assert counts(found) == (0, 0, 1, 0)
    assert any("系统里已是正式党员" in reason for _, reason in warnings(found))
    write(file({}))
    assert len(stages_of(person)) == 1


def test_a_later_stage_dated_before_the_present_one_is_refused(place, make):
    known(make, place)
    found = plan(file({"政治面貌": "发展对象", "进入当前阶段日期": "2025-01-01"}))
    assert refusals(found) == [(3, "进入当前阶段日期", "早于系统里成为入党积极分子的 2026年3月1日")]


def test_a_hidden_phone_is_accepted_with_a_warning_and_not_stored(place, make):
    found = plan(file({"手机号码": "138****8000"}))
    assert counts(found) == (1, 0, 0, 0)
    assert ("手机号码", "号码打了星号，没有记下；照收，用纸质卡也能签到") in warnings(found)
    write(file({}))
    assert counts(plan(file({"手机号码": "138****8000"}))) == (0, 0, 1, 0)
    assert counts(plan(file({"手机号码": "139****8000"}))) == (1, 0, 0, 0)


def test_the_same_name_and_birthday_in_another_branch_is_somebody_else_and_said(place, make):
    write(file({}))
    found = plan(file({"手机号码": "13900139000", "所属党支部": "灯湖社区第二党支部"}))
    assert counts(found) == (1, 0, 0, 0)
    assert any("同名同生日" in reason for _, reason in warnings(found))


def test_a_number_that_lost_its_digits_and_impossible_ages_are_warnings(place, make):
    data = file({"身份证号": 440602199001021234.0, "入党日期": "2003-01-01"}, heading=(*HEADING, "身份证号"))
    found = plan(data)
    assert counts(found) == (1, 0, 0, 0)
    assert ("身份证号", "18 位号码被表格软件存成了小数，后几位已经不准") in warnings(found)
    assert ("入党日期", "入党时只有 12 岁，不满 18 岁，请核对") in warnings(found)


def test_an_identity_number_in_a_note_is_said_and_not_kept(place, make):
    found = plan(file({"备注": "证号440602199001021234，热心"}))
    assert ("备注", "备注里有身份证号，没有记下") in warnings(found)
    assert found.decisions[0].row.note.startswith("证号（身份证号没有记下）")
    assert not any("440602199001021234" in str(cell) for cell in found.decisions[0].row.raw)


def test_a_namesake_born_the_same_day_is_warned_of_by_the_day_and_not_by_the_name(place, make):
    found = plan(file({}, {"手机号码": "13900139000"}))
    remark = next(one for decision in found.decisions for one in decision.warnings if "同名同生日" in one.reason)
    assert (remark.column, remark.value) == ("出生日期", "1990-01-02")


def test_a_branch_written_beside_another_community_goes_where_its_name_says(place, make):
    found = plan(file({"所在社区": "桂雅社区"}))
    assert found.units[found.decisions[0].home].unit_id == place
    assert any("灯湖社区" in reason and "桂雅社区" in reason for _, reason in warnings(found))


def test_one_slip_of_the_pen_makes_no_second_branch(place, make):
    rows = [{"手机号码": f"1380013800{n}", "姓名": f"何嘉{c}", "所属党支部": "映月湖畔党支部", "所在社区": s} for n, c, s in
            ((1, "甲", "怡海社区"), (2, "乙", "灯湖社区"), (3, "丙", "灯湖社区"))]  # fmt: skip
    found = plan(file(*rows))
    assert [unit.name for unit in found.units if unit.unit_id is None and unit.kind is UnitKind.BRANCH] == ["映月湖畔党支部"]
    assert len({one.home for one in found.decisions}) == 1
    assert len([1 for column, _ in warnings(found) if column == "所在社区"]) == 1


def test_a_branch_one_character_off_is_asked_about(place, make):
    found = plan(file({"所属党支部": "灯潮社区第一党支部"}))
    assert any("是不是“灯湖社区第一党支部”" in reason for _, reason in warnings(found))


def test_the_same_word_for_a_branch_under_two_communities_is_two_branches(place, make):
    found = plan(
        file({"所属党支部": "第一党支部"}, {"手机号码": "13900139000", "姓名": "乙", "所属党支部": "第一党支部", "所在社区": "怡海社区"})
    )
    assert found.decisions[0].home != found.decisions[1].home


def test_who_imports_for_one_community_reaches_no_other(place, make):
    top = make.unit("别处街道党工委", UnitKind.SUBDISTRICT)
    mine = make.unit("怡海社区党委", UnitKind.COMMUNITY, parent=top)
    known(make, place)
    assert refusals(plan(file({}), root=mine))[0][1] == "所在社区"
    found = plan(file({"所在社区": "怡海社区", "所属党支部": "怡海社区第一党支部"}), root=mine)
    assert refusals(found) == [(3, "姓名", "这个人的组织关系不在您管的范围内，请先办转接")]


def test_reporting_to_a_community_out_of_reach_is_said_and_not_recorded(place, make):
    community = db.session.scalar(select(Unit.id).where(Unit.name == "灯湖社区党委"))
    found = plan(file({"报到社区": "怡海社区"}), root=community)
    assert counts(found) == (1, 0, 0, 0)
    assert found.decisions[0].reported is None
    assert ("报到社区", "不在您管的范围内，报到没有记；请由街道导入") in warnings(found)


def test_columns_in_another_order_a_total_line_and_more_sheets(place, make):
    import io

    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(file({}, {"手机号码": "13900139000", "姓名": "乙"}, heading=tuple(reversed(HEADING)))))
    book.active.append(["合计", None, None, None, None, None, None, None, None, None, "2 人"])
    book.active.append([None] * 10 + ["填表人：王芳"])
    book.create_sheet("说明", 0)["A1"] = "填表说明：姓名要写全"
    out = io.BytesIO()
    book.save(out)
    found = plan(out.getvalue())
    assert counts(found) == (2, 0, 0, 0)
    assert found.blank == 2


def test_another_sheet_with_a_roster_is_named(place, make):
    import io

    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(file({})))
    other = book.create_sheet("第二页")
    other.append(list(HEADING[:5]))
    out = io.BytesIO()
    book.save(out)
    assert "“第二页”" in plan(out.getvalue()).notes[0]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_csv(place, make, encoding):
    text = "支部,姓名,手机,社区\r\n灯湖社区第一党支部,何嘉怡,13800138000,灯湖社区\r\n合计,1人,,\r\n"
    found = plan(text.encode(encoding), "名册.csv")
    assert counts(found) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("data", "says"),
    [("姓名,别的\n张三,1\n", "没有找到表头"), ("姓名,手机,社区\n张三,1,2\n", "少了所属党支部"), ("姓名,手机,支部\n合计,,\n", "没有人员")],
)
def test_a_sheet_that_is_no_roster_says_what_it_needs(app, data, says):
    with pytest.raises(Invalid, match=says):
        plan(data.encode(), "a.csv")


@pytest.mark.parametrize("stage", ["入党积极分子", "入党申请人"])
def test_a_missing_date_of_a_stage_on_record_keeps_the_known_one(place, make, stage):
    person = known(make, place)
    data = file({"政治面貌": stage, "进入当前阶段日期": None, "性别": None, "出生日期": None})
    assert counts(plan(data)) == (0, 0, 1, 0)
    write(file({"政治面貌": stage, "进入当前阶段日期": None, "备注": "楼长"}))
    assert stages_of(person) == [(StageKind.ACTIVIST, date(2026, 3, 1))]
    assert db.session.scalar(select(Person.note).where(Person.id == person)) == "楼长"


def test_a_missing_date_is_refused_where_the_stage_is_new_or_the_person_is(place, make):
    known(make, place)
    undated = {"政治面貌": "发展对象", "进入当前阶段日期": None}
    found = plan(file(undated, {**undated, "姓名": "乙", "手机号码": "13900139000"}))
    reason = "发展对象要有进入这个阶段的日期"
    assert refusals(found) == [(3, "进入当前阶段日期", reason), (4, "进入当前阶段日期", reason)]
