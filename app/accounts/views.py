"""Signing in and out, registering, and using a one-time code."""

from typing import Any

from flask import current_app, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.accounts import code_views, factor_views, factors, forms, guardian_views, login, own_views, queries, role_views, service
from app.accounts.blueprint import bp
from app.accounts.queries import AccountRow, CodeRow
from app.accounts.rules import SecretKind
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import DomainError, Invalid, NotFound, TooMany
from app.people import queries as people_queries
from app.people import service as people
from app.people.rules import RELATION_NAMES, ConsentKind, GivenHow
from app.webkit.forms import kept
from app.webkit.guards import actor_or_none, local_path, public
from app.webkit.htmx import render

__all__ = ["bp", "code_views", "factor_views", "guardian_views", "own_views", "role_views"]


@bp.get("/sign-in")
@public
def sign_in() -> Response:
    return _page("accounts/sign_in.html")


@bp.post("/sign-in")
@public
def begin_session() -> Response:
    """Answers alike whether the number is unknown or the secret wrong."""
    try:
        given = forms.sign_in(request.form)
        account = login.recognise(given.phone, given.secret)
        if account is None:
            raise Invalid({"password": forms.SIGN_IN_FAULT})
    except (Invalid, TooMany) as fault:
        return _page("accounts/sign_in.html", fault)
    return _go_on(account)


@bp.post("/sign-out")
@public
def end_session() -> Response:
    login.end()
    flash("已退出。您的记录都还在。", "info")
    return redirect(url_for("pages.home"), 303)


@bp.get("/forgotten")
@public
def forgotten() -> Response:
    return _page("accounts/forgotten.html")


@bp.get("/register")
@public
def register() -> Response:
    return _page("accounts/register.html")


@bp.post("/register")
@public
def open_registration() -> Response:
    """A new, unverified person, signed in at once, whether the number was known or not: both answers are the same.

    Who types the secret of an account that the number opens is that account's owner and gets no second one.
    """
    adult = _adult()
    try:
        given = forms.registration(request.form, clock.today(), by_adult=adult is not None)
        account = login.recognise(given.phone, given.secret, new=True)
        if account is None:
            login.one_more_account()
    except (Invalid, TooMany) as fault:
        return _page("accounts/register.html", fault)
    if account is None:
        hashed, now = service.hash_secret(given.secret), clock.now()

        def work() -> AccountRow:
            made = service.register(given.name, given.phone, hashed, given.secret, now, given.minor_until)
            if given.relation and adult:
                phone = next(iter(people_queries.phones(adult.person_id, clock.today())), "")
                how = GivenHow.BY_ACCOUNT
                people.record_guardian(made.person_id, adult.name, phone, given.relation, how, adult.person_id, now)
            return made

        account = in_transaction(work)
        if given.minor_until and not given.relation:
            flash("已记下。未满14周岁，请监护人到现场或支部当面同意，名字和时长才算数。", "warn")
        else:
            flash("已记下，等支部或现场人员核实。报名、签到现在就能用。", "yes")
    return _go_on(account)


def _adult() -> Actor | None:
    """Who is signed in and may agree for a child."""
    actor = actor_or_none()
    return None if actor is None or people_queries.minor(actor.person_id, clock.today()).minor else actor


@bp.get("/activate")
@public
def activate() -> Response:
    return _page("accounts/activate.html")


@bp.post("/activate")
@public
def look_up_code() -> Response:
    try:
        code = forms.code(request.form)
        try_id = login.count_try(f"code {code}")
        if login.known_code(code) is None:
            raise Invalid({"code": service.SPENT})
    except (Invalid, TooMany) as fault:
        return _page("accounts/activate.html", fault, "code")
    in_transaction(lambda: service.take_back(try_id))
    return redirect(url_for("accounts.activation", code=code, next=local_path(request.form.get("next"))), 303)


