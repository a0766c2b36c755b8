"""历史时长: class honour, with their source, approved by another person; out again by reversals only."""

from contextlib import suppress
from datetime import date, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Refused
from app.core.permissions import Role
from app.hours import queries as hours
from app.hours import verifying
from app.hours.models import HourEntry
from app.hours.rules import HourClass, HourKind, SourceKind
from app.pages.queries import records
from app.people.models import Membership
from app.people.naming import volunteer_number
from app.people.rules import MembershipKind, StageKind, UnitKind
from app.points import totals as points
from app.registers.cells import clean_minutes, hours_out
from app.registers.models import PastHour, RegisterBatch
from app.registers.rules import RegisterKind, RowVerdict
from app.sheets.cells import BadCell
from tests.conftest import statements
from tests.registers import sheet
from tests.registers.sheet import counts, refusals

HOURS = RegisterKind.HOURS


@pytest.fixture
def top(make):
    return make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)


@pytest.fixture
def branch(make, top):
    return make.unit("锦园第一党支部", parent=make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=top))


@pytest.fixture
def he(make, branch):
    return make.person("何嘉怡", home=branch, phone="13800138000", stage=StageKind.ACTIVIST, stage_since=date(2024, 1, 1))


@pytest.fixture
def two(make, top):
    """Who brings, and who approves."""
    people = [make.person(name) for name in ("周敏", "霍静雯")]
    for person in people:
        make.grant(person, Role.ADMINISTRATOR, top)
    return people


def past(name="何嘉怡", **more):
    plain = {
        "姓名": name,
        "手机号码": "13800138000",
        "服务日期": "2024-03-05",
        "活动或内容": "学雷锋日便民服务",
        "时长": 2.5,
        "来源": "纸质台账",
    }
    return plain | more


def bring(two, *rows):
    return sheet.write(HOURS, *rows, by=two[0], approved_by=two[1])


def agree():
    assert verifying.disagreements() == []
    assert points.disagreements() == []


def test_they_enter_as_honour_with_batch_maker_approver_and_source(he, branch, two):
    batch = bring(two, past())
    entry = db.session.execute(select(HourEntry)).scalar_one()
    assert (entry.person_id, entry.served_on, entry.minutes) == (he, date(2024, 3, 5), 150)
    assert (entry.hour_class, entry.kind, entry.source_kind) == (HourClass.HONOUR, HourKind.SERVICE, SourceKind.IMPORT)
    assert (entry.batch_id, entry.made_by_id, entry.approved_by_id, entry.reason) == (batch, two[0], two[1], "纸质台账")
    assert (entry.home_unit_id, entry.organising_unit_id, entry.activity_id) == (branch, branch, None)
    assert hours.sums(he).service_honour == 150
    agree()


def test_the_same_file_again_changes_nothing(he, two):
    bring(two, past(), past(服务日期="2024-03-06", 类别="学习"))
    again = sheet.plan(HOURS, past(), past(服务日期="2024-03-06", 类别="学习"))
    assert counts(again) == (0, 0, 2, 0)


def test_nobody_approves_what_they_brought(he, two):
    with pytest.raises(Refused, match="不能核准自己上传的"):
        sheet.write(HOURS, past(), by=two[0], approved_by=two[0])
    with pytest.raises(Refused):
        sheet.write(HOURS, past(), by=two[0])
    assert db.session.scalar(select(func.count()).select_from(HourEntry)) == 0


def test_nobody_approves_a_sheet_they_stand_in(make, he, branch, top, two):
    make.grant(he, Role.ADMINISTRATOR, top)
    make.person("罗国栋", home=branch, phone="13800138001")
    with pytest.raises(Refused, match="有您自己的时长"):
        sheet.write(HOURS, past("罗国栋", 手机号码="13800138001"), past(), by=two[0], approved_by=he)
    assert db.session.scalar(select(func.count()).select_from(HourEntry)) == 0
    sheet.write(HOURS, past("罗国栋", 手机号码="13800138001"), by=two[0], approved_by=he)


def test_nobody_takes_back_alone_what_another_approved(he, two):
    batch = bring(two, past())
    with pytest.raises(Refused, match="不能退回自己上传的"):
        sheet.undo(batch, two[0])
    assert hours.sums(he).service_honour == 150


def test_the_database_has_the_last_word_on_two_people(he, two):
    bring(two, past())
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(RegisterBatch.__table__.update().values(approved_by_id=two[0])))


