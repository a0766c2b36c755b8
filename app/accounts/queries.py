"""Reading accounts, sessions, grants and failures."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Date, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import Account, AccountSession, ActivationCode, RoleGrant, SecondFactor, SignInAttempt
from app.accounts.rules import ATTEMPT_DAY, ATTEMPT_WINDOW, SHARED, Failures, SecretKind
from app.audit.models import AuditEvent
from app.core import clock
from app.core.actor import Actor, Grant
from app.core.db import UtcDateTime, db, rows
from app.core.permissions import SECOND_FACTOR, Role
from app.people import queries as people
from app.people.models import Person, Phone, Unit
from app.people.rules import UnitKind


def token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


_ACTOR = (
    select(
        Person.id,
        Person.name,
        AccountSession.id,
        AccountSession.confirmed_at,
        AccountSession.factor_at,
        RoleGrant.role,
        RoleGrant.unit_id,
    )
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

    Grants sleep while the account has only a PIN: a further role needs a real password. Those of SECOND_FACTOR sleep
    until its code was given in this session.
    """
    now = clock.now()
    found = rows(_ACTOR, token_hash=token_digest(token), now=now, today=clock.local_date(now))
    if not found:
        return None
    person_id, name, session_id, confirmed_at, factor_at = found[0][:5]
    held = [Grant(role, unit_id) for *_, role, unit_id in found if role is not None]
    asleep = () if factor_at else tuple(grant for grant in held if grant.role in SECOND_FACTOR)
    awake = tuple(grant for grant in held if grant not in asleep)
    return Actor(person_id, name, session_id, awake, asleep, confirmed_at, factor_at)


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
        .where(Account.login_phone.is_(None), Phone.number == phone, Phone.valid_to.is_(None), Person.became_id.is_(None))
        .order_by(Person.confirmed_at.is_(None), Account.id.desc())
    )
    own = _ACCOUNT.where(Account.login_phone == phone, Person.became_id.is_(None))  # whose record was merged signs in no more
    rows = [*db.session.execute(own), *db.session.execute(sharing.limit(SHARED))]
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
class FactorRow:
    """`sealed` is the key in use, `pending` one that waits for its first code; both readable only through accounts.factors."""

    sealed: str | None
    pending: str | None
    confirmed_at: datetime | None


def factor_of(person_id: int) -> FactorRow | None:
    factor = SecondFactor
    row = db.session.execute(select(factor.sealed, factor.pending, factor.confirmed_at).where(factor.person_id == person_id)).one_or_none()
    return FactorRow(*row) if row else None


def needs_factor(person_id: int, day: date) -> bool:
    """Whether the person has, today, a role that sleeps without a second factor."""
    return any(grant.role in SECOND_FACTOR for grant in roles_held(person_id, day))


class Standing(StrEnum):
    """How a grant stands on a day."""

    HOLDS = "holds"
    COMES = "comes"
    ENDED = "ended"


@dataclass(frozen=True)
class GrantRow:
    """`until` is the first day without it. `sleeps`: why it gives nothing yet, "" when it is awake. `taken_at`: when somebody took it
    back, which may be on its last day or before its first.
    """

    id: int
    person_id: int
    name: str
    role: Role
    unit_id: int
    unit_name: str
    since: date
    until: date | None
    by_name: str | None  # None: the command line
    standing: Standing
    sleeps: str
    taken_at: datetime | None

    @property
    def last_day(self) -> date | None:
        return self.until - timedelta(days=1) if self.until else None


def grants(roots: Collection[int], day: date, person_id: int | None = None, *, past: bool = False) -> list[GrantRow]:
    """Roles in the subtrees of `roots` that hold or are to come, by unit; of one person where given, with `past` the ended ones too."""
    giver = aliased(Person)
    ended = and_(RoleGrant.valid_to.is_not(None), or_(RoleGrant.valid_to <= day, RoleGrant.valid_to == RoleGrant.valid_from))
    ending = (AuditEvent.subject == "role_grant", AuditEvent.subject_id == RoleGrant.id, AuditEvent.action == "role.end")
    taken = select(func.max(AuditEvent.at)).where(*ending).scalar_subquery()
    query = (
        select(RoleGrant, Person.id, Person.name, Unit.name, giver.name, Account.secret_kind, SecondFactor.confirmed_at, taken)
        .join(Person, Person.id == RoleGrant.person_id)
        .join(Unit, Unit.id == RoleGrant.unit_id)
        .outerjoin(giver, giver.id == RoleGrant.granted_by_id)
        .outerjoin(Account, Account.person_id == Person.id)
        .outerjoin(SecondFactor, SecondFactor.person_id == Person.id)
        .where(RoleGrant.unit_id.in_(people.below(roots, day)))
        .order_by(ended, RoleGrant.valid_from > day, RoleGrant.unit_id, RoleGrant.id)
        .execution_options(populate_existing=True)
    )
    if person_id is not None:
        query = query.where(RoleGrant.person_id == person_id)
    if not past:
        query = query.where(~ended)
    return [_grant_row(day, *row) for row in db.session.execute(query)]


def _grant_row(
    day: date,
    grant: RoleGrant,
    person_id: int,
    name: str,
    unit: str,
    giver: str | None,
    secret: SecretKind | None,
    factor_at: datetime | None,
    taken_at: datetime | None,
) -> GrantRow:
    ended = grant.valid_to is not None and (grant.valid_to <= day or grant.valid_to == grant.valid_from)
    standing = Standing.ENDED if ended else Standing.COMES if grant.valid_from > day else Standing.HOLDS
    sleeps = ""
    if secret is not SecretKind.PASSWORD:
        sleeps = "还没设密码"
    elif grant.role in SECOND_FACTOR and factor_at is None:
        sleeps = "还没设验证码"
    return GrantRow(
        grant.id, person_id, name, grant.role, grant.unit_id, unit, grant.valid_from, grant.valid_to, giver, standing, sleeps, taken_at
    )
