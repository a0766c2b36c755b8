"""Reading what is sealed and what seals say. Rows are read by Core in the form of their columns, never by objects."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, Text, case, cast, func, literal, select, tuple_

from app.audit.models import AuditEvent
from app.core.db import UtcDateTime, db
from app.seals import rules
from app.seals.coverage import By, Sealed, sealed_tables
from app.seals.models import Seal, SealCheck, SealPart

P = SealPart
SEALING = "seal"  # what the audit calls it
MALFORMED = (ValueError, LookupError, TypeError, AttributeError)  # what reading a value that its column can not hold comes to
BATCH = 20  # parts that are read at a time
EDGE = 100  # characters in which the first and the last mark of a part certainly stand


@dataclass(frozen=True)
class SealRow:
    id: int
    day: date
    sealed_at: datetime
    content: dict[str, Any]
    previous: str
    digest: str

    @property
    def rows(self) -> int:
        return sum(int(told["rows"]) for told in self.content.values())

    @property
    def late(self) -> int:
        return sum(int(told["late"]) for told in self.content.values())

    @property
    def groups(self) -> list[str]:
        return rules.groups(self.digest)

    @property
    def tables(self) -> list[tuple[str, dict[str, Any]]]:
        """(what people call it, what is said of it), those with rows, most rows first."""
        known = sealed_tables()
        told = [(known[name].called if name in known else name, one) for name, one in self.content.items() if one["rows"]]
        return sorted(told, key=lambda one: (-one[1]["rows"], one[0]))


_SEAL = (Seal.id, Seal.day, Seal.sealed_at, Seal.content, Seal.previous, Seal.digest)


def _seal(row: Row[Any]) -> SealRow:
    """A content that was changed into something else says nothing: its digest is wrong then, and that is told."""
    told = row.content if isinstance(row.content, dict) and all(isinstance(one, dict) for one in row.content.values()) else {}
    return SealRow(row.id, row.day, row.sealed_at, told, row.previous, row.digest)


def last_seal() -> SealRow | None:
    row = db.session.execute(select(*_SEAL).order_by(Seal.day.desc()).limit(1)).one_or_none()
    return _seal(row) if row else None


def last_act() -> datetime | None:
    """When the newest of the operations on record was."""
    return db.session.scalar(select(AuditEvent.at).order_by(AuditEvent.id.desc()).limit(1))


def first_act() -> datetime | None:
    """When the oldest was."""
    return db.session.scalar(select(AuditEvent.at).order_by(AuditEvent.id).limit(1))


def seal_of(day: date) -> SealRow | None:
    row = db.session.execute(select(*_SEAL).where(Seal.day == day)).one_or_none()
    return _seal(row) if row else None


def seals(limit: int | None = None, before: date | None = None, since: date | None = None) -> list[SealRow]:
    """Newest first."""
    narrow = [*([Seal.day < before] if before else []), *([Seal.day >= since] if since else [])]
    return [_seal(row) for row in db.session.execute(select(*_SEAL).where(*narrow).order_by(Seal.day.desc()).limit(limit))]


def in_order() -> Iterator[SealRow]:
    """Every seal, oldest first, read bit by bit: ten years of them are not held in memory."""
    asked = select(*_SEAL).order_by(Seal.day).limit(BATCH)
    read = db.session.execute(asked).all()
    while read:
        yield from (_seal(row) for row in read)
        read = db.session.execute(asked.where(Seal.day > read[-1].day)).all()


def seal_before(day: date) -> SealRow | None:
    row = db.session.execute(select(*_SEAL).where(Seal.day < day).order_by(Seal.day.desc()).limit(1)).one_or_none()
    return SealRow(*row) if row else None


def chain(until: date) -> list[tuple[date, str]]:
    """(day, digest) of every seal up to a day, oldest first."""
    asked = select(Seal.day, Seal.digest).where(Seal.day <= until).order_by(Seal.day)
    return [(day, digest) for day, digest in db.session.execute(asked)]


@dataclass(frozen=True)
class PartRow:
    table: str
    day: date
    seq: int
    rows: int
    late: bool
    columns: str
    marks: str
    digest: str


_PART = (P.sealed_table, P.day, P.seq, P.rows, P.late, P.columns, P.marks, P.digest)


def parts(day: date, table: str | None = None) -> Iterator[PartRow]:
    """Of one day, by table and in order, read bit by bit; of one table where asked so."""
    narrow = [P.day == day, *([P.sealed_table == table] if table else [])]
    asked = select(*_PART).where(*narrow).order_by(P.sealed_table, P.seq).limit(BATCH)
    read = db.session.execute(asked).all()
    while read:
        yield from (PartRow(*row) for row in read)
        name, seq = read[-1].sealed_table, read[-1].seq
        read = db.session.execute(asked.where(tuple_(P.sealed_table, P.seq) > tuple_(literal(name), literal(seq)))).all()


def marks_of(table: str, since: date | None = None, *, late: bool = True) -> Iterator[list[str]]:
    """The keys in each part of one table from a day on, oldest first, read bit by bit; without those that came late if asked so."""
    narrow = [P.sealed_table == table, *([P.day >= since] if since else []), *([] if late else [P.late.is_(False)])]
    asked = select(P.day, P.seq, P.marks).where(*narrow).order_by(P.day, P.seq).limit(BATCH)
    read = db.session.execute(asked).all()
    while read:
        yield from (list(rules.read_marks(marks)) for _, _, marks in read)
        day, seq, _ = read[-1]
        read = db.session.execute(asked.where(tuple_(P.day, P.seq) > tuple_(literal(day), literal(seq)))).all()


def standing(table: str, day: date) -> tuple[int, str | None]:
    """How many parts of a table a day has so far, and the last key that came in time."""
    mine = (P.sealed_table == table, P.day == day)
    count = db.session.scalar(select(func.max(P.seq)).where(*mine)) or 0
    last = db.session.scalar(select(P.marks).where(*mine, P.late.is_(False)).order_by(P.seq.desc()).limit(1))
    return count, list(rules.read_marks(last))[-1] if last else None


def parts_in_short(day: date) -> dict[str, list[Any]]:
    """By table: rows, late, digest, head and tail of each part's marks."""
    far = case((func.length(P.marks) > EDGE, func.length(P.marks) - EDGE + 1), else_=1)
    head, tail = func.substr(P.marks, 1, EDGE).label("head"), func.substr(P.marks, far).label("tail")
    asked = select(P.sealed_table, P.rows, P.late, P.digest, head, tail).where(P.day == day).order_by(P.sealed_table, P.seq)
    found: dict[str, list[Any]] = {}
    for row in db.session.execute(asked):
        found.setdefault(row.sealed_table, []).append(row)
    return found


