"""What branches confirmed, and the ledger's evidence for it."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from app.activities.models import Activity
from app.checkin import queries as checkin
from app.checkin.rules import WAY_NAMES
from app.core.clock import local_date
from app.core.db import db
from app.hours.models import HourEntry
from app.hours.rules import HourClass, HourKind, SourceKind
from app.people.models import Person, Unit
from app.people.queries import records_of
from app.people.rules import StageKind
from app.requirements import frozen
from app.requirements.frozen import Frozen
from app.requirements.models import ConfirmedPack, PackWithdrawal
from app.requirements.queries.progress import facts_of
from app.requirements.rules import Progress, progress

SOURCE_NAMES = {SourceKind.CLAIM: "补录", SourceKind.IMPORT: "历史导入", SourceKind.CORRECTION: "更正"}


@dataclass(frozen=True)
class PackRow:
    """One confirmation. Where `withdrawn_at` is set it no longer stands; its content stays. `confirmed_by_id` is who
    that is now."""

    id: int
    person_id: int
    unit_id: int
    stage: StageKind
    began_on: date
    nth: int
    reached_on: date
    confirmed_at: datetime
    confirmed_by_id: int
    confirmed_by: str
    content: str
    digest: str
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    reason: str | None

    @property
    def stands(self) -> bool:
        return self.withdrawn_at is None

    @cached_property
    def facts(self) -> Frozen:
        return frozen.read(self.content)

    @property
    def genuine(self) -> bool:
        """The content is what was confirmed: its digest says so."""
        return frozen.digest(self.content) == self.digest


def _packs() -> Select[*tuple[Any, ...]]:
    table, confirmer, withdrawer = ConfirmedPack, aliased(Person), aliased(Person)
    return (
        select(
            table.id,
            table.person_id,
            table.unit_id,
            table.stage,
            table.began_on,
            table.nth,
            table.reached_on,
            table.confirmed_at,
            func.coalesce(confirmer.became_id, confirmer.id),
            confirmer.name,
            table.content,
            table.digest,
            PackWithdrawal.withdrawn_at,
            withdrawer.name,
            PackWithdrawal.reason,
        )
        .join(confirmer, confirmer.id == table.confirmed_by_id)
        .outerjoin(PackWithdrawal, PackWithdrawal.pack_id == table.id)
        .outerjoin(withdrawer, withdrawer.id == PackWithdrawal.withdrawn_by_id)
    )


def pack(pack_id: int) -> PackRow | None:
    row = db.session.execute(_packs().where(ConfirmedPack.id == pack_id)).one_or_none()
    return PackRow(*tuple(row)) if row else None


def packs_of(person_id: int) -> list[PackRow]:
    """All confirmations of somebody, withdrawn ones too, the latest first; one query."""
    rows = db.session.execute(_packs().where(ConfirmedPack.person_id == person_id).order_by(ConfirmedPack.id.desc()))
    return [PackRow(*tuple(row)) for row in rows]


def former_packs(person_id: int) -> list[PackRow]:
    """Confirmations of records that were merged into somebody's: they stay sealed as they are, and are not confirmed for this one."""
    former = ConfirmedPack.person_id.in_(records_of(person_id)) & (ConfirmedPack.person_id != person_id)
    return [PackRow(*tuple(row)) for row in db.session.execute(_packs().where(former).order_by(ConfirmedPack.id.desc()))]


def has_packs(person_id: int) -> bool:
    return db.session.scalar(select(ConfirmedPack.id).where(ConfirmedPack.person_id.in_(records_of(person_id))).limit(1)) is not None


@dataclass(frozen=True)
class Receipt:
    """One original of the ledger with everything that proves it. `reversal_id` and `taken_back`: it was taken back, and why."""

    id: int
    kind: HourKind
    hour_class: HourClass
    served_on: date
    booked_on: date
    minutes: int
    source: str
    title: str
    unit: str
    made_by: str
    approved_by: str
    reversal_id: int | None
    taken_back: str


