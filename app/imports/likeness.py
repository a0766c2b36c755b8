"""Whether two names of units are likely one: 锦园二支部 and 锦园第二党支部. Pure."""

import re
from functools import lru_cache

DROPPED = re.compile(r"中共|社区|委员会|支部|总支|小组|党委|[第党（）()·\-\s]")
NUMERAL = re.compile(r"[0-9]+|[零〇一二三四五六七八九十百]+")
DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0}
LONG = 7  # from so many characters on, two of them may differ


@lru_cache(maxsize=4096)
def core(name: str) -> tuple[str, tuple[int, ...]]:
    """What tells a unit from its neighbours: its letters, and its numbers, which are never a slip of the pen."""
    word = DROPPED.sub("", name)
    return NUMERAL.sub("#", word), tuple(number(found) for found in NUMERAL.findall(word))


def number(word: str) -> int:
    """十二 and 12 are 12; 二〇 is 20."""
    if word.isascii():
        return int(word)
    if not set(word) & {"十", "百"}:
        return int("".join(str(DIGITS[char]) for char in word))
    whole, current = 0, 0
    for char in word:
        if char in DIGITS:
            current = DIGITS[char]
        else:
            whole, current = whole + (current or 1) * (100 if char == "百" else 10), 0
    return whole + current


def alike(one: str, other: str) -> bool:
    """The same numbers, and letters that differ in one place at most, in long names in two."""
    (letters, numbers), (others, other_numbers) = core(one), core(other)
    if numbers != other_numbers or abs(len(letters) - len(others)) > 2:
        return False
    longest = max(len(letters), len(others))
    return letters == others or (longest >= 2 and distance(letters, others) <= (2 if longest >= LONG else 1))


def distance(one: str, other: str) -> int:
    """How many characters were changed, left out, added or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, char in enumerate(one, start=1):
        earlier, before, row = before, row, [at]
        for place, against in enumerate(other, start=1):
            cost = min(before[place] + 1, row[place - 1] + 1, before[place - 1] + (char != against))
            if at > 1 and place > 1 and char == other[place - 2] and one[at - 2] == against:
                cost = min(cost, earlier[place - 2] + 1)
            row.append(cost)
    return row[-1]
