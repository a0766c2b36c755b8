"""密码再输一次: before somebody decides about others, when their password was given too long ago.

The form waits on the page that asks: what was being sent is in hidden fields, and goes where it was going.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import ParamSpec, TypeVar, cast
from urllib.parse import urlsplit

from flask import request
from werkzeug.wrappers import Response

from app.accounts import login, queries, sessions
from app.accounts.rules import RECENT
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Refused, TooMany
from app.settings import queries as settings
from app.webkit.guards import current_actor, local_path
from app.webkit.htmx import render, wants_fragment

P = ParamSpec("P")
R = TypeVar("R")

FIELD, BACK = "confirm_password", "confirm_back"
SETTING = "password_again"  # {"minutes": 15}
TOO_MUCH = "要先确认是您本人。请退出再登录一次，然后重新选文件。没有办理。"


def recently(view: Callable[P, R]) -> Callable[P, R]:
    """For POSTs that approve for others, under @requires: asks for the password again when it was given over 15 minutes ago."""
    return recently_when(lambda: True)(view)


def recently_when(matters: Callable[[], bool]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """The same, only where the form is of the kind that matters."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if request.method == "POST" and matters() and not _is_recent():
                answer = _ask()
                if answer is not None:
                    return cast(R, answer)
            return view(*args, **kwargs)

        return guarded

    return decorate


def window() -> timedelta:
    default = int(RECENT.total_seconds()) // 60
    return timedelta(minutes=int(settings.value(SETTING, {"minutes": default})["minutes"]))


def _is_recent() -> bool:
    given = current_actor().confirmed_at
    return given is not None and clock.now() < given + window()


def _ask() -> Response | None:
    """The page that asks; None when the password came with it and is right, and the view may go on."""
    if request.files:
        raise Refused(TOO_MUCH)
    faults: dict[str, str] = {}
    status = 200 if FIELD not in request.form else 422
    if status == 422:
        try:
            if _gave_password():
                return None
            faults["confirm_password"] = "密码不对，请再输一次"
        except TooMany as fault:
            faults["confirm_password"], status = fault.message, fault.status
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in {FIELD, BACK}]
    address = request.full_path.rstrip("?")
    response = render("accounts/confirm.html", status=status, fields=fields, faults=faults, back=_back(), address=address)
    if wants_fragment():
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "body", "innerHTML"
    return response


def _gave_password() -> bool:
    actor = current_actor()
    account = queries.account_of(actor.person_id)
    if account is None or not login.proves(account, request.form.get(FIELD, "").strip()[:200]):
        return False
    login.go_on_as(in_transaction(lambda: sessions.confirm_session(actor.session_id, clock.now())))
    return True


def _back() -> str | None:
    """Where the form stood, for the way back."""
    given = request.form.get(BACK)
    if given is None and request.referrer and urlsplit(request.referrer).netloc == request.host:
        parts = urlsplit(request.referrer)
        given = parts.path + (f"?{parts.query}" if parts.query else "")
    return local_path(given)
