"""Boards as they are read: one line per place, and the reader's own. Pure words and figures; no HTML."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.core.words import hours_number
from app.hours.rules import PeriodKind
from app.leaderboards.rules import (
    KIND_NAMES,
    MIN_HEADS,
    PAGE,
    THIS_PERIOD,
    Board,
    BoardKind,
    Choice,
    Figure,
    Measure,
    Own,
    Standing,
    gap_words,
    score_words,
)


@dataclass(frozen=True)
class Line:
    """`part` of `whole` is the bar; both are integers. No place: what `fine` says is why."""

    place: int | None
    shared: bool
    name: str
    fine: str
    honour: str
    score: str
    part: int
    whole: int


def span_words(choice: Choice) -> str:
    """10月1日至今; 2026年7月1日至9月30日; 全部时间."""
    if choice.period.kind is PeriodKind.ALL:
        return "从开始到现在"
    first, last = choice.period.first, choice.period.last
    if choice.is_open:
        return f"{first.month}月{first.day}日至今"
    return f"{first.year}年{first.month}月{first.day}日至{last.month}月{last.day}日"


def period_name(choice: Choice) -> str:
    """本季, or 2026年第三季度 once it is over."""
    first = choice.period.first
    if choice.is_open:
        return THIS_PERIOD[choice.period.kind]
    words = {
        PeriodKind.MONTH: f"{first.year}年{first.month}月",
        PeriodKind.QUARTER: f"{first.year}年第{'一二三四'[first.month // 3]}季度",
        PeriodKind.YEAR: f"{first.year}年",
    }
    return words[choice.period.kind]


def pages(board: Board) -> int:
    return max(1, -(-len(board.standings) // PAGE))


def shown(board: Board, page: int) -> tuple[Standing, ...]:
    """The standings of a page; of the last one when there are not so many."""
    page = min(page, pages(board))
    return board.standings[(page - 1) * PAGE : page * PAGE]


def lines(board: Board, choice: Choice, names: Mapping[int, tuple[str, str]]) -> tuple[Line, ...]:
    """The lines of the page. `names` gives masked name and community of persons; units carry their own."""
    return tuple(
        _line(board, one, choice, *names.get(one.figure.id, (one.figure.name, one.figure.under))) for one in shown(board, choice.page)
    )


def _line(board: Board, standing: Standing, choice: Choice, name: str, under: str) -> Line:
    one = standing.figure
    facts = [under] if under else []
    if choice.kind is not BoardKind.PERSON:
        facts.append(f"{one.heads:,} 人")
    part, whole = _share(one, board, choice.by)
    return Line(standing.place, standing.shared, name, "·".join(facts), _honour(one.honour), score_words(one, choice.by), part, whole)


def _honour(minutes: int) -> str:
    return f"另有补录 {hours_number(minutes)} 小时" if minutes > 0 else ""


def _share(one: Figure, board: Board, by: Measure) -> tuple[int, int]:
    best = board.standings[0].figure if board.standings else one
    return (one.minutes, best.minutes) if by is Measure.TOTAL else (one.minutes * best.heads, best.minutes * one.heads)


def own_line(board: Board, choice: Choice, own: Own) -> Line | None:
    """The reader's own place, wherever it is on the board; None when this board has none for them."""
    if choice.kind is BoardKind.PERSON:
        return _own_person(board, choice, own)
    if own.unit_id is None:
        return None
    standing = board.of(own.unit_id)
    yours = f"您的{KIND_NAMES[choice.kind]}"
    if standing is None:
        why = f"不到 {MIN_HEADS} 人，不参加人均排行" if own.unit_id in board.small else f"{period_name(choice)}还没有扫码时长"
        return Line(None, False, own.unit_name, f"{yours}·{why}", "", "", 0, 1)
    line = _line(board, standing, choice, own.unit_name, "")
    return _with_gap(line, yours, standing, board, choice)


def _own_person(board: Board, choice: Choice, own: Own) -> Line | None:
    if choice.community_id not in (None, own.community_id):
        return None
    seen = _seen(choice, own)
    if own.minutes <= 0:
        return Line(None, False, "您", f"{period_name(choice)}还没有扫码时长", _honour(own.honour), "", 0, 1)
    place = board.place_for(own.minutes)
    figure = Figure(0, own.minutes, own.honour)
    equal = [one for one in board.standings[place - 1 : place + 1] if one.figure.minutes == own.minutes]
    standing = Standing(place, len(equal) > (1 if own.listed else 0), figure)
    return _with_gap(_line(board, standing, choice, f"您第 {place} 名", ""), seen, standing, board, choice)


def _seen(choice: Choice, own: Own) -> str:
    """Who sees the reader's own line, and why."""
    if own.listed:
        return "名字打码，大家看得见" if own.public else "您收回了同意，榜上写“已隐去”"
    if own.public and choice.settled_on:
        return "定榜以后才同意公开，这一期不列出，只有您看得见"
    return "还没有公开，只有您看得见"


def _with_gap(line: Line, whose: str, standing: Standing, board: Board, choice: Choice) -> Line:
    better = board.next_better(standing)
    gap = f"差第 {better.place} 名 {gap_words(standing.figure, better.figure, choice.by)}" if better else ""
    fine = "·".join(part for part in (whose, gap) if part)
    return Line(line.place, line.shared, line.name, fine, line.honour, line.score, line.part, line.whole)
