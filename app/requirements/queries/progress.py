"""How far people are, from the entries of the hours ledger that stand."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import or_, select, true
from sqlalchemy.orm import aliased

from app.core.db import db
from app.hours.models import HourEntry
from app.hours.rules import SourceKind
from app.people import queries as people
from app.requirements.queries.sets import Rulebook, active_needs
from app.requirements.rules import Fact, Period, Progress, periods, progress


def progress_of(person_ids: Collection[int], today: date) -> dict[int, list[Progress]]:
    """Each person's progress under the version that holds, for the stage they are in; people in other stages are left out.

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


def progress_as_one(stays_id: int, goes_id: int, uncounted: Collection[int], today: date) -> list[Progress]:
    """That of two records if they were one: in the stage of who stays, where they ever had any, else of the other.

    `uncounted`: spells (attendance) of either that would not count.
    """
    whose = stays_id if people.stages(stays_id) else goes_id
    stage = people.stages_of([whose], today).get(whose)
    needs = [need for need in active_needs(today) if stage and need.stage is stage.kind]
    if stage is None or not needs:
        return []
    facts = [fact for found in facts_of([stays_id, goes_id], but=uncounted).values() for fact in found]
    return [progress(need, stage.began_on, facts, today) for need in needs]


def facts_of(person_ids: Collection[int], but: Collection[int] = ()) -> dict[int, list[Fact]]:
    """Standing entries of the hours ledger: originals without a reversal. `but`: spells whose entries are left out."""
    reversal = aliased(HourEntry)
    rows = db.session.execute(
        select(HourEntry.person_id, HourEntry.id, HourEntry.served_on, HourEntry.kind, HourEntry.hour_class, HourEntry.minutes)
        .outerjoin(reversal, reversal.reverses_id == HourEntry.id)
        .where(HourEntry.person_id.in_(person_ids), HourEntry.reverses_id.is_(None), reversal.id.is_(None))
        .where(or_(HourEntry.source_kind != SourceKind.ATTENDANCE, HourEntry.source_id.not_in(but)) if but else true())
    )
    facts: dict[int, list[Fact]] = {}
    for person_id, id_, served_on, kind, hour_class, minutes in rows:
        facts.setdefault(person_id, []).append(Fact(id_, served_on, kind, hour_class, minutes))
    return facts


def stages_with_progress(person_id: int, facts: Sequence[Fact], rules: Rulebook, today: date) -> list[tuple[Period, list[Progress]]]:
    """Every stage of somebody of which something was asked, each under the rule of its last day; the latest first. One query."""
    found = []
    for period in reversed(periods(people.stages(person_id), today)):
        needs = [need for need in rules.asked(period.judged_on(today)) if need.stage is period.kind]
        if needs:
            found.append((period, [progress(need, period.began_on, facts, today, period.ended_on) for need in needs]))
    return found
