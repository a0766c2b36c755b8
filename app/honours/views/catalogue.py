"""The catalogue of honours: which there are, who gives them, what points they bring."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.honours import forms, queries, service
from app.honours.rules import GIVER_NAMES, REACH_NAMES
from app.honours.views import bp
from app.people.queries.units import of_the_subdistrict
from app.points.rules import SCHEME_NAMES
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render


@bp.get("/honours/kinds")
@requires(Action.RULES_READ)
def kinds() -> Response:
    of_the_subdistrict(current_actor(), Action.RULES_READ)
    return _kinds_page({})


def _kinds_page(faults: dict[str, str]) -> Response:
    names = {(scheme, code): f"{SCHEME_NAMES[scheme]}：{name}" for scheme, code, name in queries.point_rules()}
    return render(
        "honours/kinds.html",
        status=422 if faults else 200,
        kinds=queries.kinds(),
        names=names,
        kept=kept(request.form),
        faults=faults,
        **_choices(),
    )


def _choices() -> dict[str, Any]:
    rules = [("", "不计积分"), *((f"{scheme}:{code}", f"{SCHEME_NAMES[scheme]}：{name}") for scheme, code, name in queries.point_rules())]
    givers = [(one.value, words) for one, words in GIVER_NAMES.items()]
    return {"rules": rules, "givers": givers, "reaches": [(one.value, words) for one, words in REACH_NAMES.items()]}


@bp.post("/honours/kinds")
@requires(Action.UNIT_MANAGE)
def add_kind() -> Response:
    actor = of_the_subdistrict(current_actor(), Action.UNIT_MANAGE)
    try:
        draft = forms.parse_kind(request.form, queries.point_rules())
        in_transaction(lambda: service.keep_kind(draft, None, actor.person_id))
    except Invalid as error:
        return _kinds_page(error.fields)
    flash(f"加上了“{draft.name}”。", "yes")
    return redirect(url_for("honours.kinds"), 303)


@bp.route("/honours/kinds/<int:kind_id>/revision", methods=["GET", "POST"])
@requires(Action.UNIT_MANAGE)
def revise_kind(kind_id: int) -> Response:
    """Change a kind, or retire it (`retire` in the form: 1, or 0 to use it again)."""
    actor, now, faults = of_the_subdistrict(current_actor(), Action.UNIT_MANAGE), clock.now(), dict[str, str]()
    kind = queries.kind(kind_id)
    if kind is None:
        raise NotFound
    if request.method == "POST":
        try:
            if "retire" in request.form:
                again = request.form["retire"] == "0"
                in_transaction(lambda: service.retire_kind(kind_id, actor.person_id, now, again=again))
            else:
                draft = forms.parse_kind(request.form, queries.point_rules())
                in_transaction(lambda: service.keep_kind(draft, kind_id, actor.person_id))
            flash("改好了。已经授予的不变。", "yes")
            return redirect(url_for("honours.kinds"), 303)
        except Invalid as error:
            faults = error.fields
    status = 422 if faults else 200
    return render("honours/kind.html", status=status, kind=kind, **_choices(), kept=kept(request.form), faults=faults)
