"""What everybody sees: the list, a wish, its photos, the sheet for the notice board, the figures; and telling a wish."""

from datetime import date
from typing import Any

from flask import make_response, redirect, request, session, url_for
from sqlalchemy.sql.elements import ColumnElement
from werkzeug.wrappers import Response

from app.activities import photo_files
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.webkit.forms import kept
from app.webkit.guards import actor_or_none, public
from app.webkit.htmx import render
from app.wishes import forms
from app.wishes.queries import public as read
from app.wishes.queries import rounds as round_reads
from app.wishes.queries.facts import facts, rule
from app.wishes.queries.public import PAGE, PublicRow, Show
from app.wishes.queries.rounds import Shown, in_round
from app.wishes.queries.showing import may_show
from app.wishes.rules import TAKEN, WishKind
from app.wishes.service import telling as service
from app.wishes.views.common import all_communities, bp, device, form_key, handles, settings, units_led

ROOM, A_LINE = 16, 11  # half lines of the sheet for the notice board; letters of a title beside which the rest fits
SHOWS = {Show.FREE: "等人认领", Show.TAKEN: "有人在办", Show.FULL: "圆了"}
OF_ROUNDS = {Shown.CLAIMED: "这一轮认领的", Shown.FULL: "这一轮认领、圆了的", Shown.LEFT: "到期还没人认领的"}


def number(name: str, default: int = 0) -> int:
    """A small whole number of the query string; anything else is the default."""
    given = request.args.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else default


def chosen_kind() -> WishKind | None:
    given = request.args.get("kind", "")
    return WishKind(given) if given in set(WishKind) else None


