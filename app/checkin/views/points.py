"""One list of what is open after an activity, each one tap or all of a kind at once; and what comes up from units below."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.confirming import recently_when
from app.accounts.deciders import Risen, deciders, nearest, risen
from app.activities import queries as activities
from app.activities.queries import ActivityRow
from app.checkin import queries, service
from app.checkin.queries import SpellRow, closing, deciding, looking
from app.checkin.queries.points import Points, open_points
from app.checkin.queries.room import beyond_of
from app.checkin.reasons import KIND_NAMES, Rung, Verdict
from app.checkin.service import Decided
from app.checkin.views import bp
from app.checkin.views.console import FEW, managed, strangers_at
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import NotFound
from app.core.permissions import Action
from app.core.words import minutes_words
from app.webkit.forms import one_text
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render
from app.worklist.service import Source, WorkItem, register

GROUP = "时长待核实"


@bp.get("/activities/<int:activity_id>/open-points")
@requires(Action.ACTIVITY_READ)
def points(activity_id: int) -> BaseResponse:
    """Not signed out, new people, spells to look at. What is included is said before anything is pressed.

    Who may only read sees the same without the buttons.
    """
    actor, now = current_actor(), clock.now()
    manages = activities.managed_activity(actor, activity_id)
    activity = manages or activities.readable_activity(actor, activity_id)
    if activity is None:
        raise NotFound
    spells = queries.spells_of(activity_id)
    found = open_points(activity_id, spells, actor, now, closed=activity.closed_at is not None)
    return render(
        "checkin/open_points.html",
        activity=activity,
        points=found,
        helper=manages is None,
        reads=True,
        asked=_asked(activity, found),
        limits=looking.limits(),
        beyond=_beyond(activity_id, spells),
        kind_names=KIND_NAMES,
        **strangers_at(spells, actor),
    )


def _asked(activity: ActivityRow, found: Points) -> str:
    """Who decides about what is left after 收场: 罗国栋或谭嘉欣. Empty where it is nobody's turn yet, or nothing is left."""
    if activity.closed_at is None or not any(row.rung is Rung.ORGANISER for row in found.above):
        return ""
    others = deciders(activity.unit_id, Action.ACTIVITY_MANAGE, clock.today(), closing.settlers(activity.id))
    return "或".join(one.name for one in nearest(others)[:3]) if others else ""


def _beyond(activity_id: int, spells: list[SpellRow]) -> list[str]:
    """Who came beyond the seats and is still in; what they did waits in the list once they have left."""
    late = beyond_of(activity_id)
    return list(dict.fromkeys(row.name for row in spells if row.id in late and row.confirmed and row.out_at is None))


def _chosen() -> list[int]:
    """The spells that a form names."""
    found = [int(raw) for raw in request.form.getlist("spell") if raw.isascii() and raw.isdigit()]
    if not found:
        raise NotFound
    return found


def _verdict() -> Verdict:
    try:
        return Verdict(request.form.get("verdict", ""))
    except ValueError as error:
        raise NotFound from error


@bp.post("/activities/<int:activity_id>/decisions")
@requires(Action.ACTIVITY_MANAGE)
@recently_when(lambda: len(request.form.getlist("spell")) > FEW)
def create_decisions(activity_id: int) -> BaseResponse:
    """Held spells count, or are left out; one or many. Final."""
    activity, actor, now = managed(activity_id), current_actor(), clock.now()
    chosen, verdict = _chosen(), _verdict()
    here = {row.id for row in queries.spells_of(activity.id)}
    if not here.issuperset(chosen):
        raise NotFound
    _say(in_transaction(lambda: service.decide(chosen, verdict, actor, now)), verdict)
    return redirect(url_for("checkin.points", activity_id=activity_id), 303)


def _say(done: Decided, verdict: Verdict) -> None:
    if done.clashing:
        flash(f"{'、'.join(done.clashing)} 和另一场的时间还重叠，没有计入。要计这一场，先请人把另一场作废。", "warn")
    if done.raised:
        flash(f"{'、'.join(done.raised)} 当天的时间又长了，转给上级组织核实。", "info")
    if done.done and verdict is Verdict.COUNT:
        flash(f"{done.done} 条计入了，共 {minutes_words(done.minutes)}。", "yes")
    elif done.done:
        flash(f"{done.done} 条不计，记录还在。", "yes")


@bp.post("/activities/<int:activity_id>/exclusions")
@requires(Action.ACTIVITY_MANAGE)
def create_exclusions(activity_id: int) -> BaseResponse:
    """不计: spells that nobody signed out are left out."""
    activity, actor, now = managed(activity_id), current_actor(), clock.now()
    chosen = _chosen()
    done = in_transaction(lambda: service.leave_open(activity.id, chosen, actor.person_id, now))
    if done.people:
        flash(f"{done.people} 位这一场不计，记录还在。", "yes")
    if done.own:
        flash("自己的和家人的记录不能自己办，请另一位组织者来办。", "warn")
    return redirect(url_for("checkin.points", activity_id=activity_id), 303)


@bp.post("/held-spells/<int:attendance_id>/decision")
@requires(Action.CLAIM_APPROVE)
def create_decision(attendance_id: int) -> BaseResponse:
    """From the work list: a spell from a unit below, of its organisers or their relatives, or of a long day."""
    actor, now, verdict = current_actor(), clock.now(), _verdict()
    note = one_text(request.form, "note", "说明", longest=200, required=False)
    _say(in_transaction(lambda: service.decide([attendance_id], verdict, actor, now, note)), verdict)
    return redirect(url_for("worklist.index"), 303)


def _items(actor: Actor) -> list[WorkItem]:
    now = clock.now()
    rows = deciding.waiting_above(actor, now)
    old = [Risen(row.key, row.unit_id, row.since, frozenset({row.spell.person_id})) for row in rows]
    words = risen(old, Action.CLAIM_APPROVE, actor.roots(Action.CLAIM_APPROVE), now)
    return [WorkItem(row.key, GROUP, row.since, "checkin/_held_work.html", row, words.get(row.key, "")) for row in rows]


register(Source(GROUP, lambda actor: deciding.waiting_above_count(actor, clock.now()), _items, stated=True))
