"""Accounts: opening, tries at a secret, codes given in person. See sessions for the devices, granting for the roles."""

import hashlib
import hmac
import threading
from collections.abc import Sequence
from datetime import date, datetime

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import delete, insert, select, update

from app.accounts import helping, queries
from app.accounts.models import Account, ActivationCode, SignInAttempt
from app.accounts.rules import (
    ATTEMPT_DAY,
    CODE_LENGTH,
    CODE_LIFETIME,
    RESET_LIFETIME,
    SHARED,
    CodePurpose,
    secret_kind,
    wait_seconds,
)
from app.accounts.sessions import end_all_sessions
from app.accounts.telling import DEVICES, NOT_ASKED, named, tell
from app.audit import service as audit
from app.core import clock, limits, trace
from app.core.db import db, upsert, writing
from app.core.errors import Conflict, Refused
from app.people import service as people
from app.people.models import Person
from app.people.rules import Origin

SPENT = "这个码用不了：可能已经用过、过期，或换了新的。请支部书记或现场人员再给您一个。"
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


def open_account(person_id: int, phone: str | None, secret_hash: str, kind_of: str, now: datetime) -> int:
    """A person's account; `kind_of` is the secret itself, looked at only for whether it is a PIN. Returns its id.

    Without `phone` its owner signs in by a contact number that another account owns, and by this secret.
    """
    writing()
    account_id: int = db.session.execute(
        insert(Account)
        .values(person_id=person_id, login_phone=phone, secret_hash=secret_hash, secret_kind=secret_kind(kind_of), created_at=now)
        .returning(Account.id)
    ).scalar_one()
    audit.record(person_id, "account", "account", account_id)
    return account_id


def register(name: str, phone: str, secret_hash: str, secret: str, now: datetime, minor_until: date | None = None) -> queries.AccountRow:
    """A new, unverified person with an account, whoever else the number belongs to; nothing of theirs is touched."""
    writing()
    person_id = people.record_person(name, Origin.SELF, now, phone=phone, minor_until=minor_until)
    values = {"person_id": person_id, "secret_hash": secret_hash, "secret_kind": secret_kind(secret), "created_at": now}
    opening = upsert(Account).values(login_phone=phone, **values).on_conflict_do_nothing(index_elements=["login_phone"])
    account_id = db.session.execute(opening.returning(Account.id)).scalar_one_or_none()
    if account_id is None:
        account_id = open_account(person_id, None, secret_hash, secret, now)
    else:
        audit.record(person_id, "account", "account", account_id)
    return queries.AccountRow(account_id, person_id, name, secret_hash, secret_kind(secret), phone)


def activate(code_hash: str, phone: str, secret_hash: str, secret: str, now: datetime) -> queries.AccountRow:
    """Use a code: the person gets an account, or a new secret that ends all sessions. Raises Conflict when it holds no more.

    Who shows a code has been seen in person, so an unverified account gives the number up (and signs in by it as a
    contact); a verified one keeps it, and the two share it.
    """
    writing()
    using = (
        update(ActivationCode)
        .where(
            ActivationCode.code_hash == code_hash,
            ActivationCode.used_at.is_(None),
            ActivationCode.revoked_at.is_(None),
            ActivationCode.expires_at > now,
        )
        .values(used_at=now)
        .returning(ActivationCode.id, ActivationCode.person_id, ActivationCode.made_by_id)
    )
    used = db.session.execute(using).one_or_none()
    if used is None:
        raise Conflict(SPENT)
    people.lock_person(used.person_id)
    account = queries.account_of(used.person_id)
    if account:
        set_secret(account.id, secret_hash, secret, now, by_id=used.person_id)
        tell(used.person_id, f"您的密码用当面给的码重设了。{NOT_ASKED}", DEVICES)
    else:
        people.add_phone(used.person_id, phone, clock.local_date(now))
        open_account(used.person_id, _claim_phone(phone), secret_hash, secret, now)
        if used.made_by_id is not None:
            people.confirm_person(used.person_id, used.made_by_id, now)
    audit.record(used.person_id, "account.code_use", "activation_code", used.id)
    opened = queries.account_of(used.person_id)
    if opened is None:
        raise Conflict(SPENT)
    return opened


