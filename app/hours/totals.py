"""Totals that are kept beside a ledger: proving that they agree with it, and making them anew.

All of it is set-wise SQL that runs alike on both engines. Nothing here is needed while the site works well: totals are
written in the transaction of their entries. `flask ledger verify` and `flask totals rebuild` call this.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from secrets import randbelow
from typing import Any, cast

from sqlalchemy import (
    CTE,
    ColumnElement,
    Enum,
    FromClause,
    Select,
    String,
    Table,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy import cast as as_type

from app.core import clock
from app.core.db import Base, db, is_sqlite, upsert, writing
from app.hours import marks
from app.hours.marks import Marks
from app.hours.models import HourEntry, HourPersonTotal, HourUnitTotal, TotalMark, TotalMarkBase
from app.hours.rules import PERSON_PERIODS, UNIT_PERIODS, PeriodKind

QUARTERS = {f"{month:02d}": f"-Q{(month + 2) // 3}" for month in range(1, 13)}
LENGTHS = {PeriodKind.DAY: 10, PeriodKind.MONTH: 7, PeriodKind.YEAR: 4}
MARK, BASE = cast(Table, TotalMark.__table__), cast(Table, TotalMarkBase.__table__)


def period_key(kind: PeriodKind, day: ColumnElement[date]) -> ColumnElement[str]:
    """`hours.rules.period(kind, day).key`, computed by the database."""
    if not is_sqlite() and kind in LENGTHS:
        return func.to_char(day, "YYYY-MM-DD"[: LENGTHS[kind]])
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

    def disagreements(self, owners: Sequence[int] | None = None) -> Iterator[Disagreement]:
        """One statement, hence one moment in time, also while the site is writing. A missing total counts as 0."""
        ledger, kept = self._ledger(owners), self._kept(owners)
        zero = literal(0)
        sides = union_all(
            select(
                *(ledger.c[key] for key in self.keys),
                ledger.c.amount,
                ledger.c.entries.label("one"),
                zero.label("kept"),
                zero.label("kept_entries"),
            ),
            select(*(kept.c[key] for key in self.keys), zero, zero, kept.c.amount, kept.c.entries),
        ).subquery()
        sums = [func.sum(sides.c[name]) for name in ("amount", "one", "kept", "kept_entries")]
        keys = [sides.c[key] for key in self.keys]
        unequal = select(*keys, *sums).group_by(*keys).having((sums[0] != sums[2]) | (sums[1] != sums[3])).order_by(*keys)
        for row in db.session.execute(unequal):
            *key, amount, entries, kept_amount, kept_entries = row
            yield Disagreement(dict(zip(self.keys, key, strict=True)), (int(amount), int(entries)), (int(kept_amount), int(kept_entries)))

    @property
    def name(self) -> str:
        return str(self.total.__tablename__)

    def note(self) -> None:
        """Remember what the ledger came to, up to its newest entry, in the caller's transaction: it is append-only, so that stays so.

        What was not committed yet under a smaller id (PostgreSQL) is missing then: its owner is found by `stale`, and made anew in vain.
        """
        writing()
        newest = db.session.scalar(select(func.max(cast(Any, self.entry).id))) or 0
        base = self._base(lock=True)
        if base is None:
            base = 0, randbelow(marks.SEEDS)
            db.session.execute(insert(BASE).values(total=self.name, upto=newest, seed=base[1]))
        upto, seed = base
        if newest > upto:
            more = self._marked(self._ledger(after=upto, upto=newest), self._marks(seed)).subquery()
            adding = upsert(MARK).from_select(
                ["total", "owner_id", "part", "mark"], select(literal(self.name), *more.c).where(literal(1) == 1)
            )
            both = {"mark": MARK.c.mark + adding.excluded.mark}
            db.session.execute(adding.on_conflict_do_update(index_elements=["total", "owner_id", "part"], set_=both))
            db.session.execute(update(BASE).where(BASE.c.total == self.name).values(upto=newest))

    def forget(self) -> None:
        """The ledger itself was found wrong, so it is read from its beginning the next time; in the caller's transaction."""
        writing()
        for table in (MARK, BASE):
            db.session.execute(delete(table).where(table.c.total == self.name))

    def stale(self) -> list[list[int]]:
        """Owners whose totals disagree, ascending, in chunks for `rebuild`. One statement, hence one moment in time.

        By fingerprints, which is a fraction of the work of `disagreements`: of the ledger up to what was noted, of its newer entries,
        and of the totals. Equal totals always agree; others do with a probability of one in two million (R. Freivalds, 1977).
        """
        upto, seed = self._base() or (0, randbelow(marks.SEEDS))
        known = select(MARK.c.owner_id, MARK.c.part, MARK.c.mark).where(MARK.c.total == self.name)
        by = self._marks(seed)
        sides = union_all(self._marked(self._ledger(after=upto), by), self._marked(self._kept(), by, -1), known).subquery()
        owner, part, mark = sides.c
        unequal = select(owner).group_by(owner, part).having(marks.unequal(mark))
        owners = sorted(set(db.session.scalars(unequal)))
        return [owners[start : start + self.chunk] for start in range(0, len(owners), self.chunk)]

    def _base(self, lock: bool = False) -> tuple[int, int] | None:
        """Up to which entry the ledger was noted, and by which weights."""
        asked = select(BASE.c.upto, BASE.c.seed).where(BASE.c.total == self.name)
        row = db.session.execute(asked.with_for_update() if lock else asked).one_or_none()
        return None if row is None else (row.upto, row.seed)

    def _marks(self, seed: int) -> Marks:
        entry = cast(Table, self.entry.__table__)
        classes = {name: cast(Enum, entry.c[name].type) for name in self.by if isinstance(entry.c[name].type, Enum)}
        return Marks(seed, classes, self._spans)

    def _marked(self, rows: FromClause, by: Marks, sign: int = 1) -> Select[Any]:
        """(owner_id, part, mark) of rows that are shaped like the totals; the part is what is neither period nor class."""
        part = next((rows.c[name] for name in self.by if not isinstance(rows.c[name].type, Enum)), None)
        return by.of(rows, rows.c[self.owner[0]], part, sign)

    def _spans(self) -> set[str]:
        """Every period from the first day that the ledger knows to the last, or today."""
        entry = cast(Table, self.entry.__table__)
        known = [db.session.scalar(select(end(entry.c[day]))) for day in ("served_on", "counted_on") for end in (func.min, func.max)]
        days = [clock.today(), *(day for day in known if day is not None)]
        return marks.spans(min(days), max(days), self.kinds)

    def rebuild(self, owners: Sequence[int]) -> None:
        """Make the totals of these owners what the ledger says, in the caller's transaction. Only what differs is written.

        Their rows are locked first: whoever adds an entry for one of them refers to that row, and so waits (PostgreSQL).
        """
        writing()
        total = cast(Table, self.total.__table__)
        home = next(iter(total.c[self.owner[0]].foreign_keys)).column
        db.session.execute(select(home).where(home.in_(owners)).order_by(home).with_for_update())
        wrong = list(self.disagreements(owners))
        connection = db.session.connection()
        gone = [{f"its_{key}": one.key[key] for key in self.keys} for one in wrong if not one.ledger[1]]
        if gone:
            connection.execute(delete(total).where(*(total.c[key] == bindparam(f"its_{key}") for key in self.keys)), gone)
        right = [{**one.key, self.amount: one.ledger[0], "entries": one.ledger[1]} for one in wrong if one.ledger[1]]
        if right:
            adding = upsert(total)
            said = {name: adding.excluded[name] for name in (self.amount, "entries")}
            connection.execute(adding.on_conflict_do_update(index_elements=list(total.primary_key), set_=said), right)
        self._note_anew(owners)

    def _note_anew(self, owners: Sequence[int]) -> None:
        """Their marks, from totals that are right now: less what is newer than the rest was noted up to."""
        base = self._base(lock=True)
        if base is None:
            return
        upto, seed = base
        by = self._marks(seed)
        both = union_all(self._marked(self._kept(owners), by), self._marked(self._ledger(owners, after=upto), by, -1)).subquery()
        owner, part, mark = both.c
        anew = select(literal(self.name), owner, part, func.sum(mark)).group_by(owner, part)
        db.session.execute(delete(MARK).where(MARK.c.total == self.name, MARK.c.owner_id.in_(owners)))
        db.session.execute(insert(MARK).from_select(["total", "owner_id", "part", "mark"], anew))

    def _kept(self, owners: Sequence[int] | None = None) -> FromClause:
        """What the totals are, of these owners."""
        total = cast(Table, self.total.__table__)
        rows = select(*(total.c[key] for key in self.keys), total.c[self.amount].label("amount"), total.c.entries)
        return (rows if owners is None else rows.where(total.c[self.owner[0]].in_(owners))).subquery("kept")

    def _ledger(self, owners: Sequence[int] | None = None, after: int = 0, upto: int | None = None) -> FromClause:
        """What the totals should be, by the entries of these owners with ids above `after` and not above `upto`.

        The ledger is read once, for the shortest periods; the longer ones are sums of these.
        """
        entry: FromClause = self.entry.__table__
        owner = entry.c[self.owner[1]]
        shortest, *longer = self.kinds
        span = period_key(shortest, func.coalesce(entry.c.counted_on, entry.c.served_on))
        by = [entry.c[key] for key in self.by]
        narrowed = [*([entry.c.id > after] if after else []), *([entry.c.id <= upto] if upto is not None else [])]
        fine = (
            select(
                owner.label(self.owner[0]),
                span.label("period"),
                *by,
                func.sum(entry.c[self.amount]).label("amount"),
                func.count().label("entries"),
            )
            .where(owner.is_not(None) if owners is None else owner.in_(owners), *narrowed)
            .group_by(owner, span, *by)
            .cte("fine")
        )
        return union_all(select(fine), *(self._longer(fine, kind) for kind in longer)).subquery()

    def _longer(self, fine: CTE, kind: PeriodKind) -> Select[Any]:
        keys = [fine.c[self.owner[0]], _key_in(kind, fine.c.period), *(fine.c[key] for key in self.by)]
        return select(*keys, func.sum(fine.c.amount), func.sum(fine.c.entries)).group_by(*keys)


PERSON_TOTALS = Totals(HourPersonTotal, HourEntry, ("person_id", "person_id"), ("kind", "hour_class"), "minutes", PERSON_PERIODS, chunk=100)
UNIT_TOTALS = Totals(HourUnitTotal, HourEntry, ("unit_id", "home_unit_id"), ("kind", "hour_class"), "minutes", UNIT_PERIODS, chunk=5)
KEPT = (PERSON_TOTALS, UNIT_TOTALS)
