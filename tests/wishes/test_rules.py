"""The pure rules: words that may be public, waiting and order, claims that are over by their day."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.wishes.public_words import fault
from app.wishes.rules import FOLLOWS, OVER, Held, Round, Step, due, is_open, order_key, waited
from app.wishes.step_rules import Standing, step_fault

sqlite_only = True
DAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    "words",
    [
        "独自住的长者，厨房的灯坏了半年，想换一盏亮的。",
        "想要一辆 26 寸自行车，三年级，大约 300 元。",
        "想要 5 号电池和一台收音机，听粤曲。",
        "一位长者想在 12 月过八十岁生日。",
        "想请人陪诊，每周二上午，要 2 个小时。",
        "刚转学来的孩子，想要 38 码的球鞋。",
        "一个人住在灯湖社区，想有人陪着散步。",
    ],
)
def test_what_says_nothing_about_who_it_is_may_be_public(words):
    assert fault(words) is None


@pytest.mark.parametrize(
    "words",
    [
        "请打 13800138000 找我",
        "电话 138 0013 8000",
        "电话 0757-8630 0001",
        "微信 huanghuang88",
        "加微信号：abc_12345",
        "身份证 440601195001011234",
        "陈伯的灯坏了",
        "麦婆婆想看粤剧",
        "帮帮李*英",
        "小陈想上学",
        "张某某家里困难",
        "欧阳阿姨想学手机",
        "住在 3 栋 502",
        "银杏一座的长者",
        "502 室的灯坏了",
        "灯湖东路 16 号",
        "三单元的孩子",
    ],
)
def test_what_says_who_it_is_may_not(words):
    assert fault(words) is not None


def test_names_and_places_on_record_may_not_stand_in_it():
    assert fault("何嘉怡想要一盏灯", ["何嘉怡"])
    assert fault("中海万锦豪园的长者", (), ["中海万锦豪园"])
    assert fault("何嘉怡想要一盏灯") is None, "a name that nobody has on record is left to the two who read it"


@given(st.text("甲乙丙丁0123456789 -()", max_size=40))
@settings(max_examples=200, database=None)
def test_no_number_of_seven_digits_gets_through_however_it_is_broken(text):
    import re

    digits = re.sub(r"(?<=\d)[\s\-()]+(?=\d)", "", text)
    if re.search(r"\d{7}", digits):
        assert fault(text)


def days(*pairs):
    return [Round(DAY + timedelta(days=first), DAY + timedelta(days=last)) for first, last in pairs]


def test_a_wish_waited_as_many_rounds_as_ended_while_it_was_nobodys():
    rounds = days((-60, -40), (-30, -20), (-10, 5))
    published = DAY - timedelta(days=50)
    assert waited(published, rounds, [], DAY) == 2
    assert waited(DAY - timedelta(days=35), rounds, [], DAY) == 1
    assert waited(DAY, rounds, [], DAY) == 0
    claimed = Held(DAY - timedelta(days=45), DAY - timedelta(days=38), False, None)
    assert waited(published, rounds, [claimed], DAY) == 1, "at the end of the first round it was somebody's"
    lapsed = Held(DAY - timedelta(days=48), DAY - timedelta(days=41), False, None)
    assert waited(published, rounds, [lapsed], DAY) == 2, "that claim was over the day before"
    done = Held(DAY - timedelta(days=45), DAY - timedelta(days=38), True, None)
    assert waited(published, rounds, [done], DAY) == 0
    back = Held(DAY - timedelta(days=45), DAY - timedelta(days=38), True, DAY - timedelta(days=30))
    assert waited(published, rounds, [back], DAY) == 1


def test_who_waited_longest_comes_first():
    rows = [
        (False, 3, DAY - timedelta(days=99), 1),
        (True, 0, DAY - timedelta(days=2), 2),
        (True, 2, DAY, 3),
        (True, 0, DAY - timedelta(days=9), 4),
        (True, 0, DAY - timedelta(days=9), 5),
        (True, 1, DAY - timedelta(days=50), 6),
    ]
    assert [row[3] for row in sorted(rows, key=lambda row: order_key(*row))] == [3, 6, 4, 5, 2, 1]


def test_one_can_claim_in_a_round_and_always_where_none_is_held():
    assert is_open([], DAY)
    assert is_open(days((-3, 0)), DAY)
    assert is_open(days((0, 3)), DAY)
    assert not is_open(days((1, 3)), DAY)
    assert not is_open(days((-3, -1), (5, 9)), DAY)


def test_a_claim_is_over_on_the_day_after_its_last():
    standing = Standing(Step.CLAIMED, 7, None, 7, due(DAY, 7))
    assert standing.on(DAY + timedelta(days=7)).state is Step.CLAIMED
    assert standing.on(DAY + timedelta(days=8)).state is Step.LAPSED
    assert standing.on(DAY + timedelta(days=8)).claimer_id is None
    assert step_fault(standing, Step.CLAIMED, 9, False, DAY + timedelta(days=8)) is None
    assert step_fault(standing, Step.CONNECTED, 9, True, DAY + timedelta(days=8))


def test_nothing_follows_the_end():
    assert not any(state in befores for state in OVER for befores in FOLLOWS.values())
    assert set(FOLLOWS) == set(Step)
