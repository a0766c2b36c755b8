"""Searching the audit, newest first. It stands below the features, so it reads the names of what it tells of by bare tables.

Each way of searching walks an index in the order of the answer, so that a page costs the same in a million rows.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, column, literal, select, table, tuple_, union_all
from sqlalchemy.sql.expression import ColumnElement

from app.audit.keys import open_details
from app.audit.models import AuditEvent
from app.audit.named import NAMED
from app.audit.rules import actions_of
from app.audit.vocabulary import Group
from app.core.db import UtcDateTime, db

_UNIT = table("unit", column("id"), column("kind"))
CHUNK = 5_000


@dataclass(frozen=True)
class Search:
    """Empty parts do not narrow. `since` and `until` are instants, `until` outside; a subject needs kind and id."""

    actor_id: int | None = None
    group: Group | None = None
    subject: str | None = None
    subject_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    request_id: str | None = None


@dataclass(frozen=True)
class EventRow:
    id: int
    at: datetime
    actor_id: int | None
    action: str
    subject: str
    subject_id: int | None
    detail: dict[str, Any]
    request_id: str


@dataclass(frozen=True)
class Place:
    """Where a page ends; the next one begins after it."""

    at: datetime
    id: int


_E = AuditEvent
_COLUMNS = (_E.id, _E.at, _E.actor_id, _E.action, _E.subject, _E.subject_id, _E.detail, _E.request_id)


def _conditions(search: Search, after: Place | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if search.actor_id is not None:
        found.append(_E.actor_id == search.actor_id)
    if search.subject is not None:
        found += [_E.subject == search.subject, _E.subject_id == search.subject_id]
    if search.since is not None:
        found.append(_E.at >= search.since)
    if search.until is not None:
        found.append(_E.at < search.until)
    if search.request_id is not None:
        found.append(_E.request_id == search.request_id)
    if after is not None:
        found.append(tuple_(_E.at, _E.id) < tuple_(literal(after.at, UtcDateTime), literal(after.id)))
    return found


def _statement(search: Search, after: Place | None, limit: int) -> Select[*tuple[Any, ...]]:
    """One walk of an index; of a group one walk an action, merged: some are rare, and none is looked for among all rows."""
    order = (_E.at.desc(), _E.id.desc())
    conditions = _conditions(search, after)
    narrow = search.actor_id is not None or search.subject is not None or search.request_id is not None
    if search.group is None:
        return select(*_COLUMNS).where(*conditions).order_by(*order).limit(limit)
    actions = actions_of(search.group)
    if narrow:
        return select(*_COLUMNS).where(*conditions, _E.action.in_(actions)).order_by(*order).limit(limit)
    walks = [select(_E.id).where(_E.action == action, *conditions).order_by(*order).limit(limit).subquery() for action in actions]
    newest = union_all(*(select(walk.c.id) for walk in walks))
    return select(*_COLUMNS).where(_E.id.in_(newest)).order_by(*order).limit(limit)


def events(search: Search, limit: int, after: Place | None = None) -> list[EventRow]:
    """Newest first; one query, and one for the keys where anything in it is encrypted."""
    return _in_clear([EventRow(*row) for row in db.session.execute(_statement(search, after, limit))])


def event(event_id: int) -> EventRow | None:
    row = db.session.execute(select(*_COLUMNS).where(_E.id == event_id)).one_or_none()
    return _in_clear([EventRow(*row)])[0] if row else None


def _in_clear(rows: list[EventRow]) -> list[EventRow]:
    """For who may read the audit; what belonged to somebody who was erased says so."""
    details = open_details([(row.action, row.at, row.detail) for row in rows])
    return [replace(row, detail=detail) for row, detail in zip(rows, details, strict=True)]


def names(wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """(kind, id) → name; one query a kind, kinds without names are left out."""
    by_kind: dict[str, set[int]] = {}
    for kind, id_ in wanted:
        if kind in NAMED:
            by_kind.setdefault(kind, set()).add(id_)
    found: dict[tuple[str, int], str] = {}
    for kind, ids in sorted(by_kind.items()):
        named = NAMED[kind]
        for some in _chunks(sorted(ids)):
            rows = db.session.execute(select(named.of.c.id, named.words).select_from(named.source).where(named.of.c.id.in_(some)))
            found |= {(kind, id_): named.said.format(name) for id_, name in rows if name}
    return found


def _chunks(ids: list[int]) -> Iterable[Collection[int]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def people_named(name: str, limit: int = 20) -> list[tuple[int, str]]:
    """Persons by whole name, for choosing whose doings to read."""
    person = NAMED["person"].of
    rows = db.session.execute(select(person.c.id, person.c.name).where(person.c.name == name).order_by(person.c.id).limit(limit))
    return [(id_, found) for id_, found in rows]


def root_unit_id() -> int | None:
    """The subdistrict: only whose right reaches all of it reads the audit."""
    found: int | None = db.session.scalar(select(_UNIT.c.id).where(_UNIT.c.kind == "subdistrict").limit(1))
    return found
