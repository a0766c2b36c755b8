"""What a community offers: the list, one offer with who took it on, confirming that it is done."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.permissions import Action
from app.people import queries as people
from app.people.queries import UnitRow, is_below
from app.people.rules import UnitKind
from app.pledges import forms, queries, service
from app.pledges.queries import OfferRow
from app.pledges.rules import OFFER_NAMES, half_of
from app.pledges.views import bp
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render


def communities_in(actor: Actor, action: Action) -> list[UnitRow]:
    return people.units_below(actor.roots(action), clock.today(), [UnitKind.COMMUNITY])


def chosen_community(actor: Actor, action: Action) -> UnitRow | None:
    """The community asked for, or the only one; None where there are several (or none) and none was named."""
    found = communities_in(actor, action)
    asked = request.values.get("unit", type=int)
    if asked is None:
        return found[0] if len(found) == 1 else None
    unit = next((one for one in found if one.id == asked), None)
    if unit is None:
        raise NotFound
    return unit


def named_community(actor: Actor, action: Action) -> UnitRow:
    unit = chosen_community(actor, action)
    if unit is None:
        raise NotFound
    return unit


def own_offer(offer_id: int, action: Action = Action.OFFER_MANAGE) -> OfferRow:
    offer = queries.offer(offer_id)
    if offer is None or not is_below(offer.unit_id, current_actor().roots(action), clock.today()):
        raise NotFound
    return offer


@bp.get("/offers")
@requires(Action.UNIT_READ)
def offers() -> Response:
    actor, today = current_actor(), clock.today()
    unit = chosen_community(actor, Action.UNIT_READ)
    if unit is None:
        units = communities_in(actor, Action.UNIT_READ)
        counts = queries.counts_by_community(list(actor.roots(Action.UNIT_READ)), today)
        return render("pledges/communities.html", units=units, counts=counts, target="pledges.offers", heading="认领项目")
    return render(
        "pledges/offers.html",
        unit=unit,
        offers=queries.offers_of(unit.id, today),
        past=queries.offers_of(unit.id, today, past=True),
        rule=queries.rule(),
        several=len(communities_in(actor, Action.UNIT_READ)) > 1,
        offer_names=OFFER_NAMES,
    )


@bp.get("/offers/new")
@requires(Action.OFFER_MANAGE)
def new_offer() -> Response:
    unit = chosen_community(current_actor(), Action.OFFER_MANAGE)
    return redirect(url_for("pledges.offers")) if unit is None else offer_form(unit)


def offer_form(unit: UnitRow, offer: OfferRow | None = None, faults: dict[str, str] | None = None) -> Response:
    return render(
        "pledges/offer_form.html",
        status=422 if faults else 200,
        unit=unit,
        offer=offer,
        offer_names=OFFER_NAMES,
        kept=kept(request.form),
        faults=faults or {},
    )


@bp.post("/offers")
@requires(Action.OFFER_MANAGE)
def create_offer() -> Response:
    actor, now = current_actor(), clock.now()
    unit = named_community(actor, Action.OFFER_MANAGE)
    try:
        draft = forms.offer(request.form, unit.id)
        in_transaction(lambda: service.create_offer(draft, actor.person_id, now))
    except Invalid as error:
        return offer_form(unit, None, error.fields)
    flash("放出来了，报到的党员看得到。", "yes")
    return redirect(url_for("pledges.offers", unit=unit.id), 303)


@bp.get("/offers/<int:offer_id>")
@requires(Action.UNIT_READ)
def show_offer(offer_id: int) -> Response:
    return offer_page(own_offer(offer_id, Action.UNIT_READ))


def offer_page(offer: OfferRow, faults: dict[str, str] | None = None) -> Response:
    """Who took it on, what is done, and recording it for somebody without a phone."""
    today = clock.today()
    takers = queries.takers(offer.id, today)
    standing = {one.person_id for one in takers if one.withdrawn_at is None}
    open_now = offer.is_open(today) and not offer.full and current_actor().may(Action.OFFER_MANAGE)
    arrived = queries.arrivals(offer.unit_id, today, queries.rule(), half_of(today)) if open_now else []
    return render(
        "pledges/offer.html",
        status=422 if faults else 200,
        offer=offer,
        takers=takers,
        candidates=[
            (one.person_id, f"{one.name}（{one.home_name or '没有登记支部'}）") for one in arrived if one.person_id not in standing
        ],
        offer_names=OFFER_NAMES,
        kept=kept(request.form),
        faults=faults or {},
    )


@bp.get("/offers/<int:offer_id>/form")
@requires(Action.OFFER_MANAGE)
def edit_offer(offer_id: int) -> Response:
    offer = own_offer(offer_id)
    if offer.closed_on:
        raise NotFound
    return offer_form(UnitRow(offer.unit_id, offer.unit_name, UnitKind.COMMUNITY), offer)


@bp.post("/offers/<int:offer_id>/revision")
@requires(Action.OFFER_MANAGE)
def revise_offer(offer_id: int) -> Response:
    offer, actor = own_offer(offer_id), current_actor()
    try:
        draft = forms.offer(request.form, offer.unit_id, offer.kind)
        in_transaction(lambda: service.revise_offer(offer_id, draft, actor.person_id))
    except Invalid as error:
        return offer_form(UnitRow(offer.unit_id, offer.unit_name, UnitKind.COMMUNITY), offer, error.fields)
    flash("已保存。", "yes")
    return redirect(url_for("pledges.show_offer", offer_id=offer_id), 303)


@bp.post("/offers/<int:offer_id>/closing")
@requires(Action.OFFER_MANAGE)
def close_offer(offer_id: int) -> Response:
    offer, actor, now = own_offer(offer_id), current_actor(), clock.now()
    in_transaction(lambda: service.close_offer(offer_id, actor.person_id, now))
    flash(f"“{offer.title}”收起来了，已经认领的照常做。", "yes")
    return redirect(url_for("pledges.offers", unit=offer.unit_id), 303)


@bp.post("/offers/<int:offer_id>/recorded-pledges")
@requires(Action.OFFER_MANAGE)
def record_pledge(offer_id: int) -> Response:
    """替人认领: for a member who has no phone and said so at the counter."""
    offer, actor, now, today = own_offer(offer_id), current_actor(), clock.now(), clock.today()
    arrived = queries.arrivals(offer.unit_id, today, queries.rule(), half_of(today))
    try:
        person_id = forms.one_of_those(request.form, [one.person_id for one in arrived])
        fresh = in_transaction(lambda: service.pledge(offer_id, person_id, actor.person_id, now))
    except Invalid as error:
        return offer_page(offer, error.fields)
    except (Conflict, Refused) as error:
        flash(error.message, "warn")
        return redirect(url_for("pledges.show_offer", offer_id=offer_id), 303)
    flash("记下了，也告诉了本人。" if fresh else "这位已经认领了。", "yes" if fresh else "info")
    return redirect(url_for("pledges.show_offer", offer_id=offer_id), 303)


@bp.post("/pledges/<int:pledge_id>/confirmation")
@requires(Action.OFFER_MANAGE)
def confirm_done(pledge_id: int) -> Response:
    """The community says that it is done, never the member."""
    found, actor, now = queries.pledge(pledge_id), current_actor(), clock.now()
    if found is None or not is_below(found.unit_id, actor.roots(Action.OFFER_MANAGE), clock.today()):
        raise NotFound
    in_transaction(lambda: service.confirm_done(pledge_id, actor.person_id, now))
    flash(f"已确认{found.name}完成了“{found.title}”。", "yes")
    return redirect(url_for("pledges.show_offer", offer_id=found.offer_id), 303)
