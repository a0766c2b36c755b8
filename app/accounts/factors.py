"""The second factor: a TOTP key (RFC 6238) that only this site can read, each code used once, and ten codes for a lost phone."""

import base64
import hmac
import secrets
from datetime import datetime

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import delete, func, insert, select, update

from app.accounts import helping
from app.accounts.models import Account, RecoveryCode, SecondFactor
from app.accounts.queries import factor_of
from app.accounts.rules import FACTOR_DIGITS, RECOVERY_CODES, RECOVERY_LENGTH, tidy_code
from app.accounts.service import keyed
from app.accounts.sessions import end_all_sessions
from app.accounts.telling import DEVICES, NOT_ASKED, named, tell
from app.audit import service as audit
from app.core import trace
from app.core.db import db, upsert, writing
from app.core.errors import Conflict, NotFound, Refused
from app.people.service import lock_person

ISSUER = "熟邻"
STEP = 30  # seconds
DEMO_KEY = "SHULINDEMOSHULINDEMOSHULINDEMO23"  # of the demo's accounts, whose codes stand on its pages


def _cipher(key: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=b"shulin second factor").derive(key.encode()))


def seal(totp_key: str, person_id: int, key: str) -> str:
    """Encrypted under the site's SECRET_KEY (`key`), and bound to the person: another's row can not be put in its place."""
    nonce = secrets.token_bytes(12)
    return base64.b64encode(nonce + _cipher(key).encrypt(nonce, totp_key.encode(), str(person_id).encode())).decode()


def unseal(sealed: str, person_id: int, key: str) -> str | None:
    """None when it was sealed under another SECRET_KEY: then only a reset helps."""
    whole = base64.b64decode(sealed)
    try:
        return _cipher(key).decrypt(whole[:12], whole[12:], str(person_id).encode()).decode()
    except InvalidTag:
        return None


def code_at(totp_key: str, now: datetime) -> str:
    return str(pyotp.TOTP(totp_key).at(now))


def address(totp_key: str, name: str) -> str:
    """What the QR says: otpauth://totp/…, read by every authenticator."""
    return str(pyotp.TOTP(totp_key).provisioning_uri(name=name, issuer_name=ISSUER))


def step_of(totp_key: str, typed: str, now: datetime) -> int | None:
    """Which 30 seconds the code belongs to: these, those before or those after, as clocks differ."""
    current = int(now.timestamp()) // STEP
    otp = pyotp.TOTP(totp_key)
    found = [step for step in (current - 1, current, current + 1) if hmac.compare_digest(otp.generate_otp(step), typed)]
    return found[-1] if found else None


def begin(person_id: int, key: str) -> None:
    """A new key that waits for its first code; the one in use, if any, holds until then."""
    writing()
    pending = seal(pyotp.random_base32(), person_id, key)
    db.session.execute(
        upsert(SecondFactor)
        .values(person_id=person_id, pending=pending)
        .on_conflict_do_update(index_elements=[SecondFactor.person_id], set_={"pending": pending})
    )


def put(person_id: int, totp_key: str, key: str, now: datetime) -> None:
    """A key as though confirmed: for the demo's accounts and for tests."""
    writing()
    values = {"sealed": seal(totp_key, person_id, key), "confirmed_at": now}
    db.session.execute(
        upsert(SecondFactor).values(person_id=person_id, **values).on_conflict_do_update(index_elements=["person_id"], set_=values)
    )


def confirm(person_id: int, typed: str, key: str, now: datetime) -> list[str] | None:
    """The first code of the new key: it holds from now on, and other devices must sign in again. Returns ten recovery codes, in clear,
    once; None when the code is wrong. Raises Conflict when nothing waits."""
    writing()
    row = factor_of(person_id)
    totp_key = unseal(row.pending, person_id, key) if row and row.pending else None
    if row is None or row.pending is None or totp_key is None:
        raise Conflict("设置已经过期，请重新开始。")
    step = step_of(totp_key, tidy_code(typed), now)
    if step is None:
        return None
    confirming = update(SecondFactor).where(SecondFactor.person_id == person_id, SecondFactor.pending == row.pending)
    values = {"sealed": row.pending, "pending": None, "confirmed_at": now, "last_step": step}
    if db.session.execute(confirming.values(values).returning(SecondFactor.person_id)).first() is None:
        raise Conflict("设置已经过期，请重新开始。")
    _end_sessions(person_id, now)
    audit.record(person_id, "account.second_factor", "person", person_id)
    return new_recovery_codes(person_id, key, now)


