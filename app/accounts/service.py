"""Accounts: opening, signing in and out, codes given in person, roles."""

import hashlib
import hmac
import secrets
import threading
from collections.abc import Sequence
from datetime import date, datetime

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import delete, insert, select, update

from app.accounts import queries
from app.accounts.models import Account, AccountSession, ActivationCode, RoleGrant, SignInAttempt
from app.accounts.rules import (
    ATTEMPT_WINDOW,
    CODE_LIFETIME,
    STAFF_SESSION,
    VOLUNTEER_SESSION,
    CodePurpose,
    secret_kind,
    wait_seconds,
)
from app.audit import service as audit
from app.core import trace
from app.core.db import db, writing
from app.core.permissions import Role

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # OWASP's minimum for argon2id
_hashing = threading.BoundedSemaphore(1)  # a burst of sign-ins must not starve the scans of processor time
_NOBODY = _hasher.hash("nobody")


def keyed(value: str, key: str) -> str:
    """A keyed digest of a phone, device or code: the same value always gives the same digest, and it tells nothing."""
    return hmac.new(key.encode(), value.encode(), hashlib.sha256).hexdigest()


def hash_secret(secret: str) -> str:
    """Slow on purpose (argon2id). Call it outside a transaction."""
    with _hashing:
        return _hasher.hash(secret)


def check_secret(secret_hash: str | None, secret: str) -> bool:
    """Takes as long for an unknown number (`None`) as for a known one."""
    with _hashing:
        try:
            return _hasher.verify(secret_hash or _NOBODY, secret) and secret_hash is not None
        except VerificationError:
            return False


def open_account(person_id: int, phone: str, secret_hash: str, kind_of: str, now: datetime) -> int:
    """A person's account; `kind_of` is the secret itself, looked at only for whether it is a PIN. Returns its id."""
    writing()
    account_id: int = db.session.execute(
        insert(Account)
        .values(person_id=person_id, login_phone=phone, secret_hash=secret_hash, secret_kind=secret_kind(kind_of), created_at=now)
        .returning(Account.id)
    ).scalar_one()
    audit.record(person_id, "account", "account", account_id)
    return account_id


def open_session(account_id: int, device: str, now: datetime, *, staff: bool) -> str:
    """Sign a device in. Returns the token for its cookie; only a digest of it is kept."""
    writing()
    token = secrets.token_urlsafe(24)
    db.session.execute(
        insert(AccountSession).values(
            token_hash=queries.token_digest(token),
            account_id=account_id,
            device=device,
            created_at=now,
            confirmed_at=now,
            expires_at=now + (STAFF_SESSION if staff else VOLUNTEER_SESSION),
        )
    )
    return token


def end_session(session_id: int, now: datetime) -> None:
    writing()
    db.session.execute(
        update(AccountSession).where(AccountSession.id == session_id, AccountSession.revoked_at.is_(None)).values(revoked_at=now)
    )


def end_all_sessions(account_id: int, now: datetime, *, but: int | None = None) -> None:
    """Every device but `but` must sign in again."""
    writing()
    still = (AccountSession.account_id == account_id, AccountSession.revoked_at.is_(None))
    ending = update(AccountSession).where(*still).values(revoked_at=now)
    db.session.execute(ending if but is None else ending.where(AccountSession.id != but))


def begin_try(phone_hash: str, device_hash: str, now: datetime) -> int:
    """Count a try before its secret is looked at, so that tries side by side can not slip through together.

    Returns the seconds to wait; 0 when the try may go on (`forget_failures` takes it back when the secret was right).
    """
    writing()
    wait = wait_seconds(queries.failures(phone_hash, device_hash, now), now)
    if not wait:
        note_failure(phone_hash, device_hash, now)
    return wait


def matching(candidates: Sequence[queries.AccountRow], secret: str) -> queries.AccountRow | None:
    """The first of at most two accounts that the secret opens. A wrong one takes as long however many there are."""
    for account in candidates:
        if check_secret(account.secret_hash, secret):
            return account
    for _ in range(2 - len(candidates)):
        check_secret(None, secret)
    return None


def note_failure(phone_hash: str, device_hash: str, now: datetime) -> None:
    """Recorded although the sign-in is refused; old ones go."""
    writing()
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.at < now - 4 * ATTEMPT_WINDOW))
    db.session.execute(insert(SignInAttempt).values(phone_hash=phone_hash, device_hash=device_hash, at=now))


def forget_failures(phone_hash: str) -> None:
    writing()
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.phone_hash == phone_hash))


def make_code(person_id: int, made_by_id: int | None, key: str, now: datetime) -> str:
    """A one-time code for a first sign-in or a forgotten secret; earlier unused ones end. Returns it in clear, once."""
    writing()
    has_account = db.session.scalar(select(Account.id).where(Account.person_id == person_id)) is not None
    purpose = CodePurpose.RESET if has_account else CodePurpose.ACTIVATION
    db.session.execute(
        update(ActivationCode)
        .where(ActivationCode.person_id == person_id, ActivationCode.used_at.is_(None), ActivationCode.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    code = trace.new_code(8)
    code_id: int = db.session.execute(
        insert(ActivationCode)
        .values(
            code_hash=keyed(code, key),
            person_id=person_id,
            purpose=purpose,
            made_by_id=made_by_id,
            made_at=now,
            expires_at=now + CODE_LIFETIME,
        )
        .returning(ActivationCode.id)
    ).scalar_one()
    audit.record(made_by_id, f"account.{purpose}_code", "activation_code", code_id, person=person_id)
    return code


def grant_role(person_id: int, role: Role, unit_id: int, from_day: date, granted_by_id: int | None, to_day: date | None = None) -> None:
    """Dated, for a unit and its subtree; the database refuses a grant to oneself."""
    writing()
    grant_id: int = db.session.execute(
        insert(RoleGrant)
        .values(person_id=person_id, role=role, unit_id=unit_id, valid_from=from_day, valid_to=to_day, granted_by_id=granted_by_id)
        .returning(RoleGrant.id)
    ).scalar_one()
    audit.record(granted_by_id, "role.grant", "role_grant", grant_id, person=person_id, role=role.value, unit=unit_id)
