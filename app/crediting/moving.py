"""What was credited to somebody turns out to be somebody else's: it is reversed, and credited again under the one whose it is.

Same source, next generation, same service, same counted day, same unit, same amounts, closed months among them: of units nothing moves.
Caps are those of the person, and are evened anew on both sides.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, CompoundSelect, Select, func, select, tuple_, union
from sqlalchemy.orm import aliased

from app.core.db import db, writing
from app.crediting.evening import even
from app.crediting.service import opposite
from app.hours import queries as hours
from app.hours import service as hour_ledger
from app.hours.models import HourEntry
from app.hours.rules import HourPosting, SourceKind
from app.points import queries as points
from app.points import service as point_ledger
from app.points.models import PointEntry
from app.points.rules import PointPosting

Entry = TypeVar("Entry", HourEntry, PointEntry)


@dataclass(frozen=True)
class Move:
    """From whom to whom, and who stands behind it."""

    from_id: int
    to_id: int
    reason: str
    made_by_id: int
    approved_by_id: int | None


@dataclass(frozen=True)
class Source:
    """What entries come from."""

    kind: SourceKind
    id: int


def sources_of(person_id: int, limit: int | None = None, among: CompoundSelect[Any] | None = None) -> list[Source]:
    """What stands in either ledger under somebody, in order; what evened a cap is none, it follows from the others.

    `among`: only these (kind, id).
    """
    found: CompoundSelect[Any] = union(_standing(HourEntry, person_id, among), _standing(PointEntry, person_id, among))
    rows = db.session.execute(select(found.subquery()).order_by("source_kind", "source_id").limit(limit))
    return [Source(SourceKind(kind), source_id) for kind, source_id in rows]


def _standing(entry: Any, person_id: int, among: CompoundSelect[Any] | None) -> Select[Any]:
    reversal = aliased(entry)
    taken_back = select(reversal.id).where(reversal.reverses_id == entry.id).exists()
    found = select(entry.source_kind, entry.source_id).where(
        entry.person_id == person_id, entry.reverses_id.is_(None), entry.source_kind != SourceKind.EVENED, ~taken_back
    )
    return found if among is None else found.where(tuple_(entry.source_kind, entry.source_id).in_(among))


def move(moving: Move, sources: Collection[Source], now: datetime, *, uncounted: Collection[Source] = ()) -> None:
    """The persons are locked by the caller. `uncounted` are only taken back: they count for nobody for now."""
    writing()
    for kind in sorted({one.kind for one in sources}):
        ids = sorted(one.id for one in sources if one.kind == kind)
        held = {one.id for one in uncounted if one.kind == kind}
        minutes = [one for one in hours.standing_sources(kind, ids) if one.person_id == moving.from_id]
        given = [one for one in points.standing_sources(kind, ids) if one.person_id == moving.from_id]
        said = {"reason": moving.reason, "made_by_id": moving.made_by_id, "approved_by_id": moving.approved_by_id}
        hour_ledger.post([opposite(HourPosting, one, {}, "minutes", **said) for one in minutes], now)
        back = [opposite(PointPosting, one, {}, "wanted", "points", **said) for one in given]
        point_ledger.post(back, now)
        again = _again(
            moving.to_id,
            kind,
            [one for one in minutes if one.source_id not in held],
            [one for one in given if one.source_id not in held],
            now,
        )
        even([*back, *again], now)


def restore(person_id: int, source: Source, now: datetime) -> None:
    """What was taken back of somebody last stands again: a source that `move` left uncounted."""
    writing()
    minutes, given = _last(HourEntry, person_id, source), _last(PointEntry, person_id, source)
    even(_again(person_id, source.kind, minutes, given, now), now)


def _last(entry: type[Entry], person_id: int, source: Source) -> Sequence[Entry]:
    of: tuple[ColumnElement[bool], ...] = (
        entry.person_id == person_id,
        entry.source_kind == source.kind,
        entry.source_id == source.id,
        entry.reverses_id.is_(None),
    )
    newest = select(func.max(entry.generation)).where(*of).scalar_subquery()
    return db.session.scalars(select(entry).where(*of, entry.generation == newest).order_by(entry.id)).all()


def _again(
    person_id: int, kind: SourceKind, minutes: Sequence[HourEntry], given: Sequence[PointEntry], now: datetime
) -> list[PointPosting]:
    hour_next = hours.generations(kind, [one.source_id for one in minutes])
    point_next = points.generations(kind, [one.source_id for one in given])
    hour_ledger.post([_once_more(HourPosting, one, person_id, hour_next.__getitem__) for one in minutes], now)
    again = [_once_more(PointPosting, one, person_id, point_next.__getitem__) for one in given]
    point_ledger.post(again, now)
    return again


P = TypeVar("P", HourPosting, PointPosting)


def _once_more(kind: type[P], entry: Any, person_id: int, generation: Callable[[int], int]) -> P:
    same = {one.name: getattr(entry, one.name) for one in fields(kind)}
    return kind(**same | {"person_id": person_id, "generation": generation(entry.source_id), "reverses_id": None})