def new_recovery_codes(person_id: int, key: str, now: datetime) -> list[str]:
    """Ten fresh ones in clear; the old ones end."""
    writing()
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    codes = [trace.new_code(RECOVERY_LENGTH) for _ in range(RECOVERY_CODES)]
    hashes = [_recovery_hash(person_id, code, key) for code in codes]
    db.session.execute(insert(RecoveryCode), [{"person_id": person_id, "code_hash": one, "made_at": now} for one in hashes])
    audit.record(person_id, "account.recovery_codes", "person", person_id)
    return codes


def use_code(person_id: int, typed: str, key: str, now: datetime, *, again: bool = False) -> bool:
    """Whether the code is right: six digits of the authenticator, newer than the last used (unless `again`), or a recovery code."""
    writing()
    row, code = factor_of(person_id), tidy_code(typed)
    if row is None or row.sealed is None:
        return False
    if len(code) != FACTOR_DIGITS or not code.isdigit():
        return _use_recovery_code(person_id, code, key, now)
    totp_key = unseal(row.sealed, person_id, key)
    step = step_of(totp_key, code, now) if totp_key else None
    if step is None:
        return False
    using = update(SecondFactor).where(SecondFactor.person_id == person_id).values(last_step=step)
    if not again:
        using = using.where(SecondFactor.last_step < step)
    return db.session.execute(using.returning(SecondFactor.person_id)).first() is not None


def _use_recovery_code(person_id: int, code: str, key: str, now: datetime) -> bool:
    meant = RecoveryCode.code_hash == _recovery_hash(person_id, code, key)
    using = update(RecoveryCode).where(RecoveryCode.person_id == person_id, meant, RecoveryCode.used_at.is_(None)).values(used_at=now)
    used = db.session.execute(using.returning(RecoveryCode.id)).scalar_one_or_none()
    if used is not None:
        audit.record(person_id, "account.recovery_code_use", "recovery_code", used)
    return used is not None


def _recovery_hash(person_id: int, code: str, key: str) -> str:
    return keyed(f"recovery {person_id} {code}", key)


def reset(person_id: int, by_id: int | None, now: datetime) -> None:
    """A lost phone: the key and its recovery codes go, all devices sign out. Raises NotFound when there is none, Refused for who just
    made the person's code."""
    writing()
    if by_id is not None:
        lock_person(person_id)
        if refusal := helping.reset_after_code(by_id, person_id, now):
            raise Refused(refusal)
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    gone = delete(SecondFactor).where(SecondFactor.person_id == person_id).returning(SecondFactor.person_id)
    if db.session.execute(gone).first() is None:
        raise NotFound("他还没有设置登录验证码，没有要清除的。")
    _end_sessions(person_id, now)
    audit.record(by_id, "account.second_factor_reset", "person", person_id)
    tell(person_id, f"{named(by_id)}清除了您的登录验证码，请重新设置。{NOT_ASKED}", DEVICES)


def _end_sessions(person_id: int, now: datetime) -> None:
    account_id = db.session.scalar(select(Account.id).where(Account.person_id == person_id))
    if account_id is not None:
        end_all_sessions(account_id, now)


def codes_left(person_id: int) -> int | None:
    """How many recovery codes are not used yet; None where none were ever made."""
    made, used = func.count(RecoveryCode.id), func.count(RecoveryCode.used_at)
    every, gone = db.session.execute(select(made, used).where(RecoveryCode.person_id == person_id)).one()
    return every - gone if every else None
