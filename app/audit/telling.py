"""Audit rows told in plain Chinese. People are ids in them, named now; a particular that was changed stands as it was and as it is."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.audit import queries, rules
from app.audit.codes import worded
from app.audit.details import COUNTED, DETAILS, SUBJECTS
from app.audit.queries import EventRow
from app.core.words import yuan


@dataclass(frozen=True)
class Told:
    """`subject` is what it was done to, `link` its page where this site has one. `changes` are (what, before, after).

    Numbers of rows, which nobody knows outside of the database, stand in `records` alone.
    """

    id: int
    at: datetime
    actor_id: int | None
    who: str
    what: str
    subject_kind: str
    subject_id: int | None
    subject: str
    link: str | None
    changes: list[tuple[str, str, str]]
    more: list[tuple[str, str]]
    request_id: str
    records: list[tuple[str, str]]


Names = dict[tuple[str, int], str]


def tell(rows: list[EventRow], link: Callable[[str, int], str | None]) -> list[Told]:
    """At most one query a kind of thing, however many rows."""
    rows = [replace(row, detail=worded(row.action, row.detail)) for row in rows]
    wanted = {("person", row.actor_id) for row in rows if row.actor_id is not None}
    wanted |= {(row.subject, row.subject_id) for row in rows if row.subject_id is not None}
    for row in rows:
        wanted |= set(rules.named_ids(row.action, row.detail))
    names = queries.names(wanted)
    return [_told(row, names, link) for row in rows]


def _told(row: EventRow, names: Names, link: Callable[[str, int], str | None]) -> Told:
    kind, id_ = row.subject, row.subject_id
    subject = SUBJECTS.get(kind, kind)
    if id_ is not None:
        subject = names.get((kind, id_), subject)
    return Told(
        id=row.id,
        at=row.at,
        actor_id=row.actor_id,
        who="系统" if row.actor_id is None else names.get(("person", row.actor_id), str(row.actor_id)),
        what=rules.words(row.action),
        subject_kind=kind,
        subject_id=id_,
        subject=subject,
        link=link(kind, id_) if id_ is not None else None,
        changes=[
            (one.name, _value(one.kind, one.before, names), _value(one.kind, one.after, names))
            for one in rules.changes(row.action, row.detail)
        ],
        more=[
            (DETAILS.get(key, key), "" if value is True else _more(row.action, key, value, names))
            for key, value in rules.rest(row.action, row.detail).items()
            if not (key == "number" and str(value) in subject)  # it is called by that number
        ],
        request_id=row.request_id,
        records=[(DETAILS.get(key, key), rules.shown(value)) for key, value in rules.records(row.action, row.detail).items()],
    )


def _value(kind: str | None, value: Any, names: Names) -> str:
    if kind is not None and isinstance(value, int):
        return names.get((kind, value), str(value))
    return rules.shown(value)


def _more(action: str, key: str, value: Any, names: Names) -> str:
    kind = "person" if key == "people" and isinstance(value, list) else rules.kind_of(action, key)
    if key == "shifts":
        kind = "shift"
    if kind and isinstance(value, list):
        some = "、".join(names.get((kind, one), str(one)) for one in value[: rules.PEOPLE_NAMED])
        return some + (f" 等 {len(value)} 个" if len(value) > rules.PEOPLE_NAMED else "")
    if key in {"fen", "second_above", "minute_above"} and isinstance(value, int):
        return f"{yuan(value)} 元"
    if key == "seq":
        return f"{COUNTED[key].format(value)}（{rules.words(action)}）"
    if key in COUNTED and isinstance(value, int) and not isinstance(value, bool):
        return COUNTED[key].format(f"{value:,}" if key != "year" else value)
    return _value(kind, value, names)
