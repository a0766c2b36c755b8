"""Signing in and out."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.accounts import forms, login, queries
from app.accounts.blueprint import bp
from app.accounts.queries import AccountRow
from app.accounts.rules import SecretKind
from app.core import clock
from app.core.errors import Invalid, TooMany
from app.webkit.forms import kept
from app.webkit.guards import local_path, public
from app.webkit.htmx import render

__all__ = ["bp"]


@bp.get("/sign-in")
@public
def sign_in() -> Response:
    return _sign_in_page({})


@bp.post("/sign-in")
@public
def begin_session() -> Response:
    """Answers alike whether the number is unknown or the secret wrong."""
    try:
        given = forms.sign_in(request.form)
        account = login.recognise(given.phone, given.secret)
    except Invalid as fault:
        return _sign_in_page(fault.fields, 422)
    except TooMany as fault:
        response = _sign_in_page({"phone": fault.message}, 429)
        response.headers["Retry-After"] = str(fault.retry_after)
        return response
    if account is None:
        return _sign_in_page({"password": forms.SIGN_IN_FAULT}, 422)
    return welcome_in(account)


@bp.post("/sign-out")
@public
def end_session() -> Response:
    login.end()
    flash("已退出。您的记录都还在。", "info")
    return redirect(url_for("pages.home"), 303)


def welcome_in(account: AccountRow) -> Response:
    """Sign in and go on to where the person was heading; a PIN with a further role must become a password first."""
    login.begin(account.id, account.person_id)
    onward = local_path(request.form.get("next"))
    if account.secret_kind is SecretKind.PIN and queries.holds_role(account.person_id, clock.today()):
        flash("您有管理职责，请先把数字密码换成至少 8 位的密码。换好以后管理功能就打开。", "warn")
        return redirect(url_for("accounts.secret", next=onward), 303)
    return redirect(onward or url_for("pages.home"), 303)


def _sign_in_page(faults: dict[str, str], status: int = 200) -> Response:
    onward = local_path(request.values.get("next"))
    return render("accounts/sign_in.html", status=status, faults=faults, kept=kept(request.form), onward=onward)
