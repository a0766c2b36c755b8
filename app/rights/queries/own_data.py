"""Everything that is about somebody, read for them."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Table, or_, select

from app.accounts.models import RoleGrant
from app.audit import keys
from app.audit import rules as audit_rules
from app.audit.codes import worded
from app.audit.details import DETAILS
from app.audit.models import AuditEvent
from app.audit.personal import about_whom
from app.audit.vocabulary import WORDS
from app.core.db import Base, db
from app.core.permissions import ROLE_NAMES
from app.people.models import Person, Unit
from app.rights.sections import HUNDREDTHS, POINTED, SECTIONS, Section
from app.rights.vocabulary import NAMES, SAID, WANTED

LOOK = "person.view"
CHUNK = 5_000
Shown = str | int | float | date | datetime | None


@dataclass(frozen=True)
class Told:
    """One part: `headings` for people, `columns` for programs; `rows` in the same order."""

    title: str
    table: str
    columns: tuple[str, ...]
    headings: tuple[str, ...]
    rows: list[tuple[Shown, ...]]


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


def everything(person_ids: Collection[int]) -> list[Told]:
    """Of the records of one person. As many queries as there are parts, and one for each table that they point at."""
    ids = sorted(person_ids)
    read = [(section, _rows(section, ids)) for section in SECTIONS]
    names = _pointed(read)
    told = [_told(section, rows, names) for section, rows in read]
    return [*told, _looks(ids), _done(ids)]


def _rows(section: Section, ids: list[int]) -> list[Mapping[str, Any]]:
    table = _table(section.table)
    where: list[ColumnElement[bool]] = [table.c[column] == value for column, value in section.where]
    if section.via:
        own, through = section.via
        other = _table(through)
        whose = [other.c[column].in_(ids) for column in section.by]
        where.append(table.c[own].in_(select(other.c.id).where(or_(*whose))))
    else:
        where.append(or_(*(table.c[column].in_(ids) for column in section.by)))
    columns = [table.c[column] for column in section.fields]
    found = db.session.execute(select(*columns).where(*where).order_by(*table.primary_key.columns))
    return [dict(zip(section.fields, row, strict=True)) for row in found]


Names = dict[str, dict[int, str]]


def _pointed(read: list[tuple[Section, list[Mapping[str, Any]]]]) -> Names:
    """What the numbers of other rows are called."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for _, rows in read:
        for row in rows:
            for column in row.keys() & POINTED.keys():
                if row[column] is not None:
                    wanted[POINTED[column][0]].add(row[column])
    return {table: _called(table, sorted(ids)) for table, ids in wanted.items()}


def _called(name: str, ids: list[int]) -> dict[int, str]:
    table = _table(name)
    called: Any = table.c[next(column for of, column in POINTED.values() if of == name)] if name != "shift" else None
    found: dict[int, str] = {}
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        if name == "shift":
            activity = _table("activity")
            asked = select(table.c.id, activity.c.title, table.c.name).join(activity, activity.c.id == table.c.activity_id)
            rows = db.session.execute(asked.where(table.c.id.in_(some)))
            found |= {shift_id: f"{title} {shift}".strip() for shift_id, title, shift in rows}
        else:
            found |= dict(db.session.execute(select(table.c.id, called).where(table.c.id.in_(some))).all())
    return found


def _told(section: Section, rows: list[Mapping[str, Any]], names: Names) -> Told:
    shown = [tuple(_value(section.table, column, row[column], names) for column in section.fields) for row in rows]
    return Told(section.title, section.table, tuple(section.fields), tuple(section.fields.values()), shown)


def _value(table: str, column: str, value: Any, names: Names) -> Shown:
    if value is None:
        return None
    if column in POINTED and isinstance(value, int):
        return names.get(POINTED[column][0], {}).get(value, str(value))
    if f"{table}.{column}" in HUNDREDTHS:
        return float(value) / 100
    if isinstance(value, Enum) or (isinstance(value, str) and f"{table}.{column}" in NAMES):
        plain = value.value if isinstance(value, Enum) else value
        return NAMES.get(f"{table}.{column}", {}).get(plain) or SAID.get(str(plain), str(plain))
    if isinstance(value, bool):
        return "是" if value else "否"
    if f"{table}.{column}" == "rights_request.wanted":
        return "；".join(f"{WANTED[name]}：{SAID.get(str(one), one)}" for name, one in value.items() if name in WANTED and one)
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return value if isinstance(value, str | int | float | date | datetime) else str(value)


def _looks(ids: list[int]) -> Told:
    """Who opened the record, all of it; with the roles that they hold or held."""
    asked = (
        select(AuditEvent.at, AuditEvent.actor_id, Person.name)
        .join(Person, Person.id == AuditEvent.actor_id)
        .where(AuditEvent.action == LOOK, AuditEvent.subject == "person", AuditEvent.subject_id.in_(ids), AuditEvent.actor_id.not_in(ids))
        .order_by(AuditEvent.id)
    )
    events = db.session.execute(asked).all()
    roles: dict[int, set[str]] = defaultdict(set)
    held = select(RoleGrant.person_id, RoleGrant.role, Unit.name).join(Unit, Unit.id == RoleGrant.unit_id)
    for person_id, role, unit in (
        db.session.execute(held.where(RoleGrant.person_id.in_({one.actor_id for one in events}))) if events else ()
    ):
        roles[person_id].add(f"{unit}{ROLE_NAMES[role]}")
    rows: list[tuple[Shown, ...]] = [(at, name, "、".join(sorted(roles[actor_id or 0]))) for at, actor_id, name in events]
    return Told("谁看过我的资料", "audit_event", ("at", "name", "roles"), ("时间", "谁", "职责"), rows)


def _done(ids: list[int]) -> Told:
    """What was done to the record, or by the person. What they did to others' records is told without what it was: that is the others'."""
    about = (AuditEvent.subject == "person") & AuditEvent.subject_id.in_(ids)
    e = AuditEvent
    asked = select(e.at, e.action, e.subject, e.subject_id, e.detail, e.actor_id)
    asked = asked.where(or_(about, AuditEvent.actor_id.in_(ids)), or_(AuditEvent.action != LOOK, AuditEvent.actor_id.in_(ids)))
    events = db.session.execute(asked.order_by(AuditEvent.id)).all()
    clear = keys.open_details(
        [(one.action, one.at, one.detail if about_whom(one.subject, one.subject_id, one.detail) in (None, *ids) else {}) for one in events]
    )
    rows: list[tuple[Shown, ...]] = [
        (
            one.at,
            "我自己" if one.actor_id in ids else "别人",
            WORDS[one.action][1] if one.action in WORDS else one.action,
            _detail(one.action, detail),
        )
        for one, detail in zip(events, clear, strict=True)
    ]
    return Told("办过的事和改过的资料", "audit_event", ("at", "by", "action", "detail"), ("时间", "谁办的", "做了什么", "内容"), rows)


def _detail(action: str, detail: dict[str, Any]) -> str:
    """In words, without numbers of rows; of other people nothing."""
    plain = worded(action, {key: value for key, value in detail.items() if audit_rules.kind_of(action, key) is None and key != "people"})
    changed = [
        (f"{one.name}：" if one.name else "") + f"{audit_rules.shown(one.before)}改为{audit_rules.shown(one.after)}"
        for one in audit_rules.changes(action, plain)
        if one.kind is None
    ]
    rest = audit_rules.rest(action, plain).items()
    return "；".join(
        [*changed, *(DETAILS.get(key, key) + ("" if value is True else f"：{audit_rules.shown(value)}") for key, value in rest)]
    )
