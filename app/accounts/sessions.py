"""Sessions: a device signs in, and one device, the others or all of them sign out. Called inside a write transaction."""

import secrets
from datetime import datetime

from sqlalchemy import func, insert, select, update

from app.accounts import queries
from app.accounts.models import Account, AccountSession
from app.accounts.rules import STAFF_SESSION, VOLUNTEER_SESSION
from app.audit import service as audit
from app.core.db import db, writing
from app.core.errors import NotFound


def open_session(
    account_id: int, device: str, now: datetime, *, staff: bool, factor: bool = False, confirmed_at: datetime | None = None
) -> str:
    """Sign a device in; `factor`: with a code of the second factor; `confirmed_at`: when the password was given, if not now.

    Returns the token for its cookie; only a digest of it is kept.
    """
    writing()
    token = secrets.token_urlsafe(24)
    db.session.execute(
        insert(AccountSession).values(
            token_hash=queries.token_digest(token),
            account_id=account_id,
            device=device,
            created_at=now,
            confirmed_at=confirmed_at or now,
            factor_at=now if factor else None,
            expires_at=now + (STAFF_SESSION if staff else VOLUNTEER_SESSION),
        )
    )
    return token


def confirm_session(session_id: int, now: datetime) -> str:
    """The password was given again: the session goes on under a new token, which is returned, and the one before is worth nothing."""
    writing()
    token = secrets.token_urlsafe(24)
    values = {"confirmed_at": now, "token_hash": queries.token_digest(token)}
    db.session.execute(update(AccountSession).where(AccountSession.id == session_id).values(values))
    return token


def end_session(session_id: int, now: datetime) -> None:
    writing()
    db.session.execute(
        update(AccountSession).where(AccountSession.id == session_id, AccountSession.revoked_at.is_(None)).values(revoked_at=now)
    )


def revoke_device(person_id: int, session_id: int, now: datetime) -> None:
    """One's own device signs out. Raises NotFound for anybody else's."""
    writing()
    own = select(Account.id).where(Account.person_id == person_id).scalar_subquery()
    revoking = update(AccountSession).where(AccountSession.id == session_id, AccountSession.account_id == own)
    if (
        db.session.execute(revoking.values(revoked_at=func.coalesce(AccountSession.revoked_at, now)).returning(AccountSession.id)).first()
        is None
    ):
        raise NotFound
    audit.record(person_id, "account.device_revocation", "account_session", session_id)


def revoke_others(person_id: int, session_id: int, now: datetime) -> None:
    """Every device of one's own but this one."""
    writing()
    account = queries.account_of(person_id)
    if account is None:
        raise NotFound
    end_all_sessions(account.id, now, but=session_id)
    audit.record(person_id, "account.devices_revocation", "account", account.id)


def revoke_all(person_id: int, now: datetime) -> None:
    """Every device of one's own, this one too."""
    writing()
    account = queries.account_of(person_id)
    if account is None:
        raise NotFound
    end_all_sessions(account.id, now)
    audit.record(person_id, "account.devices_revocation", "account", account.id)


def end_all_sessions(account_id: int, now: datetime, *, but: int | None = None) -> None:
    """Every device but `but` must sign in again."""
    writing()
    still = (AccountSession.account_id == account_id, AccountSession.revoked_at.is_(None))
    ending = update(AccountSession).where(*still).values(revoked_at=now)
    db.session.execute(ending if but is None else ending.where(AccountSession.id != but))
