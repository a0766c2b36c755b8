"""大写 amounts, by the rules for bills."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.fund.capitals import DIGITS, capitals

sqlite_only = True


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (10, "壹角整"),
        (100_00, "壹佰元整"),
        (1_409_50, "壹仟肆佰零玖元伍角整"),
        (6_007_14, "陆仟零柒元壹角肆分"),
        (1_680_32, "壹仟陆佰捌拾元零叁角贰分"),
        (325_04, "叁佰贰拾伍元零肆分"),
        (107_000_53, "壹拾万零柒仟元零伍角叁分"),
        (139_000_000_00, "壹亿叁仟玖佰万元整"),
        (1_0000_0001_00, "壹亿零壹元整"),
        (-5, "负伍分"),
    ],
)
def test_amounts_are_written_as_banks_want_them(fen, words):
    assert capitals(fen) == words


PLACES = {"拾": 10, "佰": 100, "仟": 1000}


def read(words: str) -> int:
    """The amount back, in fen."""
    yuan, _, rest = words.rpartition("元")
    total = section = digit = 0
    for char in yuan:
        if char in PLACES:
            section, digit = section + digit * PLACES[char], 0
        elif char == "万":
            section, digit = (section + digit) * 10**4, 0
            total, section = total + section, 0
        elif char == "亿":
            total, section, digit = (total + section + digit) * 10**8, 0, 0
        else:
            digit = DIGITS.index(char)
    fen, digit = (total + section + digit) * 100, 0
    for char in rest:
        if char in "角分":
            fen, digit = fen + digit * (10 if char == "角" else 1), 0
        elif char in DIGITS:
            digit = DIGITS.index(char)
    return fen


@given(st.integers(0, 10**14))
def test_no_two_amounts_are_written_alike(fen):
    words = capitals(fen)
    assert read(words) == fen
    assert "零零" not in words
