"""Everything that is about somebody, read for them."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from app.core.db import db, table
from app.rights.queries import trail
from app.rights.sections import HUNDREDTHS, POINTED, SECTIONS, Section
from app.rights.told import Shown, Told
from app.rights.vocabulary import NAMES, SAID, WANTED

CHUNK = 5_000


def everything(person_ids: Collection[int]) -> list[Told]:
    """Of the records of one person. As many queries as there are parts, and one for each table that they point at.

    What the audit knows is read in pages when somebody goes through it.
    """
    ids = sorted(person_ids)
    read = [(section, _rows(section, ids)) for section in SECTIONS]
    names = _pointed(read)
    told = [_told(section, rows, names) for section, rows in read]
    return [*told, trail.looks(ids), trail.done(ids)]


def _rows(section: Section, ids: list[int]) -> list[Mapping[str, Any]]:
    source = table(section.table)
    where: list[ColumnElement[bool]] = [source.c[column] == value for column, value in section.where]
    if section.via:
        own, through = section.via
        other = table(through)
        whose = [other.c[column].in_(ids) for column in section.by]
        where.append(source.c[own].in_(select(other.c.id).where(or_(*whose))))
    else:
        where.append(or_(*(source.c[column].in_(ids) for column in section.by)))
    columns = [source.c[column] for column in section.fields]
    found = db.session.execute(select(*columns).where(*where).order_by(*source.primary_key.columns))
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
    source = table(name)
    called: Any = source.c[next(column for of, column in POINTED.values() if of == name)] if name != "shift" else None
    found: dict[int, str] = {}
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        if name == "shift":
            activity = table("activity")
            asked = select(source.c.id, activity.c.title, source.c.name).join(activity, activity.c.id == source.c.activity_id)
            rows = db.session.execute(asked.where(source.c.id.in_(some)))
            found |= {shift_id: f"{title} {shift}".strip() for shift_id, title, shift in rows}
        else:
            found |= dict(db.session.execute(select(source.c.id, called).where(source.c.id.in_(some))).all())
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
