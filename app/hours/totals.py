"""Totals that are kept beside a ledger: proving that they agree with it, and making them anew.

All of it is set-wise SQL that runs alike on both engines. Nothing here is needed while the site works well: totals are
written in the transaction of their entries. `flask ledger verify` and `flask totals rebuild` call this.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import product
from secrets import randbelow
from typing import Any, cast

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnClause,
    ColumnElement,
    CompoundSelect,
    Date,
    Enum,
    FromClause,
    Select,
    String,
    Table,
    case,
    column,
    delete,
    func,
    insert,
    literal,
    select,
    union_all,
    values,
)
from sqlalchemy import cast as as_type

from app.core import clock
from app.core.db import Base, db, is_sqlite, writing
from app.hours.models import HourEntry, HourPersonTotal, HourUnitTotal
from app.hours.rules import CLASS_NAMES, KIND_NAMES, PERSON_PERIODS, UNIT_PERIODS, PeriodKind, period

QUARTERS = {f"{month:02d}": f"-Q{(month + 2) // 3}" for month in range(1, 13)}
LENGTHS = {PeriodKind.DAY: 10, PeriodKind.MONTH: 7, PeriodKind.YEAR: 4}
WEIGHT = 2**30  # times five kinds of period and what one owner may have in a hundred years stays below 2**63


def period_key(kind: PeriodKind, day: ColumnElement[date]) -> ColumnElement[str]:
    """`hours.rules.period(kind, day).key`, computed by the database."""
    return _key_in(kind, as_type(day, String) if is_sqlite() else func.to_char(day, "YYYY-MM-DD"))


def _key_in(kind: PeriodKind, text: ColumnElement[str]) -> ColumnElement[str]:
    """The same, from a key of the day or of its month."""
    if kind is PeriodKind.ALL:
        return literal("all")
    if kind is PeriodKind.QUARTER:
        return func.substr(text, 1, 4) + case(QUARTERS, value=func.substr(text, 6, 2))
    return func.substr(text, 1, LENGTHS[kind])


@dataclass(frozen=True)
class Disagreement:
    """`key` is the total's: owner, period and the rest. Figures are amount and number of entries."""

    key: dict[str, Any]
    ledger: tuple[int, int]
    kept: tuple[int, int]