def evidence(person_id: int) -> list[Receipt]:
    """Every original of somebody's ledger in the order of service; two queries."""
    reversal, maker, approver = aliased(HourEntry), aliased(Person), aliased(Person)
    found = db.session.execute(
        select(HourEntry, Activity.title, Unit.name, maker.name, approver.name, reversal.id, reversal.reason)
        .join(Unit, Unit.id == HourEntry.organising_unit_id)
        .outerjoin(Activity, Activity.id == HourEntry.activity_id)
        .outerjoin(reversal, reversal.reverses_id == HourEntry.id)
        .outerjoin(maker, maker.id == HourEntry.made_by_id)
        .outerjoin(approver, approver.id == HourEntry.approved_by_id)
        .where(HourEntry.person_id == person_id, HourEntry.reverses_id.is_(None))
        .order_by(HourEntry.served_on, HourEntry.id)
    ).all()
    attended = [row[0].source_id for row in found if row[0].source_kind is SourceKind.ATTENDANCE]
    ways = {spell.id: spell for spell in checkin.spells(attended)}
    receipts = []
    for entry, title, unit, made_by, approved_by, reversal_id, reason in found:
        spell = ways.get(entry.source_id) if entry.source_kind is SourceKind.ATTENDANCE else None
        receipts.append(
            Receipt(
                id=entry.id,
                kind=entry.kind,
                hour_class=entry.hour_class,
                served_on=entry.served_on,
                booked_on=entry.booked_on,
                minutes=entry.minutes,
                source=_source(entry.source_kind, spell),
                title=title or "以前的服务",
                unit=unit,
                made_by=made_by or "",
                approved_by=approved_by or "",
                reversal_id=reversal_id,
                taken_back=(reason or "更正") if reversal_id else "",
            )
        )
    return receipts


def _source(kind: SourceKind, spell: checkin.SpellRow | None) -> str:
    """扫码签到，扫码签退."""
    if spell is None:
        return SOURCE_NAMES.get(kind, "签到记录")
    return f"{WAY_NAMES[spell.in_way]}，{WAY_NAMES[spell.out_way].replace('签到', '签退')}" if spell.out_way else WAY_NAMES[spell.in_way]


@dataclass(frozen=True)
class Difference:
    """What the ledger says today of the time that was confirmed: rows taken back, rows added, minutes more or less by class.

    `now` are the frozen requirements met by today's ledger.
    """

    taken_back: int
    added: int
    credit: int
    honour: int
    now: list[Progress]

    @property
    def any(self) -> bool:
        return bool(self.taken_back or self.added)

    @property
    def still_full(self) -> bool:
        return all(one.complete for one in self.now)


def difference(row: PackRow, today: date) -> Difference:
    """The ledger against the frozen pack; two queries. What was served on the day of confirming or later is not looked at."""
    facts, until = row.facts, min(row.facts.ended_on or date.max, local_date(row.confirmed_at))
    rows = db.session.execute(
        select(HourEntry.id, HourEntry.reverses_id, HourEntry.hour_class, HourEntry.minutes, HourEntry.served_on).where(
            HourEntry.person_id == row.person_id,
            HourEntry.served_on >= facts.began_on,
            HourEntry.kind.in_([need.kind for need in facts.needs]),
        )
    ).all()
    seen = set(facts.ledger)
    later = [one for one in rows if one.id not in seen and (one.reverses_id in seen if one.reverses_id else one.served_on < until)]
    undone = {one.reverses_id for one in rows if one.reverses_id}
    later = [one for one in later if one.reverses_id or one.id not in undone]
    standing = [fact for fact in facts_of([row.person_id]).get(row.person_id, []) if fact.id in seen or fact.served_on < until]
    return Difference(
        taken_back=sum(1 for one in later if one.reverses_id),
        added=sum(1 for one in later if not one.reverses_id),
        credit=sum(one.minutes for one in later if one.hour_class is HourClass.CREDIT),
        honour=sum(one.minutes for one in later if one.hour_class is HourClass.HONOUR),
        now=[progress(need.need(facts.stage), facts.began_on, standing, today, facts.ended_on) for need in facts.needs],
    )
