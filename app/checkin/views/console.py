"""现场: what an organiser (or today's helper) does on one phone."""

from collections import Counter
from typing import Any

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.confirming import recently_when
from app.activities import queries as activities
from app.activities.queries import ActivityRow
from app.activities.rules import ActivityState
from app.checkin import forms, queries, service
from app.checkin.queries import SpellRow, deciding, gates
from app.checkin.queries.newcomers import known_numbers
from app.checkin.queries.uploads import counts
from app.checkin.reasons import Rung
from app.checkin.views import bp
from app.checkin.views.digits import digits_now
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.core.words import minutes_words
from app.people import queries as people
from app.webkit.forms import kept
from app.webkit.guards import actor_or_none, current_actor, requires, signed_in
from app.webkit.htmx import render


@bp.app_context_processor
def _helping() -> dict[str, Any]:
    """`helping()` for `_helping.html`: the doors at which whoever looks is 签到员 now."""

    def helping() -> list[queries.Helping]:
        actor = actor_or_none()
        return queries.helping(actor.person_id, clock.now()) if actor else []

    return {"helping": helping}


FEW = 5  # whom one sees and confirms at the door without typing a password; a whole list is another thing


def managed(activity_id: int) -> ActivityRow:
    activity = activities.managed_activity(current_actor(), activity_id)
    if activity is None:
        raise NotFound
    return activity


@bp.get("/activities/<int:activity_id>/door")
@signed_in
def console(activity_id: int) -> Response:
    """For those who manage the activity, and for helpers until its shifts end; who may only read sees it as a helper does."""
    actor, now = current_actor(), clock.now()
    activity = activities.managed_activity(actor, activity_id)
    helper = activity is None
    if activity is None and queries.helps_at(actor.person_id, activity_id, now):
        activity = activities.activity(activity_id)
    activity = activity or activities.readable_activity(actor, activity_id)
    if activity is None:
        raise NotFound
    spells = queries.spells_of(activity_id)
    return render(
        "checkin/console.html",
        "checkin/_console.html",
        activity=activity,
        helper=helper,
        reads=activities.readable_activity(actor, activity_id) is not None,
        shut=activity.state(now) in {ActivityState.CLOSED, ActivityState.CANCELLED},
        crowd=counts(activity_id),
        **strangers_at(spells, actor),
        helpers=queries.helpers_of(activity_id),
        inside=[row for row in spells if row.out_at is None],
        gates=gates.gates_of(activity_id),
        digits=digits_now(activity_id, gates.rules_of(activity_id), now),
        held=sum(row.held is Rung.ORGANISER for row in spells),
        late=sum(row.waits(now) for row in spells),
    )


def strangers_at(spells: list[SpellRow], actor: Actor) -> dict[str, Any]:
    """For `_walk_ins.html`: who has come that nobody has confirmed, with what helps to say who they are."""
    walk_ins = {row.person_id: row for row in reversed(spells) if not row.confirmed and not row.excluded}
    numbers = people.phones_of(walk_ins, clock.today())
    twins = queries.roster_twins(list(walk_ins), actor.roots(Action.PERSON_CONFIRM))
    return {
        "walk_ins": list(walk_ins.values()),
        "tails": {person_id: number[-4:] for person_id, number in numbers.items()},
        "children": people.needs_guardian(walk_ins, clock.today()),
        "twins": twins,
        "doubts": _doubts(walk_ins, numbers, set(twins)),
    }


def _doubts(walk_ins: dict[int, SpellRow], numbers: dict[int, str], known: set[int]) -> dict[int, list[str]]:
    """Who should be asked before they are confirmed, and why; they are not ticked beforehand."""
    shared, owners = Counter(numbers.values()), known_numbers(set(numbers.values()), clock.today())
    doubts: dict[int, list[str]] = {}
    for person_id, row in walk_ins.items():
        number = numbers.get(person_id, "")
        found = [] if len(row.name) > 1 else ["请问全名"]
        found += [f"同一号码 {shared[number]} 位"] if shared[number] > 1 else []
        found += ["号码已登记给别人"] if person_id not in known and owners.get(number, {row.name}) - {row.name} else []
        if found:
            doubts[person_id] = found
    return doubts


def _next(activity_id: int) -> BaseResponse:
    """Back to the list that a form came from."""
    where = "checkin.points" if request.form.get("from") == "points" else "checkin.console"
    return redirect(url_for(where, activity_id=activity_id), 303)