def late_keys() -> dict[str, set[str]]:
    """By table: the rows that came when their day was sealed."""
    found: dict[str, set[str]] = {}
    for table, marks in db.session.execute(select(P.sealed_table, P.marks).where(P.late.is_(True))):
        found.setdefault(table, set()).update(rules.read_marks(marks))
    return found


def recorded() -> list[tuple[int, str, str]]:
    """(number of the audit row, day, digest) of every sealing that the audit tells of."""
    asked = select(AuditEvent.id, cast(AuditEvent.detail, Text)).where(AuditEvent.action == SEALING).order_by(AuditEvent.id)
    return [(id_, *_told(detail)) for id_, detail in db.session.execute(asked)]


def _told(detail: str) -> tuple[str, str]:
    """Day and digest; empty where somebody changed the row into something that tells neither."""
    try:
        read = json.loads(detail)
        return date.fromisoformat(read["on"]).isoformat(), str(read["digest"])
    except MALFORMED:
        return "", ""


def last_checks(limit: int = 1) -> list[tuple[datetime, date, int]]:
    """(when, up to which day, faults), newest first."""
    asked = select(SealCheck.checked_at, SealCheck.last_day, SealCheck.faults).order_by(SealCheck.id.desc()).limit(limit)
    return [(at, day, faults) for at, day, faults in db.session.execute(asked)]


def digests(one: Sealed, keys: Sequence[str], columns: str) -> dict[str, str]:
    """key → digest of the row as it is now, in the order of `keys`; rows that are not there are left out.

    Raises LookupError when a column that was sealed is no more.
    """
    wanted = one.table.columns
    values = [wanted[name] for name in columns.split(",") if name]  # some tables are keys and nothing else
    found: dict[str, str] = {}
    for start in range(0, len(keys), rules.PART_ROWS):
        some = list(keys[start : start + rules.PART_ROWS])
        found |= _digests(select(*one.key, *values).where(_among(one, some)), len(one.key))  # may be more than was asked for
    return {key: found[key] for key in keys if key in found}


