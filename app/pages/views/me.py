"""我的: hours, the 双50 gap and the next activity first; everything else is one link away."""

from datetime import datetime
from typing import Any

from flask import Response, request

from app.activities import queries as activities
from app.claims import queries as claims
from app.core import clock
from app.core.permissions import Action
from app.honours import queries as honours
from app.hours import queries as hours
from app.hours.rules import PeriodKind, period
from app.pages import queries
from app.pages.tally import tally
from app.pages.views import bp
from app.people import queries as people
from app.people.rules import PARTY_MEMBERS
from app.points import queries as points
from app.points.rules import SchemeKind
from app.requirements import queries as requirements
from app.webkit.guards import current_actor, signed_in
from app.webkit.htmx import render

SHOWN = 60


@bp.get("/me")
@signed_in
def me() -> Response:
    actor, now, today = current_actor(), clock.now(), clock.today()
    sums = hours.sums(actor.person_id)
    found = tally(actor.person_id, now)
    month = period(PeriodKind.MONTH, today).key
    stage = people.stage_on(actor.person_id, today)
    return render(
        "pages/me.html",
        me=people.person(actor.person_id, today),
        sums=sums,
        star=hours.star_of(sums),
        medals=honours.medals(actor.person_id),
        progress=requirements.progress_of([actor.person_id], today).get(actor.person_id, []),
        sealed=requirements.has_packs(actor.person_id),
        next=activities.next_signup(actor.person_id, now),
        records=found.records,
        claimed=sum(one.open for one in claims.mine(actor.person_id, now)),
        waiting=found.waiting,
        points_all=points.totals([actor.person_id], SchemeKind.VOLUNTEER, "all").get(actor.person_id, 0),
        points_month=points.totals([actor.person_id], SchemeKind.VOLUNTEER, month).get(actor.person_id, 0),
        is_member=stage is not None and stage.kind in PARTY_MEMBERS,
    )


@bp.get("/me/records")
@signed_in
def my_records() -> Response:
    """Every record with its source and class; each can be said to be wrong."""
    actor, now = current_actor(), clock.now()
    found = queries.records(actor.person_id, now)
    months = last_months(actor.person_id, now)
    shown = min(len(found), max(SHOWN, request.args.get("shown", SHOWN, type=int)))
    return render(
        "pages/records.html",
        records=found[:shown],
        total=len(found),
        shown=shown,
        more=shown + SHOWN,
        sums=hours.sums(actor.person_id),
        months=months,
        bars=[(credit, honour) for _, credit, honour in months],
        disputes=claims.disputes_of(actor.person_id),
        past_disputes=claims.disputes_of_entries(actor.person_id),
        **my_claims(actor.person_id, now),
    )


def my_claims(person_id: int, now: datetime) -> dict[str, Any]:
    """What one claimed, with who decides about what is open, and until when."""
    found = claims.mine(person_id, now)
    waiting = [one for one in found if one.state == "open"]
    sides = {one.unit_id: {person_id} | ({one.witness_id} if one.witness_id else set()) for one in waiting}
    names = {unit: claims.deciders(unit, Action.CLAIM_APPROVE, clock.local_date(now), but, {person_id})[:1] for unit, but in sides.items()}
    return {
        "claims": found,
        "waits_for": {unit: who[0].name for unit, who in names.items() if who},
        "due": {one.batch_id: claims.answer_by(one.waits_since) for one in waiting if one.waits_since},
    }


def last_months(person_id: int, now: datetime) -> list[tuple[str, int, int]]:
    """The last twelve months, oldest first: key, credit minutes, honour minutes."""
    today = clock.local_date(now)
    keys = [f"{(today.year * 12 + today.month - 1 - back) // 12}-{(today.month - 1 - back) % 12 + 1:02d}" for back in range(11, -1, -1)]
    found = hours.months_of(person_id, keys)
    return [(key, *found.get(key, (0, 0))) for key in keys]
