"""/boards: a page that most readers have already. What everybody sees is made once per change; the reader's own is added to it."""

import hashlib
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any, cast

from flask import Blueprint, Flask, current_app, g, make_response, render_template, request, session, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.core import clock
from app.core.actor import Actor
from app.core.config import ROOT
from app.core.db import db
from app.core.shelf import Shelf
from app.hours import queries as hours
from app.leaderboards import frozen, lines, measures, queries, rules, spans, stamps, unchanged
from app.leaderboards.measures import Board
from app.leaderboards.rules import BoardKind, BoardRule, Choice, Own
from app.leaderboards.stamps import Stamp
from app.webkit.guards import actor_or_none, public
from app.worklist.service import Badges, badge_counts


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
    rule: BoardRule
    published: frozen.Published | None


boards_kept: Shelf[Board] = Shelf(64)
pages_kept: Shelf[Shown] = Shelf(256)
html_kept: Shelf[tuple[Markup, Markup]] = Shelf(256)
own_kept: Shelf[Own] = Shelf(4096)
frames_kept: Shelf[tuple[bytes, bytes]] = Shelf(256)
cards_kept: Shelf[tuple[lines.Line | None, Markup]] = Shelf(4096)  # alike for all members of a unit
CARD = Markup("<!-- own -->")
PARTS = "choice", "board", "how"  # the own card stands after the first
STRANGER = Actor(0, "", 0)  # somebody signed in without a role


@bp.get(unchanged.PATH)
@public
def boards() -> Response:
    """The page, or that it is unchanged where that took more than a stamp to see (unchanged.py answers the rest)."""
    asked = choice = unchanged.choice_of(request.query_string.decode("latin-1"), clock.today())
    if choice.kind is BoardKind.PERSON and not choice.is_open:
        choice = replace(asked, closing=tuple(hours.closing_rules()))
    database = str(current_app.config["SQLALCHEMY_DATABASE_URI"])  # what is kept belongs to one: tests have many in a process
    stamp = stamps.stamp(db.engine, session.get("_user_id"), clock.now())
    page = _page(choice, (database, stamp.version))
    own = _own(stamp, page.choice, (database, stamp.version))
    line, card = _own_card(page, own, database, stamp.version)
    if "_flashes" in session:  # a message that is shown once: nothing of this page is kept
        return _headers(make_response(_render(page, card)), None)
    look, actor = request.cookies.get("look"), actor_or_none() if stamp.has_role else None
    g.badges = badge_counts(actor) if actor else Badges(stamp.unread, 0) if stamp.reader else None  # the page's frame shows them
    tag = _digest(page.digest, own, line, stamp.reader, actor, g.badges, look, BUILD)
    if actor is None:  # what waits for a decision is not in the stamp
        unchanged.known.put(unchanged.key(database, stamp, asked, look), tag)
    if tag in request.headers.get("If-None-Match", ""):
        return _headers(make_response("", 304), tag)
    if actor:
        return _headers(make_response(_render(page, card)), tag)
    like = (database, page.choice, look, stamp.unread, STRANGER if stamp.reader else None)
    above, below = frames_kept.get(like, page.digest, lambda: _frame(page, like[-1]))
    return _headers(make_response(b"".join((above, card.encode(), below))), tag)


def _render(page: Shown, card: Markup, **given: object) -> str:
    parts = html_kept.get((current_app.config["SQLALCHEMY_DATABASE_URI"], page.choice), page.digest, lambda: _public_html(page))
    return render_template("leaderboards/boards.html", head=parts[0], card=card, foot=parts[1], **given)


def _frame(page: Shown, actor: object) -> tuple[bytes, bytes]:
    """The page above and below the own card, alike for all readers without a role: rendered for nobody in particular."""
    above, _, below = _render(page, CARD, actor=actor).partition(CARD)
    return above.encode(), below.encode()


def _own_card(page: Shown, own: Own | None, database: str, version: Hashable) -> tuple[lines.Line | None, Markup]:
    """The reader's own line and its HTML; without their name, so whoever is of the same unit has the same."""
    if own is None:
        return None, Markup("")

    def card() -> tuple[lines.Line | None, Markup]:
        line = lines.own_line(page.board, page.choice, own, page.rule)
        html = current_app.jinja_env.get_template("leaderboards/_own.html").render(choice=page.choice, own=own, line=line)
        return line, Markup(html)

    return cards_kept.get((database, page.choice, own), version, card)


def _headers(response: Response, tag: str | None) -> Response:
    """Kept by the reader's own browser only, and asked about each time."""
    if tag:
        response.headers["ETag"] = f'W/"{tag}"'
    response.headers["Cache-Control"] = "private, no-cache" if tag else "no-store"
    response.vary.add("Cookie")
    return response


def _page(choice: Choice, version: Hashable) -> Shown:
    def board() -> Board:
        return measures.rank(queries.figures(choice, _rule(choice), [choice.by]), choice.by, _rule(choice).min_heads)

    def page() -> Shown:
        ranked = boards_kept.get(replace(choice, page=1), version, board)
        there = replace(choice, page=min(choice.page, lines.pages(ranked)))
        personal = choice.kind is BoardKind.PERSON
        names = queries.names([one.figure.id for one in lines.shown(ranked, there.page)], choice.day) if personal else {}
        communities = tuple(queries.communities(choice.day)) if personal else ()
        rows = lines.lines(ranked, there, names)
        held = _rule(choice)
        published = None if choice.is_open else frozen.published(choice.kind, choice.span.key)
        parts = there, rows, communities, len(ranked.standings), len(ranked.small), held, published
        return Shown(there, ranked, rows, communities, _digest(*parts), held, published)

    return pages_kept.get(choice, version, page)


def _rule(choice: Choice) -> BoardRule:
    """What holds here; a personal board has no heads, and asks nothing."""
    return BoardRule().of(choice.kind) if choice.kind is BoardKind.PERSON else queries.rule()


def _own(stamp: Stamp, choice: Choice, version: Hashable) -> Own | None:
    person_id = stamp.person_id
    if person_id is None:
        return None
    key = (person_id, choice.kind, choice.span.key, choice.day, choice.settled_on)
    return own_kept.get(key, version, lambda: queries.own(person_id, choice))


def _digest(*parts: object) -> str:
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def _public_html(page: Shown) -> tuple[Markup, Markup]:
    """Rendered without the request's context, so that nothing of a reader can come into it."""
    choice = page.choice

    def link(**changes: str | int | None) -> str:
        """This board with something changed; a change of kind or period begins at the first page."""
        given = {name: value for name, value in choice.arguments().items() if name != "page"} | changes
        kept: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        return url_for("leaderboards.boards", **kept)

    values = {"page": page, "choice": choice, "rules": rules, "measures": measures, "spans": spans, "lines": lines, "link": link}
    head, lines_, how = (Markup(current_app.jinja_env.get_template(f"leaderboards/_{part}.html").render(values)) for part in PARTS)
    return head, lines_ + how
