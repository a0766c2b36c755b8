"""Reading accounts, sessions, grants and failures."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Date, bindparam, func, or_, select

from app.accounts.models import Account, AccountSession, ActivationCode, RoleGrant, SignInAttempt
from app.accounts.rules import ATTEMPT_DAY, ATTEMPT_WINDOW, SHARED, Failures, SecretKind
from app.core import clock
from app.core.actor import Actor, Grant
from app.core.db import UtcDateTime, db, rows
from app.core.permissions import Role
from app.people import queries as people
from app.people.models import Person, Phone, Unit
from app.people.rules import UnitKind


def token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


_ACTOR = (
    select(Person.id, Person.name, AccountSession.id, RoleGrant.role, RoleGrant.unit_id)
    .select_from(AccountSession)
    .join(Account, Account.id == AccountSession.account_id)
    .join(Person, Person.id == Account.person_id)
    .outerjoin(
        RoleGrant,
        (RoleGrant.person_id == Person.id)
        & (Account.secret_kind == SecretKind.PASSWORD)
        & (RoleGrant.valid_from <= bindparam("today", type_=Date))
        & or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > bindparam("today", type_=Date)),
    )
    .where(
        AccountSession.token_hash == bindparam("token_hash"),
        AccountSession.revoked_at.is_(None),
        AccountSession.expires_at > bindparam("now", type_=UtcDateTime),
    )
)


def actor_of_session(token: str) -> Actor | None:
    """The actor of a session token with the grants of today, in one query; None when revoked or expired.

    Grants sleep while the account has only a PIN: a further role needs a real password.
    """
    now = clock.now()
    found = rows(_ACTOR, token_hash=token_digest(token), now=now, today=clock.local_date(now))
    if not found:
        return None
    person_id, name, session_id = found[0][:3]
    return Actor(person_id, name, session_id, tuple(Grant(role, unit_id) for *_, role, unit_id in found if role is not None))


@dataclass(frozen=True)
class AccountRow:
    id: int
    person_id: int
    name: str
    secret_hash: str
    secret_kind: SecretKind
    login_phone: str | None


_ACCOUNT = (
    select(Account.id, Account.person_id, Person.name, Account.secret_hash, Account.secret_kind, Account.login_phone)
    .select_from(Account)
    .join(Person, Person.id == Account.person_id)
)


def account_of(person_id: int) -> AccountRow | None:
    row = db.session.execute(_ACCOUNT.where(Account.person_id == person_id)).one_or_none()
    return AccountRow(*row) if row else None


def owner_of(phone: str) -> AccountRow | None:
    """The account that owns a number, not those that share it."""
    row = db.session.execute(_ACCOUNT.where(Account.login_phone == phone)).one_or_none()
    return AccountRow(*row) if row else None


def sign_in_phone(account: AccountRow) -> str:
    """The number that its owner types: the account's own, or the contact that it shares with another's account."""
    return account.login_phone or next(iter(people.phones(account.person_id, clock.today())), "")


def candidates(phone: str) -> list[AccountRow]:
    """Whom a number may mean at sign-in, SHARED at most: the account that owns it, then those who share it.

    Sharing are couples, and whoever registered with a number that was known: the known first, then the newest.
    """
    sharing = (
        _ACCOUNT.join(Phone, Phone.person_id == Person.id)
        .where(Account.login_phone.is_(None), Phone.number == phone, Phone.valid_to.is_(None))
        .order_by(Person.confirmed_at.is_(None), Account.id.desc())
    )
    rows = [*db.session.execute(_ACCOUNT.where(Account.login_phone == phone)), *db.session.execute(sharing.limit(SHARED))]
    return [AccountRow(*row) for row in rows[:SHARED]]


def holds_role(person_id: int, day: date) -> bool:
    """Whether the person has any role on a day, also one that sleeps until there is a password."""
    return bool(roles_held(person_id, day))


def roles_held(person_id: int, day: date) -> list[Grant]:
    rows = db.session.execute(
        select(RoleGrant.role, RoleGrant.unit_id).where(
            RoleGrant.person_id == person_id, RoleGrant.valid_from <= day, or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > day)
        )
    )
    return [Grant(*row) for row in rows]


def failures(phone_hash: str, device_hash: str, now: datetime) -> Failures:
    """Tries within the window, for this number and for this device, and within the day for this number."""
    at = SignInAttempt.at
    recent = at > now - ATTEMPT_WINDOW
    number = db.session.execute(
        select(func.count().filter(recent), func.max(at), func.count(), func.min(at)).where(
            SignInAttempt.phone_hash == phone_hash, at > now - ATTEMPT_DAY
        )
    ).one()
    device = db.session.execute(select(func.count(), func.max(at)).where(SignInAttempt.device_hash == device_hash, recent)).one()
    newest = max((at for at in (number[1], device[1]) if at), default=None)
    return Failures(number[0], device[0], newest, number[2], number[3])


@dataclass(frozen=True)
class DeviceRow:
    id: int
    device: str
    since: datetime


def devices(person_id: int, now: datetime) -> list[DeviceRow]:
    """Where someone is signed in, newest first."""
    rows = db.session.execute(
        select(AccountSession.id, AccountSession.device, AccountSession.created_at)
        .join(Account, Account.id == AccountSession.account_id)
        .where(Account.person_id == person_id, AccountSession.revoked_at.is_(None), AccountSession.expires_at > now)
        .order_by(AccountSession.id.desc())
    )
    return [DeviceRow(*row) for row in rows]


@dataclass(frozen=True)
class CodeRow:
    """An unused code that still holds. `phone` is the number on record that one would sign in with."""

    person_id: int
    name: str
    confirmed: bool
    has_account: bool
    phone: str | None
    community: str | None


def code(code_hash: str, now: datetime) -> CodeRow | None:
    row = db.session.execute(
        select(Person.id, Person.name, Person.confirmed_at, Account.id, Account.login_phone)
        .select_from(ActivationCode)
        .join(Person, Person.id == ActivationCode.person_id)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(
            ActivationCode.code_hash == code_hash,
            ActivationCode.used_at.is_(None),
            ActivationCode.revoked_at.is_(None),
            ActivationCode.expires_at > now,
        )
    ).one_or_none()
    if row is None:
        return None
    person_id, name, confirmed_at, account_id, login_phone = row
    today = clock.local_date(now)
    home = people.home_unit_on(person_id, today)
    community = people.ancestor_of_kind(home, UnitKind.COMMUNITY, today) if home else None
    phone = login_phone or next(iter(people.phones(person_id, today)), None)
    return CodeRow(person_id, name, confirmed_at is not None, account_id is not None, phone, community.name if community else None)


@dataclass(frozen=True)
class GrantRow:
    id: int
    person_id: int
    name: str
    role: Role
    unit_name: str
    since: date
    sleeps: bool  # no account yet, or only a PIN


def grants(roots: Collection[int], day: date, person_id: int | None = None) -> list[GrantRow]:
    """Roles that hold in the subtrees of `roots`, by unit; of one person where given."""
    query = (
        select(RoleGrant.id, Person.id, Person.name, RoleGrant.role, Unit.name, RoleGrant.valid_from, Account.secret_kind)
        .join(Person, Person.id == RoleGrant.person_id)
        .join(Unit, Unit.id == RoleGrant.unit_id)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(RoleGrant.unit_id.in_(people.below(roots, day)), RoleGrant.valid_from <= day)
        .where(or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > day))
        .order_by(RoleGrant.unit_id, RoleGrant.id)
    )
    if person_id is not None:
        query = query.where(RoleGrant.person_id == person_id)
    return [GrantRow(*row[:6], row[6] is not SecretKind.PASSWORD) for row in db.session.execute(query)]