@bp.get("/activate/<code>")
@public
def activation(code: str) -> Response:
    found = login.known_code(code)
    return _activation_page(code, found) if found else _unknown_code()


@bp.post("/activate/<code>")
@public
def use_code(code: str) -> Response:
    found = login.known_code(code)
    if found is None:
        return _unknown_code()
    has_role = queries.holds_role(found.person_id, clock.today())
    try:
        given = forms.activation(request.form, found.phone, has_account=found.has_account, has_role=has_role)
        if login.taken(given.phone, given.secret, found.person_id):  # one guess a code: a wrong one uses it up
            raise Invalid({"password": forms.TAKEN_FAULT})
    except (Invalid, TooMany) as fault:
        return _activation_page(code, found, fault)
    hashed, now = service.hash_secret(given.secret), clock.now()

    def work() -> AccountRow:
        account = service.activate(login.digest(code), given.phone, hashed, given.secret, now)
        service.forget_failures(login.digest(given.phone))
        for kind in given.consents:
            people.give_consent(account.person_id, kind, now)
        return account

    account = in_transaction(work)
    flash("新密码已设好，其他设备都已退出。" if found.has_account else "账号已开通，以后用手机号和密码登录。", "yes")
    return _go_on(account)


def _go_on(account: AccountRow) -> Response:
    """Sign in and go on to where the person was heading; a PIN with a further role must become a password first, and some roles
    wait for the code of the second factor."""
    actor = login.begin(account.id, account.person_id, factor=_brought_code(account))
    onward = local_path(request.form.get("next"))
    if account.secret_kind is SecretKind.PIN and queries.holds_role(account.person_id, clock.today()):
        flash("您有管理职责，请先把数字密码换成至少 8 位的密码。换好以后管理功能就打开。", "warn")
        return redirect(url_for("accounts.secret", next=onward), 303)
    if actor.sleeping:
        return redirect(url_for("accounts.second_factor", next=onward), 303)
    return redirect(onward or url_for("pages.me"), 303)


def _brought_code(account: AccountRow) -> bool:
    """The demo's sign-in form brings the code along, which everybody else gives on the next page."""
    typed = request.form.get("code", "")[:40]
    if not typed or not demo_code() or not queries.needs_factor(account.person_id, clock.today()):
        return False
    try:
        proved = login.proves_factor(account.person_id, typed)
    except TooMany:
        return False
    if not proved:
        flash("登录验证码不对，请再填一次。", "warn")
    return proved


def demo_code() -> str | None:
    """The code that the demo's own accounts have at this moment; None on real sites."""
    demo = current_app.config["SETTINGS"].demo
    return factors.code_at(factors.DEMO_KEY, clock.now()) if demo else None


def _unknown_code() -> Response:
    return _page("accounts/activate.html", Invalid({"code": service.SPENT}), "code", status=NotFound.status)


def _activation_page(code: str, found: CodeRow, fault: DomainError | None = None) -> Response:
    has_role = queries.holds_role(found.person_id, clock.today())
    return _page(
        "accounts/activation.html", fault, "password", code=code, found=found, has_role=has_role, kinds=(ConsentKind.PERSONAL_BOARD,)
    )


def _page(template: str, fault: DomainError | None = None, field: str = "phone", status: int | None = None, **context: Any) -> Response:
    """A form again with what was typed; a fault without a field of its own stands beside `field`."""
    faults = fault.fields if isinstance(fault, Invalid) else {field: fault.message} if fault else {}
    onward = local_path(request.values.get("next"))
    response = render(
        template,
        status=status or (fault.status if fault else 200),
        faults=faults,
        kept=kept(request.form),
        onward=onward,
        relations=RELATION_NAMES,
        demo_code=demo_code() if template == "accounts/sign_in.html" else None,
        **context,
    )
    if isinstance(fault, TooMany):
        response.headers["Retry-After"] = str(fault.retry_after)
    return response