@bp.get("/fund/wishes")
@public
def index() -> Response:
    """Open ones first, in the order of the rule; by community and kind; or the lines behind a figure of a round."""
    today, unit_id, kind, page = clock.today(), number("unit"), chosen_kind(), max(1, number("page", 1))
    given = request.args.get("show", Show.FREE)
    show = given if given in SHOWS else Show.FREE
    of_round, narrow = _of_round(today)
    found = read.listed(today, None if of_round else show, unit_id=unit_id or None, kind=kind, narrow=narrow, page=page)
    communities = read.communities_with_wishes()
    rounds = round_reads.rounds_of([unit_id] if unit_id else [one for one, _ in communities], today)
    return render(
        "wishes/index.html",
        found=found,
        counts=read.counts(today, unit_id=unit_id or None, kind=kind),
        show=show,
        shows=SHOWS,
        unit_id=unit_id,
        unit_name=dict(communities).get(unit_id, ""),
        kind=kind,
        communities=communities,
        rounds=_now_or_next(rounds, today),
        of_round=of_round,
        page_no=page,
        pages=-(-found.total // PAGE),
        desk=_reads_desk(),
    )


def _of_round(today: date) -> tuple[tuple[str, str] | None, ColumnElement[bool] | None]:
    """((what, its name), the condition) of `?round=&what=`."""
    one, what = round_reads.round_row(number("round")) if number("round") else None, request.args.get("what", "")
    if one is None or what not in OF_ROUNDS:
        return None, None
    return (f"{one.name}：{OF_ROUNDS[what]}", what), in_round(one, what, today)


def _now_or_next(found: dict[int, list[round_reads.RoundRow]], today: date) -> list[round_reads.RoundRow]:
    """The rounds that run or come next, each once."""
    near = {one.id: one for rows in found.values() if (one := read.next_round(rows, today))}
    return sorted(near.values(), key=lambda one: (one.opens_on, one.id))


def _reads_desk() -> bool:
    actor = actor_or_none()
    return actor is not None and actor.may(Action.WISH_READ)


def public_row(wish_id: int) -> PublicRow:
    row = read.public_wish(wish_id, clock.today())
    if row is None:
        raise NotFound
    return row


@bp.get("/fund/wishes/<int:wish_id>")
@public
def show(wish_id: int) -> Response:
    return wish_page(public_row(wish_id), {})


def wish_page(row: PublicRow, faults: dict[str, str]) -> Response:
    """One wish. What the reader may do is on it: claim, give back, say that it is done."""
    actor, today = actor_or_none(), clock.today()
    mine, shown = facts(row.id), row.full and may_show(row.id)
    staff = handles(row.unit_id)
    claimed = actor is not None and mine is not None and row.state in TAKEN and mine.claimer_id == actor.person_id
    return render(
        "wishes/show.html",
        status=422 if faults else 200,
        row=row,
        steps=read.public_steps(row.id, today, said=shown),
        photos=[photo for photo in read.photos(row.id) if photo.agreed] if shown else [],
        payments=[one for one in read.payments(row.id) if one.voucher is not None],
        project=read.project_of(row.id),
        round=read.next_round(round_reads.rounds_of([row.unit_id], today).get(row.unit_id, []), today),
        staff=staff,
        claimed=claimed,
        due_on=mine.due_on if claimed and mine else None,
        own=actor is not None and mine is not None and mine.own_id == actor.person_id,
        units=units_led(actor) if actor and row.free else [],
        key=form_key(),
        rule=rule(),
        kept=kept(request.form) if faults else {},
        faults=faults,
    )


@bp.get("/fund/wishes/<int:wish_id>/photos/<name>/<any(large, small):size>.jpg")
@public
def photo(wish_id: int, name: str, size: str) -> Response:
    """Public where those on it agreed, and whose wish it was; else for who handles it or claimed it. A 404 for the rest."""
    found, actor = facts(wish_id), actor_or_none()
    one = next((photo for photo in read.photos(wish_id) if photo.name == name), None)
    if found is None or one is None:
        raise NotFound
    open_to_all = one.agreed and may_show(wish_id)
    mine = actor is not None and actor.person_id == found.claimer_id
    if not (open_to_all or mine or handles(found.unit_id)):
        raise NotFound
    try:
        data = photo_files.path(settings().uploads_dir, one.name, small=size == "small").read_bytes()
    except FileNotFoundError as error:
        raise NotFound from error
    response = make_response(data)
    response.headers["Content-Type"] = "image/jpeg"
    response.set_etag(f"{one.name}-{size}")
    response.cache_control.private, response.cache_control.no_cache = True, True  # taken down, it is gone at once
    return response.make_conditional(request)


@bp.get("/fund/wishes/new")
@public
def new_wish() -> Response:
    return tell_page({})


def tell_page(faults: dict[str, str]) -> Response:
    return render(
        "wishes/tell.html",
        status=422 if faults else 200,
        communities=all_communities(),
        rule=rule(),
        key=forms.key(request.form) or form_key(),
        kept=kept(request.form),
        faults=faults,
    )


@bp.post("/fund/wishes")
@public
def tell() -> Response:
    """Without an account too; bounded by device and by community. What fills in the field that nobody sees is thanked and forgotten."""
    actor, now = actor_or_none(), clock.now()
    if forms.trapped(request.form):
        return redirect(url_for("wishes.told"), 303)
    try:
        told = forms.telling(request.form, [one for one, _ in all_communities()], actor.person_id if actor else None)
        hashed = None if actor else device()
        wish_id = in_transaction(lambda: service.tell(told, None, hashed, now))
    except Invalid as error:
        return tell_page(error.fields)
    found = facts(wish_id)
    session["wish_told"] = found.number if found else ""
    return redirect(url_for("wishes.told"), 303)


@bp.get("/fund/wishes/told")
@public
def told() -> Response:
    return render("wishes/told.html", number=session.get("wish_told", ""), rule=rule())


@bp.get("/fund/wishes/poster")
@public
def poster() -> Response:
    """A sheet for the notice board: what is free, in large print, with a code that opens the list."""
    today, unit_id = clock.today(), number("unit")
    found = read.listed(today, Show.FREE, unit_id=unit_id or None, size=12)
    communities = dict(read.communities_with_wishes())
    address = settings().public_url + url_for("wishes.index", unit=unit_id or None)
    return render(
        "wishes/poster.html",
        rows=_on_the_sheet([row for row in found.rows if not row.veiled]),
        total=found.total,
        unit_name=communities.get(unit_id, ""),
        unit_id=unit_id,
        address=address,
    )


@bp.get("/fund/wishes/<int:wish_id>/poster")
@public
def wish_poster(wish_id: int) -> Response:
    """One free wish on a sheet, with a code that opens its page. A 404 for what is veiled or somebody's: there is nothing to put up."""
    row = public_row(wish_id)
    if row.veiled or not row.free:
        raise NotFound
    return render("wishes/poster_one.html", row=row, address=settings().public_url + url_for("wishes.show", wish_id=wish_id))


def _on_the_sheet(rows: list[PublicRow]) -> list[PublicRow]:
    """As many as one sheet of paper holds: a long title takes more room."""
    kept, room = [], ROOM
    for row in rows:
        room -= 2 if len(row.title) <= A_LINE else 3 if len(row.title) <= 2 * A_LINE else 4
        if room < 0:
            break
        kept.append(row)
    return kept


@bp.get("/fund/wishes/figures")
@public
def figures() -> Response:
    """By community and by round; every figure opens the lines behind it."""
    today = clock.today()
    rows = round_reads.community_figures(today)
    rounds = round_reads.round_figures(round_reads.rounds(limit=12), today)
    totals: dict[str, Any] = {name: sum(getattr(row, name) for row in rows) for name in ("free", "taken", "full", "all")}
    return render("wishes/figures.html", rows=rows, rounds=rounds, totals=totals)
