"""Who looked at a person's detail, for that person: when, by what role, whose name."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select

from app.accounts.models import RoleGrant
from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import db
from app.core.permissions import ALLOWED, ROLE_NAMES, Action
from app.people.models import Person, Unit

SHOWN = 200  # events; lines are fewer, as one person's looks of a day are one line
LOOK = "person.view"


@dataclass(frozen=True)
class Look:
    """One person's looks of one day. `last_at` is the latest of them; `roles` are those that held that day (支部书记，锦园第二党支部)."""

    day: date
    last_at: datetime
    name: str
    roles: tuple[str, ...]
    times: int


def looks(person_id: int) -> list[Look]:
    """The newest first, one's own left out; two queries."""
    events = db.session.execute(
        select(AuditEvent.at, AuditEvent.actor_id, Person.name)
        .join(Person, Person.id == AuditEvent.actor_id)
        .where(
            AuditEvent.subject == "person", AuditEvent.subject_id == person_id, AuditEvent.action == LOOK, AuditEvent.actor_id != person_id
        )
        .order_by(AuditEvent.id.desc())
        .limit(SHOWN)
    ).all()
    held = _roles({event.actor_id for event in events})
    lines: dict[tuple[date, int | None], Look] = {}
    for at, actor_id, name in events:
        day = clock.local_date(at)
        known = lines.get((day, actor_id))
        if known:
            lines[day, actor_id] = Look(day, known.last_at, name, known.roles, known.times + 1)
        else:
            roles = tuple(words for first, last, words in held.get(actor_id, []) if first <= day and (last is None or last > day))
            lines[day, actor_id] = Look(day, at, name, tuple(dict.fromkeys(roles)), 1)
    return list(lines.values())


def _roles(person_ids: Collection[int | None]) -> dict[int | None, list[tuple[date, date | None, str]]]:
    """Of each, the roles by which somebody may look, with their dates; the rest is nobody's business here."""
    if not person_ids:
        return {}
    looking = ALLOWED[Action.PERSON_READ] | ALLOWED[Action.PERSON_CONFIRM]
    rows = db.session.execute(
        select(RoleGrant.person_id, RoleGrant.valid_from, RoleGrant.valid_to, RoleGrant.role, Unit.name)
        .join(Unit, Unit.id == RoleGrant.unit_id)
        .where(RoleGrant.person_id.in_(person_ids), RoleGrant.role.in_(looking))
        .where(or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > RoleGrant.valid_from))
        .order_by(RoleGrant.id)
    )
    found: dict[int | None, list[tuple[date, date | None, str]]] = {}
    for person_id, first, last, role, unit in rows:
        found.setdefault(person_id, []).append(
            (first, last, f"{unit}{ROLE_NAMES[role]}" if unit not in ROLE_NAMES[role] else ROLE_NAMES[role])
        )
    return found
