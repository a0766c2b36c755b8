"""Who is meant by a line of a 接龙: surely, perhaps, or nobody."""

from app.activities.chain_matching import Known, LineKind, match, wanted, wish
from app.activities.chain_rules import read_chain

sqlite_only = True

DAMING = Known(1, "陈大明", ("13800000011",))
JIAYI = Known(2, "何嘉怡", ("13800000022",), where="灯湖第一党支部", digits="22")
JIAYI_TOO = Known(3, "何嘉怡", ("13800000033",), where="桂园第二党支部", digits="33")
FAR = Known(4, "冼柏豪", ("13800000044",), near=False)


def lines(text, *known, shifts=()):
    return match(read_chain(text), known, shifts)


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
        "群友陈大明": (DAMING, "写的不只是“陈大明”"),
        "陈大明 清场组": (DAMING, "不是这一班"),
        "陈大明": (Known(1, "陈大明", barred="这场请 18 岁以上的街坊"), "18 岁以上"),
        "陈大明，": (Known(1, "陈大明", left="2026年11月20日自己退出过这一班"), "退出过"),
        "陈大明。": (Known(1, "陈大明", confirmed=False), "还没核实是谁"),
    }
    for written, (known, why) in cases.items():
        (line,) = lines(f"1. {written}", known, shifts=["清场组"])
        assert line.kind is LineKind.ASK, written
        assert why in line.why, written


def test_two_names_in_a_line_are_two_questions():
    found = lines("1. 陈大明、何嘉怡", DAMING, JIAYI)
    assert [(line.kind, line.options) for line in found] == [(LineKind.ASK, (DAMING,)), (LineKind.ASK, (JIAYI,))]
    assert len({line.key for line in found}) == 2


def test_nobody_says_why():
    why = [line.why for line in lines("1. 李阿姨\n2. 张三\n3. !!\n群主辛苦了", DAMING)]
    assert why[0].startswith("写的是称呼")
    assert why[1].startswith("没找到这位")
    assert why[2] == "没看到姓名"
    assert why[3] == "前面没有编号，没当作报名"


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
