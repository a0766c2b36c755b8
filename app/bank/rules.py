"""Which line of the bank may be which request, and which only together. Pure; money is integer fen, what comes in above 0."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import combinations
from typing import Generic, TypeVar

from app.sheets.cells import folded

NEAR = 3  # days between the bank's day and the books'
LONGEST_KEPT = 7  # days that a preview is kept
MOST_PAIRS = 100  # confirmed at once
MOST_TOGETHER = 100  # lines, or requests, of one group
MOST_TRIED, MOST_PARTS = 12, 6  # among how many a sum is looked for, and of how many parts
MOST_NEAR, MOST_LOOKED_AT = 20, 500  # rows of one day, and rows for which others are looked for


@dataclass(frozen=True)
class LineSeen:
    """A line of a statement that is matched with nothing yet. `brought_by_id` is who brought the statement, as who they are now."""

    id: int
    booked_on: date
    fen: int
    party: str
    reference: str
    brought_by_id: int


@dataclass(frozen=True)
class Candidate:
    """A request that no line is matched with. `fen` as the bank would show it; `hands` are those who paid or noted it, as who
    they are now."""

    id: int
    fen: int
    day: date
    party: str
    reference: str
    hands: frozenset[int] = frozenset()


L = TypeVar("L", LineSeen, Candidate)


class Why(StrEnum):
    """What speaks for a pair, besides the amount."""

    REFERENCE = "reference"
    SAME_DAY = "same_day"
    NEAR_DAY = "near_day"
    PARTY = "party"


WHY_NAMES = {Why.REFERENCE: "流水号相同", Why.SAME_DAY: "同一天", Why.NEAR_DAY: "日子相近", Why.PARTY: "户名相同"}
WEIGHT = {Why.REFERENCE: 8, Why.PARTY: 4, Why.SAME_DAY: 2, Why.NEAR_DAY: 1}


@dataclass(frozen=True)
class Pair:
    line_id: int
    request_id: int
    why: tuple[Why, ...]
    sure: bool  # nothing else fits either of them as well

    @property
    def weight(self) -> int:
        return sum(WEIGHT[one] for one in self.why)


def digits(reference: str) -> str:
    """A bank's number as it is compared: without blanks, dashes and words around it."""
    return "".join(char for char in folded(reference).upper() if char.isascii() and char.isalnum())


def alike(one: str, other: str) -> bool:
    """Two spellings of one payee: one holds the other, four characters at least, or they are equal."""
    a, b = folded(one).replace(" ", ""), folded(other).replace(" ", "")
    shorter, longer = sorted((a, b), key=len)
    return bool(shorter) and (shorter == longer or (len(shorter) >= 4 and shorter in longer))


def speaks_for(line: LineSeen, asked: Candidate) -> tuple[Why, ...]:
    """Empty when they can not be the same: another amount, or neither the day nor the number fits."""
    if line.fen != asked.fen:
        return ()
    apart = abs((line.booked_on - asked.day).days)
    number = digits(line.reference)
    same = bool(number) and number == digits(asked.reference)
    if not same and apart > NEAR:
        return ()
    found = [Why.REFERENCE] if same else []
    if apart <= NEAR:
        found.append(Why.SAME_DAY if apart == 0 else Why.NEAR_DAY)
    if alike(line.party, asked.party):
        found.append(Why.PARTY)
    return tuple(found)


def suggest(lines: Iterable[LineSeen], candidates: Iterable[Candidate]) -> list[Pair]:
    """The best pairs first, each line and each request once. A pair is sure when no other is as good for either side."""
    by_fen: dict[int, list[Candidate]] = {}
    for asked in candidates:
        by_fen.setdefault(asked.fen, []).append(asked)
    found = [
        Pair(line.id, asked.id, why, False) for line in lines for asked in by_fen.get(line.fen, ()) if (why := speaks_for(line, asked))
    ]
    found.sort(key=lambda pair: (-pair.weight, pair.line_id, pair.request_id))
    of_line, of_request = _rivals(found, "line_id"), _rivals(found, "request_id")
    taken_lines: set[int] = set()
    taken_requests: set[int] = set()
    best = []
    for pair in found:
        if pair.line_id in taken_lines or pair.request_id in taken_requests:
            continue
        taken_lines.add(pair.line_id)
        taken_requests.add(pair.request_id)
        alone = of_line[pair.line_id, pair.weight] == 1 and of_request[pair.request_id, pair.weight] == 1
        best.append(Pair(pair.line_id, pair.request_id, pair.why, alone))
    return best


