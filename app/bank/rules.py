"""Which line of the bank may be which request, and why the books and the bank differ. Pure; money is integer fen, what comes in above 0."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.sheets.cells import folded

NEAR = 3  # days between the bank's day and the books'
LONGEST_KEPT = 7  # days that a preview is kept
MOST_PAIRS = 100  # confirmed at once


@dataclass(frozen=True)
class LineSeen:
    """A line of a statement that is matched with nothing yet. `brought_by_id` is who brought the statement."""

    id: int
    booked_on: date
    fen: int
    party: str
    reference: str
    brought_by_id: int


@dataclass(frozen=True)
class Candidate:
    """A request that no line is matched with. `fen` as the bank would show it; `hands` are those who paid or noted it."""

    id: int
    fen: int
    day: date
    party: str
    reference: str
    hands: frozenset[int] = frozenset()


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


class ItemKind(StrEnum):
    """Why a line or an entry makes the two balances differ."""

    BEGINNING = "beginning"  # what the books and the bank began with
    BANK_IN = "bank_in"
    BANK_OUT = "bank_out"
    BOOK_IN = "book_in"
    BOOK_OUT = "book_out"
    ASIDE = "aside"
    OTHER = "other"  # not the fund's money, through the fund's account


@dataclass(frozen=True)
class Item:
    """`fen` is what it adds to the books' balance less the bank's."""

    kind: ItemKind
    day: date | None
    words: str
    fen: int
    line_id: int | None = None
    request_id: int | None = None


@dataclass(frozen=True)
class BankRow:
    """A line up to the day. `request_id` is the live match; `aside` the reason it was set aside for."""

    id: int
    day: date
    fen: int
    words: str
    request_id: int | None
    aside: str | None


@dataclass(frozen=True)
class BookRow:
    """What a request adds to the books up to the day, its reversal included; of other money 0."""

    request_id: int
    day: date
    fen: int
    words: str


@dataclass(frozen=True)
class Balance:
    """余额调节表 of a day: the two balances, and what lies between them, item by item."""

    on: date
    book: int
    bank: int
    items: tuple[Item, ...]

    def of(self, *kinds: ItemKind) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.kind in kinds)

    def sum_of(self, *kinds: ItemKind) -> int:
        return sum(item.fen for item in self.of(*kinds))

    @property
    def unexplained(self) -> int:
        """0 unless a row is missing; the page says so loudly."""
        return self.book - self.bank - sum(item.fen for item in self.items)

    @property
    def adjusted(self) -> int:
        """What both sides come to once each knows what the other does."""
        return self.bank + self.sum_of(ItemKind.BOOK_IN, ItemKind.BOOK_OUT)


def explain(on: date, book: int, bank: int, beginning: int, lines: Sequence[BankRow], entries: Sequence[BookRow]) -> Balance:
    """`beginning` is the books' balance before the first statement less the bank's opening one; `lines` and `entries` are from there on."""
    booked = {row.request_id: row for row in entries}
    items = [Item(ItemKind.BEGINNING, None, "开始对账以前，账上与银行的差", beginning)] if beginning else []
    met: set[int] = set()
    for line in lines:
        entry = booked.get(line.request_id) if line.request_id is not None else None
        if entry is not None:
            met.add(entry.request_id)
            if entry.fen != line.fen:
                items.append(
                    Item(ItemKind.OTHER, line.day, f"{line.words}（不属基金的钱）", entry.fen - line.fen, line.id, entry.request_id)
                )
            continue
        kind = ItemKind.ASIDE if line.aside else ItemKind.BANK_IN if line.fen > 0 else ItemKind.BANK_OUT
        items.append(Item(kind, line.day, f"{line.words}：{line.aside}" if line.aside else line.words, -line.fen, line.id, line.request_id))
    items.extend(
        Item(ItemKind.BOOK_IN if row.fen > 0 else ItemKind.BOOK_OUT, row.day, row.words, row.fen, request_id=row.request_id)
        for row in entries
        if row.fen and row.request_id not in met
    )
    return Balance(on, book, bank, tuple(items))
