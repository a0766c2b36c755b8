"""登录验证码: setting it up, giving the code after the password, recovery codes, and helping whoever lost the phone."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import current_app, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.accounts import factors, helping, login, queries
from app.accounts.blueprint import bp
from app.accounts.confirming import recently
from app.accounts.rules import SecretKind
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import DomainError, Invalid, NotFound, Refused, TooMany
from app.core.permissions import Action
from app.webkit.guards import current_actor, local_path, requires, signed_in
from app.webkit.htmx import render

WRONG = "验证码不对。看看手机上现在是哪 6 位，每 30 秒换一次，用过的不能再用。"
PASSWORD_FIRST = "登录验证码是给密码加的第二道锁，请先把数字密码换成至少 8 位的密码。"
NOT_YET = "验证码不对。请确认验证器里添加的是这一次的码，手机时间是自动校准的。"


def _with_password(view: Callable[[], Response]) -> Callable[[], Response]:
    """A PIN opens nothing of this: a password must come first."""

    @wraps(view)
    def guarded() -> Response:
        if _account(_holder()).secret_kind is SecretKind.PIN:
            flash(PASSWORD_FIRST, "warn")
            return redirect(url_for("accounts.secret", next=_onward()), 303)
        return view()

    return guarded


@bp.get("/me/second-factor")
@signed_in
@_with_password
def second_factor() -> Response:
    return _page(_holder())


@bp.post("/me/second-factor")
@signed_in
@_with_password
@recently
def begin_factor() -> Response:
    """A new key; the one in use holds until the new one is confirmed, and only who gave its code may replace it."""
    actor = _holder()
    if actor.factor_at is None and _confirmed(actor):
        raise NotFound
    in_transaction(lambda: factors.begin(actor.person_id, login.secret_key()))
    return redirect(url_for("accounts.second_factor", next=_onward()), 303)


@bp.post("/me/second-factor/confirmation")
@signed_in
@_with_password
def confirm_factor() -> Response:
    """The first code: from now on it is asked for at sign-in. The recovery codes stand on this answer and nowhere else."""
    actor = _holder()
    if actor.factor_at is None and _confirmed(actor):
        raise NotFound
    try:
        try_id = login.count_try(f"factor {actor.person_id}")
        codes = in_transaction(lambda: factors.confirm(actor.person_id, request.form.get("code", ""), login.secret_key(), clock.now()))
        if codes is None:
            raise Invalid({"code": NOT_YET})
    except (Invalid, TooMany) as fault:
        return _page(actor, fault)
    login.forget_try(try_id)
    account = _account(actor)
    login.begin(account.id, actor.person_id, factor=True, confirmed_at=actor.confirmed_at)
    return render("accounts/recovery_codes.html", codes=codes, fresh=True, onward=_onward())


@bp.post("/me/second-factor/codes")
@signed_in
@_with_password
def give_code() -> Response:
    """After the password: the code, or a recovery code, and the roles wake up."""
    actor = _holder()
    try:
        if not login.proves_factor(actor.person_id, request.form.get("code", "")[:40]):
            raise Invalid({"code": WRONG})
    except (Invalid, TooMany) as fault:
        return _page(actor, fault)
    account = _account(actor)
    login.begin(account.id, actor.person_id, factor=True, confirmed_at=actor.confirmed_at)
    return redirect(_onward() or url_for("pages.me"), 303)


@bp.post("/me/second-factor/recovery-codes")
@signed_in
@_with_password
@recently
def make_recovery_codes() -> Response:
    actor = _holder()
    if actor.factor_at is None or not _confirmed(actor):
        raise NotFound
    codes = in_transaction(lambda: factors.new_recovery_codes(actor.person_id, login.secret_key(), clock.now()))
    return render("accounts/recovery_codes.html", codes=codes, fresh=False, onward=None)


@bp.post("/people/<int:person_id>/second-factor/reset")
@requires(Action.STAFF_RESET)
@recently
def reset_factor(person_id: int) -> Response:
    """Somebody's phone is lost, and they stand here in person. Never one's own."""
    actor, today = current_actor(), clock.today()
    person = helping.helpable(person_id, actor.roots(Action.STAFF_RESET), today)
    if person is None:
        raise NotFound
    if refusal := helping.code_refusal(actor, person_id, today):
        raise Refused(refusal)
    in_transaction(lambda: factors.reset(person_id, actor.person_id, clock.now()))
    flash(f"已清除{person.name}的登录验证码，他的设备都已退出。下次登录会先请他重新设置。", "yes")
    return redirect(url_for("accounts.person_code", person_id=person_id), 303)


def _holder() -> Actor:
    """The actor, when a role of theirs needs a second factor; to others the page does not exist."""
    actor = current_actor()
    if not queries.needs_factor(actor.person_id, clock.today()):
        raise NotFound
    return actor


def _confirmed(actor: Actor) -> bool:
    row = queries.factor_of(actor.person_id)
    return row is not None and row.sealed is not None


def _account(actor: Actor) -> queries.AccountRow:
    account = queries.account_of(actor.person_id)
    if account is None:
        raise NotFound
    return account


def _onward() -> str | None:
    return local_path(request.values.get("next"))


def _page(actor: Actor, fault: DomainError | None = None) -> Response:
    """What comes next: give the code, confirm a new key, begin, or see how it stands."""
    faults = fault.fields if isinstance(fault, Invalid) else {"code": fault.message} if fault else {}
    row, key = queries.factor_of(actor.person_id), login.secret_key()
    context: dict[str, Any] = {"row": row, "faults": faults, "onward": _onward(), "demo_code": None}
    template = "accounts/second_factor.html"
    if actor.factor_at is None and row and row.sealed:
        template, totp_key = "accounts/factor_code.html", factors.unseal(row.sealed, actor.person_id, key)
    else:
        totp_key = factors.unseal(row.pending, actor.person_id, key) if row and row.pending else None
        context |= {"totp_key": totp_key, "address": factors.address(totp_key, actor.name) if totp_key else None}
        context["left"] = factors.codes_left(actor.person_id) if row and row.sealed else 0
    if current_app.config["SETTINGS"].demo and totp_key:
        context["demo_code"] = factors.code_at(totp_key, clock.now())
    response = render(template, status=fault.status if fault else 200, **context)
    if isinstance(fault, TooMany):
        response.headers["Retry-After"] = str(fault.retry_after)
    return response
