"""Whom an actor may help to an account: somebody in scope, and the members of a branch who have none yet."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, exists, func, or_, select

from app.accounts.deciders import deciders
from app.accounts.models import Account, ActivationCode, RoleGrant
from app.accounts.queries import needs_factor
from app.accounts.rules import ONE_HAND
from app.audit.models import AuditEvent
from app.core.actor import Actor
from app.core.clock import local_date
from app.core.db import db
from app.core.permissions import Action
from app.people import queries as people
from app.people.models import Membership, Person, Phone, Unit
from app.people.rules import MembershipKind

CODE_AFTER_RESET = "他的登录验证码是您刚清除的。一天之内，新码请另一位管理员来办：钱和权限的账号，不由一个人全打开。"
RESET_AFTER_CODE = "他的新码是您刚做的。一天之内，清除登录验证码请另一位管理员来办：钱和权限的账号，不由一个人全打开。"
OPENED_BY = "这个账号是用您做的码打开的，还不到七天。请另一位来办：一个人不能既打开别人的账号，又办里面提出的事。"
GIVEN_BY = "您的职责是登记人刚给的，还不到一天。请另一位来办：两个人办的事，不由一个人安排。"
LATELY = timedelta(days=7)
SLIPS_AT_ONCE = 100  # ten sheets of paper, and a write of some milliseconds


def _in_scope(roots: Collection[int], day: date) -> ColumnElement[bool]:
    """Persons of the units below `roots`, and those who belong to no unit yet: whoever stands before them may help."""
    ties = select(Membership.id).where(Membership.person_id == Person.id, people.holds_on(Membership, day)).correlate(Person)
    return or_(ties.where(Membership.unit_id.in_(people.below(roots, day))).exists(), ~ties.exists())


@dataclass(frozen=True)
class HelpRow:
    """Somebody who may be given a code. `phone` is the first on record."""

    id: int
    name: str
    confirmed: bool
    home_name: str | None
    phone: str | None
    has_account: bool


def _first_phone(day: date) -> ScalarSelect[str]:
    found = select(Phone.number).where(Phone.person_id == Person.id, people.holds_on(Phone, day))
    return found.order_by(Phone.id).limit(1).scalar_subquery()


def _home(day: date) -> ColumnElement[bool]:
    return and_(Membership.person_id == Person.id, Membership.kind == MembershipKind.HOME, people.holds_on(Membership, day))


def _help(where: ColumnElement[bool], day: date, limit: int) -> list[HelpRow]:
    rows = db.session.execute(
        select(Person.id, Person.name, Person.confirmed_at, Unit.name, _first_phone(day), Account.id)
        .outerjoin(Membership, _home(day))
        .outerjoin(Unit, Unit.id == Membership.unit_id)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(where, Person.became_id.is_(None), Person.erased_at.is_(None))
        .order_by(Person.name, Person.id)
        .limit(limit)
    )
    return [HelpRow(r[0], r[1], r[2] is not None, r[3], r[4], r[5] is not None) for r in rows]


def helpable(person_id: int, roots: Collection[int], day: date) -> HelpRow | None:
    """The person when in scope, else None."""
    return next(iter(_help(and_(Person.id == person_id, _in_scope(roots, day)), day, 1)), None)


def find_helpable(words: str, roots: Collection[int], day: date) -> list[HelpRow]:
    """By whole name, whole phone or its last four digits; twenty at most."""
    number = Phone.number == words if len(words) > 4 else Phone.number.like(f"%{words}")
    reached = select(Phone.id).where(Phone.person_id == Person.id, number, people.holds_on(Phone, day)).exists()
    meant: ColumnElement[bool] = reached if words.isdigit() and len(words) >= 4 else Person.name == words
    return _help(and_(meant, _in_scope(roots, day)), day, 20)


def _beyond(actor: Actor, day: date) -> ColumnElement[bool]:
    """Persons with a role, on a day or from a later one, that is not the actor's to grant."""
    theirs = people.below(actor.roots(Action.STAFF_RESET), day)
    lasting = and_(RoleGrant.valid_to > day, RoleGrant.valid_to > RoleGrant.valid_from)
    held = or_(RoleGrant.valid_to.is_(None), lasting)
    return exists().where(RoleGrant.person_id == Person.id, held, RoleGrant.unit_id.not_in(theirs)).correlate(Person)


def code_refusal(actor: Actor, person_id: int, day: date) -> str | None:
    """Why this actor may not give this person a code although they are in scope; None when they may.

    A code opens an account, so nobody gets at rights beyond their own by making one.
    """
    if person_id == actor.person_id:
        return "不能给自己做码。请找另一位支部书记或管理员。"
    if db.session.scalar(select(Person.id).where(Person.id == person_id, _beyond(actor, day))) is None:
        return None
    helpers = "、".join(who_resets(person_id, day))
    return f"这位有管理职责，只有街道管理员能给他做码{f'：请找{helpers}' if helpers else ''}。"


def who_resets(person_id: int, day: date) -> list[str]:
    """The names of those who may give a code to this person although they have a role; three at most."""
    home, root = people.home_unit_on(person_id, day), people.root_unit()
    unit_id = home or (root.id if root else None)
    return [one.name for one in deciders(unit_id, Action.STAFF_RESET, day, but=[person_id])][:3] if unit_id else []


