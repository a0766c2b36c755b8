"""岗位 as people type them: one a line, name and number, in any of the usual ways; what can not be read is named with its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.activities.position_rules import LONGEST_NAME, MOST, PositionDraft, lines_of, read_positions, rename_fault
from app.activities.templates import TEMPLATES

sqlite_only = True


def at(**seats):
    return tuple(PositionDraft(name, number) for name, number in seats.items())


@pytest.mark.parametrize(
    "text",
    [
        "引导 4\n登记：2人\n茶水x3",
        "引导4\n\n  登记:2 个\n茶水×3名",
        "引导 4，登记 2、茶水 3",
        "引导-4；登记=2位\r\n茶水＊3",
        "引导……4\n登记 2\n茶水 3".replace("……", " "),
        "引导4个人\n登记（2人）\n茶水三人",
        "引导 4名志愿者\n登记两位\n茶水 (3)",
        "引导（四人）\n登记 2 位党员\n茶水：三个人",
    ],
)
def test_the_usual_ways_to_write_it(text):
    assert read_positions(text).positions == at(引导=4, 登记=2, 茶水=3)
    assert read_positions(text).capacity == 9


def test_numbers_inside_a_name_belong_to_it():
    assert read_positions("3号门 2\nA1区引导：5人").positions == (PositionDraft("3号门", 2), PositionDraft("A1区引导", 5))
    assert read_positions("1.5米台 2\n门岗2：3人\n3人组 2").positions == at(**{"1.5米台": 2, "门岗2": 3, "3人组": 2})


@pytest.mark.parametrize(
    ("words", "number"), [("一", 1), ("十", 10), ("十二", 12), ("二十", 20), ("三十五", 35), ("一百", 100), ("一百二十", 120)]
)
def test_numbers_are_spelt_too(words, number):
    assert read_positions(f"引导{words}人").positions == at(引导=number)


def test_a_name_that_would_not_be_taken_today_is_given_another_one():
    assert read_positions("1. 引导→引导 4").positions[0].was == "1. 引导"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("引导 4\n茶水", "第 2 行：“茶水”要几个人？请在后面写个数字，比如“茶水 2”"),
        ("引导几个人", "“引导几个人”要几个人"),
        ("引导三四人", "“引导三四人”要几个人"),
        ("引导 4 登记 2", "第 1 行：“引导 4 登记 2”像是几个岗位，请一行只写一个"),
        ("茶水 1\n引导4人登记2人", "第 2 行：“引导4人登记2人”像是几个岗位"),
        ("引导 4/登记 2", "像是几个岗位"),
        ("引导 4.5", "第 1 行：“引导 4.5”，人数要写整数"),
        ("引导4-6人", "第 1 行：“引导4-6人”，人数写一个数，不写几到几"),
        ("引导 4～6 人", "不写几到几"),
        ("引导 -3", "第 1 行：“引导 -3”，人数前面多了一个减号"),
        ("引导 4 5", "写了两个数，留一个"),
        ("1. 引导 4\n2. 登记 2", "第 1 行：前面的“1.”不用写，只写“引导 4”"),
        ("引导 4\n2、登记 2", "第 2 行：前面的“2、”不用写，只写“登记 2”"),
        ("（1）引导 4", "前面的“（1）”不用写"),
        ("引导 4\n哪个都行 2", "第 2 行：“哪个都行”是留给报名的人选的"),
        ("引导→哪个都行 2", "第 1 行：“哪个都行”是留给报名的人选的"),
        ("→引导 4", "第 1 行：“→”前面请写现在的名字"),
        ("引导 4\n\n12", "第 3 行只有数字，请写上岗位的名字"),
        ("引导 0", "第 1 行：“引导”至少要 1 个人"),
        ("引导 20001", "“引导”最多 20000 人"),
        ("引导 4\n登记 2\n引导 1", "第 3 行：“引导”写了两次"),
        ("舞台灯光音响搬运协助岗位员 2", "岗位的名字最多 12 个字，“舞台灯光音响搬运协助岗…”是 13 个字"),
        ("\n".join(f"岗{'甲乙丙丁戊己庚辛壬癸子丑寅'[number]} 1" for number in range(13)), "最多 12 个岗位，现在是 13 个"),
    ],
)
def test_what_can_not_be_read_is_named_with_its_line(text, words):
    read = read_positions(text)
    assert words in (read.fault or "")
    assert (read.positions, read.capacity) == ((), None)


def test_nothing_typed_is_no_positions():
    assert read_positions(" \n ，\n").positions == ()
    assert read_positions("").capacity is None


def test_a_new_name_says_whose_people_it_keeps():
    (position,) = read_positions("引导→带路 4").positions
    assert (position.name, position.capacity, position.was) == ("带路", 4, "引导")
    assert read_positions("引导->带路 4").positions[0].was == "引导"
    assert read_positions("引导改成带路 4").positions[0].was == "引导"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("向导→带路 4", "没有叫“向导”的岗位"),
        ("引导→登记 4\n登记 2", "“登记”写了两次"),
        ("引导→登记 4\n登记→签到 2", "“登记”这个名字还有别的岗位在用"),
        ("引导→带路 4\n引导 2", "“引导”写了两次"),
    ],
)
def test_a_new_name_that_can_not_be_given(text, words):
    read = read_positions(text)
    assert words in (read.fault or rename_fault(read.positions, ["引导", "登记"]) or "")


NAMES = st.text(st.sampled_from("引导登记茶水摊位组台岗"), min_size=1, max_size=LONGEST_NAME)


@given(st.dictionaries(NAMES, st.integers(1, 20_000), max_size=MOST))
def test_what_is_shown_is_read_again_as_it_was(seats):
    positions = at(**seats)
    assert read_positions(lines_of(positions)).positions == positions


@given(st.text(max_size=80))
def test_whatever_is_typed_is_positions_or_a_fault(text):
    read = read_positions(text)
    assert not (read.fault and read.positions)
    assert all(1 <= len(one.name) <= LONGEST_NAME and one.capacity >= 1 for one in read.positions)


def test_positions_of_templates_add_up_to_their_shifts():
    shifts = [shift for one in TEMPLATES.values() for shift in one.shifts if shift.positions]
    assert len(shifts) >= 4
    assert all(shift.capacity == sum(position.capacity for position in shift.positions) for shift in shifts)
