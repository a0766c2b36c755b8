"""Fingerprints of rows that are shaped like totals: equal rows have equal ones, and those of parts add up to that of the whole.

A row's amount and number of entries are multiplied by a weight that its period and classes have, and the products of an owner are
added up. PostgreSQL hashes the weights itself, row by row; SQLite is told those of every period. See docs/decisions/0054.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from hashlib import blake2b
from itertools import product
from typing import Any, cast

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnClause,
    ColumnElement,
    Enum,
    FromClause,
    Integer,
    Select,
    String,
    case,
    column,
    func,
    literal,
    select,
    values,
)
from sqlalchemy import cast as as_type

from app.core.db import is_sqlite
from app.hours.rules import PeriodKind, period

SEEDS = 2**62
PRIME = 2**31 - 1  # marks are equal modulo this
FACTOR = 2**24  # of an amount beside a number of entries; times all minutes of a subdistrict in a hundred years below 2**63
SHIFT = 42  # of a hash of 64 bits: what is left, times the prime, stays below 2**63
WEIGHT = 2**30  # the same for SQLite


class Marks:
    """What gives marks: the weights of one seed, for rows with these classes in these periods."""

    def __init__(self, seed: int, classes: Mapping[str, Enum], spans: Callable[[], set[str]]) -> None:
        self._seed, self._classes = seed, classes
        self._told = _weights(spans(), classes, seed) if is_sqlite() else None

    def of(self, rows: FromClause, owner: ColumnElement[int], part: ColumnElement[int] | None, sign: int = 1) -> Select[Any]:
        """(owner_id, part, mark), the part 0 where there is none. `rows` have period, amount, entries and the classes."""
        amount, entries = as_type(rows.c.amount, BigInteger), rows.c.entries
        mark: ColumnElement[int]
        if self._told is None:
            mark = as_type(func.sum(self._hashed(rows, amount, entries)) % PRIME, BigInteger)
        else:
            unknown = 1 + self._seed % WEIGHT  # of a period that no day belongs to
            mark = func.sum(func.coalesce(_weighed(amount, entries, self._told, rows, self._classes), unknown))
        own = [owner.label("owner_id"), (literal(0) if part is None else part).label("part")]
        marked = select(*own, (mark * sign).label("mark")).group_by(owner, *([] if part is None else [part]))
        if self._told is not None:
            its = self._told.c.key == rows.c.period.concat("")  # so that it is the rows that are read in their order
            marked = marked.join_from(rows, self._told, its, isouter=True)
        return cast(Select[Any], marked)

    def _hashed(self, rows: FromClause, amount: ColumnElement[int], entries: ColumnElement[int]) -> ColumnElement[int]:
        hashed: ColumnElement[int] = literal(self._seed, BigInteger)
        for name in (*self._classes, "period"):
            hashed = func.hashtextextended(rows.c[name], hashed, type_=BigInteger)
        both = (amount * literal(1 + self._seed % FACTOR, BigInteger) + entries) % literal(PRIME, BigInteger)
        return both * hashed.op(">>")(literal(SHIFT, Integer))


def unequal(mark: ColumnElement[int]) -> ColumnElement[bool]:
    """Of two sides, one weighed negatively: whether their marks, added up, are not the same."""
    return func.sum(mark) % PRIME != 0


def spans(first: date, last: date, kinds: Sequence[PeriodKind]) -> set[str]:
    """The keys of all periods of these kinds with days from the first to the last."""
    days = (first + timedelta(days=nth) for nth in range((last - first).days + 1))
    return {period(kind, day).key for day in days for kind in kinds}


def _weights(keys: set[str], classes: Mapping[str, Enum], seed: int) -> CTE:
    """The weights of an amount and of an entry in each period, for each class; a table that the statement brings along."""
    places = 2 * len(_combinations(classes))
    secret = seed.to_bytes(8, "big")
    columns: list[ColumnClause[Any]] = [column("key", String), *(column(f"w{place}", BigInteger) for place in range(places))]
    told = []
    for key in sorted(keys):
        weights = (int.from_bytes(blake2b(f"{key} {place}".encode(), key=secret, digest_size=4).digest(), "big") for place in range(places))
        told.append((key, *(1 + weight % WEIGHT for weight in weights)))
    return values(*columns, literal_binds=True).data(told).cte("of_span")


def _combinations(classes: Mapping[str, Enum]) -> list[tuple[StrEnum, ...]]:
    """Every class that there can be."""
    return list(product(*(cast(type[StrEnum], kind.enum_class) for kind in classes.values())))


def _weighed(
    amount: ColumnElement[int], entries: ColumnElement[int], told: CTE, rows: FromClause, classes: Mapping[str, Enum]
) -> ColumnElement[int]:
    """With the weights of the row's class."""
    combinations, names = _combinations(classes), list(classes)

    def branch(fixed: tuple[StrEnum, ...]) -> ColumnElement[int]:
        if len(fixed) == len(names):
            place = 2 * combinations.index(fixed)
            return amount * told.c[f"w{place}"] + entries * told.c[f"w{place + 1}"]
        name = names[len(fixed)]
        *others, last = cast(type[StrEnum], classes[name].enum_class)
        return case(*((rows.c[name] == one, branch((*fixed, one))) for one in others), else_=branch((*fixed, last)))

    return branch(())