@bp.post("/activities/<int:activity_id>/confirmations")
@requires(Action.PERSON_CONFIRM)
@recently_when(lambda: len(request.form.getlist("person")) > FEW)
def create_confirmations(activity_id: int) -> BaseResponse:
    activity, actor, now = managed(activity_id), current_actor(), clock.now()
    chosen = [int(raw) for raw in request.form.getlist("person") if raw.isascii() and raw.isdigit()]
    roots = actor.roots(Action.PERSON_CONFIRM)
    done = in_transaction(lambda: service.confirm_walk_ins(activity.id, chosen, actor.person_id, roots, now))
    if done.clashing:
        flash(f"{'、'.join(done.clashing)} 在名册上的那位已经签到了，请当面问清再核实。", "warn")
    if done.unguarded:
        flash(f"{'、'.join(done.unguarded)} 未满14周岁，先在名字下面记监护人的同意，再核实。", "warn")
    if done.people:
        then = "已经收场了，时长还要另一位核实才计" if activity.closed_at else "时长从他们扫码时算起"
        flash(f"已核实 {done.people} 位，{then}。", "yes")
    elif not done.clashing and not done.unguarded:
        flash("还没有勾人，没有核实。", "warn")
    return _next(activity_id)


@bp.route("/activities/<int:activity_id>/sign-outs", methods=["GET", "POST"])
@requires(Action.ACTIVITY_MANAGE)
def sign_outs(activity_id: int) -> BaseResponse:
    """全体签退: who is still in, each ticked, with a time of their own where it differs."""
    activity, actor, now = managed(activity_id), current_actor(), clock.now()
    still = [row for row in queries.spells_of(activity_id) if row.out_at is None]
    aside = {actor.person_id, *deciding.relatives_among(actor.person_id, {row.person_id for row in still})}
    mine = [row for row in still if row.person_id in aside]
    rows = [row for row in still if row.person_id not in aside]
    ends = {row.id: max(row.in_at, min(now, row.shift.last_end)) for row in rows}
    faults: dict[str, str] = {}
    closed = activity.closed_at is not None
    if request.method == "POST":
        try:
            chosen = forms.parse_sign_outs(request.form, {row.id: row.in_at for row in rows}, ends, now)
            done = in_transaction(lambda: service.sign_out_all(activity.id, chosen, actor.person_id, now))
            if closed:
                flash(f"{done.people} 位的离开时间报上去了，由另一位核实以后记为补录时长。", "yes")
            else:
                flash(f"已为 {done.people} 位签退，共记 {minutes_words(done.minutes)}，记为补录时长。", "yes")
            if done.held and not closed:
                flash(f"其中 {done.held} 位要再核实，先不计。", "warn")
            return _next(activity_id)
        except Invalid as error:
            faults = error.fields
    ticked = set(request.form.getlist("spell")) if faults else {str(row.id) for row in rows if row.confirmed and not closed}
    return render(
        "checkin/sign_outs.html",
        closed=closed,
        status=422 if faults else 200,
        activity=activity,
        rows=rows,
        mine=mine,
        ends=ends,
        ticked=ticked,
        kept=kept(request.form),
        faults=faults,
    )


@bp.post("/activities/<int:activity_id>/helpers")
@requires(Action.ACTIVITY_MANAGE)
def create_helper(activity_id: int) -> BaseResponse:
    """请帮手: by name and the last four digits of the phone."""
    activity, actor, now = managed(activity_id), current_actor(), clock.now()
    name, tail = request.form.get("name", "").strip(), request.form.get("tail", "").strip()
    found = queries.present(activity_id, name, tail)
    if len(found) != 1:
        words = "有两位同名同尾号，请当面问清。" if found else "没找到这位。帮手要先签到、核实过，请核对姓名和手机后四位。"
        flash(words, "warn")
        return redirect(url_for("checkin.console", activity_id=activity_id), 303)
    url = url_for("checkin.console", activity_id=activity_id)
    shifts = [shift.id for shift in activities.shifts_of(activity_id)]
    in_transaction(lambda: service.appoint_helper(shifts, found[0], actor.person_id, activity.title, url, now))
    flash(f"{name} 今天可以帮忙签到了，到班次结束为止。", "yes")
    return redirect(url, 303)
