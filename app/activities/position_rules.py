"""岗位 of a shift: what an organiser types, one a line, becomes positions with seats of their own. Pure."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

MOST = 12
LONGEST_NAME = 12
MOST_SEATS = 20_000
LINE = re.compile(r"(?P<name>.*?)[\s:：xX×*＊=＝\-—.·]*(?P<number>\d+)\s*[人个名位]?")
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
        for words in BETWEEN.split(line):
            if words.strip():
                yield number, words.strip()


def _read(number: int, words: str) -> PositionDraft | str:
    """The position of one line, or what is wrong with it."""
    found = LINE.fullmatch(words)
    if found is None:
        return f"第 {number} 行：“{_short(words)}”要几个人？请在后面写个数字，比如“{_short(words)} 2”"
    was, name = _names(found["name"].strip())
    if not name:
        return f"第 {number} 行只有数字，请写上岗位的名字"
    if len(name) > LONGEST_NAME:
        return f"第 {number} 行：岗位的名字最多 {LONGEST_NAME} 个字，“{_short(name)}”是 {len(name)} 个字"
    seats = int(found["number"][:9])
    if seats < 1:
        return f"第 {number} 行：“{name}”至少要 1 个人，不要这个岗位就删掉这一行"
    if seats > MOST_SEATS:
        return f"第 {number} 行：“{name}”最多 {MOST_SEATS} 人"
    return PositionDraft(name, seats, was)


def _names(words: str) -> tuple[str | None, str]:
    parts = RENAMES.split(words, maxsplit=1)
    return (parts[0], parts[1]) if len(parts) == 2 and parts[0] != parts[1] else (None, parts[-1])


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
