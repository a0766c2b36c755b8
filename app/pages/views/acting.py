"""替他办: one page for each person whom one acts for: their hours, next activity and code. Every look is logged.

Not their records: those tell of 组织生活, and so of the party.
"""

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.activities import queries as activities
from app.activities.views.acting import ward_of
from app.cards import queries as cards
from app.cards import service as card_service
from app.cards.views import card_picture
from app.checkin import queries as checkin
from app.checkin.views.codes import code_address
from app.core import clock
from app.core.db import in_transaction
from app.hours import queries as hours
from app.pages.acting_queries import is_head
from app.pages.views import bp
from app.proxies import service as agreements
from app.webkit.guards import current_actor, signed_in
from app.webkit.htmx import render, wants_fragment

agreements.ask_heads(is_head)
agreements.when_ended(card_service.revoke_issued_by)


@bp.get("/acting/<int:ward_id>")
@signed_in
def acting(ward_id: int) -> Response:
    """Who looked is written down, and the person may see it."""
    actor, now, ward = current_actor(), clock.now(), ward_of(ward_id)
    in_transaction(lambda: agreements.note_look(ward_id, actor.person_id))
    return render(
        "pages/acting.html",
        ward=ward,
        sums=hours.sums(ward_id),
        next=activities.next_signup(ward_id, now),
        inside=checkin.inside_now(ward_id, now),
    )


@bp.get("/acting/<int:ward_id>/code")
@signed_in
def ward_code(ward_id: int) -> Response:
    """Their 我的码, on the phone of who acts for them; renewed every minute like one's own."""
    actor, ward = current_actor(), ward_of(ward_id)
    if not wants_fragment():  # the page renews itself every minute; that is one look
        in_transaction(lambda: agreements.note_look(ward_id, actor.person_id))
    card = cards.valid_card(ward_id)
    return render("pages/acting_code.html", "checkin/_my_code.html", ward=ward, address=code_address(ward_id), card=card)


@bp.post("/acting/<int:ward_id>/card")
@signed_in
def make_ward_card(ward_id: int) -> BaseResponse:
    """A card for them where they have none. One that stands is never revoked by who acts for them."""
    actor, now = current_actor(), clock.now()
    ward_of(ward_id)

    def work() -> None:
        agreements.hold(ward_id, actor.person_id)
        card_service.issue([ward_id], actor.person_id, now)

    in_transaction(work)
    return redirect(url_for("pages.ward_code", ward_id=ward_id) + "#picture", 303)


@bp.get("/acting/<int:ward_id>/card.png")
@signed_in
def ward_picture(ward_id: int) -> Response:
    actor, ward = current_actor(), ward_of(ward_id)
    in_transaction(lambda: agreements.note_look(ward_id, actor.person_id))
    return card_picture(ward_id, ward.name)
