"""Who is meant by each line of a 接龙: one person surely, a question to the organiser, or nobody. Pure.

Only people within the organiser's reach are known here; whoever else there may be, the answer is the same: not found.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from app.activities.chain_rules import Entry


class LineKind(StrEnum):
    SURE = "sure"  # ticked beforehand
    ASK = "ask"  # the organiser says yes, or which one
    STANDS = "stands"  # signed up before
    TWICE = "twice"  # the same person in an earlier line
    NOBODY = "nobody"


@dataclass(frozen=True)
class Known:
    """Somebody within reach. `near`: by this activity's units or earlier sign-ups; the others only with digits of their phone.

    `where` and `digits` are what the organiser may see, to tell two of one name apart. `barred`: why they may not join, `left`:
    that they withdrew from this shift, `standing`: how their sign-up stands; all in words, empty where there is nothing.
    """

    id: int
    name: str
    numbers: tuple[str, ...] = ()
    near: bool = True
    confirmed: bool = True
    where: str = ""
    digits: str = ""
    barred: str = ""
    left: str = ""
    standing: str = ""


@dataclass(frozen=True)
class Line:
    """What a line comes to. `key` names it in the form; `which`: one of several of a name; `why` in words for the organiser."""

    key: str
    entry: Entry
    kind: LineKind
    options: tuple[Known, ...] = ()
    why: str = ""

    @property
    def which(self) -> bool:
        return len(self.options) > 1

    def picked(self, value: str) -> Known | None:
        """The option that the form sent back; None for anything else."""
        return next((one for one in self.options if str(one.id) == value), None)


@dataclass
class _Seen:
    """Persons that an earlier line already stands for → that line, and those whom an earlier one asks about."""

    lines: dict[int, Entry] = field(default_factory=dict)
    asked: dict[int, Entry] = field(default_factory=dict)


NO_NAME = "没看到姓名"
NOT_FOUND = "没找到这位。没登记过的，请他自己扫码报名"
NOT_ONE = "前面没有编号，没当作报名"
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


def match(entries: Iterable[Entry], known: Iterable[Known], other_shifts: Iterable[str] = ()) -> tuple[Line, ...]:
    """One line for each name that is meant, in the order of the text. `other_shifts`: names of shifts that are not the chosen one."""
    by_name: dict[str, list[Known]] = {}
    for one in known:
        by_name.setdefault(one.name, []).append(one)
    seen, elsewhere = _Seen(), tuple(other_shifts)
    return _reconsidered([line for entry in entries for line in _lines(entry, by_name, seen, elsewhere)])


def _reconsidered(lines: list[Line]) -> tuple[Line, ...]:
    """Who is sure in one line, while another says that they do not come, is asked about."""
    away = {line.options[0].id: line.entry for line in lines if line.entry.away and len(line.options) == 1}
    return tuple(
        replace(line, kind=LineKind.ASK, why=f"{_place(away[line.options[0].id])}像是说这位不来")
        if line.kind is LineKind.SURE and line.options[0].id in away
        else line
        for line in lines
    )


def _place(entry: Entry) -> str:
    return f"第 {entry.number} 条" if entry.number else f"第 {entry.place} 行"


def _lines(entry: Entry, by_name: Mapping[str, list[Known]], seen: _Seen, elsewhere: tuple[str, ...]) -> Iterator[Line]:
    named = [(name, found) for name in entry.names if (found := _reached(entry, by_name.get(name, [])))]
    guessed = not named
    if guessed:
        named = [(name, found) for name in entry.near if (found := _reached(entry, by_name.get(name, [])))][:1]
    if not named:
        yield Line(f"{entry.place}-0", entry, LineKind.NOBODY, (), _nobody(entry))
        return
    doubts = _doubts(entry, several=len(named) > 1, elsewhere=elsewhere)
    for index, (name, found) in enumerate(named):
        guess = [f"写的不只是“{name}”，是这位吗"] if guessed else []
        yield _line(f"{entry.place}-{index}", entry, found, [*guess, *doubts], seen)


def _reached(entry: Entry, found: list[Known]) -> list[Known]:
    """Those near by, and others in scope whose phone ends as the line says; where digits fit anyone, only those they fit."""
    fits = [one for one in found if entry.tail and any(number.endswith(entry.tail) for number in one.numbers)]
    return fits or [one for one in found if one.near]


def _doubts(entry: Entry, *, several: bool, elsewhere: tuple[str, ...]) -> list[str]:
    said = []
    if entry.hedged:
        said.append("这一行像是说不来，或替别人报")
    if entry.loose:
        said.append("这一行前面没有编号")
    if several:
        said.append("这一行写了不止一个名字")
    shift = next((name for name in elsewhere if len(name) > 1 and name in entry.said), "")
    if shift:
        said.append(f"写了“{shift}”，不是这一班")
    return said


def _line(key: str, entry: Entry, found: list[Known], doubts: list[str], seen: _Seen) -> Line:
    if len(found) > 1:
        free = [one for one in found if one.id not in seen.lines]
        found = free or found
    if len(found) > 1:
        return Line(key, entry, LineKind.ASK, tuple(found), "，".join([f"有 {len(found)} 位同名的，选一位", *doubts]))
    one = found[0]
    if one.id in seen.lines:
        return Line(key, entry, LineKind.TWICE, (one,), f"和{_place(seen.lines[one.id])}是同一位")
    if one.standing:
        seen.lines[one.id] = entry
        return Line(key, entry, LineKind.STANDS, (one,), one.standing)
    if entry.phone and one.numbers and not any(number.endswith(entry.tail) for number in one.numbers):
        doubts = [*doubts, "写的手机号和登记的对不上"]
    if not one.confirmed:
        doubts = [*doubts, "还没核实是谁"]
    doubts = [*doubts, *(words for words in (one.left, one.barred) if words)]
    if doubts and one.id in seen.asked:
        return Line(key, entry, LineKind.TWICE, (one,), f"和{_place(seen.asked[one.id])}是同一位")
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


def _nobody(entry: Entry) -> str:
    if entry.loose:
        return NOT_ONE
    if entry.called:
        return ASK_TITLE
    return NOT_FOUND if entry.names or entry.near else NO_NAME
