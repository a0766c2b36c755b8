"""Giving and ending roles. Who may give which, the tables of core.permissions say; the database has the last word on dates."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Date, Update, and_, case, insert, literal, or_, select, update
from sqlalchemy.exc import IntegrityError

from app.accounts.models import Account, AccountSession, ActivationCode, RoleGrant
from app.accounts.queries import GrantRow
from app.accounts.rules import STAFF_SESSION
from app.accounts.telling import tell_all
from app.audit import service as audit
from app.core import clock
from app.core.actor import Actor
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, Refused
from app.core.permissions import ALWAYS_DATED, ROLE_NAMES, Role
from app.core.words import full_day
from app.people import queries as people
from app.people.models import Unit
from app.people.service.leaving import Held, Holding, Leaving, People, when_leaving

CROWDED = "那段时间这个组织已经有两位副书记／组织委员了。先收回一位，或换个日期。"
TWICE = "他那段时间已经有这个职责了，没有重复添加。"
NOT_OWN = "自己的职责要由另一位有权限的人来改。"


def appoint(actor: Actor, person_id: int, role: Role, unit_id: int, from_day: date, to_day: date | None) -> None:
    """Give a role from `from_day` until the day before `to_day`. Raises Refused for oneself, Invalid where the giver may not."""
    writing()
    if person_id == actor.person_id:
        raise Refused(NOT_OWN)
    roots, alone = actor.giving(role)
    if not roots and not alone:
        raise Invalid({"role": f"{ROLE_NAMES[role]}要由街道管理员来给"})
    if unit_id not in alone and not people.is_below(unit_id, roots, clock.today()):
        raise Invalid({"unit": f"{ROLE_NAMES[role]}只能给您自己的组织" if alone else "请选择管哪里"})
    if role in ALWAYS_DATED and to_day is None:
        raise Invalid({"until": f"{ROLE_NAMES[role]}要写到哪天为止"})
    grant_role(person_id, role, unit_id, from_day, actor.person_id, to_day)


def grant_role(person_id: int, role: Role, unit_id: int, from_day: date, granted_by_id: int | None, to_day: date | None = None) -> None:
    """Dated, for a unit and its subtree; the database refuses a grant to oneself and a third deputy. Long sessions become short ones,
    and codes made before end: who made them might not make them now.

    It asks nobody's permission: for the command line, and for `appoint`. Raises IntegrityError (see `fault_of`).
    """
    writing()
    grant_id: int = db.session.execute(
        insert(RoleGrant)
        .values(person_id=person_id, role=role, unit_id=unit_id, valid_from=from_day, valid_to=to_day, granted_by_id=granted_by_id)
        .returning(RoleGrant.id)
    ).scalar_one()
    now = clock.now()
    last = now + STAFF_SESSION
    own = select(Account.id).where(Account.person_id == person_id).scalar_subquery()
    db.session.execute(
        update(AccountSession).where(AccountSession.account_id == own, AccountSession.expires_at > last).values(expires_at=last)
    )
    unused = (ActivationCode.used_at.is_(None), ActivationCode.revoked_at.is_(None))
    db.session.execute(update(ActivationCode).where(ActivationCode.person_id == person_id, *unused).values(revoked_at=now))
    dates = {"from": from_day.isoformat(), "to": to_day.isoformat() if to_day else None}
    audit.record(granted_by_id, "role.grant", "role_grant", grant_id, person=person_id, role=role.value, unit=unit_id, **dates)


def fault_of(error: IntegrityError) -> Conflict:
    """What the database refused, in words."""
    return Conflict(CROWDED if "two deputies" in str(error.orig) else TWICE)


def end_role(actor: Actor, grant: GrantRow, day: date) -> None:
    """From `day` on it holds no more; the row stays. Nothing when it had ended before.

    Raises Refused for one's own, and for what is another's to take back.
    """
    writing()
    if grant.person_id == actor.person_id:
        raise Refused(NOT_OWN)
    roots, alone = actor.giving(grant.role)
    if grant.unit_id not in alone and not people.is_below(grant.unit_id, roots, day):
        raise Refused(f"{ROLE_NAMES[grant.role]}要由街道管理员来收回。")
    running = or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > day)
    ending = update(RoleGrant).where(RoleGrant.id == grant.id, running).values(valid_to=max(grant.since, day))
    ended = db.session.execute(ending.returning(RoleGrant.person_id)).scalar_one_or_none()
    if ended is not None:
        audit.record(actor.person_id, "role.end", "role_grant", grant.id, person=ended, role=grant.role.value, unit=grant.unit_id)


def _roles_of(persons: People, day: date) -> list[Held]:
    """The roles that hold or are to come."""
    held = (
        select(RoleGrant.id, RoleGrant.person_id, RoleGrant.unit_id, RoleGrant.role, RoleGrant.valid_from, RoleGrant.valid_to, Unit.name)
        .join(Unit, Unit.id == RoleGrant.unit_id)
        .where(RoleGrant.person_id.in_(persons), _runs(day))
        .order_by(RoleGrant.id)
    )
    return [
        Held(
            "role",
            row.id,
            row.person_id,
            row.unit_id,
            row.valid_to,
            ROLE_NAMES[row.role],
            f"{row.name}，{full_day(row.valid_from)}起",
            False,
        )
        for row in db.session.execute(held)
    ]


def _end_with_transfer(leaving: Leaving, grant_ids: Collection[int]) -> None:
    """From today, also where the transfer is dated back: what was decided with the right meanwhile stays explained."""
    start = case((RoleGrant.valid_from > leaving.today, RoleGrant.valid_from), else_=literal(leaving.today, Date))
    ending = update(RoleGrant).where(RoleGrant.id.in_(grant_ids), _runs(leaving.today)).values(valid_to=start)
    named = _told(ending, "role.end", leaving)
    texts = {who: f"您的组织关系转走了，在原支部的职责（{'、'.join(names)}）同时结束" for who, names in named.items()}
    tell_all(texts, "/me")


def _give_back(leaving: Leaving, until: Mapping[int, date | None]) -> int:
    """What ended so on that day holds again; the database refuses a third deputy also here."""
    before = case({one: literal(day, Date) for one, day in until.items()}, value=RoleGrant.id)
    untouched = or_(RoleGrant.valid_to == leaving.on, RoleGrant.valid_to == RoleGrant.valid_from)
    named = _told(update(RoleGrant).where(RoleGrant.id.in_(until), untouched).values(valid_to=before), "role.end_undo", leaving)
    tell_all({who: f"组织关系的改动退回了，您在原支部的职责（{'、'.join(names)}）照旧" for who, names in named.items()}, "/me")
    return sum(len(names) for names in named.values())


def _told(change: Update, action: str, leaving: Leaving) -> dict[int, list[str]]:
    """Carries it out and keeps it in the audit; the roles' names by person."""
    returning = change.returning(RoleGrant.id, RoleGrant.person_id, RoleGrant.role, RoleGrant.unit_id)
    rows = db.session.execute(returning, execution_options={"synchronize_session": False}).all()
    audit.record_all(
        leaving.by_id,
        [(action, "role_grant", row.id, {"person": row.person_id, "role": row.role.value, "unit": row.unit_id}) for row in rows],
    )
    named: dict[int, list[str]] = {}
    for row in rows:
        named.setdefault(row.person_id, []).append(ROLE_NAMES[row.role])
    return named


def _runs(day: date) -> ColumnElement[bool]:
    return and_(or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > day), RoleGrant.valid_to.is_distinct_from(RoleGrant.valid_from))


when_leaving(Holding("role", _roles_of, _end_with_transfer, _give_back))


def day_after(day: date | None) -> date | None:
    """People name the last day; a row keeps the first one without."""
    return day + timedelta(days=1) if day else None
