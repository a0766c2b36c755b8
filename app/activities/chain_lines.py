"""The lines of a 接龙 as they are shown: what each comes to, and what a later one takes back of an earlier. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from app.activities.chain_rules import Entry
from app.activities.chain_words import Turn

TO_LEAVE = "要退的，请本人退出，或在报名名单里请他退出"


class LineKind(StrEnum):
    SURE = "sure"  # ticked beforehand
    ASK = "ask"  # the organiser says yes, or which one
    STANDS = "stands"  # signed up before
    TWICE = "twice"  # the same person in an earlier line
    NOBODY = "nobody"
    OTHER = "other"  # stands below the heading of another shift
    NOTE = "note"  # not taken for a person: a title, a heading, an example, a remark


@dataclass(frozen=True)
class Known:
    """Somebody within reach. `near`: by this activity's units or earlier sign-ups; the others only with digits of their phone.

    `where` and `digits` are what the organiser may see, to tell two of one name apart. `barred`: why they may not join, `left`:
    that they withdrew from this shift, `standing`: how their sign-up stands, `busy`: what else they hold at that time or on that day; all
    in words, empty where there is nothing.
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
    busy: str = ""


@dataclass(frozen=True)
class Line:
    """What a line comes to. `key` names it in the form; `which`: one of several of a name; `why` in words for the organiser.

    `turn`: the other shift that it belongs to; `remark`: words of the line that nobody knows.
    """

    key: str
    entry: Entry
    kind: LineKind
    options: tuple[Known, ...] = ()
    why: str = ""
    turn: Turn | None = None
    remark: str = ""

    @property
    def which(self) -> bool:
        return len(self.options) > 1

    def picked(self, value: str) -> Known | None:
        """The option that the form sent back; None for anything else."""
        return next((one for one in self.options if str(one.id) == value), None)


def unnamed(entry: Entry, kind: LineKind, why: str) -> Line:
    """A line that stands for nobody."""
    return Line(f"{entry.key}-0", entry, kind, (), why)


def place_of(entry: Entry) -> str:
    return f"第 {entry.number} 条" if entry.number is not None else f"第 {entry.place} 行"


def reconsidered(lines: list[Line]) -> tuple[Line, ...]:
    """What a later line takes back: who is sure or stands in one line, while another says that they do not come, is told so."""
    away = {
        line.options[0].id: line.entry for line in lines if line.entry.away and len(line.options) == 1 and line.kind is not LineKind.OTHER
    }
    more = {line.options[0].id: line for line in lines if line.kind is LineKind.TWICE and line.remark}
    crossed = {number: line.entry for line in lines if not line.options for number in line.entry.crossed}
    taken_back = {line.entry.number for line in lines if line.options and line.kind is not LineKind.OTHER}
    return tuple(_taken_back(_remarked(line, more), away, crossed, taken_back) for line in lines)


def _remarked(line: Line, more: Mapping[int, Line]) -> Line:
    """Who is sure in one line and has a remark beside the name in another is asked about."""
    other = more.get(line.options[0].id) if line.kind is LineKind.SURE else None
    return replace(line, kind=LineKind.ASK, why=f"{place_of(other.entry)}还写了“{other.remark}”") if other else line


def _taken_back(line: Line, away: Mapping[int, Entry], crossed: Mapping[int, Entry], numbers: set[int | None]) -> Line:
    if not line.options:
        if met := [number for number in line.entry.crossed if number in numbers]:
            return replace(line, kind=LineKind.NOTE, why=f"记在第 {'、'.join(map(str, met))} 条那里了")
        return line
    if line.kind not in (LineKind.SURE, LineKind.ASK, LineKind.STANDS):
        return line
    later = crossed.get(line.entry.number) if line.entry.number is not None else None
    other = away.get(line.options[0].id) if not line.which else None
    said = ""
    if later and (later.place, later.part) > (line.entry.place, line.entry.part):
        said = f"后面写着“{later.said if later.number is None else f'{later.number} {later.said}'}”，退出了？"
    elif other and other is not line.entry:
        said = f"{place_of(other)}像是说这位不来"
    if line.kind is LineKind.STANDS:
        return replace(line, why=f"{line.why}。{said or '这里像是说不来'}。{TO_LEAVE}") if said or other else line
    return replace(line, kind=LineKind.ASK, why="；".join(filter(None, (said, line.why)))) if said else line
