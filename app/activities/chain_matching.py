"""Who is meant by each line of a 接龙: one person surely, a question to the organiser, or nobody. Pure.

Only people within the organiser's reach are known here; whoever else there may be, the answer is the same: not found.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from app.activities.chain_lines import Known, Line, LineKind, place_of, reconsidered, unnamed
from app.activities.chain_rules import DOT, Entry
from app.activities.chain_words import GAP, HAN, Told, Turn, heading, section, told


@dataclass
class _Seen:
    """Persons that an earlier line already stands for → that line, and those whom an earlier one asks about."""

    lines: dict[int, Entry] = field(default_factory=dict)
    asked: dict[int, Entry] = field(default_factory=dict)


@dataclass(frozen=True)
class _Found:
    """A name of the line that somebody has. `begin`: where in the line; `people`: everybody of that name within reach."""

    begin: int
    name: str
    people: list[Known]


NO_NAME = "没看到姓名"
NOT_FOUND = "没找到这位"
NOT_ONE = "前面没有编号，没当成人名"
TITLE = "像是标题，没当成人名"
HEADING = "当作下面几行的班次"
SECTION = "当作下面几行的小标题"
ASK_TITLE = "写的是称呼，看不出是哪位，请改成全名"


def wanted(entries: Iterable[Entry]) -> tuple[frozenset[str], frozenset[str]]:
    """The names to look up, and those that stand beside digits of a phone."""
    names, told = set(), set()
    for entry in entries:
        found = {*entry.names, *entry.near}
        names |= found
        if entry.tail:
            told |= found
    return frozenset(names), frozenset(told)


@dataclass
class _Reader:
    """Goes through the lines once. `chosen` and `others`: the shift that is signed up for, and those that are not."""

    by_name: Mapping[str, list[Known]]
    chosen: Turn | None
    others: tuple[Turn, ...]
    positions: tuple[str, ...]
    seen: _Seen = field(default_factory=_Seen)
    own: str = ""  # the heading of the chosen shift, where the text has one
    below: str = ""  # the shift whose heading holds
    section: str = ""  # what else stands above: 请假
    people: bool = False  # somebody was named before

    def lines(self, entry: Entry) -> Iterator[Line]:
        turns = [*([self.chosen] if self.chosen else []), *self.others]
        if not entry.note and entry.number is None and (word := heading(entry.said, turns)):
            self.below, self.section = word, ""
            yield unnamed(entry, LineKind.NOTE, HEADING)
            return
        found, left = ([], "") if entry.note else _find(entry, self.by_name)
        if not found:
            said = section(entry.said, after_people=self.people) if entry.number is None and not entry.note and not entry.crossed else None
            self.section = self.section if said is None else said
            yield _unread(entry) if said is None else unnamed(entry, LineKind.NOTE, SECTION)
            return
        self.people = True
        what = told(left, self.chosen, self.others, self.positions)
        elsewhere = self._elsewhere()
        if elsewhere:
            for index, one in enumerate(found):
                yield Line(f"{entry.key}-{index}", entry, LineKind.OTHER, tuple(one.people), f"写在“{self.below}”下面", elsewhere)
            return
        doubts = [*self._headed(), *_doubts(entry, what, several=len(found) > 1)]
        for index, one in enumerate(found):
            line = _line(f"{entry.key}-{index}", entry, one.people, doubts, self.seen)
            also = "".join(f"；写了“{word}”" for word, _ in what.others) if line.kind is LineKind.TWICE else ""
            yield replace(line, why=line.why + also, remark="" if entry.hedged else "、".join(what.rest))

    def _elsewhere(self) -> Turn | None:
        """The other shift whose heading stands above; None below one of the chosen shift, or one that could be either."""
        if not self.below or (self.chosen and self.below in self.chosen.words):
            return None
        return next((turn for turn in self.others if self.below in turn.words), None)

    def _headed(self) -> list[str]:
        """Doubts from above. Where the chosen shift has a heading, who stands above all headings is not surely of it."""
        fits = self.chosen is not None and self.below in self.chosen.words if self.below else not self.own
        above = [] if fits else [f"写在“{self.below}”下面" if self.below else f"不在“{self.own}”下面"]
        return [*above, *([f"写在“{self.section}”下面"] if self.section else [])]


def match(
    entries: Iterable[Entry],
    known: Iterable[Known],
    chosen: Turn | None = None,
    others: Iterable[Turn] = (),
    positions: Iterable[str] = (),
) -> tuple[Line, ...]:
    """One line for each name that is meant, and one for each line that names nobody, in the order of the text.

    A line is sure where nothing but the name and what is known to be harmless stands in it.
    """
    by_name: dict[str, list[Known]] = {}
    for one in known:
        by_name.setdefault(one.name, []).append(one)
    entries = list(entries)
    own = (heading(entry.said, [chosen]) for entry in entries if chosen and entry.number is None)
    reader = _Reader(
        by_name, chosen, tuple(others), tuple(positions), own=next((word for word in own if chosen and word in chosen.words), "")
    )
    return reconsidered([line for entry in entries for line in reader.lines(entry)])


def _find(entry: Entry, by_name: Mapping[str, list[Known]]) -> tuple[list[_Found], str]:
    """Names that somebody within reach has, the longest first and none within another, and the words that are left.

    A part of something longer only where there is none; where a title would stand, only if nothing else is there.
    """
    left, found = entry.rest, []
    for name in sorted(entry.names, key=len, reverse=True):
        people = _reached(entry, by_name.get(name, []))
        if people and (place := _where(name, left)):
            left = left[: place.start()] + GAP * len(place[0]) + left[place.end() :]
            found.append(_Found(place.start(), name, people))
    if not found:
        for name in entry.near:
            people = _reached(entry, by_name.get(name, []))
            if people and (place := _where(name, left)):
                blanked = left[: place.start()] + GAP * len(place[0]) + left[place.end() :]
                if (entry.head or entry.loose) and told(blanked, None, ()).rest:
                    continue
                return [_Found(place.start(), name, people)], blanked
    return sorted(found, key=lambda one: one.begin), left


def _where(name: str, left: str) -> re.Match[str] | None:
    """By itself, or else within something longer. A name may be written with blanks."""
    written = re.escape(name) if DOT in name or name.isascii() else r" *".join(map(re.escape, name))
    return re.search(rf"(?<![{HAN}]){written}(?![{HAN}])", left) or re.search(written, left)


def _reached(entry: Entry, found: list[Known]) -> list[Known]:
    """Those near by, and others in scope whose phone ends as the line says; where digits fit anyone, only those they fit."""
    fits = [one for one in found if entry.tail and any(number.endswith(entry.tail) for number in one.numbers)]
    return fits or [one for one in found if one.near]


def _doubts(entry: Entry, what: Told, *, several: bool) -> list[str]:
    said = []
    if entry.away:
        said.append("像是说不来")
    elif entry.hedged:
        said.append("像是替别人报")
    if entry.loose:
        said.append("这一行前面没有编号")
    if several:
        said.append("这一行写了不止一个名字")
    said += [f"写了“{word}”，不是这一班" for word, _ in what.others]
    if what.rest and not entry.hedged:
        said.append(f"还写了“{'、'.join(what.rest)}”")
    return said


def _line(key: str, entry: Entry, found: list[Known], doubts: list[str], seen: _Seen) -> Line:
    if len(found) > 1:
        free = [one for one in found if one.id not in seen.lines]
        found = free or found
    if len(found) > 1:
        return Line(key, entry, LineKind.ASK, tuple(found), "，".join([f"有 {len(found)} 位同名的，选一位", *doubts]))
    one = found[0]
    if one.id in seen.lines:
        return Line(key, entry, LineKind.TWICE, (one,), f"和{place_of(seen.lines[one.id])}是同一位")
    if one.standing:
        seen.lines[one.id] = entry
        return Line(key, entry, LineKind.STANDS, (one,), one.standing)
    if entry.phone and one.numbers and not any(number.endswith(entry.tail) for number in one.numbers):
        doubts = [*doubts, "写的手机号和登记的对不上"]
    if not one.confirmed:
        doubts = [*doubts, "还没核实是谁"]
    doubts = [*doubts, *(words for words in (one.left, one.busy, one.barred) if words)]
    if doubts and one.id in seen.asked:
        return Line(key, entry, LineKind.TWICE, (one,), f"和{place_of(seen.asked[one.id])}是同一位")
    if doubts:
        seen.asked[one.id] = entry
        return Line(key, entry, LineKind.ASK, (one,), "；".join(doubts))
    seen.lines[one.id] = entry
    return Line(key, entry, LineKind.SURE, (one,))


def wish(entry: Entry, positions: Iterable[str]) -> str | None:
    """The one position that the line names; None where it names none or several. Of 引导 and 引导组 the longer."""
    found = [name for name in positions if len(name) > 1 and name in entry.said]
    whole = [name for name in found if not any(name != other and name in other for other in found)]
    return whole[0] if len(whole) == 1 else None


def _unread(entry: Entry) -> Line:
    if entry.note:
        return unnamed(entry, LineKind.NOTE, entry.note)
    if entry.head or entry.loose:
        return unnamed(entry, LineKind.NOTE, TITLE if entry.head else NOT_ONE)
    if entry.called:
        return unnamed(entry, LineKind.NOBODY, ASK_TITLE)
    return unnamed(entry, LineKind.NOBODY, NOT_FOUND if entry.names and not entry.crossed else NO_NAME)
