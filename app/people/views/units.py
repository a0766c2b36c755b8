"""/units: the organisation tree, each unit with its history, and changing it."""

from typing import Any, cast

from flask import current_app, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Invalid
from app.core.permissions import Action
from app.people import service, tree_forms
from app.people.queries import tree_pages
from app.people.queries.tree_pages import Node
from app.people.queries.trees import PLACES, UNITS
from app.people.rules import UNIT_KIND_NAMES, UnitKind
from app.people.tree_rules import PLACE_KIND_NAMES, TIED_TO, UNIT_UNDER
from app.people.views import tree_pages as pages
from app.people.views.common import bp
from app.webkit.forms import clean, kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

SIDE = pages.Side(UNITS, "组织", "unit", "units", UnitKind, UNIT_KIND_NAMES, UNIT_UNDER, "撤销", ("属于", "成立", "撤销"))


@bp.get("/units")
@requires(Action.UNIT_READ)
def units() -> Response:
    return pages.index(SIDE)


@bp.get("/units/<int:unit_id>")
@requires(Action.UNIT_READ)
def unit_show(unit_id: int) -> Response:
    return pages.show(SIDE, unit_id, _links)


WITH_A_BRANCH_PAGE = frozenset({UnitKind.GENERAL_BRANCH, UnitKind.BRANCH, UnitKind.GROUP})


def _links(unit: Node) -> list[pages.Link]:
    """Pages of other features about one unit, those that the site has."""
    known = (
        ("成员", "people.directory", "unit", Action.PERSON_READ, "people"),
        ("时长和积分", "pages.branch", "unit", Action.BRANCH_READ, "chart"),
        ("岗位", "duties.index", "unit", Action.POST_MANAGE, "medal"),
        ("志愿者卡", "cards.unit", "unit_id", Action.CARD_PRINT, "qr"),
        ("活动日历", "activities.unit_calendar", "unit_id", Action.UNIT_READ, "calendar"),
    )
    return [
        (title, url_for(endpoint, **cast(Any, {key: unit.id})), action, icon)
        for title, endpoint, key, action, icon in known
        if endpoint in current_app.view_functions
        and unit.closed_on is None
        and (endpoint != "pages.branch" or unit.kind in WITH_A_BRANCH_PAGE)
    ]


@bp.get("/units/<int:unit_id>/children/new")
@requires(Action.UNIT_MANAGE)
def unit_new(unit_id: int) -> Response:
    return pages.new_page(SIDE, unit_id)


@bp.post("/units/<int:unit_id>/children")
@requires(Action.UNIT_MANAGE)
def unit_create(unit_id: int) -> Response:
    return pages.create(SIDE, unit_id, service.create_unit)


@bp.get("/units/<int:unit_id>/name/form")
@requires(Action.UNIT_MANAGE)
def unit_name(unit_id: int) -> Response:
    return pages.name_page(SIDE, unit_id)


@bp.post("/units/<int:unit_id>/name")
@requires(Action.UNIT_MANAGE)
def unit_rename(unit_id: int) -> Response:
    return pages.rename(SIDE, unit_id, service.rename_unit)


@bp.post("/units/<int:unit_id>/name/correction")
@requires(Action.UNIT_MANAGE)
def unit_correct_name(unit_id: int) -> Response:
    return pages.correct_name(SIDE, unit_id, service.correct_unit_name)


@bp.get("/units/<int:unit_id>/parent/form")
@requires(Action.UNIT_MANAGE)
def unit_parent(unit_id: int) -> Response:
    return pages.move_page(SIDE, unit_id)


@bp.post("/units/<int:unit_id>/parent")
@requires(Action.UNIT_MANAGE)
def unit_move(unit_id: int) -> Response:
    return pages.move(SIDE, unit_id, service.move_unit)


@bp.get("/units/<int:unit_id>/closing")
@requires(Action.UNIT_MANAGE)
def unit_closing(unit_id: int) -> Response:
    pages.to_change(SIDE, unit_id)
    return pages.close_page(SIDE, unit_id, service.in_the_way(unit_id, clock.today()))


@bp.post("/units/<int:unit_id>/closing")
@requires(Action.UNIT_MANAGE)
def unit_close(unit_id: int) -> Response:
    unit, actor, today = pages.to_change(SIDE, unit_id), current_actor(), clock.today()

    def work() -> str:
        in_transaction(lambda: service.close_unit(unit_id, today, actor.person_id))
        return f"“{unit.name}”从今天起撤销，它的来历还查得到。"

    return pages.answer(SIDE, unit_id, work, lambda faults: pages.close_page(SIDE, unit_id, service.in_the_way(unit_id, today), faults))


@bp.get("/units/<int:unit_id>/places/form")
@requires(Action.UNIT_MANAGE)
def unit_places(unit_id: int) -> Response:
    return _places_page(unit_id)


def _places_page(unit_id: int, faults: dict[str, str] | None = None) -> Response:
    unit, actor, today = pages.to_change(SIDE, unit_id), current_actor(), clock.today()
    words = clean(request.values.get("q", ""))[:40]
    return render(
        "people/unit_places.html",
        status=422 if faults else 200,
        unit=unit,
        ties=tree_pages.ties(UNITS, unit_id, today),
        found=tree_pages.places_to(PLACES, None, TIED_TO[unit.kind], actor.roots(Action.UNIT_MANAGE), today, words),
        fitting=[PLACE_KIND_NAMES[kind] for kind in PLACE_KIND_NAMES if kind in TIED_TO[unit.kind]],
        kind_names=PLACE_KIND_NAMES,
        words=words,
        faults=faults or {},
        kept=kept(request.form),
    )


@bp.post("/units/<int:unit_id>/places")
@requires(Action.UNIT_MANAGE)
def unit_tie(unit_id: int) -> Response:
    unit, actor, today = pages.to_change(SIDE, unit_id), current_actor(), clock.today()

    def work() -> str:
        place_id = tree_forms.chosen(request.form, "place", "请选择一个地点")
        place = tree_pages.seen(PLACES, place_id, actor.roots(Action.UNIT_MANAGE), today)
        if place is None:
            raise Invalid({"place": "请选择一个地点"})
        in_transaction(lambda: service.tie_place(place.id, unit_id, today, actor.person_id))
        return f"“{unit.name}”和“{place.name}”结对了。"

    return pages.answer(SIDE, unit_id, work, lambda faults: _places_page(unit_id, faults))


@bp.post("/units/<int:unit_id>/places/<int:place_id>/end")
@requires(Action.UNIT_MANAGE)
def unit_untie(unit_id: int, place_id: int) -> Response:
    pages.to_change(SIDE, unit_id)
    actor, today = current_actor(), clock.today()

    def work() -> str:
        in_transaction(lambda: service.untie_place(place_id, unit_id, today, actor.person_id))
        return "不再结对，以前的还查得到。"

    return pages.answer(SIDE, unit_id, work, lambda faults: _places_page(unit_id, faults))