def _claim_phone(phone: str) -> str | None:
    """The number when it is free or held by somebody unverified, who gives it up; else None."""
    holder = db.session.execute(
        select(Account.id, Person.confirmed_at).join(Person, Person.id == Account.person_id).where(Account.login_phone == phone)
    ).one_or_none()
    if holder is None:
        return phone
    if holder.confirmed_at is not None:
        return None
    db.session.execute(update(Account).where(Account.id == holder.id).values(login_phone=None))
    audit.record(None, "account.number_given_up", "account", holder.id)
    return phone


def set_secret(account_id: int, secret_hash: str, secret: str, now: datetime, *, by_id: int) -> None:
    """A new PIN or password; every device must sign in again."""
    writing()
    db.session.execute(update(Account).where(Account.id == account_id).values(secret_hash=secret_hash, secret_kind=secret_kind(secret)))
    end_all_sessions(account_id, now)
    audit.record(by_id, "account.secret", "account", account_id)


def begin_try(phone_hash: str, device_hash: str, now: datetime) -> tuple[int, int]:
    """Count a try before its secret is looked at, so that tries side by side can not slip through together.

    Returns the seconds to wait (0: it may go on) and the id of the try, for `take_back` when the secret was right.
    Only that one is taken back: who shares a number could else clear the way for guessing the other's secret.
    """
    writing()
    limits.one_at_a_time(f"try {phone_hash}", f"try {device_hash}")
    wait = wait_seconds(queries.failures(phone_hash, device_hash, now), now)
    return wait, 0 if wait else note_failure(phone_hash, device_hash, now)


def take_back(try_id: int) -> None:
    writing()
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.id == try_id))


def matching(candidates: Sequence[queries.AccountRow], secret: str) -> queries.AccountRow | None:
    """The first account that the secret opens. Right or wrong, it takes as long however many (up to SHARED) there are:
    else who registers with a number could tell from the time of the next sign-in whether somebody else has it."""
    found = [account for account in candidates if check_secret(account.secret_hash, secret)]
    for _ in range(SHARED - len(candidates)):
        check_secret(None, secret)
    return found[0] if found else None


def note_failure(phone_hash: str, device_hash: str, now: datetime) -> int:
    """Recorded although the sign-in is refused; old ones go."""
    writing()
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.at < now - ATTEMPT_DAY))
    noting = insert(SignInAttempt).values(phone_hash=phone_hash, device_hash=device_hash, at=now)
    return int(db.session.execute(noting.returning(SignInAttempt.id)).scalar_one())


def forget_failures(phone_hash: str) -> None:
    """After a code that was given in person."""
    writing()
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.phone_hash == phone_hash))


def make_code(person_id: int, made_by_id: int | None, key: str, now: datetime) -> str:
    """A one-time code for a first sign-in or a forgotten secret; earlier unused ones end. Returns it in clear, once."""
    if made_by_id is not None:
        people.lock_person(person_id)
        if refusal := helping.code_after_reset(made_by_id, person_id, now):
            raise Refused(refusal)
    return make_codes([person_id], made_by_id, key, now)[person_id]


def make_codes(person_ids: Sequence[int], made_by_id: int | None, key: str, now: datetime) -> dict[int, str]:
    """`make_code` for many, in as many statements as for one; person → code."""
    writing()
    if not person_ids:
        return {}
    known = set(db.session.scalars(select(Account.person_id).where(Account.person_id.in_(person_ids))))
    code = ActivationCode
    standing = update(code).where(code.person_id.in_(person_ids), code.used_at.is_(None), code.revoked_at.is_(None))
    db.session.execute(standing.values(revoked_at=now))
    codes = {person_id: trace.new_code(CODE_LENGTH) for person_id in person_ids}
    made = db.session.execute(
        insert(code).returning(code.id, code.person_id, code.purpose),
        [
            {
                "code_hash": keyed(codes[person_id], key),
                "person_id": person_id,
                "purpose": CodePurpose.RESET if person_id in known else CodePurpose.ACTIVATION,
                "made_by_id": made_by_id,
                "made_at": now,
                "expires_at": now + (RESET_LIFETIME if person_id in known else CODE_LIFETIME),
            }
            for person_id in person_ids
        ],
    )
    by_whom = named(made_by_id) if known else ""
    for person_id in sorted(known):  # who has no account yet reads no notices
        tell(person_id, f"{by_whom}给您做了重设密码的码。{NOT_ASKED}", DEVICES)
    audit.record_all(made_by_id, [(f"account.{row.purpose}_code", "activation_code", row.id, {"person": row.person_id}) for row in made])
    return codes
