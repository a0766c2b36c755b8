"""The register of past hours: from before this system, as class honour, with their source. Two people: one brings them, another approves.

They enter through `crediting`, like every hour, and leave by reversals; nothing is ever deleted from a ledger.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import aliased

from app.activities.models import Activity
from app.activities.rules import ActivityKind
from app.core.db import db
from app.core.errors import Conflict
from app.core.words import minutes_words
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.hours import queries as hours
from app.hours.models import HourEntry
from app.hours.rules import HourClass, HourKind, SourceKind
from app.people import service as people
from app.people.naming import mask_phone, volunteer_number
from app.registers.cells import CLASS_WORDS, DAY_MINUTES, HOUR_KIND_WORDS, clean_minutes, clean_number, clean_phone, hours_out, named
from app.registers.doubts import LOOK, doubts
from app.registers.lookup import People, in_reach, parts, people_called, whose
from app.registers.models import PastHour
from app.registers.rules import COLUMNS, Decision, RegisterKind, Row, RowVerdict, refusal
from app.registers.scope import Scope
from app.registers.staged import MOVED_ON, Job, Listing, Register, Staged
from app.sheets.cells import folded
from app.sheets.writing import Value

KIND, CLASS = named(HOUR_KIND_WORDS), named(CLASS_WORDS)
RULE_VERSION = "past-1"  # of clean_minutes
ACTIVITY_KIND = {HourKind.SERVICE: ActivityKind.SERVICE, HourKind.STUDY: ActivityKind.STUDY}
OWN_SOURCES = {
    SourceKind.ATTENDANCE: "本系统签到",
    SourceKind.CLAIM: "本系统补录",
    SourceKind.CORRECTION: "本系统更正",
    SourceKind.IMPORT: "",
}
UNDONE = "历史时长整批退回"
NO_WORDS = "以前的服务"
Reversal = aliased(HourEntry)


@dataclass(frozen=True)
class Entry:
    """A standing entry of the ledger, with the words and the source that people know it by."""

    person_id: int
    served_on: date
    words: str
    kind: HourKind
    hour_class: HourClass
    minutes: int
    source: str


def standing(person_ids: Collection[int], *, days: Collection[date] | None = None, year: int | None = None) -> Iterator[Entry]:
    """What stands in the ledger for some people, by person and day; one query for each 500 of them."""
    query = (
        select(
            HourEntry.person_id, HourEntry.served_on, func.coalesce(Activity.title, PastHour.words, NO_WORDS), HourEntry.kind,
            HourEntry.hour_class, HourEntry.minutes, HourEntry.source_kind, PastHour.source,
        )
        .outerjoin(Reversal, Reversal.reverses_id == HourEntry.id)
        .outerjoin(Activity, Activity.id == HourEntry.activity_id)
        .outerjoin(PastHour, (PastHour.id == HourEntry.source_id) & (HourEntry.source_kind == SourceKind.IMPORT))
        .where(HourEntry.reverses_id.is_(None), Reversal.id.is_(None))
        .order_by(HourEntry.person_id, HourEntry.served_on, HourEntry.id)
    )  # fmt: skip
    if days is not None:
        query = query.where(HourEntry.served_on.between(min(days), max(days)))
    if year is not None:
        query = query.where(HourEntry.served_on.between(date(year, 1, 1), date(year, 12, 31)))
    for ids in parts(sorted(person_ids)):
        for person_id, day, words, kind, hour_class, minutes, source_kind, source in db.session.execute(
            query.where(HourEntry.person_id.in_(ids))
        ):
            yield Entry(person_id, day, words, kind, hour_class, minutes, source or OWN_SOURCES[source_kind])


def told(past_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """What was done, and where it is written, of imported hours; by the id of their record, one query."""
    if not past_ids:
        return {}
    rows = db.session.execute(select(PastHour.id, PastHour.words, PastHour.source).where(PastHour.id.in_(past_ids)))
    return {id_: (words, source) for id_, words, source in rows}


@dataclass
class _Read:
    row: Row
    name: str
    tail: str
    served: date | None
    words: str
    minutes: int
    kind: HourKind
    hour_class: HourClass
    source: str


def _read(row: Row, today: date) -> _Read:
    name, phone = row.line("name", 40), row.read("phone", clean_phone, "")
    served = row.day("served")
    if served is None and not any(title == row.title("served") for title, _, _ in row.faults):
        row.fault("served", "没有填服务日期")
    if served and served > today:
        row.fault("served", "日期在今天之后")
    words, minutes, source = row.line("words"), row.read("minutes", clean_minutes, 0), row.line("source")
    kind: HourKind | None = row.read("kind", KIND, None)
    hour_class: HourClass | None = row.read("hour_class", CLASS, None)
    number = row.read("number", clean_number, None)
    return _Read(
        row,
        name,
        volunteer_number(number) if number else phone,
        served,
        words,
        minutes,
        kind or HourKind.SERVICE,
        hour_class or HourClass.HONOUR,
        source,
    )


Key = tuple[int, date, str]


@dataclass
class _Planner:
    scope: Scope
    known: People
    sums: dict[Key, dict[tuple[HourKind, HourClass], int]] = field(default_factory=dict)
    days: dict[tuple[int, date], int] = field(default_factory=dict)
    seen: dict[tuple[Key, HourKind, HourClass], int] = field(default_factory=dict)

    def learn(self, entries: Iterator[Entry]) -> None:
        for one in entries:
            cells = self.sums.setdefault((one.person_id, one.served_on, folded(one.words)), {})
            cells[one.kind, one.hour_class] = cells.get((one.kind, one.hour_class), 0) + one.minutes
            self.days[one.person_id, one.served_on] = self.days.get((one.person_id, one.served_on), 0) + one.minutes

    def decide(self, read: _Read) -> Decision:
        row = read.row
        if row.refused or read.served is None:
            return refusal(row, read.name or "（没有姓名）")
        person, why = whose(self.known, self.scope, read.name, read.tail)
        if person is None:
            row.fault("phone" if read.tail else "name", why)
            return refusal(row, read.name)
        if not self.scope.holds(person.home_id):
            row.fault("name", f"{read.name}的支部不在您管的范围内，时长请由那边的人导入")
            return refusal(row, read.name)
        unit_id = person.home_id or min(person.units, default=None) or self.scope.root_id
        key, cell = (person.id, read.served, folded(read.words)), (read.kind, read.hour_class)
        if (first := self.seen.setdefault((key, *cell), row.number)) != row.number:
            row.fault("words", f"与第 {first} 行重复：同一个人、同一天、同一内容")
            return refusal(row, read.name)
        there = self.sums.get(key)
        if there and there.get(cell) == read.minutes:
            return Decision(row.number, RowVerdict.UNCHANGED, read.name)
        if there:
            row.fault("words", f"这一天的这项已经记了 {minutes_words(sum(there.values()))}，不重复计；要改请走更正")
        elif read.hour_class is HourClass.CREDIT:
            row.fault("hour_class", "信用时数只来自扫码，不能导入")
        elif (so_far := self.days.get((person.id, read.served), 0)) + read.minutes > DAY_MINUTES:
            row.fault("minutes", f"这一天已有 {minutes_words(so_far)}，加上这一行超过 24 小时")
        if row.refused or unit_id is None:
            return refusal(row, read.name)
        self.days[person.id, read.served] = whole = self.days.get((person.id, read.served), 0) + read.minutes
        self.sums[key] = {cell: read.minutes}
        values = {
            "person": person.id, "unit": unit_id, "served": read.served.isoformat(), "kind": read.kind, "words": read.words,
            "source": read.source, "minutes": read.minutes,
        }  # fmt: skip
        told = (f"{read.served} {read.words}", "", f"{minutes_words(read.minutes)}，{HOUR_KIND_WORDS[read.kind]}，{read.source}")
        looks = tuple((LOOK, "", words) for words in doubts(read.words, whole, service=read.kind is HourKind.SERVICE))
        return Decision(row.number, RowVerdict.NEW, read.name, values, (told, *looks))


def plan(rows: list[Row], scope: Scope) -> list[Decision]:
    """In the order of the days served, so that rows written together share as many days as can be."""
    reads = [_read(row, scope.today) for row in rows]
    numbers = [int(read.tail[3:].replace("-", "")) for read in reads if read.tail.startswith("GC-")]
    planner = _Planner(scope, people_called({read.name for read in reads}, numbers))
    days = [read.served for read in reads if read.served is not None and not read.row.refused]
    if days:
        planner.learn(standing(planner.known.by_id, days=days))
    decided = {read.row.number: planner.decide(read) for read in reads}
    order = sorted(reads, key=lambda read: (read.served or date.max, read.row.number))
    return [decided[read.row.number] for read in order]


def write(job: Job, rows: Sequence[Staged]) -> None:
    values = [
        {
            "batch_id": job.batch_id, "row": row.number, "person_id": row.values["person"], "unit_id": row.values["unit"],
            "served_on": date.fromisoformat(row.values["served"]), "kind": HourKind(row.values["kind"]), "words": row.values["words"],
            "source": row.values["source"], "minutes": row.values["minutes"],
        }
        for row in rows
    ]  # fmt: skip
    people.lock_persons(sorted({one["person_id"] for one in values}))
    ids = db.session.execute(insert(PastHour).returning(PastHour.id, sort_by_parameter_order=True), values).scalars().all()
    for row, id_ in zip(rows, ids, strict=True):
        row.target_id = id_
    crediting.credit(
        [
            Credit(
                person_id=one["person_id"],
                activity_id=None,
                activity_kind=ACTIVITY_KIND[one["kind"]],
                organising_unit_id=one["unit_id"],
                served_on=one["served_on"],
                minutes=one["minutes"],
                hour_class=HourClass.HONOUR,
                source_id=id_,
                rule_version=RULE_VERSION,
                source_kind=SourceKind.IMPORT,
                batch_id=job.batch_id,
                made_by_id=job.made_by_id,
                approved_by_id=job.approved_by_id,
                reason=one["source"],
            )
            for one, id_ in zip(values, ids, strict=True)
        ],
        job.now,
    )
    _within_a_day({(one["person_id"], one["served_on"]) for one in values})


def _within_a_day(touched: Collection[tuple[int, date]]) -> None:
    """No day of a person has more than 24 hours, whatever came in since the preview."""
    if hours.over_a_day(touched, DAY_MINUTES):
        raise Conflict(MOVED_ON)


def undo(job: Job, rows: Sequence[Staged]) -> None:
    """Opposite entries in the ledgers; the register keeps what was brought and when it was taken back."""
    ids = [row.target for row in rows]
    people.lock_persons(sorted({row.values["person"] for row in rows}))
    crediting.reverse(SourceKind.IMPORT, ids, UNDONE, job.now, made_by_id=job.actor_id)
    db.session.execute(update(PastHour).where(PastHour.id.in_(ids)).values(undone_at=job.now))
    for row in rows:
        row.target_id = None


def rests(_batch_id: int) -> list[str]:
    """Nothing ever stands in the way of a reversal."""
    return []


def listing(scope: Scope, year: int | None = None) -> Listing:
    """All hours that stand for the people of the scope, one row for each person, day, words, kind and class."""
    own = [column.title for column in COLUMNS[RegisterKind.HOURS]]
    return Listing(tuple(own), _rows(scope, year))


def _rows(scope: Scope, year: int | None) -> Iterator[Sequence[Value]]:
    for ids in parts(in_reach(scope, scope.today)):
        known = people_called((), ids)
        sums: dict[tuple[int, date, str, HourKind, HourClass], tuple[int, list[str]]] = {}
        for one in standing(ids, year=year):
            key = (one.person_id, one.served_on, one.words, one.kind, one.hour_class)
            minutes, sources = sums.get(key, (0, []))
            sums[key] = (minutes + one.minutes, sources if one.source in sources else [*sources, one.source])
        for (person_id, day, words, kind, hour_class), (minutes, sources) in sums.items():
            person = known.by_id.get(person_id)
            if person is not None:
                phone = person.phones[0] if person.phones else ""
                if phone and not scope.shows(person.home_id):
                    phone = mask_phone(phone)
                yield (
                    person.name, phone, day, words, hours_out(minutes), HOUR_KIND_WORDS[kind], "、".join(sources)[:80],
                    CLASS_WORDS[hour_class], volunteer_number(person_id),
                )  # fmt: skip


REGISTER = Register(RegisterKind.HOURS, plan, write, undo, rests, listing)
