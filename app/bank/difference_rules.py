"""余额调节表: why the books and the bank differ on a day. Pure; money is integer fen, what comes in above 0."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class ItemKind(StrEnum):
    """Why a line or an entry makes the two balances differ."""

    BEGINNING = "beginning"  # what the books and the bank began with
    BANK_IN = "bank_in"
    BANK_OUT = "bank_out"
    BOOK_IN = "book_in"
    BOOK_OUT = "book_out"
    ASIDE = "aside"
    OTHER = "other"  # not the fund's money, through the fund's account


BOOKED = (ItemKind.BOOK_IN, ItemKind.BOOK_OUT)


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
    """A line up to the day. `request_id` is the live match, `group_id` the live group; `aside` the reason it was set aside for."""

    id: int
    day: date
    fen: int
    words: str
    request_id: int | None
    aside: str | None
    group_id: int | None = None


@dataclass(frozen=True)
class BookRow:
    """What a request adds to the books up to the day, its reversal included; of other money 0.

    `asked` is what the bank shows of it, whosever money it is.
    """

    request_id: int
    day: date
    fen: int
    words: str
    group_id: int | None = None
    asked: int = 0


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
        """What the bank comes to once it knows what the books do."""
        return self.bank + self.sum_of(*BOOKED)

    @property
    def adjusted_book(self) -> int:
        """What the books come to once they know what the bank does; the same, unless a row is missing."""
        return self.book - sum(item.fen for item in self.items if item.kind not in BOOKED)


def explain(
    on: date,
    book: int,
    bank: int,
    beginning: int,
    lines: Sequence[BankRow],
    entries: Sequence[BookRow],
    whole: Mapping[int, int] | None = None,
) -> Balance:
    """`beginning` is the books' balance before the first statement less the bank's opening one; `lines` and `entries` are from there on.

    `whole`: of each group, how many lines it has, whenever they were.
    """
    booked = {row.request_id: row for row in entries}
    items = [Item(ItemKind.BEGINNING, None, "开始对账以前，账上与银行的差", beginning)] if beginning else []
    both = {row.group_id for row in lines} & {row.group_id for row in entries} - {None}
    met: set[int] = set()
    for line in lines:
        entry = booked.get(line.request_id) if line.request_id is not None else None
        if entry is not None:
            met.add(entry.request_id)
            if entry.fen != line.fen:
                items.append(
                    Item(ItemKind.OTHER, line.day, f"{line.words}（不属基金的钱）", entry.fen - line.fen, line.id, entry.request_id)
                )
        elif line.group_id not in both:
            kind = ItemKind.ASIDE if line.aside else ItemKind.BANK_IN if line.fen > 0 else ItemKind.BANK_OUT
            items.append(
                Item(kind, line.day, f"{line.words}：{line.aside}" if line.aside else line.words, -line.fen, line.id, line.request_id)
            )
    items.extend(
        Item(ItemKind.BOOK_IN if row.fen > 0 else ItemKind.BOOK_OUT, row.day, row.words, row.fen, request_id=row.request_id)
        for row in entries
        if row.fen and row.request_id not in met and row.group_id not in both
    )
    grouped: dict[int, tuple[list[BankRow], list[BookRow]]] = {one: ([], []) for one in both if one is not None}
    for line in lines:
        if line.group_id in grouped:
            grouped[line.group_id][0].append(line)
    for row in entries:
        if row.group_id in grouped:
            grouped[row.group_id][1].append(row)
    for group_id, (some, others) in sorted(grouped.items()):
        items.extend(_of_group(some, others, complete=len(some) >= (whole or {}).get(group_id, 0)))
    return Balance(on, book, bank, tuple(items))


def _of_group(lines: Sequence[BankRow], entries: Sequence[BookRow], *, complete: bool) -> Iterator[Item]:
    """Between lines and entries that belong together: other people's money, and what one side does only after the day.

    `complete`: no line of the group is still to come, so what is missing is missing in the books.
    """
    line, entry = lines[0], entries[0]
    words = f"{entry.words}，合起来的 {len(entries)} 笔" if len(entries) > 1 else f"{entry.words}，银行分 {len(lines)} 行"
    others = sum(row.fen - row.asked for row in entries)
    late = sum(row.asked for row in entries) - sum(row.fen for row in lines)
    if others:
        yield Item(ItemKind.OTHER, line.day, f"{words}（不属基金的钱）", others, line.id, entry.request_id)
    if late and complete:
        yield Item(
            ItemKind.BANK_IN if late < 0 else ItemKind.BANK_OUT, line.day, f"{words}，账上另有的在这天以后", late, line.id, entry.request_id
        )
    elif late:
        yield Item(
            ItemKind.BOOK_IN if late > 0 else ItemKind.BOOK_OUT,
            entry.day,
            f"{words}，银行另有的在这天以后",
            late,
            line.id,
            entry.request_id,
        )