def _among(one: Sealed, keys: list[str]) -> Any:
    """Numbers that lie close together are read as a range, which costs a third; what lies between is left out afterwards."""
    if one.by is By.NUMBER:
        numbers = [int(key) for key in keys]
        low, high = min(numbers), max(numbers)
        if high - low < 2 * len(numbers):
            return one.key[0].between(low, high)
    return (one.key[0] if len(one.key) == 1 else tuple_(*one.key)).in_(one.keys(keys))


def _digests(asked: Select[*tuple[Any, ...]], width: int) -> dict[str, str]:
    """A value that is not of its column's type any more (a day that is none, an unknown word) makes its row UNREADABLE."""
    try:
        return {rules.key_text(row[:width]): rules.row_digest(row[width:]) for row in db.session.execute(asked)}
    except MALFORMED:
        return dict(_one_by_one(asked, width))


def _one_by_one(asked: Select[*tuple[Any, ...]], width: int) -> Iterable[tuple[str, str]]:
    key = list(asked.selected_columns)[:width]
    for held in db.session.execute(asked.with_only_columns(*key)).all():
        exact = [column == value for column, value in zip(key, held, strict=True)]
        try:
            yield rules.key_text(held), rules.row_digest(db.session.execute(asked.where(*exact)).one()[width:])
        except MALFORMED:
            yield rules.key_text(held), rules.UNREADABLE


def _texts(rows: Iterable[Row[Any]], width: int) -> list[str]:
    return [rules.key_text(row[:width]) for row in rows]


def highest(one: Sealed, before: datetime | None) -> int:
    """The highest number of a table; of rows written `before`, where the table says when. 0 where there is none."""
    asked = select(one.key[0]).order_by(one.key[0].desc()).limit(1)
    if before is not None and one.when is not None:
        asked = asked.where(one.when < before)
    return db.session.scalar(asked) or 0


def numbered(one: Sealed, after: int | None, upto: int, limit: int | None = None) -> list[str]:
    """Numbers that there are, behind one and up to another."""
    key = one.key[0]
    asked = select(key).where(key <= upto, *([key > after] if after is not None else []))
    return _texts(db.session.execute(asked.order_by(key).limit(limit)), 1)


def dated_before(one: Sealed, after: int, upto: int | None, until: datetime) -> list[str]:
    """Numbers behind `after`, and up to another, of rows that say they were written before a moment.

    Without what the audit tells of sealing: that is held against the seals themselves.
    """
    key, when = one.key[0], one.when
    if when is None:
        raise TypeError(one.name)
    asked = select(key).where(key > after, when < until, *([key <= upto] if upto is not None else []))
    if one.table is AuditEvent.__table__:
        asked = asked.where(AuditEvent.action != SEALING)
    return _texts(db.session.execute(asked.order_by(key)), 1)


def in_time(one: Sealed, since: datetime | None, until: datetime) -> Iterator[list[str]]:
    """Keys of rows written in a span, in their order and bit by bit, for tables that go by time."""
    last: str | None = None
    while keys := after_row(one, last, since, until, rules.PART_ROWS):
        yield keys
        last = keys[-1]


def after_row(one: Sealed, last: str | None, since: datetime | None, until: datetime, limit: int) -> list[str]:
    """The next rows in a span, behind the row with the key `last`."""
    when = _when(one)
    asked = select(*one.key).where(when < until, *([when >= since] if since else []))
    if last is not None:
        (key,) = one.keys([last])
        at = db.session.scalar(select(when).where(one.key[0] == key))
        if at is not None:
            asked = asked.where(tuple_(when, *one.key) > tuple_(literal(at, UtcDateTime), literal(key, one.key[0].type)))
    return _texts(db.session.execute(asked.order_by(when, *one.key).limit(limit)), len(one.key))


def all_keys(one: Sealed) -> list[str]:
    return _texts(db.session.execute(select(*one.key).order_by(*one.key)), len(one.key))


def _when(one: Sealed) -> Any:
    if one.by is not By.TIME or one.when is None:
        raise TypeError(one.name)
    return one.when


def look_back(day: date) -> date:
    """From which sealed day on rows that came late are looked for."""
    return day - timedelta(days=rules.LOOK_BACK)
