"""Reading a 接龙 as it comes out of a WeChat group."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.activities.chain_rules import LONGEST, MOST_LINES, length_fault, plain, read_chain

sqlite_only = True

PASTED = """#接龙
11月22日邻里节志愿者报名，王老师负责
例 姓名 手机号 班次

1. 陈大明
2、李阿姨 上午
3 张三+1
4. 王五 13800001111
５．何嘉怡😊（带2个孩子）
6️⃣ 钱七
7. 3栋502-冼柏豪
8.
9)买买提•阿依古丽
10. 张三、李四
"""


def people_in(text):
    """Without what is noted as no person, or stands where a title would."""
    return [entry for entry in read_chain(text) if not entry.note and not entry.head]


def names(text):
    return [entry.names for entry in people_in(text)]


def only(line):
    (entry,) = read_chain(f"1. {line}")
    return entry


def test_head_title_example_and_empty_lines_are_nobody():
    assert [entry.number for entry in people_in(PASTED)] == [1, 2, 3, 4, 5, 6, 7, 9, 10]


def test_each_line_gives_its_name_whatever_stands_around_it():
    assert names(PASTED) == [
        ("陈大明",),
        ("李阿姨",),
        ("张三",),
        ("王五",),
        ("何嘉怡",),
        ("钱七",),
        ("冼柏豪",),
        ("买买提·阿依古丽",),
        ("张三", "李四"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "1.陈大明",
        "1、陈大明",
        "1 陈大明",
        "１．陈大明",
        "1陈大明",
        "①陈大明",
        "⒈陈大明",
        "(1)陈大明",
        "1️⃣陈大明",
        "1: 陈大明",
        "\u200b1. 陈大明\ufe0f",
    ],
)
def test_numbers_are_written_in_many_ways(line):
    (entry,) = read_chain(line)
    assert (entry.number, entry.names) == (1, ("陈大明",))


def test_a_house_a_time_and_a_phone_at_the_beginning_are_no_number():
    for line in ("3栋 陈大明", "14:00 陈大明", "13800001111 陈大明", "502室陈大明"):
        (entry,) = read_chain(line)
        assert entry.number is None
        assert "陈大明" in entry.names


def test_without_numbers_every_line_is_read():
    assert names("陈大明\n李四 13812345678\n\n例：张三\n何嘉怡") == [("陈大明",), ("李四",), ("何嘉怡",)]


def test_without_numbers_the_line_after_the_head_is_the_title():
    assert names("#接龙\n邻里节报名\n\n陈大明\n何嘉怡") == [("陈大明",), ("何嘉怡",)]


def test_no_line_is_lost():
    text = "“#接龙 邻里节\n请准时\n例 张三\n\n蔡慧玲\n2. 傅淑荷\n王静\n3.\n2号退出"
    assert [entry.said for entry in read_chain(text)] == ["邻里节", "请准时", "例 张三", "蔡慧玲", "傅淑荷", "王静", "2号退出"]
    assert [entry.said for entry in read_chain("“1. 蔡慧玲\n2. 傅淑荷”")] == ["蔡慧玲", "傅淑荷”"]


def test_a_list_without_line_breaks_is_parted_at_its_numbers():
    for line in (
        "1.蔡慧玲 2.傅淑荷 3.陈婉芬",
        "1、蔡慧玲2、傅淑荷、3、陈婉芬",
        "①蔡慧玲②傅淑荷③陈婉芬",
        "1蔡慧玲 2傅淑荷 3陈婉芬",
        "#接龙 邻里节 1. 蔡慧玲, 2. 傅淑荷, 3. 陈婉芬",
    ):
        assert [(entry.number, entry.said) for entry in people_in(line)] == [(1, "蔡慧玲"), (2, "傅淑荷"), (3, "陈婉芬")], line


@pytest.mark.parametrize("line", ["1. 陈大明 2人", "1. 陈大明 2栋3楼", "1. 陈大明 14:00", "1. 陈大明 13800001111", "3. 陈大明 2. 张静"])
def test_other_numbers_part_nothing(line):
    assert len(read_chain(line)) == 1


def test_a_line_is_read_whole_however_many_names_it_has_and_what_is_not_read_is_said():
    many = [f"陈{one}{two}" for one in "大小明志国家" for two in "明华强丽静"]
    (entry,) = read_chain("、".join(many))
    assert entry.names == tuple(many)
    read, unread = read_chain("陈大明 " + "很长" * 600)
    assert (read.names[0], len(unread.said), unread.note) == ("陈大明", 204, "这一行太长，后面这些没读，请分成几行")


@pytest.mark.parametrize("line", ["蔡 慧 玲", "蔡　慧玲", "蔡慧 玲", "蔡 慧 玲 参加"])
def test_a_name_with_blanks_is_one(line):
    assert only(line).names[0] == "蔡慧玲"


@pytest.mark.parametrize(
    ("line", "numbers"),
    [
        ("2号退出", (2,)),
        ("2退出", (2,)),
        ("2. 取消", (2,)),
        ("第12位不来了", (12,)),
        ("1、3号退出", (1, 3)),
        ("陈大明退出", ()),
        ("2号陈大明退出", ()),
    ],
)
def test_a_number_may_be_taken_back_later(line, numbers):
    assert read_chain("1. 张静\n" + line)[-1].crossed == numbers


def test_a_line_without_a_number_among_numbered_ones_is_loose():
    assert [entry.loose for entry in read_chain("1. 陈大明\n何嘉怡\n2. 李四")] == [False, True, False]


def test_remarks_are_not_names():
    for line in ("陈大明上午", "陈大明 下午可以", "陈大明，参加", "陈大明(李四介绍)", "3号楼陈大明", "陈大明老师", "陈大明 2人"):
        assert only(line).names == ("陈大明",), line


def test_somebody_s_mother_is_not_themselves():
    for line in ("张三妈妈", "张三妈", "张三丰爷爷"):
        entry = only(line)
        assert not {"张三", "张三丰"} & set(entry.names), line
        assert {"张三", "张三丰"} & set(entry.near), line


@pytest.mark.parametrize("line", ["李阿姨", "阿珍", "老王", "小明", "欧阳师傅", "李姐"])
def test_what_people_are_called_is_known_for_what_it_is(line):
    assert only(line).called == line


@pytest.mark.parametrize(
    ("line", "more"),
    [
        ("张三+1", 1),
        ("张三＋2", 2),
        ("张三加一", 1),
        ("张三带2个孩子", 2),
        ("张三 3人", 2),
        ("一家三口 张三", 2),
        ("张三 1人", 0),
        ("张三 家属2位", 2),
        ("张三+老公", 1),
        ("张三 带孩子", 1),
        ("张三 带2瓶水", 0),
        ("张三 +2瓶水", 0),
        ("张三 带2个苹果", 0),
        ("张三", 0),
    ],
)
def test_companions_are_counted(line, more):
    entry = only(line)
    assert entry.more == more
    assert "张三" in entry.names


@pytest.mark.parametrize(
    "phone", ["13800001111", "138 0000 1111", "138-0000-1111", "+8613800001111", "138****1111", "１３８００００１１１１"]
)
def test_a_phone_gives_its_tail_and_is_never_shown_whole(phone):
    entry = only(f"王五 {phone}")
    assert (entry.tail, entry.names, entry.more) == ("1111", ("王五",), 0)
    assert entry.said.endswith("138****1111")
    assert entry.phone is ("*" not in phone)


def test_the_last_four_digits_alone_are_a_tail_a_room_and_a_year_are_not():
    assert only("王五 尾号1111").tail == "1111"
    assert only("王五 1111").tail == "1111"
    assert [only(line).tail for line in ("王五 1203室", "王五 2026年", "王五 50201")] == ["", "", ""]


@pytest.mark.parametrize("line", ["王五取消", "王五（不去了）", "王五 来不了", "王五替李四报", "帮王五报"])
@pytest.mark.parametrize("wrap", ["{}", "{}。", "1人 {}"])
def test_who_does_not_come_and_who_writes_for_another_is_asked_about(line, wrap):
    entry = only(wrap.format(line))
    assert entry.hedged
    assert "王五" in (*entry.names, *entry.near)


def test_no_name_at_all_stays_a_line():
    (entry,) = read_chain("1. 👍👍")[:1] or read_chain("1. !!")
    assert (entry.names, entry.near) == ((), ())


def test_what_is_too_long_is_said_with_both_numbers():
    assert length_fault("  \n ") == "请把群里的接龙粘贴到这里"
    assert length_fault("陈大明\n" * MOST_LINES) is None
    assert f"现在有 {MOST_LINES + 1} 行" in (length_fault("陈大明\n" * (MOST_LINES + 1)) or "")
    assert "现在有 20,001 个" in (length_fault("一" * (LONGEST + 1)) or "")


@given(st.text(max_size=300))
@example("1" * 300)
@example("(" * 300)
@example("+" * 50 + "1" * 50)
@example("\r\n\x00\ud7ff")
def test_anything_can_be_pasted(text):
    entries = read_chain(text)
    assert len({entry.place for entry in entries}) <= plain(text).count("\n") + 1
    assert [(entry.place, entry.part) for entry in entries] == sorted({(entry.place, entry.part) for entry in entries})
    for entry in entries:
        assert entry.said
        assert not set(entry.names) & set(entry.near)
        assert all(2 <= len(name) <= 30 for name in (*entry.names, *entry.near))
        assert 0 <= entry.more <= 99


SURNAMES, GIVEN = "陈李张王何冼罗霍郭梁", "明华丽静志强国栋嘉怡柏豪雯"
people = st.builds(lambda one, rest: one + rest, st.sampled_from(SURNAMES), st.text(st.sampled_from(GIVEN), min_size=1, max_size=2))
heads = st.sampled_from(["{n}. ", "{n}、", "{n} ", "{n}．", "({n}) "])
tails = st.sampled_from(["", " 上午", "😊", "（下午可以）", " 13800001111", "+1", "，准时到", " 3栋502"])


@given(st.lists(st.tuples(people, tails), min_size=1, max_size=40), heads)
def test_every_name_of_a_numbered_list_is_found_in_its_order(lines, head):
    text = "#接龙\n志愿者\n\n" + "\n".join(head.format(n=number) + name + tail for number, (name, tail) in enumerate(lines, 1))
    entries = people_in(text)
    assert [entry.number for entry in entries] == list(range(1, len(lines) + 1))
    assert [entry.names[0] for entry in entries] == [name for name, _ in lines]


@given(st.text(max_size=40), st.from_regex(r"1[3-9]\d{9}", fullmatch=True))
def test_no_whole_phone_is_ever_said(words, phone):
    assert all(phone not in entry.said for entry in read_chain(f"1. {words} {phone} x"))
