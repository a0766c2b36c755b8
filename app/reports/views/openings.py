"""历史数据: what the figures of 数读 were before this site. One administrator records, another confirms."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.accounts.confirming import recently
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, Refused
from app.core.permissions import Action
from app.people.queries import root_unit
from app.people.queries.units import of_the_subdistrict
from app.reports import figure_rules as rules
from app.reports import forms, service
from app.reports.queries import openings as queries
from app.reports.views import bp
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render
from app.worklist.service import Source, WorkItem, register

GROUP = "历史数据"
PAGE = 30


@bp.get("/figures/openings")
@requires(Action.RULES_READ)
def openings() -> Response:
    of_the_subdistrict(current_actor(), Action.RULES_READ)
    return _page({})


def _page(faults: dict[str, str]) -> Response:
    actor, page = current_actor(), max(1, request.args.get("page", 1, type=int))
    found = queries.history(PAGE + 1, (page - 1) * PAGE)
    return render(
        "reports/openings.html",
        status=422 if faults else 200,
        rows=found[:PAGE],
        page_no=page,
        more=len(found) > PAGE,
        choices=[(one.value, f"{about.name}（{about.unit}）") for one, about in rules.ABOUT.items()],
        words=service.opening_words,
        may_keep=actor.may(Action.UNIT_MANAGE),
        kept=kept(request.form),
        faults=faults,
    )


@bp.post("/figures/openings")
@requires(Action.UNIT_MANAGE)
def record_opening() -> Response:
    actor = of_the_subdistrict(current_actor(), Action.UNIT_MANAGE)
    try:
        draft = forms.opening(request.form)
        in_transaction(
            lambda: service.record_opening(draft.figure, draft.amount, draft.as_of, draft.source, actor.person_id, _root_id(), clock.now())
        )
    except Invalid as faulty:
        return _page(faulty.fields)
    flash("记下了。请另一位管理员确认，确认以后才出现在数读上。", "yes")
    return redirect(url_for("reports.openings"), 303)


@bp.post("/figures/openings/<int:opening_id>/confirmation")
@requires(Action.UNIT_MANAGE)
@recently
def confirm_opening(opening_id: int) -> Response:
    return _decide(opening_id, True)


@bp.post("/figures/openings/<int:opening_id>/refusal")
@requires(Action.UNIT_MANAGE)
def refuse_opening(opening_id: int) -> Response:
    return _decide(opening_id, False)


def _decide(opening_id: int, confirmed: bool) -> Response:
    actor = of_the_subdistrict(current_actor(), Action.UNIT_MANAGE)
    try:
        in_transaction(lambda: service.decide_opening(opening_id, confirmed, actor.person_id, _root_id(), clock.now()))
    except (Conflict, Refused) as late:
        flash(late.message, "warn")
    else:
        flash("确认了，已经出现在数读上。" if confirmed else "没有同意，数读上不出现。", "yes")
    return redirect(url_for("reports.openings"), 303)


def _root_id() -> int:
    root = root_unit()
    return root.id if root else 0


def _items(actor: Actor) -> list[WorkItem]:
    return [
        WorkItem(
            f"opening-{row.id}",
            GROUP,
            row.recorded_at,
            "reports/_opening_work.html",
            (row, service.opening_words(row.figure, row.amount, row.as_of)),
        )
        for row in queries.waiting(actor)
    ]


register(Source(GROUP, queries.waiting_count, _items, stated=True))
