"""What the audit knows of somebody: who looked, and what was done. Of whoever decides much that is a great deal, so it is read in pages."""

from array import array
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from app.accounts.models import RoleGrant
from app.audit import keys
from app.audit import rules as audit_rules
from app.audit.codes import worded
from app.audit.details import DETAILS
from app.audit.models import AuditEvent
from app.audit.personal import about_whom
from app.audit.vocabulary import WORDS
from app.core.db import db
from app.core.permissions import ROLE_NAMES
from app.people.models import Person, Unit
from app.rights.told import Paged, Row, Told

LOOK = "person.view"
E = AuditEvent


def looks(ids: list[int]) -> Told:
    """Who opened the record, all of it; with the roles that they hold or held."""
    opened = (E.action == LOOK, E.subject == "person", E.subject_id.in_(ids), E.actor_id.not_in(ids))
    held = select(RoleGrant.person_id, RoleGrant.role, Unit.name).join(Unit, Unit.id == RoleGrant.unit_id)
    roles: dict[int, set[str]] = defaultdict(set)
    for person_id, role, unit in db.session.execute(held.where(RoleGrant.person_id.in_(select(E.actor_id).where(*opened)))):
        roles[person_id].add(f"{unit}{ROLE_NAMES[role]}")
    said = {person_id: "、".join(sorted(held_)) for person_id, held_ in roles.items()}
    rows = Paged(_keys(*opened), partial(_looked, said))
    return Told("谁看过我的资料", "audit_event", ("at", "name", "roles"), ("时间", "谁", "职责"), rows)


def _looked(roles: dict[int, str], page: Sequence[int]) -> list[Row]:
    asked = select(E.at, E.actor_id, Person.name).join(Person, Person.id == E.actor_id).where(E.id.in_(page)).order_by(E.id)
    return [(at, name, roles.get(actor_id or 0, "")) for at, actor_id, name in db.session.execute(asked)]


def done(ids: list[int]) -> Told:
    """What was done to the record, or by the person. What they did to others' records is told without what it was: that is the others'."""
    about = (E.subject == "person") & E.subject_id.in_(ids)
    theirs = (or_(about, E.actor_id.in_(ids)), or_(E.action != LOOK, E.actor_id.in_(ids)))
    rows = Paged(_keys(*theirs), partial(_did, ids))
    return Told("办过的事和改过的资料", "audit_event", ("at", "by", "action", "detail"), ("时间", "谁办的", "做了什么", "内容"), rows)


def _did(ids: list[int], page: Sequence[int]) -> list[Row]:
    asked = select(E.at, E.action, E.subject, E.subject_id, E.detail, E.actor_id).where(E.id.in_(page)).order_by(E.id)
    events = db.session.execute(asked).all()
    clear = keys.open_details(
        [(one.action, one.at, one.detail if about_whom(one.subject, one.subject_id, one.detail) in (None, *ids) else {}) for one in events]
    )
    return [
        (
            one.at,
            "我自己" if one.actor_id in ids else "别人",
            WORDS[one.action][1] if one.action in WORDS else one.action,
            _detail(one.action, detail),
        )
        for one, detail in zip(events, clear, strict=True)
    ]


def _keys(*where: ColumnElement[bool]) -> "array[int]":
    """Numbers alone: eight bytes for each row."""
    return array("q", db.session.scalars(select(E.id).where(*where).order_by(E.id)))


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
