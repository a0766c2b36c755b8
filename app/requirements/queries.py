"""Reading 双50: the active preset, and the progress of one person or of a whole branch."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.core.db import db
from app.hours.models import HourEntry
from app.people import queries as people
from app.requirements.models import Requirement, RequirementSet
from app.requirements.rules import Fact, Need, Progress, progress


@dataclass(frozen=True)
class Preset:
    id: int
    code: str
    name: str
    note: str
    active: bool


def presets() -> list[Preset]:
    """All readings of the rule; the one activated last holds."""
    rows = db.session.execute(
        select(RequirementSet.id, RequirementSet.code, RequirementSet.name, RequirementSet.note, RequirementSet.activated_at).order_by(
            RequirementSet.id
        )
    ).all()
    newest = max((row.activated_at for row in rows if row.activated_at), default=None)
    return [Preset(row.id, row.code, row.name, row.note, row.activated_at is not None and row.activated_at == newest) for row in rows]


def active_needs() -> list[Need]:
    """What the active preset asks, stage by stage; one query."""
    newest = (
        select(RequirementSet.id)
        .where(RequirementSet.activated_at.is_not(None))
        .order_by(RequirementSet.activated_at.desc(), RequirementSet.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            Requirement.id,
            Requirement.stage,
            Requirement.kind,
            Requirement.minutes_needed,
            Requirement.honour_minutes,
            Requirement.window_days,
        )
        .where(Requirement.set_id == newest)
        .order_by(Requirement.id)
    )
    return [Need(*row) for row in rows]


def progress_of(person_ids: Collection[int], today: date) -> dict[int, list[Progress]]:
    """Each person's progress under the active preset, for the stage they are in; people in other stages are left out.

    Three queries, however many people.
    """
    needs = active_needs()
    stages = people.stages_of(person_ids, today)
    asked = {need.stage for need in needs}
    concerned = {person_id: stage for person_id, stage in stages.items() if stage.kind in asked}
    facts = facts_of(concerned)
    return {
        person_id: [progress(need, stage.began_on, facts.get(person_id, []), today) for need in needs if need.stage is stage.kind]
        for person_id, stage in concerned.items()
    }


def facts_of(person_ids: Collection[int]) -> dict[int, list[Fact]]:
    """Standing entries of the hours ledger: originals without a reversal."""
    reversal = aliased(HourEntry)
    rows = db.session.execute(
        select(HourEntry.person_id, HourEntry.id, HourEntry.served_on, HourEntry.kind, HourEntry.hour_class, HourEntry.minutes)
        .outerjoin(reversal, reversal.reverses_id == HourEntry.id)
        .where(HourEntry.person_id.in_(person_ids), HourEntry.reverses_id.is_(None), reversal.id.is_(None))
    )
    facts: dict[int, list[Fact]] = {}
    for person_id, id_, served_on, kind, hour_class, minutes in rows:
        facts.setdefault(person_id, []).append(Fact(id_, served_on, kind, hour_class, minutes))
    return facts
