"""岗位 of a shift: what an organiser types, one a line, becomes positions with seats of their own. Pure."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

MOST = 12
LONGEST_NAME = 12
MOST_SEATS = 20_000
ANY = "哪个都行"  # what who signs up may choose; no position is called that
_UNIT = r"\s*(?:[个名位]\s*)?(?:人|志愿者|义工|街坊|党员)?\s*[)）]?"
_CHINESE = "一二两三四五六七八九十百"
LINE = re.compile(rf"(?P<name>.*?)[\s:：xX×*＊=＝\-—.·(（]*(?P<number>\d+){_UNIT}")
SPELT = re.compile(
    rf"(?P<name>.*?)[\s:：(（]*(?P<number>[{_CHINESE}]+)\s*(?:[个名位]\s*)?(?:人|志愿者|义工|街坊|党员|(?<=[个名位]))\s*[)）]?"
)
NUMBERED = re.compile(r"\s*[(（]?\d{1,2}(?:[)）、]|[.．](?!\d))\s*(?=\S)|\s*[①-⑳]\s*")
NOT_ONE_NUMBER = (
    (re.compile(rf"\d\s*[.．]\s*\d+{_UNIT}"), "人数要写整数"),
    (re.compile(rf"\d\s*[人个名位]?\s*[-—–~～至到]\s*\d+{_UNIT}"), "人数写一个数，不写几到几"),
    (re.compile(rf"[\s:：(（][-−－]\d+{_UNIT}"), "人数前面多了一个减号"),
    (re.compile(rf"\s\d+\s+\d+{_UNIT}"), "写了两个数，留一个"),
)
SEVERAL = re.compile(r"[^\d\s].*?(?:\d\s*[人名位]\s*[^\s\d)）].*|\s\d+\s+\D.*|\d\s*[/／+＋].*)\d+.*")
BETWEEN = re.compile(r"[,，、;；]")
RENAMES = re.compile(r"\s*(?:→|->|=>|改成|改名为)\s*")


@dataclass(frozen=True)
class PositionDraft:
    """`was`: the name it had until now. Positions are known by their names, so a new name says whose people it keeps."""

    name: str
    capacity: int
    was: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class ReadPositions:
    """`fault` is the first line that can not be read, in words; the positions are then not to be used."""

    positions: tuple[PositionDraft, ...] = ()
    fault: str | None = None

    @property
    def capacity(self) -> int | None:
        """The seats of all of them; None where there are none, or where they can not be counted."""
        return sum(one.capacity for one in self.positions) if self.positions and self.fault is None else None


def read_positions(text: str) -> ReadPositions:
    """`引导 4`, `登记：2人`, `茶水x3`, one a line (or with commas between); `旧名→新名 4` gives a new name to one that stands."""
    found: list[PositionDraft] = []
    for number, words in _lines(text):
        position = _read(number, words)
        if isinstance(position, str):
            return ReadPositions(fault=position)
        if any(position.name == other.name for other in found):
            return ReadPositions(fault=f"第 {number} 行：“{position.name}”写了两次，合成一行就行")
        found.append(position)
    if len(found) > MOST:
        return ReadPositions(fault=f"一个班次最多 {MOST} 个岗位，现在是 {len(found)} 个")
    return ReadPositions(tuple(found))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if NUMBERED.match(line):  # 1、引导 4 is one position, with a number before it
            yield number, line.strip()
            continue
        for words in BETWEEN.split(line):
            if words.strip():
                yield number, words.strip()


def _read(number: int, words: str) -> PositionDraft | str:
    """The position of one line, or what is wrong with it."""
    was, fresh = _renamed(words)
    if was == "":
        return f"第 {number} 行：“→”前面请写现在的名字，比如“引导→带路 4”；不是改名就去掉“→”"
    if fault := _doubt(number, fresh):
        return fault
    found = LINE.fullmatch(fresh)
    seats = int(found["number"][:9]) if found else None
    if found is None and (found := SPELT.fullmatch(fresh)):
        seats = _spelt(found["number"])
    if found is None or seats is None:
        return f"第 {number} 行：“{_short(words)}”要几个人？请在后面写个数字，比如“{_short(words)} 2”"
    name = found["name"].strip()
    return _fault(number, name, seats) or PositionDraft(name, seats, was if was != name else None)


def _fault(number: int, name: str, seats: int) -> str | None:
    if not name:
        return f"第 {number} 行只有数字，请写上岗位的名字"
    if name == ANY:
        return f"第 {number} 行：“{ANY}”是留给报名的人选的，岗位请换个名字"
    if len(name) > LONGEST_NAME:
        return f"第 {number} 行：岗位的名字最多 {LONGEST_NAME} 个字，“{_short(name)}”是 {len(name)} 个字"
    if seats < 1:
        return f"第 {number} 行：“{name}”至少要 1 个人，不要这个岗位就删掉这一行"
    if seats > MOST_SEATS:
        return f"第 {number} 行：“{name}”最多 {MOST_SEATS} 人"
    return None


def _doubt(number: int, words: str) -> str | None:
    """What could be read, but hardly means that: it is asked for, never guessed."""
    if before := NUMBERED.match(words):
        return f"第 {number} 行：前面的“{before[0].strip()}”不用写，只写“{_short(words[before.end() :].strip())}”"
    for pattern, why in NOT_ONE_NUMBER:
        if (found := pattern.search(words)) and found.end() == len(words):
            return f"第 {number} 行：“{_short(words)}”，{why}"
    if SEVERAL.fullmatch(words):
        return f"第 {number} 行：“{_short(words)}”像是几个岗位，请一行只写一个"
    return None


def _spelt(words: str) -> int | None:
    """四, 十二, 二十, 一百二十 as a number; None for 三四 and the like."""
    digits = {word: value for value, word in enumerate("零一二三四五六七八九")} | {"两": 2}
    found = re.fullmatch(
        r"(?:(?P<hundreds>[一二两三四五六七八九])百)?(?:(?P<tens>[一二三四五六七八九])?(?P<ten>十))?(?P<ones>[一二两三四五六七八九])?",
        words,
    )
    if found is None or (found["hundreds"] and found["ones"] and not found["ten"]):
        return None
    tens = digits.get(found["tens"] or "一", 1) * 10 if found["ten"] else 0
    return digits.get(found["hundreds"] or "", 0) * 100 + tens + digits.get(found["ones"] or "", 0)


def _renamed(words: str) -> tuple[str | None, str]:
    """The name until now, where a new one is given, and the rest."""
    parts = RENAMES.split(words, maxsplit=1)
    return (parts[0].strip(), parts[1].strip()) if len(parts) == 2 else (None, words)


def _short(words: str) -> str:
    return words if len(words) <= LONGEST_NAME else words[: LONGEST_NAME - 1] + "…"


def lines_of(positions: Iterable[PositionDraft]) -> str:
    """As they are typed: 引导 4, one a line."""
    return "\n".join(f"{one.name} {one.capacity}" for one in positions)


def rename_fault(positions: Collection[PositionDraft], standing: Collection[str]) -> str | None:
    """Why the new names can not be given to those that stand; `standing`: the names until now."""
    kept = {one.was or one.name for one in positions}
    for one in positions:
        if one.was is None:
            continue
        if one.was not in standing:
            return f"没有叫“{one.was}”的岗位，改不了名。请写“旧名→新名 {one.capacity}”"
        if one.name in standing and one.name in kept:
            return f"“{one.name}”这个名字还有别的岗位在用，请换一个"
        if sum(other.was == one.was or (other.was is None and other.name == one.was) for other in positions) > 1:
            return f"“{one.was}”写了两次，留一行就行"
    return None
