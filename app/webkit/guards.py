"""Who may call a view. Every view declares one of these; a test walks all routes × all roles."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar, cast

from flask import g, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.core.actor import Actor
from app.core.errors import DomainError, NotFound
from app.core.permissions import Action

P = ParamSpec("P")
R = TypeVar("R")

UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]")  # browsers leave tabs out: "/", a tab and "/evil.example" is another site
PUBLIC: Final = "public"
SIGNED_IN: Final = "signed_in"


class SignInFirst(DomainError):
    """Handled by the web package: a page is redirected to sign-in and comes back, anything else answers 401."""

    status = 401


def actor_or_none() -> Actor | None:
    """The signed-in actor, loaded at most once a request."""
    return cast("Actor | None", getattr(current_user, "actor", None))


def current_actor() -> Actor:
    actor = actor_or_none()
    if actor is None:
        raise SignInFirst("请先登录。")
    return actor


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Anyone may look; the view itself limits what is shown."""
    return _declare(view, PUBLIC)


def signed_in(view: Callable[P, R]) -> Callable[P, R]:
    """Anyone with an account; the view loads only what is theirs."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        current_actor()
        return view(*args, **kwargs)

    return _declare(guarded, SIGNED_IN)


def requires(action: Action) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Only actors who may do `action` somewhere; the view loads through `actor.roots(action)`, so elsewhere is a 404."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            actor = current_actor()
            if not actor.may(action):
                if actor.would(action):
                    return cast(R, to_second_factor())
                raise NotFound
            return view(*args, **kwargs)

        return _declare(guarded, action.value)

    return decorate


def _declare(view: Callable[P, R], access: str) -> Callable[P, R]:
    cast(Any, view).access = access
    return view


def to_sign_in() -> Response:
    """Sign in and come back to the page that was asked for."""
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("accounts.sign_in", next=back))


def to_second_factor() -> Response:
    """The role is there but sleeps: give the code, or set it up, and come back to the page that was asked for."""
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("accounts.second_factor", next=back), 303)


def local_path(given: str | None) -> str | None:
    """`given` when it is a path of this site, else None: no open redirects."""
    if given and given.startswith("/") and not given.startswith(("//", "/\\")) and not UNSEEN.search(given):
        return given
    return None


def device_token() -> str:
    """This browser's random id, set once and kept; for throttling and for counting a visitor once a device."""
    import secrets

    from flask import session

    if "device" not in session:
        session["device"] = secrets.token_hex(12)
        session.permanent = True
    g.device = session["device"]
    return cast(str, g.device)