@dataclass(frozen=True)
class Totals:
    """Which totals follow which ledger: `owner` is a column of `total` and the ledger's column that it follows.

    `kinds`: which periods are kept, the shortest first. `chunk` owners are made anew in one transaction; small enough to hold the
    write lock well under a second.
    """

    total: type[Base]
    entry: type[Base]
    owner: tuple[str, str]
    by: tuple[str, ...]
    amount: str
    kinds: tuple[PeriodKind, ...]
    chunk: int

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.owner[0], "period", *self.by)

    def disagreements(self) -> Iterator[Disagreement]:
        """One statement, hence one moment in time, also while the site is writing. A missing total counts as 0."""
        ledger = self._ledger().subquery()
        kept = cast(Table, self.total.__table__)
        zero = literal(0)
        sides = union_all(
            select(
                *(ledger.c[key] for key in self.keys),
                ledger.c.amount,
                ledger.c.entries.label("one"),
                zero.label("kept"),
                zero.label("kept_entries"),
            ),
            select(*(kept.c[key] for key in self.keys), zero, zero, kept.c[self.amount], kept.c.entries),
        ).subquery()
        sums = [func.sum(sides.c[name]) for name in ("amount", "one", "kept", "kept_entries")]
        keys = [sides.c[key] for key in self.keys]
        unequal = select(*keys, *sums).group_by(*keys).having((sums[0] != sums[2]) | (sums[1] != sums[3])).order_by(*keys)
        for row in db.session.execute(unequal):
            *key, amount, entries, kept_amount, kept_entries = row
            yield Disagreement(dict(zip(self.keys, key, strict=True)), (int(amount), int(entries)), (int(kept_amount), int(kept_entries)))

    def stale(self) -> list[list[int]]:
        """Owners whose totals disagree, ascending, in chunks for `rebuild`. One statement, hence one moment in time.

        By fingerprints, which is a tenth of the work of `disagreements`: every period and class gets weights drawn anew each time, and
        an owner's weighted sums of the ledger and of the totals are compared. Equal totals always agree; others do with a probability
        of one in a thousand million (R. Freivalds, 1977).
        """
        owners = sorted(set(db.session.scalars(self._unequal())))
        return [owners[start : start + self.chunk] for start in range(0, len(owners), self.chunk)]

    def _unequal(self) -> Select[int]:
        entry, kept = cast(Table, self.entry.__table__), cast(Table, self.total.__table__)
        classes = [name for name in self.by if isinstance(entry.c[name].type, Enum)]
        rest = [name for name in self.by if name not in classes]
        days, periods = self._weights(classes)
        day, owner = func.coalesce(entry.c.counted_on, entry.c.served_on), entry.c[self.owner[1]]
        each = (
            select(
                owner.label("owner"), *(entry.c[name] for name in rest), _weighed(entry.c[self.amount], literal(1), days, entry, classes)
            )
            .join_from(entry, days, days.c.key == day, isouter=True)
            .where(owner.is_not(None))
        )
        marked = (each.offset(0) if is_sqlite() else each).subquery()  # weighed first: only the sum is sorted, not all it is made of
        *by, weighed = marked.c
        ledger = select(*by, func.sum(weighed).label("mark")).group_by(*by)
        own = [kept.c[self.owner[0]], *(kept.c[name] for name in rest)]
        spans = periods.c.key == kept.c.period.concat("")  # so that it is the totals that are read in their order
        totals = (
            select(*own, -func.sum(_weighed(kept.c[self.amount], kept.c.entries, periods, kept, classes)))
            .join_from(kept, periods, spans, isouter=True)
            .group_by(*own)
        )
        sides = union_all(ledger, totals).subquery()
        marks = select(sides.c.owner).group_by(sides.c.owner, *(sides.c[name] for name in rest))
        return marks.having(func.sum(sides.c.mark) != 0)

    def _weights(self, classes: Sequence[str]) -> tuple[CTE, CTE]:
        """Random weights of an amount and of an entry, for each class: of periods, and of days as the sums of those of their periods."""
        entry = cast(Table, self.entry.__table__)
        of_class = len(_combinations(entry, classes)) * 2
        spans: dict[str, list[int]] = {}
        days = []
        first, last = self._days()
        for day in (first + timedelta(days=nth) for nth in range((last - first).days + 1)):
            its = [period(kind, day).key for kind in self.kinds]
            for key in its:
                if key not in spans:
                    spans[key] = [1 + randbelow(WEIGHT) for _ in range(of_class)]
            days.append((day, *(sum(column) for column in zip(*(spans[key] for key in its), strict=True))))
        told = [(key, *weights) for key, weights in spans.items()]
        return _table("of_day", Date(), days, of_class), _table("of_span", String(), told, of_class)

    def _days(self) -> tuple[date, date]:
        """The first and the last that the ledger knows, and today."""
        entry, today = cast(Table, self.entry.__table__), clock.today()
        known = [db.session.scalar(select(end(entry.c[day]))) for day in ("served_on", "counted_on") for end in (func.min, func.max)]
        days = [today, *(day for day in known if day is not None)]
        return min(days), max(days)

    def rebuild(self, owners: Sequence[int]) -> None:
        """Make the totals of these owners anew from the ledger, in the caller's transaction.

        Their rows are locked first: whoever adds an entry for one of them refers to that row, and so waits (PostgreSQL).
        """
        writing()
        kept = cast(Table, self.total.__table__)
        home = next(iter(kept.c[self.owner[0]].foreign_keys)).column
        db.session.execute(select(home).where(home.in_(owners)).order_by(home).with_for_update())
        db.session.execute(delete(kept).where(kept.c[self.owner[0]].in_(owners)))
        ledger = self._ledger(owners).subquery()
        anew = select(*(ledger.c[key] for key in self.keys), ledger.c.amount, ledger.c.entries)
        db.session.execute(insert(kept).from_select([*self.keys, self.amount, "entries"], anew))

    def _ledger(self, owners: Sequence[int] | None = None) -> CompoundSelect[Any]:
        """What the totals should be. The ledger is read once, for the shortest periods; the longer ones are sums of these."""
        entry: FromClause = self.entry.__table__
        owner = entry.c[self.owner[1]]
        shortest, *longer = self.kinds
        span = period_key(shortest, func.coalesce(entry.c.counted_on, entry.c.served_on))
        by = [entry.c[key] for key in self.by]
        fine = (
            select(
                owner.label(self.owner[0]),
                span.label("period"),
                *by,
                func.sum(entry.c[self.amount]).label("amount"),
                func.count().label("entries"),
            )
            .where(owner.is_not(None) if owners is None else owner.in_(owners))
            .group_by(owner, span, *by)
            .cte("fine")
        )
        return union_all(select(fine), *(self._longer(fine, kind) for kind in longer))

    def _longer(self, fine: CTE, kind: PeriodKind) -> Select[Any]:
        keys = [fine.c[self.owner[0]], _key_in(kind, fine.c.period), *(fine.c[key] for key in self.by)]
        return select(*keys, func.sum(fine.c.amount), func.sum(fine.c.entries)).group_by(*keys)


def _combinations(table: Table, classes: Sequence[str]) -> list[tuple[StrEnum, ...]]:
    """Every class that there can be."""
    return list(product(*(cast(type[StrEnum], cast(Enum, table.c[name].type).enum_class) for name in classes)))


