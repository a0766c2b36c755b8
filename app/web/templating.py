"""What every template may use: filters for figures and times, static addresses, who is signed in."""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, cast

from flask import Flask, current_app, g, request, url_for
from markupsafe import Markup, escape

from app.accounts.rules import PIN_LENGTH
from app.core import clock, words
from app.core.actor import Actor
from app.core.config import Settings
from app.core.permissions import Action, Role
from app.people.naming import mask_name, mask_phone, volunteer_number
from app.people.rules import STAGE_NAMES
from app.webkit import drawings, htmx
from app.webkit.guards import actor_or_none
from app.webkit.icons import icon
from app.webkit.qr import qr_svg
from app.worklist.service import badge_counts

_BEFORE_DOT = re.compile("([^·;&]·+)")
LOOKS = {"big", "dark", "light", "big dark", "big light"}


def install(app: Flask) -> None:
    settings: Settings = app.config["SETTINGS"]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(
        **GLOBALS,
        view_names=app.view_functions,
        demo=settings.demo,
        public_url=settings.public_url,
        public_url_fault=settings.public_url_fault,
    )

    @app.context_processor
    def reader() -> dict[str, Any]:
        actor, fault = actor_or_none(), cast("str | None", app.jinja_env.globals["public_url_fault"])
        return {
            "public_url_fault": _told(fault, actor),
            "own_code_fault": _plain(fault, "码") if fault else None,
            "look": look(),
            "actor": actor,
            "today": clock.today(),
            "now": clock.now(),
            "badges": _badges,
        }


def look() -> str:
    """How this browser wants its pages: size of type, colours."""
    chosen = request.cookies.get("look", "")
    return chosen if chosen in LOOKS else ""


def dotted(name: str) -> Markup:
    """古丽巴哈尔·阿卜杜热依木 breaks after the dot, never before it: no line of a name begins with one."""
    return Markup(_BEFORE_DOT.sub(r'<span class="keep">\1</span><wbr>', str(escape(name))))


def _told(fault: str | None, actor: Actor | None) -> str | None:
    """That codes do not work is for those who make codes for others; what to set, in the small print, for administrators."""
    if fault is None or actor is None or not actor.roles:
        return None
    said = _plain(fault, "印出来的码")
    if not actor.may(Action.UNIT_MANAGE):
        return said
    return Markup("{}<br><small>{}服务器上的设置叫 PUBLIC_URL。</small>").format(said, fault)


def _plain(fault: str, what: str) -> str:
    """Without the words of those who run servers, for whoever stands before the page."""
    return f"网址还没设好，{what}{'在微信里可能' if 'https' in fault else ''}扫不开，请把这句话转给管网站的人。"


def _badges() -> Any:
    """Unread notices and open work items of the reader, asked for once a page."""
    if "badges" not in g:
        actor = actor_or_none()
        g.badges = badge_counts(actor) if actor else None
    return g.badges


def asset(name: str) -> str:
    """A static file's address with a digest of its content, so that it may be cached for a year."""
    return _address(name, request.script_root)


@lru_cache
def _address(name: str, _root: str) -> str:
    """Made once, not eight times a page; `_root` is where the site is mounted, which is part of the address."""
    return url_for("static", filename=name, v=_digest(str(Path(current_app.static_folder or "") / name)))


@lru_cache
def _digest(file: str) -> str | None:
    path = Path(file)
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.exists() else None


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "minutes": words.minutes_words,
    "hours": words.hours_number,
    "points": words.points_words,
    "yuan": words.yuan,
    "yuan_short": words.yuan_short,
    "time": words.time_words,
    "full_day": words.full_day,
    "weekday": words.weekday,
    "through": words.through,
    "local": clock.local,
    "day": lambda moment: words.day_words(moment, clock.today()),
    "when": lambda moment: words.when_words(moment, clock.today()),
    "span": lambda shift: words.span_words(shift.starts_at, shift.ends_at),
    "masked": mask_name,
    "masked_phone": mask_phone,
    "stage": lambda kind: STAGE_NAMES[kind],
    "volunteer_number": volunteer_number,
    "dotted": dotted,
    "lines": lambda text: Markup("<br>").join(escape(text).splitlines()),
}
GLOBALS: Final[dict[str, Any]] = {
    "asset": asset,
    "qr_svg": qr_svg,
    "icon": icon,
    "ring": drawings.ring,
    "bar": drawings.bar,
    "columns": drawings.columns,
    "spark": drawings.spark,
    "share": drawings.share,
    "houses": drawings.houses,
    "skyline": drawings.skyline,
    "street": drawings.street,
    "avenue": drawings.avenue,
    "MARK": drawings.MARK,
    "Action": Action,
    "Role": Role,
    "PIN_LENGTH": PIN_LENGTH,
    "HTMX_CDN": htmx.CDN,
    "HTMX_INTEGRITY": htmx.INTEGRITY,
    "HTMX_LOCAL": htmx.LOCAL,
    "HTMX_CONFIG": htmx.CONFIG,
    "one_hour": timedelta(hours=1),
    "half_hour": timedelta(minutes=30),
}