def test_taking_back_is_opposite_entries(he, two):
    batch = bring(two, past(), past(服务日期="2024-03-06"))
    sheet.undo(batch, two[1])
    entries = db.session.execute(select(HourEntry.minutes, HourEntry.reason).order_by(HourEntry.id)).all()
    assert [row.minutes for row in entries] == [150, 150, -150, -150]
    assert {row.reason for row in entries[2:]} == {"历史时长整批退回"}
    assert hours.sums(he).service_honour == 0
    assert db.session.scalar(select(func.count()).where(PastHour.undone_at.is_(None))) == 0
    agree()
    bring(two, past(), past(服务日期="2024-03-06"))
    assert hours.sums(he).service_honour == 300
    agree()


def test_they_stand_in_my_records_with_their_source(he, two, as_person):
    bring(two, past())
    [record] = records(he, clock.now())
    assert (record.title, record.source, record.state, record.minutes) == ("学雷锋日便民服务", "历史导入，纸质台账", "counted", 150)
    page = as_person(he).get("/me/records").text
    assert "学雷锋日便民服务" in page
    assert "历史导入，纸质台账" in page


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (past(""), "姓名", "没有填姓名"),
        (past("何嘉仪"), "手机号码", "名册里没有何嘉仪"),
        (past(手机号码="13900000000"), "手机号码", "名册里没有何嘉怡"),
        (past(手机号码="1380013"), "手机号码", "应是 11 位"),
        (past(服务日期=""), "服务日期", "没有填服务日期"),
        (past(服务日期="2026-11-22"), "服务日期", "今天之后"),
        (past(服务日期="2024-02-30"), "服务日期", "没有 30 日"),
        (past(活动或内容=""), "活动或内容", "没有填"),
        (past(时长=""), "时长", "没有填时长"),
        (past(时长=0), "时长", "要大于 0"),
        (past(时长=24.5), "时长", "一天最多 24 小时"),
        (past(时长="两小时"), "时长", "请填小时数"),
        (past(来源=""), "来源", "没有填来源"),
        (past(类别="娱乐"), "类别", "只能填服务、学习"),
        (past(时数类别="信用时数"), "时数类别", "只来自扫码"),
        (past(志愿者编号="GC-0009-9999"), "手机号码", "名册里没有"),
    ],
)
def test_what_can_not_be_right_is_refused_with_the_reason(he, row, column, words):
    [(_, where, why), *_] = refusals(sheet.plan(HOURS, row))
    assert where == column
    assert words in why


def test_never_more_than_a_day_in_a_day(make, he, two):
    rows = [past(时长=10), past(时长=10, 活动或内容="下午"), past(时长=10, 活动或内容="晚上")]
    found = sheet.plan(HOURS, *rows)
    assert counts(found) == (2, 0, 0, 1)
    assert "超过 24 小时" in refusals(found)[0][2]
    bring(two, *rows[:2])
    assert "已有 20 小时" in refusals(sheet.plan(HOURS, rows[2]))[0][2]


def test_two_previews_that_together_pass_a_day_are_not_both_written(he, two):
    one, other = sheet.plan(HOURS, past(时长=14)), sheet.plan(HOURS, past(时长=14, 活动或内容="别的"))
    sheet.write_plan(one, by=two[0], approved_by=two[1])
    with pytest.raises(Conflict):
        sheet.write_plan(other, by=two[0], approved_by=two[1])
    assert hours.sums(he).service_honour == 14 * 60
    agree()


def test_the_same_person_day_and_words_are_not_counted_twice(he, two):
    bring(two, past())
    assert "不重复计" in refusals(sheet.plan(HOURS, past(时长=3)))[0][2]
    assert "与第 2 行重复" in refusals(sheet.plan(HOURS, past(服务日期="2024-01-01"), past(服务日期="2024-01-01")))[0][2]


def test_namesakes_are_told_apart_by_phone_or_number(make, he, branch):
    other = make.person("何嘉怡", home=branch, phone="13800138001")
    assert "有 2 位何嘉怡" in refusals(sheet.plan(HOURS, past(手机号码="")))[0][2]
    assert sheet.plan(HOURS, past(手机号码="13800138001")).decisions[0].values["person"] == other
    numbered = past(手机号码="", 志愿者编号=volunteer_number(other))
    assert sheet.plan(HOURS, numbered).decisions[0].values["person"] == other


def test_people_elsewhere_are_refused_by_name(make, top, he):
    elsewhere = make.unit("怡海社区党委", UnitKind.COMMUNITY, parent=top)
    assert refusals(sheet.plan(HOURS, past(), roots={elsewhere})) == [(2, "手机号码", "何嘉怡的组织关系不在您管的范围内")]


def test_who_only_reported_in_here_has_hours_brought_by_their_home(make, top, he):
    here = make.unit("怡海社区党委", UnitKind.COMMUNITY, parent=top)
    make._add(Membership, person_id=he, unit_id=here, kind=MembershipKind.REPORTED, valid_from=date(2025, 1, 1))
    assert refusals(sheet.plan(HOURS, past(), roots={here})) == [(2, "姓名", "何嘉怡的支部不在您管的范围内，时长请由那边的人导入")]
    assert not refusals(sheet.plan(HOURS, past(), roots={top}))


