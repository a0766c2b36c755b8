"""How names of units and places are found and put in order. Pure."""

import re
from collections.abc import Sequence

from app.people.naming import letter_of

_NUMBER = re.compile(r"([0-9]+|[〇零一二三四五六七八九十百]+)")
_DIGITS = {char: digit for digit, char in enumerate("零一二三四五六七八九")} | {"〇": 0}
_PLACES = {"十": 10, "百": 100}

Key = tuple[tuple[int, int, str, str], ...]


def natural(name: str) -> Key:
    """第一, 第2, 第十: in the order of the numbers; the rest by first letters, so that what begins alike stands together."""
    return tuple(_part(part) for part in _NUMBER.split(name) if part)


def _part(part: str) -> tuple[int, int, str, str]:
    if part.isascii() and part.isdigit():
        return 0, int(part[:18]), "", ""
    if part[0] in _DIGITS or part[0] in _PLACES:
        return 0, _chinese(part), "", ""
    return 1, 0, letters(part), part


def _chinese(numeral: str) -> int:
    """二十三 → 23, 一百零二 → 102, 二〇二六 → 2026."""
    if not any(char in _PLACES for char in numeral):
        return int("".join(str(_DIGITS[char]) for char in numeral[:18]))
    total = digit = 0
    for char in numeral:
        if char in _PLACES:
            total, digit = total + (digit or 1) * _PLACES[char], 0
        else:
            digit = _DIGITS[char]
    return total + digit


def letters(name: str) -> str:
    """锦园第一党支部 → jydydzb, as it is typed to find it."""
    return "".join(letter_of(char) for char in name)


def fit(words: str, name: str, above: Sequence[str]) -> int | None:
    """How well a unit fits what was typed, 0 the best: by its own name's beginning, by what stands above it, by a part of its name,
    by initials. None when one of the words is nowhere in it.
    """
    ranks = [_fit(word, name, above) for word in words.split()[:4]]
    known = [rank for rank in ranks if rank is not None]
    return max(known, default=0) if len(known) == len(ranks) else None


def _fit(word: str, name: str, above: Sequence[str]) -> int | None:
    if name.startswith(word):
        return 0
    if any(one.startswith(word) for one in above):
        return 1
    if word in name:
        return 2
    if any(word in one for one in above):
        return 3
    if not word.isascii():
        return None
    typed = word.lower()
    spelt = [letters(one) for one in (name, *above)]
    if any(one.startswith(typed) for one in spelt):
        return 4
    return 5 if any(typed in one for one in spelt) else None
