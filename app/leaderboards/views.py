"""/boards: a page that most readers have already. What everybody sees is made once per change; the reader's own is added to it."""

import hashlib
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import cast

from flask import Blueprint, Flask, current_app, g, make_response, render_template, request, session, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.core import clock
from app.core.actor import Actor
from app.core.config import ROOT
from app.core.db import db
from app.leaderboards import lines, queries, rules, stamps, unchanged
from app.leaderboards.rules import Board, BoardKind, Choice, Own
from app.leaderboards.shelf import Shelf
from app.webkit.guards import actor_or_none, public
from app.worklist.service import badge_counts


def _newest_file() -> int:
    files = (file for name in ("templates", "static", "app") for file in (ROOT / name).rglob("*") if file.suffix != ".pyc")
    return max((file.stat().st_mtime_ns for file in files), default=0)


BUILD = _newest_file()  # part of every tag: other software shows other pages
bp = Blueprint("leaderboards", __name__)
bp.record_once(lambda state: unchanged.install(cast(Flask, state.app)))


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


@bp.get(unchanged.PATH)
@public
def boards() -> Response:
    """The page, or that it is unchanged where that took more than a stamp to see (unchanged.py answers the rest)."""
    choice = unchanged.choice_of(request.query_string.decode("latin-1"), clock.today())
    database = str(current_app.config["SQLALCHEMY_DATABASE_URI"])  # what is kept belongs to one: tests have many in a process
    stamp = stamps.stamp(db.engine, session.get("_user_id"), clock.now())
    actor, version = actor_or_none(), (database, stamp.version)
    page = _page(choice, version)
    own = _own(actor, page.choice, version) if actor else None
    line = lines.own_line(page.board, page.choice, own) if own else None
    tag = None
    if "_flashes" not in session:
        badges = g.badges = badge_counts(actor) if actor else None  # the page's frame asks for them again
        tag = _digest(page.digest, own, line, actor, badges, request.cookies.get("look"), BUILD)
        if not stamp.has_role:  # what waits for a decision is not in the stamp
            unchanged.known.put(unchanged.key(database, stamp, choice, request.cookies.get("look")), tag)
        if tag in request.headers.get("If-None-Match", ""):
            return _headers(make_response("", 304), tag)
    html = html_kept.get((database, page.choice), page.digest, lambda: _public_html(page))
    body = render_template("leaderboards/boards.html", head=html[0], foot=html[1], choice=page.choice, own=own, line=line)
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


def _digest(*parts: object) -> str:
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()


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
