"""Reading 双50: the active preset, and the progress of one person or of a whole branch."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select
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
    valid_from: date
    active: bool


def _holding(day: date) -> Select[int]:
    """The preset that holds on a day: of those valid by then, the one activated last."""
    return (
        select(RequirementSet.id)
        .where(RequirementSet.activated_at.is_not(None), RequirementSet.valid_from <= day)
        .order_by(RequirementSet.activated_at.desc(), RequirementSet.id.desc())
        .limit(1)
    )


def presets(day: date) -> list[Preset]:
    """All readings of the rule; at most one holds on a day."""
    table = RequirementSet
    rows = db.session.execute(
        select(table.id, table.code, table.name, table.note, table.valid_from, _holding(day).scalar_subquery().label("holding")).order_by(
            table.id
        )
    )
    return [Preset(row.id, row.code, row.name, row.note, row.valid_from, row.id == row.holding) for row in rows]


def active_needs(day: date) -> list[Need]:
    """What the preset that holds on a day asks, stage by stage; one query."""
    rows = db.session.execute(
        select(
            Requirement.id,
            Requirement.stage,
            Requirement.kind,
            Requirement.minutes_needed,
            Requirement.honour_minutes,
            Requirement.window_days,
        )
        .where(Requirement.set_id == _holding(day).scalar_subquery())
        .order_by(Requirement.id)
    )
    return [Need(*row) for row in rows]


def progress_of(person_ids: Collection[int], today: date) -> dict[int, list[Progress]]:
    """Each person's progress under the active preset, for the stage they are in; people in other stages are left out.

    Three queries, however many people.
    """
    needs = active_needs(today)
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