def _weighed(
    amount: ColumnElement[int], entries: ColumnElement[int], weights: CTE, table: Table, classes: Sequence[str]
) -> ColumnElement[int]:
    """With the weights of the row's class; a period that no day belongs to has one of its own."""

    combinations = _combinations(table, classes)

    def branch(fixed: tuple[StrEnum, ...]) -> ColumnElement[int]:
        if len(fixed) == len(classes):
            place = 2 * combinations.index(fixed)
            return amount * weights.c[f"w{place}"] + entries * weights.c[f"w{place + 1}"]
        class_ = table.c[classes[len(fixed)]]
        *others, last = cast(type[StrEnum], cast(Enum, class_.type).enum_class)
        return case(*((class_ == one, branch((*fixed, one))) for one in others), else_=branch((*fixed, last)))

    return func.coalesce(branch(()), 1 + randbelow(WEIGHT))


def _table(name: str, key: Date | String, rows: Sequence[tuple[Any, ...]], weights: int) -> CTE:
    """Numbers that a statement brings along. PostgreSQL takes a day in quotes for a text, and a small number for a small type."""
    columns: list[ColumnClause[Any]] = [column("key", key), *(column(f"w{place}", BigInteger) for place in range(weights))]
    brought = values(*columns, literal_binds=True).data(rows).cte(f"{name}_brought")
    if is_sqlite():
        return brought
    return select(*(as_type(brought.c[one.name], one.type).label(one.name) for one in brought.c)).cte(name)


PERSON_TOTALS = Totals(HourPersonTotal, HourEntry, ("person_id", "person_id"), ("kind", "hour_class"), "minutes", PERSON_PERIODS, chunk=100)
UNIT_TOTALS = Totals(HourUnitTotal, HourEntry, ("unit_id", "home_unit_id"), ("kind", "hour_class"), "minutes", UNIT_PERIODS, chunk=5)
KEPT = (PERSON_TOTALS, UNIT_TOTALS)

MIRRORED = ("person_id", "home_unit_id", "organising_unit_id", "activity_id", "served_on", "hour_class", "kind")
SOURCE = ("source_kind", "source_id")


def unlike_reversals(entry: type[Base], amount: str, mirrored: tuple[str, ...]) -> list[tuple[int, int]]:
    """(reversal, reversed) where the one is not the exact opposite of the other, or reverses a reversal."""
    table = cast(Table, entry.__table__)
    original = table.alias("original")
    differs = (table.c[amount] != -original.c[amount]) | original.c.reverses_id.is_not(None)
    for name in (*mirrored, *SOURCE, "generation"):
        differs |= table.c[name].is_distinct_from(original.c[name])
    found = select(table.c.id, original.c.id).join(original, original.c.id == table.c.reverses_id).where(differs).order_by(table.c.id)
    return [(int(one), int(other)) for one, other in db.session.execute(found)]


def credited_twice(entry: type[Base], by: tuple[str, ...] = SOURCE) -> list[dict[str, Any]]:
    """Sources that stand in the ledger more than once: an earlier generation was never reversed."""
    table = cast(Table, entry.__table__)
    reversal = table.alias("reversal")
    keys = [table.c[name] for name in by]
    found = (
        select(*keys)
        .outerjoin(reversal, reversal.c.reverses_id == table.c.id)
        .where(table.c.reverses_id.is_(None), reversal.c.id.is_(None))
        .group_by(*keys)
        .having(func.count() > 1)
        .order_by(*keys)
    )
    return [dict(row) for row in db.session.execute(found).mappings()]


def disagreements() -> list[str]:
    """Everything in the ledger of hours that does not add up, in words for an operator. Ids only, no names."""
    faults = [f"个人时长：人员 {one.key['person_id']}，{_cell(one)}" for one in PERSON_TOTALS.disagreements()] + [
        f"单位时长：组织 {one.key['unit_id']}，{_cell(one)}" for one in UNIT_TOTALS.disagreements()
    ]
    faults += [
        f"时长流水 {one} 号：冲销的是 {other} 号，但两笔不是正好相反" for one, other in unlike_reversals(HourEntry, "minutes", MIRRORED)
    ]
    faults += [f"时长流水：来源 {row['source_kind'].value} {row['source_id']} 计了不止一次" for row in credited_twice(HourEntry)]
    return faults


def _cell(one: Disagreement) -> str:
    names = f"{one.key['period']}，{KIND_NAMES[one.key['kind']]}，{CLASS_NAMES[one.key['hour_class']]}"
    return f"{names}：总数 {one.kept[0]} 分 {one.kept[1]} 笔，流水 {one.ledger[0]} 分 {one.ledger[1]} 笔"