@pytest.mark.parametrize(
    ("cell", "minutes"),
    [
        (2.5, 150), (2, 120), ("2.5", 150), ("２．５", 150), ("2.5小时", 150), (0.33, 19), (0.1, 6), (1.67, 100), (2.3, 138), (0.7, 42),
        ("2小时30分", 150), ("90分钟", 90), ("2:30", 150), (time(2, 30), 150), (timedelta(hours=2, minutes=30), 150), (24, 1440),
        (0.999999, 59),
    ],
)  # fmt: skip
def test_hours_become_minutes_exactly_and_never_up(cell, minutes):
    assert clean_minutes(cell) == minutes


@given(st.integers(1, 1440))
def test_every_minute_survives_being_written_as_hours(minutes):
    assert clean_minutes(minutes / 60) == minutes
    assert clean_minutes(repr(minutes / 60)) == minutes


@given(st.integers(1, 1440))
def test_every_minute_survives_an_export_of_two_decimals(minutes):
    out = hours_out(minutes)
    assert clean_minutes(out) == clean_minutes(str(out)) == minutes
    assert len(str(out).partition(".")[2]) <= 2


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"时长": 8}, []),
        ({"时长": 8.5}, ["这一天合计超过 8 小时：按规定要上级组织核实过"]),
        ({"时长": 13}, ["这一天合计超过 12 小时：按规定要街道核实过"]),
        ({"活动或内容": "支部团建聚餐"}, ["“团建”按规定不算志愿服务，是学习的请把类别改成学习"]),
        ({"活动或内容": "支部开会", "类别": "学习"}, []),
    ],
)
def test_what_looks_odd_is_said_in_the_preview_and_still_taken(he, row, says):
    (decision,) = sheet.plan(HOURS, past(**row)).decisions
    assert decision.verdict is RowVerdict.NEW
    assert [after for column, _, after in decision.changes if column == "请核对"] == says


def test_a_long_day_is_the_sum_of_its_rows(he):
    long = [past(时长=5, 活动或内容=words) for words in ("清洁", "义诊")]
    assert [len(one.changes) for one in sheet.plan(HOURS, *long).decisions] == [1, 2]


@given(st.floats(allow_nan=True, allow_infinity=True) | st.text(max_size=12))
def test_whatever_stands_in_the_cell_is_minutes_within_a_day_or_refused(cell):
    with suppress(BadCell):
        assert 0 < clean_minutes(cell) <= 1440


rows_of_a_file = st.lists(
    st.fixed_dictionaries(
        {
            "姓名": st.sampled_from(["何嘉怡", "欧阳·买买提", "没有的人"]),
            "服务日期": st.dates(date(2025, 12, 30), date(2026, 11, 23)),
            "活动或内容": st.sampled_from(["清洁", "=1+1", "学习会"]),
            "时长": st.integers(1, 1500).map(lambda minutes: minutes / 60),
            "类别": st.sampled_from(["服务", "学习", ""]),
            "来源": st.sampled_from(["纸质台账", "i志愿", ""]),
        }
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(rows_of_a_file, min_size=1, max_size=3), last=st.booleans())
def test_the_ledger_is_what_was_accepted_and_taking_back_brings_it_back(make, branch, he, two, files, last):
    if not db.session.scalar(select(func.count()).where(HourEntry.person_id == he)):
        make.person("欧阳·买买提", home=branch)
    before, batches, accepted = _sum(), [], 0
    for rows in files:
        found = sheet.plan(HOURS, *(row | {"手机号码": "13800138000" if row["姓名"] == "何嘉怡" else ""} for row in rows))
        fresh = [one for one in found.decisions if one.values]
        if not fresh:
            continue
        batches.append(sheet.write_plan(found, by=two[0], approved_by=two[1]))
        accepted += sum(one.values["minutes"] for one in fresh)
        again = sheet.plan(HOURS, *(row | {"手机号码": "13800138000" if row["姓名"] == "何嘉怡" else ""} for row in rows))
        assert not [one for one in again.decisions if one.values]
    assert _sum() == before + accepted
    agree()
    for batch in batches if last else reversed(batches):
        sheet.undo(batch, two[1])
    assert _sum() == before
    agree()


def _sum():
    return db.session.scalar(select(func.coalesce(func.sum(HourEntry.minutes), 0)))


def test_planning_asks_as_much_for_many_rows_as_for_one(he):
    def asked(number):
        with statements() as sent:
            sheet.plan(HOURS, *(past(服务日期=date(2024, 1, 1) + timedelta(days=n)) for n in range(number)))
        return len(sent)

    assert asked(1) == asked(40)
