"""Numbers of identity documents, which are kept nowhere: found in what is typed or read from a table. Pure.

公民身份号码 (GB 11643-1999): six digits of a region (the first two a province, GB/T 2260), eight of the birth date, three that tell
people apart, and a check digit by ISO 7064 MOD 11-2, in which X is ten. Permits of residence for people from Hong Kong, Macao and
Taiwan (81, 82, 83) are built alike. Those of foreigners since 2023 begin with a 9, the province and three digits of a country, and go
on alike. Until 1999 numbers had fifteen digits, two of them for the year and none to check; they are void since 2013 and still stand in
old lists.
"""

import re
import unicodedata
from datetime import date

NOT_KEPT = "（身份证号没有记下）"
PROVINCES = frozenset(
    f"{zone}{province}"
    for zone, provinces in {1: "12345", 2: "123", 3: "1234567", 4: "123456", 5: "01234", 6: "12345", 7: "1", 8: "123"}.items()
    for province in provinces
)
FIRST_YEAR = 1900
_WEIGHTS = tuple(2**place % 11 for place in range(17, 0, -1))
_CHECK_DIGITS = "10X98765432"

_BETWEEN = r"[\s\-‐-―−_.·/／、－．]{0,3}"
_EIGHTEEN = re.compile(rf"(?<!\d)(?=((?:\d{_BETWEEN}){{17}}[\dXx×])(?!\d))")
_FIFTEEN = re.compile(r"(?<!\d)(\d{6}[ -]?\d{6}[ -]?\d{3})(?!\d)")

_MONTH_DAY = r"(?:0[1-9]|1[0-2])[ -]?(?:0[1-9]|[12]\d|3[01])"
_DATED = rf"\d{{6}}[ -]?(?:19|20)\d\d[ -]?{_MONTH_DAY}[ -]?\d{{3}}[\dXx]"
_LIKE_ONE = re.compile(rf"(?<!\d)(?:\d{{17}}[\dXx]|{_DATED}|\d{{6}}[ -]?\d\d{_MONTH_DAY}[ -]?\d{{3}})(?!\d)")
_DATED_ONE = re.compile(rf"(?<!\d){_DATED}(?!\d)")


def is_id_number(digits: str, born_until: date = date.max) -> bool:
    """Eighteen signs, nothing between them: region, a birth date that has been, and the check digit are right."""
    if digits[:2] not in PROVINCES and not (digits[0] == "9" and digits[1:3] in PROVINCES):
        return False
    born = _day(digits[6:14])
    if born is None or not FIRST_YEAR <= born.year <= born_until.year or born > born_until:
        return False
    return _CHECK_DIGITS[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits[:17], strict=True)) % 11] == digits[17]


def holds_real_id_number(text: str, born_until: date, *, old: bool = True) -> bool:
    """An identity number stands in it, whatever is between its digits: blanks, dashes, points, full-width signs, a small x.

    Strict, so that words may hold other long numbers: of eighteen random digits one in some 60,000 fits. `old`: also one of
    fifteen digits, which nothing checks but its region and date; not where other numbers are expected.
    """
    if not _may_hold(text):
        return False
    plain = _plain(text)
    if any(is_id_number(_joined(found[1]), born_until) for found in _EIGHTEEN.finditer(plain)):
        return True
    return old and any(_is_old(_joined(found[1])) for found in _FIFTEEN.finditer(plain))


def holds_id_number(text: str) -> bool:
    """What looks like one, right or mistyped: for fields in which no long number has any business."""
    return _LIKE_ONE.search(text) is not None or holds_real_id_number(text, date.max)


def without_id_number(text: str, *, dated: bool = False) -> str:
    """Identity numbers are kept nowhere. `dated`: only where a birth date stands inside, so that long numbers of vouchers stay."""
    return (_DATED_ONE if dated else _LIKE_ONE).sub(NOT_KEPT, without_real_id_number(text))


def without_real_id_number(text: str) -> str:
    """Only those that are right go: for tables of a bank, full of other long numbers. The rest stays as it was sent."""
    if not _may_hold(text):
        return text
    kept, at = [], 0
    for found in _EIGHTEEN.finditer(_plain(text)):
        if found.start(1) >= at and is_id_number(_joined(found[1])):
            kept += [text[at : found.start(1)], NOT_KEPT]
            at = found.end(1)
    return "".join([*kept, text[at:]])


def _may_hold(text: str) -> bool:
    return sum(map(str.isdigit, text)) >= 15


def _plain(text: str) -> str:
    """As long as the text: full-width signs and digits of other scripts as 0 to 9, what can not be seen as a dash."""
    return "".join(char if char.isascii() else _folded(char) for char in text)


def _folded(char: str) -> str:
    folded = unicodedata.normalize("NFKC", char)
    if unicodedata.category(char) == "Cf":
        return "-"
    if len(folded) != 1:
        return char
    return str(unicodedata.digit(folded)) if folded.isdecimal() else folded


def _joined(found: str) -> str:
    return "".join("X" if sign in "Xx×" else sign for sign in found if sign.isdigit() or sign in "Xx×")


def _is_old(digits: str) -> bool:
    return digits[:2] in PROVINCES and _day(f"19{digits[6:12]}") is not None


def _day(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
