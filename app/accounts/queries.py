"""Reading accounts, sessions, grants and failures."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from app.accounts.models import Account, AccountSession, RoleGrant, SignInAttempt
from app.accounts.rules import ATTEMPT_WINDOW, Failures, SecretKind
from app.core import clock
from app.core.actor import Actor, Grant
from app.core.db import db
from app.people.models import Person


def token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def actor_of_session(token: str) -> Actor | None:
    """The actor of a session token with the grants of today, in one query; None when revoked or expired."""
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


def account_by_phone(phone: str) -> AccountRow | None:
    row = db.session.execute(
        select(Account.id, Account.person_id, Person.name, Account.secret_hash, Account.secret_kind)
        .join(Person, Person.id == Account.person_id)
        .where(Account.login_phone == phone)
    ).one_or_none()
    return AccountRow(*row) if row else None


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
