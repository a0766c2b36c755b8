"""Boards as they are read: one line per place, and the reader's own. Pure words and figures; no HTML."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.core.words import hours_number, minutes_words
from app.leaderboards.measures import (
    SCORE_UNITS,
    Board,
    Figure,
    Measure,
    Standing,
    Step,
    gap_words,
    score_words,
    share_of_best,
    step_up,
)
from app.leaderboards.rules import KIND_NAMES, PAGE, BoardKind, BoardRule, Choice, Own
from app.leaderboards.spans import span_name


@dataclass(frozen=True)
class Line:
    """`part` of `whole` is the bar; both are integers. No place: what `fine` says is why. `up`: what moves it one place up."""

    place: int | None
    shared: bool
    name: str
    fine: str
    honour: str
    score: str
    part: int
    whole: int
    unit: str = "小时"
    up: str = ""


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
    one, by = standing.figure, choice.by
    facts = [under] if under else []
    if choice.kind is not BoardKind.PERSON:
        facts.append(f"{one.heads:,} 人" + (f"·{one.took:,} 人参加" if by is Measure.RATE else ""))
    best = board.standings[0].figure if board.standings else one
    part, whole = share_of_best(one, best, by)
    honour = f"另有补录 {hours_number(one.honour)} 小时" if one.honour > 0 else ""
    return Line(standing.place, standing.shared, name, "·".join(facts), honour, score_words(one, by), part, whole, SCORE_UNITS[by])


def own_line(board: Board, choice: Choice, own: Own, held: BoardRule) -> Line | None:
    """The reader's own place, wherever it is on the board; None when this board has none for them."""
    if choice.kind is BoardKind.PERSON:
        return _own_person(board, choice, own)
    if own.unit_id is None:
        return None
    standing = board.of(own.unit_id)
    yours = f"您的{KIND_NAMES[choice.kind]}"
    if standing is None:
        return Line(None, False, own.unit_name, f"{yours}·{_why_none(board, choice, own.unit_id, held)}", "", "", 0, 1)
    line = _line(board, standing, choice, own.unit_name, "")
    better = board.next_better(standing)
    up = f"{step_words(step_up(standing.figure, better.figure, choice.by))}，就到第 {better.place} 名" if better else ""
    return replace(line, fine=yours, up=up)


def _why_none(board: Board, choice: Choice, unit_id: int, held: BoardRule) -> str:
    if unit_id in board.small:
        when = "这一期或前一期" if choice.by is Measure.GAIN else ""
        return f"{when}不到 {held.min_heads} 人，不列出，免得看出是谁的时长"
    if choice.by is Measure.MEDIAN:
        return "过半的人还没有扫码时长，中位数是 0"
    return f"{span_name(choice.span, choice.today)}还没有扫码时长"


def step_words(step: Step) -> str:
    """再有 3 人各服务 2 小时; 再有 2 位参加; 再有 4 位服务满 1 小时 30 分."""
    if step.fresh:
        return f"再有 {step.people:,} 位参加"
    if step.up_to:
        return f"再有 {step.people:,} 位服务满 {minutes_words(step.each)}"
    if step.people == 1:
        return f"再服务 {minutes_words(step.minutes)}"
    return f"再有 {step.people:,} 人各服务 {minutes_words(step.each)}"


def _own_person(board: Board, choice: Choice, own: Own) -> Line | None:
    if choice.community_id not in (None, own.community_id):
        return None
    seen = _seen(choice, own)
    honour = f"另有补录 {hours_number(own.honour)} 小时" if own.honour > 0 else ""
    if own.minutes <= 0:
        return Line(None, False, "您", f"{span_name(choice.span, choice.today)}还没有扫码时长", honour, "", 0, 1)
    place = board.place_for(own.minutes)
    figure = Figure(0, own.minutes, own.honour)
    equal = [one for one in board.standings[place - 1 : place + 1] if one.figure.minutes == own.minutes]
    standing = Standing(place, len(equal) > (1 if own.listed else 0), figure)
    better = board.next_better(standing)
    gap = f"差第 {better.place} 名 {gap_words(figure, better.figure)}" if better else ""
    line = _line(board, standing, choice, f"您第 {place} 名", "")
    return replace(line, fine="·".join(part for part in (seen, gap) if part))


def _seen(choice: Choice, own: Own) -> str:
    """Who sees the reader's own line, and why."""
    if own.listed:
        return "名字打码，大家看得见" if own.public else "您收回了同意，榜上写“已隐去”"
    if own.public and choice.settled_on:
        return "定榜以后才同意公开，这一期不列出，只有您看得见"
    return "还没有公开，只有您看得见"
