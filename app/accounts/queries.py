"""Reading accounts, sessions, grants and failures."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select

from app.accounts.models import Account, AccountSession, RoleGrant, SignInAttempt
from app.accounts.rules import ATTEMPT_WINDOW, Failures, SecretKind
from app.core import clock
from app.core.actor import Actor, Grant
from app.core.db import db
from app.people.models import Person, Phone


def token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def actor_of_session(token: str) -> Actor | None:
    """The actor of a session token with the grants of today, in one query; None when revoked or expired.

    Grants sleep while the account has only a PIN: a further role needs a real password.
    """
    now = clock.now()
    today = clock.local_date(now)
    rows = db.session.execute(
        select(Person.id, Person.name, AccountSession.id, RoleGrant.role, RoleGrant.unit_id)
        .select_from(AccountSession)
        .join(Account, Account.id == AccountSession.account_id)
        .join(Person, Person.id == Account.person_id)
        .outerjoin(
            RoleGrant,
            (RoleGrant.person_id == Person.id)
            & (Account.secret_kind == SecretKind.PASSWORD)
            & (RoleGrant.valid_from <= today)
            & or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > today),
        )
        .where(
            AccountSession.token_hash == token_digest(token),
            AccountSession.revoked_at.is_(None),
            AccountSession.expires_at > now,
        )
    ).all()
    if not rows:
        return None
    person_id, name, session_id = rows[0][:3]
    return Actor(person_id, name, session_id, tuple(Grant(role, unit_id) for *_, role, unit_id in rows if role is not None))


@dataclass(frozen=True)
class AccountRow:
    id: int
    person_id: int
    name: str
    secret_hash: str
    secret_kind: SecretKind


_ACCOUNT = (
    select(Account.id, Account.person_id, Person.name, Account.secret_hash, Account.secret_kind)
    .select_from(Account)
    .join(Person, Person.id == Account.person_id)
)


def account_by_phone(phone: str) -> AccountRow | None:
    row = db.session.execute(_ACCOUNT.where(Account.login_phone == phone)).one_or_none()
    return AccountRow(*row) if row else None


def account_of(person_id: int) -> AccountRow | None:
    row = db.session.execute(_ACCOUNT.where(Account.person_id == person_id)).one_or_none()
    return AccountRow(*row) if row else None


def candidates(phone: str) -> list[AccountRow]:
    """Whom a number may mean at sign-in: the account that owns it, then the newest that was registered with it since."""
    registered = (
        _ACCOUNT.join(Phone, Phone.person_id == Person.id)
        .where(Account.login_phone.is_(None), Phone.number == phone, Phone.valid_to.is_(None))
        .order_by(Account.id.desc())
        .limit(1)
    )
    newest = db.session.execute(registered).one_or_none()
    found = [account_by_phone(phone), AccountRow(*newest) if newest else None]
    return [account for account in found if account]


def holds_role(person_id: int, day: date) -> bool:
    """Whether the person has any role on a day, also one that sleeps until there is a password."""
    grant = select(RoleGrant.id).where(
        RoleGrant.person_id == person_id, RoleGrant.valid_from <= day, or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > day)
    )
    return db.session.scalar(grant.limit(1)) is not None


def failures(phone_hash: str, device_hash: str, now: datetime) -> Failures:
    """Wrong tries within the window, for this number and for this device."""
    since = now - ATTEMPT_WINDOW
    by_phone = db.session.execute(
        select(func.count(), func.max(SignInAttempt.at)).where(SignInAttempt.phone_hash == phone_hash, SignInAttempt.at > since)
    ).one()
    by_device = db.session.execute(
        select(func.count(), func.max(SignInAttempt.at)).where(SignInAttempt.device_hash == device_hash, SignInAttempt.at > since)
    ).one()
    newest = max((at for at in (by_phone[1], by_device[1]) if at), default=None)
    return Failures(by_phone[0], by_device[0], newest)
