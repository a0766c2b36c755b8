"""/setup: the first day of a new site, step by step, for its administrator."""

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.pages import setup_queries, setup_service
from app.pages.setup_rules import LONGEST_LIST, read_units
from app.people import queries as people
from app.people import service as people_service
from app.people.rules import UnitKind
from app.webkit.forms import Form, clean, kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

bp = Blueprint("setup", __name__)


@bp.get("/setup")
@requires(Action.RULES_READ)
def index() -> Response:
    return _page(current_actor())


@bp.post("/setup/name")
@requires(Action.UNIT_MANAGE)
def name_subdistrict() -> Response:
    actor = current_actor()
    root, form = _root(actor), Form(request.form)
    name = form.text("name", "街道的名字", longest=80)
    try:
        form.done()
    except Invalid as fault:
        return _page(actor, fault)
    in_transaction(lambda: people_service.rename_unit(root.id, name, clock.today(), actor.person_id))
    flash(f"记下了：{name}。", "yes")
    return redirect(url_for("setup.index"), 303)


@bp.post("/setup/units")
@requires(Action.UNIT_MANAGE)
def add_units() -> Response:
    actor = current_actor()
    root = _root(actor)
    form = Form(request.form)
    plan, fault = read_units(clean(form.text("units", "名单", longest=LONGEST_LIST, required=False)))
    fault = form.faults.get("units") or fault
    if fault:
        return _page(actor, Invalid({"units": fault}))
    today = clock.today()
    communities, branches = in_transaction(lambda: setup_service.add_units(plan, root.id, today, actor.person_id))
    flash(f"新建了 {communities} 个社区、{branches} 个支部。已有的没有动。", "yes")
    return redirect(url_for("setup.index"), 303)


def _root(actor: Actor, action: Action = Action.UNIT_MANAGE) -> people.UnitRow:
    root = people.root_unit()
    if root is None or not people.is_below(root.id, actor.roots(action), clock.today()):
        raise NotFound
    return root


def _page(actor: Actor, fault: Invalid | None = None) -> Response:
    root, today = _root(actor, Action.RULES_READ), clock.today()
    communities = setup_queries.children([root.id], UnitKind.COMMUNITY, today)
    branches = setup_queries.children([child.id for child in communities], UnitKind.BRANCH, today)
    tree = [(child.name, [branch.name for branch in branches if branch.parent_id == child.id]) for child in communities]
    faults = fault.fields if fault else {}
    progress = setup_queries.progress()
    return render("setup/index.html", status=422 if fault else 200, progress=progress, tree=tree, faults=faults, kept=kept(request.form))
