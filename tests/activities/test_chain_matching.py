"""Who is meant by a line of a 接龙: surely, perhaps, or nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.activities.chain_lines import Known, LineKind
from app.activities.chain_matching import ASK_TITLE, NO_NAME, NOT_FOUND, NOT_ONE, TITLE, match, wanted, wish
from app.activities.chain_rules import read_chain
from app.activities.chain_words import turn

sqlite_only = True

DAMING = Known(1, "陈大明", ("13800000011",))
JIAYI = Known(2, "何嘉怡", ("13800000022",), where="灯湖第一党支部", digits="22")
JIAYI_TOO = Known(3, "何嘉怡", ("13800000033",), where="桂园第二党支部", digits="33")
FAR = Known(4, "冼柏豪", ("13800000044",), near=False)


MORNING, AFTERNOON = turn(1, "上午班", 9, 12), turn(2, "下午班", 14, 17)


def lines(text, *known, chosen=MORNING, others=(AFTERNOON,), positions=()):
    return match(read_chain(text), known, chosen, others, positions)


def kinds(text, *known, **more):
    return [line.kind for line in lines(text, *known, **more)]


def test_one_of_the_name_is_sure():
    (line,) = lines("1. 陈大明", DAMING)
    assert (line.kind, line.options, line.why) == (LineKind.SURE, (DAMING,), "")


def test_several_of_a_name_are_a_question_and_none_is_chosen():
    (line,) = lines("1. 何嘉怡", JIAYI, JIAYI_TOO)
    assert (line.kind, line.which) == (LineKind.ASK, True)
    assert "有 2 位同名的" in line.why


def test_a_phone_decides_among_several():
    for written in ("何嘉怡 13800000033", "何嘉怡 尾号0033"):
        (line,) = lines(f"1. {written}", JIAYI, JIAYI_TOO)
        assert (line.kind, line.options) == (LineKind.SURE, (JIAYI_TOO,))


def test_another_phone_than_the_one_on_record_is_asked_about():
    (line,) = lines("1. 陈大明 13900009999", DAMING)
    assert line.kind is LineKind.ASK
    assert "对不上" in line.why
    assert kinds("1. 陈大明 1203", DAMING) == [LineKind.SURE]  # four digits may be a room


def test_who_is_farther_away_is_found_only_by_phone():
    assert kinds("1. 冼柏豪", FAR) == [LineKind.NOBODY]
    assert kinds("1. 冼柏豪 13800000044", FAR) == [LineKind.SURE]


def test_the_same_person_twice_counts_once():
    first, second = lines("1. 陈大明\n2. 陈大明 上午", DAMING)
    assert (first.kind, second.kind) == (LineKind.SURE, LineKind.TWICE)
    assert second.why == "和第 1 条是同一位"


def test_who_is_sure_in_one_line_and_away_in_another_is_asked_about():
    first, second = lines("1. 陈大明\n2. 陈大明不来了", DAMING)
    assert (first.kind, first.why) == (LineKind.ASK, "第 2 条像是说这位不来")
    assert second.kind is LineKind.TWICE


def test_the_same_doubt_is_asked_once():
    doubted = Known(1, "陈大明", confirmed=False)
    assert kinds("1. 陈大明\n2. 陈大明", doubted) == [LineKind.ASK, LineKind.TWICE]


def test_two_of_one_name_in_the_list_are_two_people():
    first, second = lines("1. 何嘉怡 尾号0022\n2. 何嘉怡", JIAYI, JIAYI_TOO)
    assert (first.options, second.options) == ((JIAYI,), (JIAYI_TOO,))


def test_who_is_signed_up_already_is_left_alone():
    stands = Known(1, "陈大明", standing="已经报上了")
    assert kinds("1. 陈大明\n2. 陈大明", stands) == [LineKind.STANDS, LineKind.TWICE]


def test_every_doubt_is_asked_with_its_reason():
    cases = {
        "陈大明取消": (DAMING, "像是说不来"),
        "李阿姨替陈大明报": (DAMING, "替别人报"),
        "群友陈大明": (DAMING, "还写了“群友”"),
        "陈大明 清场组": (DAMING, "不是这一班"),
        "陈大明": (Known(1, "陈大明", barred="这场请 18 岁以上的街坊"), "18 岁以上"),
        "陈大明，": (Known(1, "陈大明", left="2026年11月20日自己退出过这一班"), "退出过"),
        "陈大明。": (Known(1, "陈大明", confirmed=False), "还没核实是谁"),
    }
    for written, (known, why) in cases.items():
        (line,) = lines(f"1. {written}", known, others=[turn(9, "清场组", 17, 18)])
        assert line.kind is LineKind.ASK, written
        assert why in line.why, written


def test_two_names_in_a_line_are_two_questions():
    found = lines("1. 陈大明、何嘉怡", DAMING, JIAYI)
    assert [(line.kind, line.options) for line in found] == [(LineKind.ASK, (DAMING,)), (LineKind.ASK, (JIAYI,))]
    assert len({line.key for line in found}) == 2


def test_nobody_says_why():
    found = lines("1. 李阿姨\n2. 张三\n3. !!\n群主辛苦了", DAMING)
    assert [line.why for line in found] == [ASK_TITLE, NOT_FOUND, NO_NAME, NOT_ONE]
    assert [line.kind for line in found] == [LineKind.NOBODY] * 3 + [LineKind.NOTE]


NOT_COMING = (
    *(
        "唔去",
        "唔去喇",
        "不能来",
        "不能来了",
        "来不到",
        "去唔到",
        "去不到",
        "唔得闲",
        "不得闲",
        "不方便",
        "不参与",
        "改下次",
        "换人",
        "-1",
        "❌",
        "请个假",
        "待定",
    ),
    *("请假", "退出", "唔嚟", "没时间", "取消报名", "不能参加", "可能不来", "（划掉）", "？", "🤔", "冇时间"),
)


@pytest.mark.parametrize("remark", NOT_COMING)
def test_who_says_that_they_do_not_come_is_asked_about(remark):
    for written in (f"陈大明 {remark}", f"陈大明{remark}", f"陈大明（{remark}）", f"{remark}陈大明"):
        assert LineKind.SURE not in kinds(f"1. {written}", DAMING), written
    (line,) = lines(f"1. 陈大明 {remark}", DAMING)
    assert line.kind is LineKind.ASK


@pytest.mark.parametrize("written", ["~~陈大明~~", "陈\u0336大\u0336明\u0336", "❌陈大明"])
def test_a_name_with_a_line_through_it_is_asked_about(written):
    for text in (f"1. {written}", written):
        (line,) = lines(text, DAMING)
        assert (line.kind, line.options) == (LineKind.ASK, (DAMING,)), text


@pytest.mark.parametrize("remark", ["晚点到", "要坐轮椅", "找罗姐", "张三丰", "带2瓶水", "14:00", "23号", "我妈", "x", "如果不下雨"])
def test_any_other_remark_is_a_question_that_shows_it(remark):
    (line,) = lines(f"1. 陈大明 {remark}", DAMING)
    assert line.kind is LineKind.ASK
    assert line.why.startswith("还写了“")


@pytest.mark.parametrize(
    "written",
    [
        *(
            "陈大明",
            "陈大明 1人",
            "陈大明一位",
            "陈大明参加",
            "陈大明，报名！",
            "陈大明到",
            "陈大明 👍✅",
            "陈大明 13800000011",
            "陈大明 138 0000 0011 参加",
        ),
        *(
            "陈大明 上午",
            "陈大明（上午班）",
            "上午 陈大明",
            "3栋502-陈大明",
            "陈大明老师",
            "陈 大 明",
            "陈　大明",
            "陈大明 准时到～",
            "陈大明 +1",
            "我 陈大明 OK",
        ),
    ],
)
def test_what_says_no_more_than_yes_is_sure(written):
    assert kinds(f"1. {written}", DAMING) == [LineKind.SURE]


def test_a_second_name_that_nobody_has_is_not_lost():
    (line,) = lines("1. 陈大明、林远方", DAMING)
    assert (line.kind, line.why) == (LineKind.ASK, "还写了“林远方”")


def test_a_remark_beside_the_name_further_down_makes_it_a_question():
    first, second = lines("1. 陈大明\n2. 陈大明 看情况", DAMING)
    assert (first.kind, first.why, second.kind) == (LineKind.ASK, "第 2 条还写了“看情况”", LineKind.TWICE)


def test_a_number_that_is_taken_back_later_is_a_question():
    for crossing in ("2号退出", "2退出", "第2位唔去", "2、不来了"):
        first, second, third = lines(f"1. 陈大明\n2. 何嘉怡\n{crossing}", DAMING, JIAYI)
        assert [line.kind for line in (first, second, third)] == [LineKind.SURE, LineKind.ASK, LineKind.NOTE], crossing
        assert second.why.endswith("退出了？"), crossing
    first, second = lines("1. 陈大明\n2. 退出", DAMING)
    assert (first.kind, second.kind) == (LineKind.SURE, LineKind.NOBODY)


def test_who_stands_and_does_not_come_is_told_how_to_leave():
    stands = Known(1, "陈大明", standing="已经报上了")
    for text in ("1. 陈大明 取消", "1. 陈大明\n1号退出", "1. 陈大明\n2. 陈大明不来了"):
        line = lines(text, stands)[0]
        assert line.kind is LineKind.STANDS
        assert line.why.endswith("要退的，请本人退出，或在报名名单里请他退出"), text


def test_the_first_names_are_never_taken_for_a_title():
    assert kinds("#接龙\n陈大明\n何嘉怡", DAMING, JIAYI) == [LineKind.SURE] * 2
    assert kinds("陈大明\n何嘉怡\n3. 冼柏豪", DAMING, JIAYI) == [LineKind.ASK, LineKind.ASK, LineKind.NOBODY]
    assert kinds("“1. 陈大明\n2. 何嘉怡”", DAMING, JIAYI) == [LineKind.SURE] * 2
    title, first = lines("#接龙\n请找陈大明老师报名\n\n1. 何嘉怡", DAMING, JIAYI)
    assert (title.kind, title.why, first.kind) == (LineKind.NOTE, TITLE, LineKind.SURE)


def test_a_heading_holds_for_the_lines_below_it():
    text = "上午：\n1. 陈大明\n【下午班】\n2. 何嘉怡\n晚上\n3. 冼柏豪"
    near = Known(4, "冼柏豪")
    heading, first, then, second, later, third = lines(text, DAMING, JIAYI, near)
    assert [line.kind for line in (heading, then, later)] == [LineKind.NOTE] * 3
    assert (first.kind, second.kind, second.turn) == (LineKind.SURE, LineKind.OTHER, AFTERNOON)
    assert (third.kind, third.why) == (LineKind.ASK, "写在“晚上”下面")
    assert kinds(text, DAMING, JIAYI, near, chosen=AFTERNOON, others=(MORNING,))[1:4:2] == [LineKind.OTHER, LineKind.SURE]


@pytest.mark.parametrize("heading", ["请假：", "【候补】", "不能来的：", "请假的人", "未定：", "替补名单"])
def test_who_stands_below_such_a_heading_is_asked_about(heading):
    found = lines(f"报名：\n1. 陈大明\n{heading}\n2. 何嘉怡\n参加：\n3. 冼柏豪", DAMING, JIAYI, Known(4, "冼柏豪"))
    assert [line.kind for line in found] == [LineKind.NOTE, LineKind.SURE, LineKind.NOTE, LineKind.ASK, LineKind.NOTE, LineKind.SURE]
    assert found[3].why.startswith("写在“")


def test_who_stands_above_all_headings_is_not_surely_of_a_shift_that_has_one():
    text = "1. 陈大明\n下午：\n2. 何嘉怡"
    assert [line.kind for line in lines(text, DAMING, JIAYI) if line.options] == [LineKind.SURE, LineKind.OTHER]
    first, _, second = lines(text, DAMING, JIAYI, chosen=AFTERNOON, others=(MORNING,))
    assert (first.kind, first.why, second.kind) == (LineKind.ASK, "不在“下午”下面", LineKind.SURE)


def test_a_heading_within_a_shift_does_not_end_it():
    found = lines("下午：\n参加：\n1. 陈大明\n请假：\n2. 何嘉怡\n上午：\n3. 冼柏豪", DAMING, JIAYI, Known(4, "冼柏豪"))
    assert [line.kind for line in found if line.options] == [LineKind.OTHER, LineKind.OTHER, LineKind.SURE]
    found = lines("下午：\n参加：\n1. 陈大明\n请假：\n2. 何嘉怡", DAMING, JIAYI, chosen=AFTERNOON, others=(MORNING,))
    assert [line.kind for line in found if line.options] == [LineKind.SURE, LineKind.ASK]


def test_headings_hold_in_a_list_without_line_breaks():
    for text in ("上午：1.陈大明 下午：2.何嘉怡 3.冼柏豪", "上午 1.陈大明 【下午】 2.何嘉怡 3.冼柏豪"):
        found = lines(text, DAMING, JIAYI, Known(4, "冼柏豪"))
        assert [line.kind for line in found if line.options] == [LineKind.SURE, LineKind.OTHER, LineKind.OTHER], text


def test_two_names_joined_by_and_are_two():
    assert kinds("1. 陈大明和何嘉怡", DAMING, JIAYI) == [LineKind.ASK] * 2


@given(
    st.lists(
        st.sampled_from(
            [
                "陈大明",
                "何嘉怡",
                "1.",
                "2. ",
                "2号",
                "退出",
                "下午：",
                "【候补】",
                " ",
                "#接龙",
                "~~",
                "❌",
                "“",
                "例",
                "、",
                "+1",
                "张三丰",
                "8:30",
            ]
        ),
        max_size=12,
    )
)
def test_every_line_lands_somewhere(parts):
    for text in ("".join(parts), "\n".join(parts), "\n1. ".join(parts)):
        entries = read_chain(text)
        found = match(entries, (DAMING, JIAYI), MORNING, (AFTERNOON,))
        assert {line.entry for line in found} == set(entries)
        assert len({line.key for line in found}) == len(found)
        read = "".join(entry.said for entry in entries)
        assert all(text.count(name) <= read.count(name) for name in ("陈大明", "何嘉怡", "张三丰"))


def test_another_shift_within_a_line_is_asked_about():
    for written in ("陈大明 下午", "陈大明下午班", "陈大明（下午）", "陈大明 上午下午"):
        (line,) = lines(f"1. {written}", DAMING)
        assert (line.kind, "不是这一班" in line.why) == (LineKind.ASK, True), written
    assert kinds("1. 陈大明 下午", DAMING, others=()) == [LineKind.ASK]


def test_another_shift_in_a_second_line_of_one_person_is_said():
    first, second = lines("1. 陈大明\n2. 陈大明 下午", DAMING)
    assert (first.kind, second.why) == (LineKind.SURE, "和第 1 条是同一位；写了“下午”")


def test_the_same_person_in_both_shifts_is_in_both():
    assert kinds("上午\n1. 陈大明\n下午\n2. 陈大明", DAMING) == [LineKind.NOTE, LineKind.SURE, LineKind.NOTE, LineKind.OTHER]


def test_a_position_that_the_shift_lacks_is_asked_about():
    assert kinds("1. 陈大明 茶水", DAMING, positions=["引导", "茶水"]) == [LineKind.SURE]
    (line,) = lines("1. 陈大明 茶水", DAMING, positions=["引导"])
    assert (line.kind, line.why) == (LineKind.ASK, "还写了“茶水”")


def test_who_is_busy_is_asked_about():
    (line,) = lines("1. 陈大明", Known(1, "陈大明", busy="同一时间报了别的活动"))
    assert (line.kind, line.why) == (LineKind.ASK, "同一时间报了别的活动")


def test_a_line_without_a_number_is_asked_about():
    assert kinds("1. 何嘉怡\n陈大明", DAMING, JIAYI) == [LineKind.SURE, LineKind.ASK]


def test_only_names_beside_digits_are_looked_for_farther_away():
    names, told = wanted(read_chain("1. 陈大明\n2. 冼柏豪 13800000044"))
    assert names == {"陈大明", "冼柏豪"}
    assert told == {"冼柏豪"}


def test_nobody_else_can_be_picked_than_who_is_offered():
    (line,) = lines("1. 何嘉怡", JIAYI, JIAYI_TOO)
    assert line.picked("3") == JIAYI_TOO
    assert [line.picked(value) for value in ("1", "", "x", "03")] == [None] * 4


def test_the_position_that_a_line_names_is_its_wish():
    def wished(line):
        return wish(read_chain(f"1. {line}")[0], ["引导", "引导组", "茶水"])

    assert [wished(line) for line in ("陈大明 茶水", "陈大明引导组", "陈大明 引导", "陈大明", "陈大明 茶水或引导")] == [
        "茶水",
        "引导组",
        "引导",
        None,
        None,
    ]
