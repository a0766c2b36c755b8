"""Reports as they were frozen, and whether they were sent."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import aliased

from app.accounts.deciders import Risen, risen, turn_of
from app.accounts.models import RoleGrant
from app.core.actor import Actor
from app.core.clock import local_date
from app.core.db import db
from app.core.permissions import Action
from app.people.models import Person, Unit
from app.people.queries import being, below
from app.reports.models import ReportEntry, ReportSendingEntry
from app.reports.rules import digest


@dataclass(frozen=True)
class Snapshot:
    """`maker` is "" where it was made by schedule, `made_by_id` who that is now. `sent_at` None: not sent."""

    id: int
    unit_id: int
    unit_name: str
    period: str
    version: int
    content: dict[str, Any]
    digest: str
    cut_off_at: datetime
    made_by_id: int | None
    maker: str
    sent_at: datetime | None
    sent_by_id: int | None
    sender: str
    note: str

    @property
    def intact(self) -> bool:
        """The content is what was frozen."""
        return digest(self.content) == self.digest


def _snapshots() -> Select[Any]:
    sender = aliased(Person)
    sent = ReportSendingEntry
    return (
        select(
            ReportEntry.id,
            ReportEntry.unit_id,
            Unit.name,
            ReportEntry.period,
            ReportEntry.version,
            ReportEntry.content,
            ReportEntry.digest,
            ReportEntry.cut_off_at,
            func.coalesce(Person.became_id, Person.id),
            func.coalesce(Person.name, ""),
            sent.sent_at,
            sent.sent_by_id,
            func.coalesce(sender.name, ""),
            func.coalesce(sent.note, ""),
        )
        .join(Unit, Unit.id == ReportEntry.unit_id)
        .outerjoin(Person, Person.id == ReportEntry.made_by_id)
        .outerjoin(sent, sent.report_id == ReportEntry.id)
        .outerjoin(sender, sender.id == sent.sent_by_id)
    )


def snapshot(report_id: int) -> Snapshot | None:
    row = db.session.execute(_snapshots().where(ReportEntry.id == report_id)).one_or_none()
    return Snapshot(*row) if row else None


def versions(unit_id: int, period: str) -> list[Snapshot]:
    """All of one unit and period, the newest first."""
    found = _snapshots().where(ReportEntry.unit_id == unit_id, ReportEntry.period == period).order_by(ReportEntry.version.desc())
    return [Snapshot(*row) for row in db.session.execute(found)]


@dataclass(frozen=True)
class Sent:
    """How far a unit is with its report of a period: the newest that was made, and the newest that was sent."""

    made_id: int
    made_version: int
    sent_id: int | None


def state_of(unit_ids: Collection[int], period: str) -> dict[int, Sent]:
    """One query; units that have made none are left out."""
    rows = db.session.execute(
        select(ReportEntry.unit_id, ReportEntry.id, ReportEntry.version, ReportSendingEntry.id)
        .outerjoin(ReportSendingEntry, ReportSendingEntry.report_id == ReportEntry.id)
        .where(ReportEntry.period == period, ReportEntry.unit_id.in_(unit_ids))
        .order_by(ReportEntry.version)
    )
    found: dict[int, Sent] = {}
    for unit_id, report_id, version, sent in rows:
        known = found.get(unit_id)
        found[unit_id] = Sent(report_id, version, report_id if sent else known.sent_id if known else None)
    return found


def _unsent(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """The newest of its unit and period, not sent, made by somebody else, and it is this actor's turn."""
    later = aliased(ReportEntry)
    newer = select(later.id).where(
        later.unit_id == ReportEntry.unit_id, later.period == ReportEntry.period, later.version > ReportEntry.version
    )
    sent = select(ReportSendingEntry.id).where(ReportSendingEntry.report_id == ReportEntry.id)
    maker = RoleGrant.person_id == func.coalesce(being(ReportEntry.made_by_id), 0)  # made by schedule it has none, and is everybody's
    roots = actor.roots(Action.REPORT_SEND)
    return and_(
        ReportEntry.unit_id.in_(below(roots, local_date(now))),
        being(ReportEntry.made_by_id).is_distinct_from(actor.person_id),
        ~newer.correlate(ReportEntry).exists(),
        ~sent.correlate(ReportEntry).exists(),
        turn_of(ReportEntry.unit_id, ReportEntry.cut_off_at, roots, Action.REPORT_SEND, now, maker),
    )


def waiting_count(actor: Actor, now: datetime) -> Select[int] | None:
    if not actor.may(Action.REPORT_SEND):
        return None
    return select(func.count()).select_from(ReportEntry).where(_unsent(actor, now))


def waiting(actor: Actor, now: datetime) -> list[tuple[Snapshot, str]]:
    """What waits to be read and sent, each with the words of its rising; a constant number of queries."""
    if not actor.may(Action.REPORT_SEND):
        return []
    found = [Snapshot(*row) for row in db.session.execute(_snapshots().where(_unsent(actor, now)).order_by(ReportEntry.id))]
    told = risen(
        [Risen(str(one.id), one.unit_id, one.cut_off_at, frozenset([one.made_by_id] if one.made_by_id else ())) for one in found],
        Action.REPORT_SEND,
        actor.roots(Action.REPORT_SEND),
        now,
    )
    return [(one, told.get(str(one.id), "")) for one in found]


def disagreements() -> list[str]:
    """Frozen reports whose content is not what was frozen, in words for an operator."""
    rows = db.session.execute(select(ReportEntry.id, ReportEntry.content, ReportEntry.digest).order_by(ReportEntry.id))
    return [f"上报快照 {report_id} 号：内容和校验码不符" for report_id, content, kept in rows if digest(content) != kept]
