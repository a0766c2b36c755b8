"""Numbers of identity documents are known however they are typed, and other long numbers are not taken for them."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.core.identity import (
    NOT_KEPT,
    PROVINCES,
    holds_id_number,
    holds_real_id_number,
    is_id_number,
    without_id_number,
    without_real_id_number,
)

sqlite_only = True
TODAY = date(2026, 11, 21)
FULL_WIDTH = {ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789Xx"}
BETWEEN = st.sampled_from(["", "", "", " ", "-", "—", "－", "\u3000", ".", "·", "\u200b", " - ", "\n"])
WORDS = st.text("收到何嘉怡的身份证号，：。（） abcNo.\n", max_size=12)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # as GB 11643 prints them


def checked(first: str) -> str:
    return first + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(first, WEIGHTS, strict=True)) % 11]


@st.composite
def numbers(draw: st.DrawFn, until: date = TODAY) -> str:
    region = draw(st.sampled_from(sorted(PROVINCES))) + f"{draw(st.integers(0, 9999)):04d}"
    if draw(st.booleans()):
        region = "9" + region[:2] + region[2:5]
    born = draw(st.dates(date(1900, 1, 1), until))
    return checked(f"{region}{born:%Y%m%d}{draw(st.integers(0, 999)):03d}")


def test_a_number_that_is_printed_in_the_standard_is_one():
    assert is_id_number("11010519491231002X")
    assert not is_id_number("110105194912310021")
    assert not is_id_number(checked("11010519491331002"))
    assert not is_id_number(checked("00010519491231002"))
    assert not is_id_number(checked("11010520270101002"), TODAY)


@given(
    number=numbers(),
    between=st.lists(BETWEEN, min_size=17, max_size=17),
    before=WORDS,
    after=WORDS,
    small=st.booleans(),
    wide=st.booleans(),
)
def test_however_it_is_typed_it_is_found_and_taken_out(number, between, before, after, small, wide):
    typed = "".join(sign + gap for sign, gap in zip(number, [*between, ""], strict=True))
    typed = typed.lower() if small else typed
    typed = typed.translate(FULL_WIDTH) if wide else typed
    text = f"{before}{typed}{after}"
    assert holds_real_id_number(text, TODAY)
    assert holds_real_id_number(text, TODAY, old=False)
    assert holds_id_number(text)
    assert without_real_id_number(text) == f"{before}{NOT_KEPT}{after}"
    assert typed not in without_id_number(text)
    assert not holds_id_number(without_id_number(text, dated=True))


@given(numbers())
def test_beside_other_numbers_it_is_found_too(number):
    assert holds_real_id_number(f"2026-11-21 09:00 {number} 13800138000", TODAY)
    assert holds_real_id_number(f"1. {number}\n2. {number}", TODAY)
    assert without_real_id_number(f"甲{number}，乙 {number}") == f"甲{NOT_KEPT}，乙 {NOT_KEPT}"


@given(st.text("0123456789", min_size=18, max_size=18))
def test_eighteen_digits_that_are_no_number_of_a_person_may_stand(digits):
    assume(not is_id_number(digits))
    assert not holds_real_id_number(f"合同 {digits}", TODAY)
    assert without_real_id_number(f"合同 {digits}") == f"合同 {digits}"


@given(number=numbers(), place=st.integers(0, 17), other=st.sampled_from("0123456789"))
def test_a_slip_in_one_digit_makes_it_another_number(number, place, other):
    assume(number[place] != other)
    assert not holds_real_id_number(number[:place] + other + number[place + 1 :], TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "发票 26442000001234567890",
        "发票号码：26442000000012345678，金额 1,234,567.89 元",
        "手机 13800138000，座机 0757-8633 1234，13900139000",
        "账号 6222 0236 0201 2345 678",
        "账号 4405 0167 0809 0000 1234",
        "统一社会信用代码 91440605MA4W2XYZ1U",
        "统一社会信用代码 51440000568638652N",
        "流水 202611220000123456",
        "2026-11-21 09:00 至 2026-11-22 18:30，共 33 人",
        "协议 440605-2026-1122-0012",
        "编号 GC-2026-7K3M-9QXA，志愿者 GC-0000-0001",
        "坐标 23.028812, 113.143921",
        "",
    ],
)
def test_what_else_is_written_may_stand(text):
    assert not holds_real_id_number(text, TODAY)
    assert without_real_id_number(text) == text


@given(st.lists(st.integers(0, 10**12).map(lambda fen: f"{fen / 100:,.2f}"), max_size=12))
def test_amounts_may_stand(amounts):
    text = " 元，".join(amounts)
    assert not holds_real_id_number(text, TODAY)


def test_old_numbers_are_known_where_words_are_typed_and_not_among_other_numbers():
    assert holds_real_id_number("旧证 440682800501002", TODAY)
    assert holds_real_id_number("旧证 440682 800501 002", TODAY)
    assert not holds_real_id_number("旧证 440682800501002", TODAY, old=False)
    assert not holds_real_id_number("号码 440682801301002", TODAY)
    assert not holds_real_id_number("号码 990682800501002", TODAY)