def _rivals(pairs: Iterable[Pair], side: str) -> Mapping[tuple[int, int], int]:
    """How many pairs of one weight there are for a line, or a request."""
    counted: dict[tuple[int, int], int] = {}
    for pair in pairs:
        key = getattr(pair, side), pair.weight
        counted[key] = counted.get(key, 0) + 1
    return counted


def hands_fault(line: LineSeen, asked: Candidate, by_id: int) -> str | None:
    """Why this person may not say that they are the same; the database holds it too."""
    if by_id in asked.hands:
        return "这一笔是您付的或您记的，要由另一位来对。"
    if line.brought_by_id in asked.hands:
        return "这份对账单是付款（记账）的人自己导入的，不能用来对他经手的这一笔。"
    return None


def group_fault(lines: Sequence[LineSeen], asked: Sequence[Candidate], by_id: int) -> str | None:
    """Why these lines are not those requests together, or not by this person's word; the database holds it too."""
    if not lines or not asked:
        return "两边都要勾：银行至少一行，账上至少一笔。"
    if len(lines) + len(asked) < 3 and lines[0].fen == asked[0].fen:
        return "一行对一笔的，直接在那一行里对，不用合起来。"
    if max(len(lines), len(asked)) > MOST_TOGETHER:
        return f"一边最多 {MOST_TOGETHER} 笔。"
    if len({one.fen > 0 for one in asked}) > 1:
        return "收的和付的不能合在一组里。"
    return next((fault for line in lines for one in asked if (fault := hands_fault(line, one, by_id))), None)


@dataclass(frozen=True)
class Together:
    """Lines and requests that come to the same, with a number or a name in common."""

    line_ids: tuple[int, ...]
    request_ids: tuple[int, ...]
    why: Why


class _Side(Generic[L]):
    """One side of the account, found by number and by day."""

    def __init__(self, rows: Iterable[L], day: Callable[[L], date]) -> None:
        self.numbers: dict[str, list[L]] = {}
        self.days: dict[date, list[L]] = {}
        for row in rows:
            self.days.setdefault(day(row), []).append(row)
            if number := digits(row.reference):
                self.numbers.setdefault(number, []).append(row)

    def parts(self, fen: int, reference: str, party: str, on: date, taken: Collection[int]) -> tuple[tuple[int, ...], Why | None]:
        """Those that make up `fen`: all with the same number, else the only some of the same name and days."""

        def fits(row: L) -> bool:
            return row.id not in taken and row.fen * fen > 0 and abs(row.fen) < abs(fen)

        numbered = [row for row in self.numbers.get(digits(reference), ()) if fits(row)]
        if numbered and sum(row.fen for row in numbered) == fen:
            return tuple(row.id for row in numbered), Why.REFERENCE
        near = [row for apart in range(-NEAR, NEAR + 1) for row in self.days.get(on + timedelta(apart), ())[:MOST_NEAR] if fits(row)]
        named = [row for row in near if alike(row.party, party)][:MOST_TRIED]
        ways = [some for many in range(2, MOST_PARTS + 1) for some in combinations(named, many) if sum(row.fen for row in some) == fen]
        return (tuple(row.id for row in ways[0]), Why.PARTY) if len(ways) == 1 else ((), None)


def suggest_groups(lines: Sequence[LineSeen], candidates: Sequence[Candidate], most: int = 20) -> list[Together]:
    """One line that is several requests, one request that is several lines; each once. Only what adds up in one way."""
    bank, books = _Side[LineSeen](lines, lambda line: line.booked_on), _Side[Candidate](candidates, lambda one: one.day)
    found: list[Together] = []
    used_lines: set[int] = set()
    used: set[int] = set()
    for line in lines[:MOST_LOOKED_AT]:
        parts, why = books.parts(line.fen, line.reference, line.party, line.booked_on, used)
        if parts and why and len(found) < most:
            found.append(Together((line.id,), parts, why))
            used_lines.add(line.id)
            used.update(parts)
    for one in candidates[:MOST_LOOKED_AT]:
        parts, why = bank.parts(one.fen, one.reference, one.party, one.day, used_lines) if one.id not in used else ((), None)
        if parts and why and len(found) < most:
            found.append(Together(parts, (one.id,), why))
            used_lines.update(parts)
            used.add(one.id)
    return found
