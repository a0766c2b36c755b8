"""Every rule of a heading and a cell."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.imports import rules
from app.imports.rules import BadCell, Column
from app.people.naming import phone_fault
from app.people.rules import Gender, StageKind
from app.registers.roster import HEADING as EXPORTED

PHONES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))


def or_reason(clean, cell):
    try:
        return clean(cell)
    except BadCell as bad:
        return bad


FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@pytest.mark.parametrize(
    "cell",
    [
        "13800138000",
        13800138000,
        13800138000.0,
        "１３８００１３８０００",
        "138 0013-8000",
        "138-0013-8000",
        " 13800138000\n",
        "+86 13800138000",
        "8613800138000",
        "0086-138 0013 8000",
        "138\u30000013\u30008000",
        "\u202d13800138000\u202c",
        "138—0013—8000",
    ],
)
def test_a_phone_in_any_dress(cell):
    assert rules.clean_phone(cell) == "13800138000"


@pytest.mark.parametrize("cell", ["", None, "  ", "\u3000"])
def test_no_phone_is_empty(cell):
    assert rules.clean_phone(cell) == ""


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("1380013", "这里是 7 位"),
        (138001380001, "11 位"),
        ("12345678901", "13 到 19"),
        ("1.38E+10", "只能是数字"),
        ("无", "只能是数字"),
        ("13800138000/13900139000", "一格只填一个"),
        ("13800138000、13900139000", "一格只填一个"),
        ("13800138000 13900139000", "一格只填一个"),
    ],
)
def test_a_phone_that_can_not_be_right_says_why(cell, says):
    with pytest.raises(BadCell, match=says):
        rules.clean_phone(cell)


@given(PHONES, st.sampled_from(["text", "number", "float", "wide", "spaced", "dashed", "country"]))
def test_every_dress_of_every_phone_gives_the_same_digits(phone, dress):
    cell = {
        "text": phone,
        "number": int(phone),
        "float": float(phone),
        "wide": phone.translate(FULL_WIDTH),
        "spaced": f" {phone[:3]} {phone[3:7]} {phone[7:]}",
        "dashed": f"{phone[:3]}-{phone[3:7]}-{phone[7:]}",
        "country": f"+86{phone}",
    }[dress]
    assert rules.clean_phone(cell) == phone


@given(st.one_of(st.text(max_size=30), st.integers(), st.floats(), st.booleans(), st.none(), st.dates(), st.datetimes()))
def test_whatever_stands_in_a_phone_cell_is_a_phone_or_nothing_or_a_reason(cell):
    phone = or_reason(rules.clean_phone, cell)
    assert phone == "" or isinstance(phone, BadCell) or phone_fault(phone) is None


@pytest.mark.parametrize("cell", ["138****0001", "138 **** 0001", "138xxxx0001", "138×××××001", "１３８＊＊＊＊０００１"])
def test_a_hidden_number_is_known_as_one(cell):
    assert rules.is_masked(cell)


def test_a_hidden_number_fits_only_its_own():
    assert rules.fits_mask("13800000001", "138****0001")
    assert not rules.fits_mask("13900000001", "138****0001")
    assert not rules.is_masked("13800000001")


@pytest.mark.parametrize(
    "cell",
    [
        "2019年3月14日",
        "2019.3.14",
        "2019/03/14",
        "2019-03-14",
        "20190314",
        20190314,
        20190314.0,
        date(2019, 3, 14),
        datetime(2019, 3, 14, tzinfo=UTC),
        "２０１９年３月１４日",
        "2019-03-14 00:00:00",
        " 2019 年 3 月 14 日 ",
        43538,
        43538.0,
        "2019。3。14",
    ],
)
def test_a_day_in_any_style(cell):
    assert rules.clean_date(cell) == date(2019, 3, 14)


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("2025.13.40", "没有 13 月"),
        ("2025.2.30", "2 月没有 30 日"),
        ("2025年", "少了月或日"),
        ("1993.02", "少了月或日"),
        ("199302", "少了月或日"),
        ("去年", "看不出"),
        ("25.3.1", "看不出"),
        ("1019-01-01", "年份 1019"),
        (True, "要填日期"),
    ],
)
def test_a_day_that_is_none_says_why(cell, says):
    with pytest.raises(BadCell, match=says):
        rules.clean_date(cell)


@given(
    DAYS, st.sampled_from(["{0.year}年{0.month}月{0.day}日", "{0.year}.{0.month}.{0.day}", "{0:%Y/%m/%d}", "{0:%Y-%m-%d}", "{0:%Y%m%d}"])
)
def test_every_day_reads_alike_in_the_five_styles(day, style):
    assert rules.clean_date(style.format(day)) == day
    assert rules.clean_date(style.format(day).translate(FULL_WIDTH)) == day


@given(st.one_of(st.text(max_size=20), st.integers(), st.floats(), st.booleans(), st.none(), st.dates(), st.datetimes(), st.times()))
def test_whatever_stands_in_a_date_cell_is_a_day_or_nothing_or_a_reason(cell):
    day = or_reason(rules.clean_date, cell)
    assert day is None or isinstance(day, BadCell) or 1900 <= day.year <= 2100


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("张　三", "张三"),
        (" 张 三 ", "张三"),
        ("欧阳\n秀", "欧阳秀"),
        ("阿依古丽·买买提", "阿依古丽·买买提"),
        ("Mary  Lee", "Mary Lee"),
        ("𠮷　田", "𠮷田"),
    ],
)
def test_a_name_loses_the_blanks_between_chinese_characters(cell, name):
    assert rules.clean_name(cell) == name


@pytest.mark.parametrize("cell", ["=A1", "张三1", "很" * 41, "😀🎉"])
def test_what_is_no_name_is_refused(cell):
    with pytest.raises(BadCell):
        rules.clean_name(cell)


def test_a_note_keeps_its_formula_as_text():
    assert rules.clean_line('=HYPERLINK("http://x.invalid","点我")', Column.NOTE) == '=HYPERLINK("http://x.invalid","点我")'
    with pytest.raises(BadCell, match="最多 200"):
        rules.clean_line("字" * 201, Column.NOTE)


@pytest.mark.parametrize(
    ("cell", "stage"),
    [
        ("正式党员", StageKind.MEMBER),
        ("中共党员", StageKind.MEMBER),
        ("中共预备党员", StageKind.PROBATIONARY),
        ("预 备 党 员", StageKind.PROBATIONARY),
        ("入党积极分子", StageKind.ACTIVIST),
        ("积极分子", StageKind.ACTIVIST),
        ("发展对象", StageKind.CANDIDATE),
        ("申请人", StageKind.APPLICANT),
        ("群众", StageKind.MASSES),
        ("", None),
    ],
)
def test_the_words_for_stages(cell, stage):
    assert rules.clean_stage(cell) is stage


@pytest.mark.parametrize("cell", ["党员（待定）", "民主党派", "？"])
def test_an_unknown_stage_is_asked_about(cell):
    with pytest.raises(BadCell, match="发展阶段"):
        rules.clean_stage(cell)


def test_gender():
    assert rules.clean_gender("男") is Gender.MALE
    assert rules.clean_gender("女性") is Gender.FEMALE
    assert rules.clean_gender("") is None
    with pytest.raises(BadCell):
        rules.clean_gender("M")


@pytest.mark.parametrize("cell", [440602199001011234.0, 440602199001011234, "4.40602E+17", "4.40602199001011e+17"])
def test_a_long_number_that_became_a_float_is_noticed(cell):
    assert rules.lost_digits(cell)


@pytest.mark.parametrize("cell", ["440602199001011234", 13800138000.0, "", None, True])
def test_other_numbers_are_left_alone(cell):
    assert not rules.lost_digits(cell)


def test_the_heading_is_found_below_title_and_note():
    rows = [["花名册"], ["填报单位：甲", "", "日期"], ["序号", "姓名", "手机号码（必填）*", "所属党支部"], [1, "张三", "1", "甲"]]
    heading = rules.find_heading(rows)
    assert heading is not None
    assert heading.row == 2
    assert heading.columns == {Column.NAME: 1, Column.PHONE: 2, Column.BRANCH: 3}
    assert heading.title(Column.PHONE) == "手机号码(必填)*"


def test_columns_stand_in_any_order_and_under_other_names():
    heading = rules.find_heading([["支部", "联系电话", "发展阶段", "姓 名", "社 区", "入党时间"]])
    assert heading is not None
    assert heading.columns[Column.NAME] == 3
    assert heading.columns[Column.COMMUNITY] == 4
    assert heading.columns[Column.JOINED] == 5
    assert rules.missing_columns(heading) == []


def test_no_heading_no_roster():
    assert rules.find_heading([["a", "b"], ["姓名", "别的"]]) is None


HEADING = rules.find_heading([["序号", "姓名", "手机", "支部"]])


def test_the_columns_of_the_site_s_own_export_are_known():
    assert rules.find_heading([EXPORTED]).unknown == ()


@pytest.mark.parametrize(
    "cells",
    [
        [None, None, None, None],
        ["", " ", "\u3000", ""],
        [7, "", "", ""],
        ["合计", "12 人", "", ""],
        ["", "合计：12人", "", ""],
        ["总计", "", "", "3 个支部"],
        ["序号", "姓名", "手机", "支部"],
        ["", "填表人：王芳", "", ""],
        ["注：以上为在册", "", "", ""],
        [],
    ],
)
def test_lines_that_are_nobody(cells):
    assert HEADING is not None
    assert rules.is_no_person(cells, HEADING)


@pytest.mark.parametrize("cells", [[1, "", "13800138000", "甲"], [1, "张三", "", ""], ["合计", "张三", "13800138000", "甲"]])
def test_lines_that_may_be_somebody(cells):
    assert HEADING is not None
    assert not rules.is_no_person(cells, HEADING)
