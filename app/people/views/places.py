"""/places: the tree of places, each with its history, and changing it."""

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Action
from app.people import service, tree_forms
from app.people.queries.directory import holds_all
from app.people.queries.trees import PLACES
from app.people.rules import PlaceKind
from app.people.tree_rules import PLACE_KIND_NAMES, PLACE_UNDER
from app.people.views import tree_pages as pages
from app.people.views.common import bp
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

SIDE = pages.Side(PLACES, "地点", "place", "places", PlaceKind, PLACE_KIND_NAMES, PLACE_UNDER, "停用", ("位于", "登记", "停用"))


@bp.get("/places")
@requires(Action.UNIT_READ)
def places() -> Response:
    return pages.index(SIDE)


@bp.get("/places/<int:place_id>")
@requires(Action.UNIT_READ)
def place_show(place_id: int) -> Response:
    return pages.show(SIDE, place_id)


@bp.get("/places/new")
@requires(Action.UNIT_MANAGE)
def place_begin() -> Response:
    return _begin_page()


def _begin_page(faults: dict[str, str] | None = None) -> Response:
    """A new 社区, which lies in nothing: for who holds the whole subdistrict."""
    if not holds_all(current_actor().roots(Action.UNIT_MANAGE)):
        raise NotFound
    typed = kept(request.form) if request.method == "POST" else {}
    today = clock.today().isoformat()
    status = 422 if faults else 200
    return render("people/place_begin.html", status=status, side=SIDE, faults=faults or {}, kept=typed, today_day=today)


@bp.post("/places")
@requires(Action.UNIT_MANAGE)
def place_begun() -> Response:
    actor, today = current_actor(), clock.today()
    if not holds_all(actor.roots(Action.UNIT_MANAGE)):
        raise NotFound
    try:
        new = tree_forms.new_node(request.form, PlaceKind, [PlaceKind.COMMUNITY], today)
        place_id = in_transaction(lambda: service.create_place(PlaceKind.COMMUNITY, new.name, None, new.opened_on, actor.person_id))
    except (Invalid, Conflict) as error:
        return _begin_page(pages.faults_of(error))
    flash(f"“{new.name}”登记好了。", "yes")
    return redirect(SIDE.url("show", place_id), 303)


@bp.get("/places/<int:place_id>/children/new")
@requires(Action.UNIT_MANAGE)
def place_new(place_id: int) -> Response:
    return pages.new_page(SIDE, place_id)


@bp.post("/places/<int:place_id>/children")
@requires(Action.UNIT_MANAGE)
def place_create(place_id: int) -> Response:
    return pages.create(SIDE, place_id, service.create_place)


@bp.get("/places/<int:place_id>/name/form")
@requires(Action.UNIT_MANAGE)
def place_name(place_id: int) -> Response:
    return pages.name_page(SIDE, place_id)


@bp.post("/places/<int:place_id>/name")
@requires(Action.UNIT_MANAGE)
def place_rename(place_id: int) -> Response:
    return pages.rename(SIDE, place_id, service.rename_place)


@bp.post("/places/<int:place_id>/name/correction")
@requires(Action.UNIT_MANAGE)
def place_correct_name(place_id: int) -> Response:
    return pages.correct_name(SIDE, place_id, service.correct_place_name)


@bp.get("/places/<int:place_id>/parent/form")
@requires(Action.UNIT_MANAGE)
def place_parent(place_id: int) -> Response:
    return pages.move_page(SIDE, place_id)


@bp.post("/places/<int:place_id>/parent")
@requires(Action.UNIT_MANAGE)
def place_move(place_id: int) -> Response:
    return pages.move(SIDE, place_id, service.move_place)


@bp.get("/places/<int:place_id>/closing")
@requires(Action.UNIT_MANAGE)
def place_closing(place_id: int) -> Response:
    pages.to_change(SIDE, place_id)
    return pages.close_page(SIDE, place_id, service.inside_place(place_id))


@bp.post("/places/<int:place_id>/closing")
@requires(Action.UNIT_MANAGE)
def place_close(place_id: int) -> Response:
    place, actor, today = pages.to_change(SIDE, place_id), current_actor(), clock.today()

    def work() -> str:
        in_transaction(lambda: service.close_place(place_id, today, actor.person_id))
        return f"“{place.name}”从今天起停用，它的来历还查得到。"

    return pages.answer(SIDE, place_id, work, lambda faults: pages.close_page(SIDE, place_id, service.inside_place(place_id), faults))