def code_after_reset(by_id: int, person_id: int, now: datetime) -> str | None:
    """Why who just cleared the second factor of somebody whose role needs one may not also make them a code: both open the account."""
    cleared = select(AuditEvent.id).where(
        AuditEvent.subject == "person",
        AuditEvent.subject_id == person_id,
        AuditEvent.at > now - ONE_HAND,
        AuditEvent.action == "account.second_factor_reset",
        AuditEvent.actor_id.in_(people.records_of(by_id)),
    )
    return CODE_AFTER_RESET if _needs_two(person_id, now) and db.session.scalar(cleared.limit(1)) else None


def reset_after_code(by_id: int, person_id: int, now: datetime) -> str | None:
    """The other way round: a code of theirs that is still good, or was made or used within the day."""
    code, since = ActivationCode, now - ONE_HAND
    good = or_(and_(code.used_at.is_(None), code.expires_at > now), code.made_at > since, code.used_at > since)
    made = select(code.id).where(
        code.person_id == person_id, code.made_by_id.in_(people.records_of(by_id)), code.revoked_at.is_(None), good
    )
    return RESET_AFTER_CODE if _needs_two(person_id, now) and db.session.scalar(made.limit(1)) else None


def opened_by_code(person_id: int, now: datetime, within: timedelta, by_id: int | None = None) -> bool:
    """Whether the account was opened lately with a code that somebody (`by_id`: this one) made: whoever made it may have used it."""
    code = ActivationCode
    made = code.made_by_id.is_not(None) if by_id is None else code.made_by_id.in_(people.records_of(by_id))
    used = select(code.id).where(code.person_id == person_id, made, code.used_at > now - within)
    return db.session.scalar(used.limit(1)) is not None


def given_by(person_id: int, giver_id: int, now: datetime) -> bool:
    """Whether all of somebody's roles are ones that this giver gave them since yesterday: such two are not yet two people."""
    today = local_date(now)
    holds = and_(
        RoleGrant.person_id == person_id, RoleGrant.valid_from <= today, or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > today)
    )
    fresh = and_(RoleGrant.granted_by_id.in_(people.records_of(giver_id)), RoleGrant.valid_from >= local_date(now - ONE_HAND))
    of_others = select(RoleGrant.id).where(holds, or_(RoleGrant.granted_by_id.is_(None), ~fresh))
    any_at_all = select(RoleGrant.id).where(holds)
    return db.session.scalar(of_others.limit(1)) is None and db.session.scalar(any_at_all.limit(1)) is not None


def _needs_two(person_id: int, now: datetime) -> bool:
    return needs_factor(person_id, local_date(now))


@dataclass(frozen=True)
class SlipRow:
    """A home member without an account; `waiting` when a code made earlier is still unused, `refused` when the actor may not make one."""

    person_id: int
    name: str
    phone: str | None
    waiting: bool
    refused: bool


@dataclass(frozen=True)
class Slips:
    """How many of a unit have no account, `fresh` and `waiting` of them for the actor to make slips for; the first of them as rows."""

    everyone: int
    fresh: int
    waiting: int
    rows: list[SlipRow]


def _without_account(unit_id: int, actor: Actor, now: datetime) -> Select[int, str, str, datetime, bool]:
    """`made_at` is when the newest code that still holds was made."""
    day = local_date(now)
    standing = select(func.max(ActivationCode.made_at)).where(
        ActivationCode.person_id == Person.id,
        ActivationCode.used_at.is_(None),
        ActivationCode.revoked_at.is_(None),
        ActivationCode.expires_at > now,
    )
    return (
        select(
            Person.id,
            Person.name,
            _first_phone(day).label("phone"),
            standing.scalar_subquery().label("made_at"),
            or_(_beyond(actor, day), Person.id == actor.person_id).label("refused"),
        )
        .join(Membership, _home(day))
        .outerjoin(Account, Account.person_id == Person.id)
        .where(Membership.unit_id == unit_id, Account.id.is_(None))
    )


def _first(query: Select[int, str, str, datetime, bool]) -> list[SlipRow]:
    """At most one batch: those without a code first, then those whose code is the oldest, whom no slip may be made for last."""
    found = query.subquery()
    rows = select(found).order_by(found.c.refused, found.c.made_at.is_not(None), found.c.made_at, found.c.name, found.c.id)
    return [
        SlipRow(row.id, row.name, row.phone, row.made_at is not None, bool(row.refused))
        for row in db.session.execute(rows.limit(SLIPS_AT_ONCE))
    ]


def without_account(unit_id: int, actor: Actor, now: datetime) -> Slips:
    """Two queries, however large the unit."""
    query = _without_account(unit_id, actor, now)
    found = query.subquery()
    allowed = found.c.refused.is_not(True)
    sums = select(
        func.count(),
        func.count().filter(allowed, found.c.made_at.is_(None)),
        func.count().filter(allowed, found.c.made_at.is_not(None)),
    ).select_from(found)
    return Slips(*db.session.execute(sums).one(), rows=_first(query))


def next_slips(unit_id: int, actor: Actor, now: datetime, *, again: bool) -> list[SlipRow]:
    """The batch to make slips for now; those who have one only where `again`."""
    return [row for row in _first(_without_account(unit_id, actor, now)) if not row.refused and (again or not row.waiting)]
