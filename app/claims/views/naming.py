"""点名 and 补签, by name: who was at a shift, confirmed by another."""

from dataclasses import dataclass, replace

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.activities import queries as activities
from app.activities.queries import ActivityRow, ShiftRow
from app.checkin.views.sheet import rows_scanned
from app.claims import forms, queries, service
from app.claims.forms import Roll
from app.claims.queries import Candidate, Decider, Group
from app.claims.rules import naming_fault
from app.claims.views import bp
from app.core import clock
from app.core.actor import Actor
from app.core.clock import local_date
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.people import queries as people
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render


@dataclass(frozen=True)
class Sheet:
    """All that the page of names shows, whatever was ticked. `closed` says why nobody can be named here now."""

    activity: ActivityRow
    shifts: list[ShiftRow]
    shift: ShiftRow
    units: list[queries.UnitChoice]
    unit_id: int
    groups: list[Group]
    closed: str | None
    others: list[Decider]

    @property
    def elsewhere(self) -> bool:
        """There are members in scope that are not on this sheet."""
        return bool({unit.id for unit in self.units} - {group.unit_id for group in self.groups})

    @property
    def candidates(self) -> dict[int, Candidate]:
        return {one.person_id: one for group in self.groups for one in group.people}


def open_sheet(actor: Actor, activity: ActivityRow) -> Sheet | None:
    """The chosen shift (else the last one that began) with the names of the chosen unit; None while there is no shift."""
    now, shifts = clock.now(), activities.shifts_of(activity.id)
    if not shifts:
        return None
    begun = [shift for shift in shifts if shift.starts_at <= now]
    wanted = request.values.get("shift", type=int)
    shift = next((one for one in shifts if one.id == wanted), begun[-1] if begun else shifts[0])
    day, roots = local_date(shift.starts_at), actor.roots(Action.CLAIM_MAKE)
    unit_id = request.values.get("unit", type=int) or activity.unit_id
    if unit_id != activity.unit_id and not people.is_below(unit_id, roots, day):
        raise NotFound
    if activity.published_at is None or activity.cancelled_at is not None:
        closed: str | None = "活动还没发布，或者已经取消，没有人可以补签"
    else:
        closed = naming_fault(shift.starts_at, shift.last_end, now)
    return Sheet(
        activity,
        shifts,
        shift,
        queries.units_with_members(roots, day),
        unit_id,
        [] if closed else queries.groups(shift.id, unit_id, roots, day),
        closed,
        queries.deciders(activity.unit_id, Action.CLAIM_APPROVE, clock.today(), {actor.person_id}),
    )


@bp.route("/activities/<int:activity_id>/naming", methods=["GET", "POST"])
@requires(Action.CLAIM_MAKE)
def tick(activity_id: int) -> BaseResponse:
    """Tick names; where times differ, fill those in on a second page; then send all as one list for approval."""
    actor = current_actor()
    activity = activities.to_manage(actor, activity_id)
    sheet = open_sheet(actor, activity)
    if sheet is None:
        return render("claims/no_shift.html", activity=activity)
    if request.method == "GET":
        everyone = {one.person_id for one in sheet.candidates.values() if not one.state}
        scanned = queries.signers(rows_scanned(sheet.shift.id)) if "paper" in request.args else []
        ticked = everyone if request.args.get("all") else everyone & set(scanned)
        return show_sheet(sheet, Roll(ticked), last=scanned[-1] if scanned else None)
    free = [one.person_id for one in sheet.candidates.values() if not one.state]
    roll = forms.parse_roll(request.form, free, queries.unavailable(sheet.shift.id), local_date(clock.now()))
    if "again" in request.form:
        return show_sheet(sheet, replace(roll, faults={}))
    if "add" in request.form:
        return show_sheet(sheet, roll, roll.faults, added=not roll.faults)
    return send(sheet, roll, actor)


def send(sheet: Sheet, roll: Roll, actor: Actor) -> BaseResponse:
    now, work_url = clock.now(), url_for("worklist.index")
    try:
        naming = forms.parse_naming(request.form, sheet.activity.id, sheet.shift, roll)
        if "own" in request.form:
            return show_times(sheet, roll, {})
        batch_id = in_transaction(lambda: service.name_people(naming, actor.person_id, work_url, now))
    except Invalid as error:
        on_times = any(name.startswith(("in-", "out-")) for name in request.form)
        own_only = all(name.startswith(("in-", "out-")) for name in error.fields)
        return show_times(sheet, roll, error.fields) if on_times and own_only else show_sheet(sheet, roll, error.fields)
    flash(f"已报上去，{len(naming.spells)} 位。另一位确认以后才算数。", "yes")
    return redirect(url_for("claims.show", batch_id=batch_id), 303)


def show_sheet(
    sheet: Sheet, roll: Roll, faults: dict[str, str] | None = None, *, added: bool = False, last: int | None = None
) -> BaseResponse:
    """`last`: whose row of the paper sheet was scanned last, if anybody's."""
    typed = {} if request.method == "GET" else dict(kept(request.form))
    if added:
        typed |= {"name": "", "tail": ""}
    listed, chosen = sheet.candidates, set(roll.ticked)
    extras = [extra for extra in roll.extras if extra.person_id not in listed]
    chosen |= {extra.person_id for extra in roll.extras if extra.person_id in listed}
    status = 422 if faults else 200
    return render(
        "claims/tick.html",
        status=status,
        sheet=sheet,
        ticked=chosen,
        extras=extras,
        paper="paper" in request.values,
        last=last,
        kept=typed,
        faults=faults or {},
    )


def show_times(sheet: Sheet, roll: Roll, faults: dict[str, str]) -> BaseResponse:
    names = [one for one in sheet.candidates.values() if one.person_id in roll.ticked]
    extras = [extra for extra in roll.extras if extra.person_id not in roll.ticked]
    return render(
        "claims/times.html",
        status=422 if faults else 200,
        sheet=sheet,
        names=names,
        extras=extras,
        paper="paper" in request.values,
        kept=kept(request.form),
        faults=faults,
    )
