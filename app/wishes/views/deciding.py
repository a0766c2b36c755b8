"""What those who handle wishes do: verify, publish, hand back, decline, connect, thank, note what lapsed, veil."""

from collections.abc import Callable

from flask import request
from werkzeug.wrappers import Response

from app.accounts.confirming import recently
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, Refused
from app.core.permissions import Action
from app.webkit.guards import current_actor, requires
from app.wishes import forms
from app.wishes.rules import Step
from app.wishes.service import claims, showing, steps
from app.wishes.service import telling as service
from app.wishes.views.common import bp, phone_digest, wish_for
from app.wishes.views.desk import after, desk_page, refused


def take(wish_id: int, step: Step, said: str, note: Callable[[], str] = str) -> Response:
    """One step. `note` reads the words of the form, where it has some; an empty text where it has none."""
    wish, actor, now = wish_for(wish_id, Action.WISH_MANAGE), current_actor(), clock.now()
    try:
        words = note()
        in_transaction(lambda: steps.take(wish.id, step, actor.person_id, True, now, note=words))
    except Invalid as error:
        return desk_page(wish_id, error.fields)
    except (Conflict, Refused) as error:
        return refused(wish_id, error)
    return after(wish_id, said)


@bp.post("/fund/wishes/<int:wish_id>/verification")
@requires(Action.WISH_MANAGE)
@recently
def verify(wish_id: int) -> Response:
    wish, actor, now = wish_for(wish_id, Action.WISH_MANAGE), current_actor(), clock.now()
    try:
        words = forms.public_words(request.form)
        in_transaction(lambda: service.verify(wish.id, words, actor.person_id, True, now))
    except Invalid as error:
        return desk_page(wish_id, error.fields)
    except (Conflict, Refused) as error:
        return refused(wish_id, error)
    return after(wish_id, "核实好了，等另一位公开。")


@bp.post("/fund/wishes/<int:wish_id>/publication")
@requires(Action.WISH_MANAGE)
@recently
def publish(wish_id: int) -> Response:
    return take(wish_id, Step.PUBLISHED, "公开了，等人认领。")


@bp.post("/fund/wishes/<int:wish_id>/return")
@requires(Action.WISH_MANAGE)
def hand_back(wish_id: int) -> Response:
    return take(wish_id, Step.RETURNED, "退回补充，公开页上看不到了。", lambda: forms.reason(request.form))


@bp.post("/fund/wishes/<int:wish_id>/refusal")
@requires(Action.WISH_MANAGE)
def decline(wish_id: int) -> Response:
    return take(wish_id, Step.DECLINED, "记下了，这个心愿不办。", lambda: forms.reason(request.form))


@bp.post("/fund/wishes/<int:wish_id>/retelling")
@requires(Action.WISH_MANAGE)
def tell_again(wish_id: int) -> Response:
    wish, actor, now = wish_for(wish_id, Action.WISH_MANAGE), current_actor(), clock.now()
    try:
        words = forms.told_again(request.form)
        in_transaction(lambda: service.tell_again(wish.id, words, None, actor.person_id, True, now))
    except Invalid as error:
        return desk_page(wish_id, error.fields)
    except (Conflict, Refused) as error:
        return refused(wish_id, error)
    return after(wish_id, "补充好了，等另一位核实。")


@bp.post("/fund/wishes/<int:wish_id>/connection")
@requires(Action.WISH_MANAGE)
def connect(wish_id: int) -> Response:
    """联系上了; after 办成了 it says, with a reason, that it is not done after all."""
    return take(wish_id, Step.CONNECTED, "记下了：两边联系上了。", lambda: forms.words(request.form))


@bp.post("/fund/wishes/<int:wish_id>/thanks")
@requires(Action.WISH_MANAGE)
def thank(wish_id: int) -> Response:
    """回访: whoever calls has photos and words before them, and asks whether they may be shown."""
    wish, actor, now = wish_for(wish_id, Action.WISH_MANAGE), current_actor(), clock.now()
    try:
        given = forms.thanks(request.form)
        in_transaction(lambda: showing.thank(wish.id, actor.person_id, True, now, note=given.note, agreed=given.agreed, seen=given.seen))
    except Invalid as error:
        return desk_page(wish_id, error.fields)
    except (Conflict, Refused) as error:
        return refused(wish_id, error)
    return after(wish_id, "回访好了，心愿圆了。" + ("照片和话公开了。" if given.agreed else "照片和话不公开。"))


@bp.post("/fund/wishes/<int:wish_id>/consent")
@requires(Action.WISH_MANAGE)
def agree(wish_id: int) -> Response:
    """The wisher agreed after the call back, or again."""
    wish, actor, now, seen = wish_for(wish_id, Action.WISH_MANAGE), current_actor(), clock.now(), forms.seen(request.form)
    try:
        in_transaction(lambda: showing.agree(wish.id, actor.person_id, True, now, seen=seen))
    except (Conflict, Refused) as error:
        return refused(wish_id, error)
    return after(wish_id, "记下了，照片和话公开了。")


@bp.post("/fund/wishes/<int:wish_id>/lapse")
@requires(Action.WISH_MANAGE)
def note_lapse(wish_id: int) -> Response:
    wish, now = wish_for(wish_id, Action.WISH_MANAGE), clock.now()
    in_transaction(lambda: claims.note_lapse(wish.id, now))
    return after(wish_id, "记下了：没联系上，已放回，两边都收到消息。")


@bp.post("/fund/wishes/<int:wish_id>/donors")
@requires(Action.WISH_MANAGE)
def note_donor(wish_id: int) -> Response:
    """Somebody called, or came by, and takes it on: noted with name and phone by who heard it."""
    wish, actor, now = wish_for(wish_id, Action.WISH_MANAGE), current_actor(), clock.now()
    try:
        donor = forms.donor(request.form, actor.person_id)
        in_transaction(lambda: claims.claim(wish.id, donor, now, donor_digest=phone_digest(donor.phone)))
    except Invalid as error:
        return desk_page(wish_id, error.fields)
    except (Conflict, Refused) as error:
        return refused(wish_id, error)
    return after(wish_id, "记下了，由另一位来联系。")


@bp.post("/fund/wishes/<int:wish_id>/veil")
@requires(Action.WISH_MANAGE)
def veil(wish_id: int) -> Response:
    wish, actor, now = wish_for(wish_id, Action.WISH_MANAGE), current_actor(), clock.now()
    in_transaction(lambda: service.veil(wish.id, actor.person_id, now))
    return after(wish_id, "内容和照片都从公开页隐去了。")
