"""What Flask-Login carries (a session token in, an actor out), and how a browser is signed in and out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app, request, session
from flask_login import login_user, logout_user

from app.accounts import factors, queries, service, sessions
from app.accounts.queries import AccountRow, CodeRow, actor_of_session
from app.accounts.rules import device_name
from app.core import clock, limits
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import TooMany
from app.core.limits import Limit
from app.core.words import when_words
from app.webkit.events import noted
from app.webkit.guards import actor_or_none, device_token
from app.webkit.peer import peer

NEW_ACCOUNTS = Limit("new-accounts", 600, timedelta(hours=1))  # a festival registers behind one address; a script has no cookie to count
SIGN_IN_MISSES = Limit("sign-in-misses", 600, timedelta(minutes=10))  # one password tried on many numbers; a festival mistypes less
CODE_MISSES = Limit("activation-codes", 60, timedelta(minutes=10))  # a hall full of phones behind one address mistypes less
TOO_MANY_NEW = "从这个网络登记的人太多了，请过一会儿再试。现场急用，请找工作人员当面登记。"


@dataclass(frozen=True)
class SignedIn:
    """Flask-Login's user. Its id is the session token, so that revoking the row ends the session."""

    token: str
    actor: Actor
    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        return self.token


def load_user(token: str) -> SignedIn | None:
    actor = actor_of_session(token)
    return SignedIn(token, actor) if actor else None


def secret_key() -> str:
    return str(current_app.config["SECRET_KEY"])


def digest(value: str) -> str:
    return service.keyed(value, secret_key())


def count_try(about: str) -> int:
    """Throttle by what is tried and by device. Raises TooMany; returns the try, to take it back."""
    now = clock.now()
    device = device_token()
    wait, try_id = in_transaction(lambda: service.begin_try(digest(about), digest(device), now))
    if wait:
        noted("slowed down", about=digest(about)[:12])
        again = when_words(now + timedelta(seconds=wait + 59), clock.local_date(now)).removeprefix("今天 ")
        raise TooMany(f"试的次数太多了，请 {again} 以后再试。急用请找支部书记或现场人员，当面给您一个新码。", wait)
    return try_id


def known_code(code: str) -> CodeRow | None:
    """The code that somebody typed or opened. Raises TooMany for an address from which many went wrong, before it looks."""
    now, who = clock.now(), peer()
    wait = limits.wait_left(CODE_MISSES, who, now)
    found = None if wait else queries.code(digest(code), now)
    if wait or (found is None and (wait := limits.wait_for(CODE_MISSES, who, now))):
        noted("slowed down", about="activation codes")
        raise TooMany("从这个网络试的码太多了，请过十分钟再试。急用请找支部书记或现场人员。", wait)
    return found


def one_more_account() -> None:
    """Before somebody new is written down. Raises TooMany for an address from which very many came."""
    if wait := limits.wait_for(NEW_ACCOUNTS, peer(), clock.now()):
        raise TooMany(TOO_MANY_NEW, wait)


def forget_try(try_id: int) -> None:
    """It was right after all."""
    in_transaction(lambda: service.take_back(try_id))


def recognise(phone: str, secret: str, *, new: bool = False) -> AccountRow | None:
    """The account that number and secret open. Raises TooMany before it looks at the secret.

    Wrong ones are counted for the address too: a script that drops its cookie and takes another number each time is one device and one
    number to nobody, and each try costs the slow hash. `new`: somebody registers, which has a limit of its own (`one_more_account`).
    """
    now, who = clock.now(), peer()
    if wait := limits.wait_left(NEW_ACCOUNTS if new else SIGN_IN_MISSES, who, now):
        noted("slowed down", about="sign-in from one address")
        raise TooMany(TOO_MANY_NEW if new else "从这个网络输错的密码太多了，请过十分钟再登录。急用请找支部书记或现场人员。", wait)
    try_id = count_try(phone)
    account = service.matching(queries.candidates(phone), secret)
    if account:
        forget_try(try_id)
    else:
        if not new:
            limits.wait_for(SIGN_IN_MISSES, who, now)
        noted("wrong password", about=digest(phone)[:12])
    return account


def proves(account: AccountRow, secret: str) -> bool:
    """Whether the secret is this account's, asked of somebody who is signed in. Raises TooMany."""
    try_id = count_try(f"account {account.id}")
    right = service.check_secret(account.secret_hash, secret)
    if right:
        forget_try(try_id)
    noted("password again" if right else "wrong password again", who=account.person_id)
    return right


def taken(phone: str, secret: str, person_id: int) -> bool:
    """Whether another who signs in with this number has the same secret. A guess at theirs: the caller limits how often."""
    others = [account for account in queries.candidates(phone) if account.person_id != person_id]
    return service.matching(others, secret) is not None


def proves_factor(person_id: int, typed: str) -> bool:
    """Whether this is the code of the person's second factor, now used up. Raises TooMany before it looks at it.

    In the demo a code may be used again: it stands on the page, for everybody who tries the same account.
    """
    try_id = count_try(f"factor {person_id}")
    again = bool(current_app.config["SETTINGS"].demo)
    right = in_transaction(lambda: factors.use_code(person_id, typed, secret_key(), clock.now(), again=again))
    if right:
        forget_try(try_id)
    noted("second factor" if right else "wrong second factor", who=person_id)
    return right


def begin(account_id: int, person_id: int, *, factor: bool = False, confirmed_at: datetime | None = None) -> Actor:
    """Sign this browser in under a new token; whatever session it had before ends. `factor`: a code was given; one that was given in
    that person's session before still counts. `confirmed_at`: when the password was given, where only a code was given now."""
    now = clock.now()
    before = actor_or_none()
    staff = queries.holds_role(person_id, clock.local_date(now))
    device = device_name(request.user_agent.string)
    factor = factor or (before is not None and before.person_id == person_id and before.factor_at is not None)

    def work() -> str:
        if before:
            sessions.end_session(before.session_id, now)
        return sessions.open_session(account_id, device, now, staff=staff, factor=factor, confirmed_at=confirmed_at)

    token = in_transaction(work)
    actor = actor_of_session(token)
    if actor is None:
        raise RuntimeError("a session that was just opened is not there")
    login_user(SignedIn(token, actor))
    session.permanent = True
    noted("signed in", who=person_id, factor=int(factor))
    return actor


def go_on_as(token: str) -> None:
    """The same session of this browser under another token."""
    session["_user_id"] = token


def end() -> None:
    """Sign this browser out; of what it kept, only its random device id stays."""
    actor, now = actor_or_none(), clock.now()
    if actor:
        in_transaction(lambda: sessions.end_session(actor.session_id, now))
        noted("signed out", who=actor.person_id)
    device = session.get("device")
    logout_user()
    session.clear()
    if device:
        session["device"] = device
        session.permanent = True
