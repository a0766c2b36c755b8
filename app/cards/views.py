"""Member cards: printed ten on a sheet by staff, or saved as a picture by their holder."""

from urllib.parse import quote

from flask import Blueprint, Response, current_app, flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.cards import picture, queries, service
from app.cards.rules import A_SHEET, PRINTED_AT_ONCE, card_token
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import NotFound
from app.core.permissions import Action
from app.people import queries as people
from app.people.naming import tidy_phone, volunteer_number
from app.webkit.forms import clean
from app.webkit.guards import current_actor, local_path, requires, signed_in
from app.webkit.htmx import render

bp = Blueprint("cards", __name__)

A_PAGE = 100
FEW = 20  # units that stand on a page as they are; more of them under their communities


def card_address(card_id: int) -> str:
    """The https address in a card's QR: the same at every printing, until the card is revoked."""
    key = str(current_app.secret_key)
    return f"{current_app.config['SETTINGS'].public_url}{url_for('checkin.personal', token=card_token(key, card_id))}"


def _unit(actor: Actor, unit_id: int) -> people.UnitRow:
    unit = people.unit(unit_id)
    if unit is None or not people.is_below(unit_id, actor.roots(Action.CARD_PRINT), clock.today()):
        raise NotFound
    return unit


@bp.get("/cards")
@requires(Action.CARD_PRINT)
def index() -> Response:
    return _index("", None)


@bp.post("/cards/people")
@requires(Action.CARD_PRINT)
def find() -> Response:
    """A search that is posted, so that no name and no number stands in an address."""
    asked = clean(request.form.get("asked", ""))[:40]
    digits = tidy_phone(asked)
    words = digits if digits.isdigit() else asked
    roots = current_actor().roots(Action.CARD_PRINT)
    return _index(asked, queries.find(words, roots, clock.today()) if words else [])


def _index(asked: str, found: list[queries.Holder] | None) -> Response:
    today = clock.today()
    units = queries.units(current_actor().roots(Action.CARD_PRINT), today)
    communities = queries.by_community(units, today) if len(units) > FEW else []
    return render("cards/index.html", units=units, communities=communities, asked=asked, found=found)


@bp.get("/cards/units/<int:unit_id>")
@requires(Action.CARD_PRINT)
def unit(unit_id: int) -> Response:
    """Everyone of a unit, to tick; `page` turns."""
    actor = current_actor()
    found = _unit(actor, unit_id)
    page = max(1, request.args.get("page", 1, type=int))
    rows = queries.members(unit_id, clock.today(), A_PAGE + 1, (page - 1) * A_PAGE)
    return render("cards/unit.html", unit=found, rows=rows[:A_PAGE], number=page, more=len(rows) > A_PAGE)


def _ticked(action: Action = Action.CARD_PRINT) -> list[int]:
    """The persons ticked in the form whom the actor may print cards for."""
    asked = [int(raw) for raw in request.form.getlist("person") if raw.isascii() and raw.isdigit() and len(raw) < 10]
    roots = current_actor().roots(action)
    return [row.person_id for row in queries.printable(asked[:PRINTED_AT_ONCE], roots, clock.today())] if asked else []


def _nobody() -> BaseResponse:
    flash("还没有勾人。请先勾上要印卡的街坊。", "warn")
    return redirect(local_path(request.form.get("back")) or url_for("cards.index"), 303)


@bp.post("/cards/sheets")
@requires(Action.CARD_PRINT)
def make_sheet() -> BaseResponse:
    """Cards for those ticked who have none, then the sheet with all of them. With `renew` new ones for all: the old are void."""
    actor, now = current_actor(), clock.now()
    chosen, renew = _ticked(), request.form.get("renew") == "yes"
    if not chosen:
        return _nobody()

    def work() -> dict[int, int]:
        if renew:
            return {person_id: service.renew(person_id, actor.person_id, now) for person_id in sorted(chosen)}
        return service.issue(chosen, actor.person_id, now)

    made = in_transaction(work)
    return redirect(url_for("cards.sheet", cards=".".join(str(made[person_id]) for person_id in chosen)), 303)


@bp.get("/cards/sheets")
@requires(Action.CARD_PRINT)
def sheet() -> Response:
    """The sheet to print: valid cards only, each as it was printed before. Who looked is logged."""
    actor, today = current_actor(), clock.today()
    raws = dict.fromkeys(request.args.get("cards", "").split("."))
    asked = [int(raw) for raw in raws if raw.isascii() and raw.isdigit() and len(raw) < 10][:PRINTED_AT_ONCE]
    roots = actor.roots(Action.CARD_PRINT)
    holders = queries.cards_to_print(asked, roots, today) if asked else []
    where = queries.communities([row.person_id for row in holders], today)
    if holders:
        in_transaction(lambda: service.note_printing([row.person_id for row in holders], actor.person_id))
    printed = [(row, card_address(row.card_id), where.get(row.person_id)) for row in holders if row.card_id]
    gone = queries.revoked(asked, roots, today) if len(printed) < len(asked) else 0
    return render("cards/sheet.html", cards=printed, gone=gone, beyond=len(asked) - len(printed) - gone, a_sheet=A_SHEET)


@bp.post("/cards/revocations")
@requires(Action.CARD_PRINT)
def revoke() -> BaseResponse:
    """Lost cards of those ticked, without new ones."""
    actor, now, chosen = current_actor(), clock.now(), _ticked()
    if not chosen:
        return _nobody()
    gone = in_transaction(lambda: [person_id for person_id in sorted(chosen) if service.revoke(person_id, actor.person_id, now)])
    flash(f"作废了 {len(gone)} 张，马上生效。" if gone else "这几位都没有卡，不用作废。", "yes" if gone else "info")
    return redirect(local_path(request.form.get("back")) or url_for("cards.index"), 303)


@bp.post("/me/card")
@signed_in
def make_own() -> BaseResponse:
    """存成图片: one's own card, made by oneself. With `renew` a new one, and every copy of the old is void."""
    actor, now, renew = current_actor(), clock.now(), request.form.get("renew") == "yes"
    if renew:
        in_transaction(lambda: service.renew(actor.person_id, actor.person_id, now))
        flash("做好新的了，旧图片和旧卡马上作废。", "yes")
    else:
        in_transaction(lambda: service.issue([actor.person_id], actor.person_id, now))
    return redirect(url_for("checkin.my_code") + "#picture", 303)


@bp.get("/me/card.png")
@signed_in
def own_picture() -> Response:
    actor = current_actor()
    return card_picture(actor.person_id, actor.name)


def card_picture(person_id: int, name: str) -> Response:
    """The picture of somebody's valid card; NotFound where there is none. The caller has checked whose it is to see."""
    card = queries.valid_card(person_id)
    if card is None:
        raise NotFound("还没有存过图片，请先在“我的码”里点“存成图片”。")
    response = make_response(picture.png(card_address(card.id), name, volunteer_number(person_id)))
    response.headers["Content-Type"] = "image/png"
    response.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote('熟邻签到码.png')}"
    return response
