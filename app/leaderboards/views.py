"""/boards: a page that most readers have already. What everybody sees is made once per change; the reader's own is added to it."""

import hashlib
from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, current_app, make_response, render_template, request, session, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.core import clock
from app.core.actor import Actor
from app.core.config import ROOT
from app.leaderboards import lines, queries, rules
from app.leaderboards.rules import Board, BoardKind, Choice, Own
from app.leaderboards.shelf import Shelf
from app.webkit.guards import actor_or_none, public
from app.worklist.service import badge_counts

bp = Blueprint("leaderboards", __name__)


@dataclass(frozen=True)
class Shown:
    """The public side of one page: `digest` is of everything on it, so that an equal one needs no new HTML."""

    choice: Choice
    board: Board
    lines: tuple[lines.Line, ...]
    communities: tuple[tuple[int, str], ...]
    digest: str


boards_kept: Shelf[Board] = Shelf(64)
pages_kept: Shelf[Shown] = Shelf(256)
html_kept: Shelf[tuple[Markup, Markup]] = Shelf(256)
own_kept: Shelf[Own] = Shelf(4096)


@bp.get("/boards")
@public
def boards() -> Response:
    choice = rules.choose(request.args, clock.today())
    version = (str(current_app.config["SQLALCHEMY_DATABASE_URI"]), queries.version())
    page, own, actor = _page(choice, version), None, actor_or_none()
    if actor:
        own = _own(actor, page.choice, version)
    tag = _tag(page, own, actor)
    if tag and tag in request.headers.get("If-None-Match", ""):
        return _headers(make_response("", 304), tag)
    html = html_kept.get((page.choice, version[0]), page.digest, lambda: _public_html(page))
    own_line = lines.own_line(page.board, page.choice, own) if own else None
    body = render_template("leaderboards/boards.html", head=html[0], foot=html[1], choice=page.choice, own=own, line=own_line)
    return _headers(make_response(body), tag)


def _headers(response: Response, tag: str | None) -> Response:
    """Kept by the reader's own browser only, and asked about each time."""
    if tag:
        response.headers["ETag"] = f'W/"{tag}"'
    response.headers["Cache-Control"] = "private, no-cache" if tag else "no-store"
    response.vary.add("Cookie")
    return response


def _page(choice: Choice, version: Hashable) -> Shown:
    def board() -> Board:
        return rules.rank(queries.figures(choice.kind, choice.period.key, choice.day, choice.community_id), choice.by)

    def page() -> Shown:
        ranked = boards_kept.get(replace(choice, page=1), version, board)
        there = replace(choice, page=min(choice.page, lines.pages(ranked)))
        personal = choice.kind is BoardKind.PERSON
        names = queries.names([one.figure.id for one in lines.shown(ranked, there.page)], choice.day) if personal else {}
        communities = tuple(queries.communities(choice.day)) if personal else ()
        rows = lines.lines(ranked, there, names)
        return Shown(there, ranked, rows, communities, _digest(there, rows, communities, len(ranked.standings), len(ranked.small)))

    return pages_kept.get(choice, version, page)


def _own(actor: Actor, choice: Choice, version: Hashable) -> Own:
    key = (actor.person_id, choice.kind, choice.period.key, choice.day)
    return own_kept.get(key, version, lambda: queries.own(actor.person_id, choice.kind, choice.period.key, choice.day))


def _tag(page: Shown, own: Own | None, actor: Actor | None) -> str | None:
    """Everything that this reader's page depends on; None while a message waits to be shown once."""
    if "_flashes" in session:
        return None
    place = lines.own_line(page.board, page.choice, own) if own else None
    return _digest(page.digest, place, own, actor, badge_counts(actor) if actor else None, request.cookies.get("look"), _build())


def _digest(*parts: object) -> str:
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()


@lru_cache
def _build() -> int:
    """Changes when the software does: the newest file of what pages are made from."""
    folders = (Path(ROOT / name) for name in ("templates", "static", "app"))
    return max((file.stat().st_mtime_ns for folder in folders for file in folder.rglob("*") if file.suffix != ".pyc"), default=0)


def _public_html(page: Shown) -> tuple[Markup, Markup]:
    """Rendered without the request's context, so that nothing of a reader can come into it."""
    choice = page.choice

    def link(**changes: str | int | None) -> str:
        """This board with something changed; a change of kind or period begins at the first page."""
        given = {name: value for name, value in choice.arguments().items() if name != "page"} | changes
        return url_for("leaderboards.boards", **{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]

    values = {"page": page, "choice": choice, "rules": rules, "lines": lines, "link": link}
    head, foot = (current_app.jinja_env.get_template(f"leaderboards/_{part}.html") for part in ("board", "how"))
    return Markup(head.render(values)), Markup(foot.render(values))
