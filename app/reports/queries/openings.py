"""历史数据: what stands on 数读, and what waits for a second administrator."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from app.core.actor import Actor
from app.core.db import db
from app.core.permissions import Action
from app.people.models import Person
from app.people.queries import being
from app.people.queries.units import governs, is_the_whole
from app.reports.figure_rules import Figure, Opening
from app.reports.models import OpeningFigureEntry, OpeningWordEntry


def standing() -> dict[Figure, Opening]:
    """Of each figure the newest that was confirmed, those taken back left out. One query."""
    word, entry = OpeningWordEntry, OpeningFigureEntry
    newest = select(func.max(entry.id)).join(word, word.opening_id == entry.id).where(word.confirmed.is_(True)).group_by(entry.figure)
    rows = db.session.execute(
        select(entry.figure, entry.amount, entry.as_of, entry.source, word.said_at)
        .join(word, word.opening_id == entry.id)
        .where(entry.id.in_(newest), entry.amount.is_not(None))
    )
    return {row[0]: Opening(row[0], int(row[1] or 0), row[2], row[3], row[4]) for row in rows}


@dataclass(frozen=True)
class OpeningRow:
    """One that was recorded; `confirmed` None while it waits, `recorded_by_id` who that is now."""

    id: int
    figure: Figure
    amount: int | None
    as_of: date
    source: str
    recorded_at: datetime
    recorded_by_id: int
    recorder: str
    confirmed: bool | None
    decider: str


def history(limit: int, offset: int = 0) -> list[OpeningRow]:
    """All that were ever recorded, the newest first."""
    word, entry, second = OpeningWordEntry, OpeningFigureEntry, aliased(Person)
    rows = db.session.execute(
        select(
            entry.id,
            entry.figure,
            entry.amount,
            entry.as_of,
            entry.source,
            entry.recorded_at,
            func.coalesce(Person.became_id, Person.id),
            Person.name,
            word.confirmed,
            func.coalesce(second.name, ""),
        )
        .join(Person, Person.id == entry.recorded_by_id)
        .outerjoin(word, word.opening_id == entry.id)
        .outerjoin(second, second.id == word.said_by_id)
        .order_by(entry.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [OpeningRow(*tuple(row)) for row in rows]


def waiting_count(actor: Actor) -> Select[int] | None:
    """Recorded by somebody else and not decided, for administrators of the subdistrict; for the work list to ask."""
    roots = actor.roots(Action.UNIT_MANAGE)
    if not roots:
        return None
    word, entry = OpeningWordEntry, OpeningFigureEntry
    query = select(func.count()).select_from(entry).outerjoin(word, word.opening_id == entry.id)
    return query.where(word.id.is_(None), being(entry.recorded_by_id) != actor.person_id, is_the_whole(roots))


def waiting(actor: Actor) -> list[OpeningRow]:
    if not governs(actor, Action.UNIT_MANAGE):
        return []
    return [row for row in history(500) if row.confirmed is None and row.recorded_by_id != actor.person_id]
