"""认领: in two taps for who is signed in; with a name and a phone for who is not. Giving back, and saying that it is done."""

from datetime import date

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.activities import photo_files
from app.activities.result_forms import parse_photo
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.words import full_day
from app.webkit.files import upload
from app.webkit.forms import kept
from app.webkit.guards import actor_or_none, current_actor, public, signed_in
from app.webkit.htmx import render
from app.wishes import forms
from app.wishes.queries import public as read
from app.wishes.queries.facts import facts, rule
from app.wishes.rules import Step
from app.wishes.service import claims, proof, showing, steps
from app.wishes.service.words import check_note
from app.wishes.views.common import bp, device, form_key, phone_digest, settings, units_led, wish_of_mine
from app.wishes.views.public import public_row, wish_page


@bp.post("/fund/wishes/<int:wish_id>/claims")
@signed_in
def claim(wish_id: int) -> Response:
    row, actor, now = public_row(wish_id), current_actor(), clock.now()
    try:
        claimer = forms.claimer(request.form, actor.person_id, [one for one, _ in units_led(actor)])
        in_transaction(lambda: claims.claim(wish_id, claimer, now))
    except Invalid as error:
        return wish_page(row, error.fields)
    except (Conflict, Refused) as error:
        flash(error.message, "warn")
        return redirect(url_for("wishes.show", wish_id=wish_id), 303)
    flash(f"认领好了，谢谢您。社区会在 {full_day(_due(wish_id))} 前联系您。", "yes")
    return redirect(url_for("wishes.show", wish_id=wish_id), 303)


def _due(wish_id: int) -> date:
    found = facts(wish_id)
    return found.due_on if found and found.due_on else clock.today()


@bp.get("/fund/wishes/<int:wish_id>/gift/new")
@public
def new_gift(wish_id: int) -> Response:
    """For who has no account; who is signed in claims on the wish's own page."""
    row = public_row(wish_id)
    if actor_or_none() is not None or not row.free:
        return redirect(url_for("wishes.show", wish_id=wish_id))
    return _gift_page(wish_id, {})


def _gift_page(wish_id: int, faults: dict[str, str]) -> Response:
    key = forms.key(request.form) or form_key()
    status = 422 if faults else 200
    return render("wishes/gift.html", status=status, row=public_row(wish_id), rule=rule(), key=key, kept=kept(request.form), faults=faults)


@bp.post("/fund/wishes/<int:wish_id>/gifts")
@public
def give(wish_id: int) -> Response:
    row, now = public_row(wish_id), clock.now()
    if forms.trapped(request.form):
        return redirect(url_for("wishes.show", wish_id=wish_id), 303)
    try:
        donor = forms.donor(request.form, None)
        hashed, phone = device(), phone_digest(donor.phone)
        in_transaction(lambda: claims.claim(wish_id, donor, now, device_hash=hashed, donor_digest=phone))
    except Invalid as error:
        return _gift_page(wish_id, error.fields)
    except (Conflict, Refused) as error:
        flash(error.message, "warn")
        return redirect(url_for("wishes.show", wish_id=row.id), 303)
    flash(f"认领好了，谢谢您。社区会在 {full_day(_due(wish_id))} 前打电话给您。", "yes")
    return redirect(url_for("wishes.show", wish_id=wish_id), 303)


@bp.post("/fund/wishes/<int:wish_id>/release")
@signed_in
def release(wish_id: int) -> Response:
    """放回: by who claimed it, or by who handles it."""
    return _step(wish_id, Step.RELEASED, "放回去了，别的街坊可以认领。")


@bp.post("/fund/wishes/<int:wish_id>/withdrawal")
@signed_in
def withdraw(wish_id: int) -> Response:
    """撤回: by whose it is, or by who handles it, on their word."""
    return _step(wish_id, Step.WITHDRAWN, "撤回了。")


def _step(wish_id: int, step: Step, said: str) -> Response:
    wish, staff = wish_of_mine(wish_id)
    actor, now = current_actor(), clock.now()
    try:
        note = forms.reason(request.form)
        in_transaction(lambda: steps.take(wish.id, step, actor.person_id, staff, now, note=note))
    except Invalid as error:
        flash(next(iter(error.fields.values())), "warn")
        return redirect(_back(wish_id, staff), 303)
    except (Conflict, Refused) as error:  # pressed twice, or back in the browser
        flash(error.message, "warn")
        return redirect(_back(wish_id, staff), 303)
    flash(said, "yes")
    return redirect(_back(wish_id, staff), 303)


@bp.post("/fund/wishes/<int:wish_id>/consent/removal")
@signed_in
def withdraw_consent(wish_id: int) -> Response:
    """By whose wish it was, or by who handles it, on their word."""
    wish, staff = wish_of_mine(wish_id)
    actor, now = current_actor(), clock.now()
    if not staff and wish.own_id != actor.person_id:
        raise NotFound
    in_transaction(lambda: showing.withdraw_consent(wish.id, actor.person_id, now))
    flash("收起来了，公开页上看不到照片和话了。", "yes")
    return redirect(_back(wish_id, staff), 303)


def _back(wish_id: int, staff: bool) -> str:
    return url_for("wishes.desk_wish", wish_id=wish_id) if staff else url_for("wishes.mine")


@bp.get("/fund/wishes/<int:wish_id>/fulfilment")
@signed_in
def fulfilment(wish_id: int) -> Response:
    return _fulfilment_page(wish_id, {})


def _fulfilment_page(wish_id: int, faults: dict[str, str]) -> Response:
    """办成了: photos first, then the words. For who claimed it and who handles it."""
    wish, staff = wish_of_mine(wish_id)
    if not staff and wish.claimer_id != current_actor().person_id:
        raise NotFound
    row = public_row(wish_id)
    return render(
        "wishes/fulfilment.html",
        status=422 if faults else 200,
        row=row,
        wish=wish,
        staff=staff,
        photos=read.photos(wish_id),
        most=proof.MOST,
        kept=kept(request.form) if faults else {},
        faults=faults,
    )


@bp.post("/fund/wishes/<int:wish_id>/fulfilment")
@signed_in
def fulfil(wish_id: int) -> Response:
    wish, staff = wish_of_mine(wish_id)
    actor, now = current_actor(), clock.now()
    shown = [photo for photo in read.photos(wish_id) if photo.agreed]
    try:
        given = forms.proof(request.form, len(shown))
        in_transaction(lambda: steps.take(wish.id, Step.FULFILLED, actor.person_id, staff, now, note=given.words, reference=given.receipt))
    except Invalid as error:
        return _fulfilment_page(wish_id, error.fields)
    except (Conflict, Refused) as error:
        flash(error.message, "warn")
        return redirect(_back(wish_id, staff), 303)
    flash("记好了，谢谢您。社区会回访，问过对方再公开照片和这些话。", "yes")
    return redirect(_back(wish_id, staff), 303)


@bp.post("/fund/wishes/<int:wish_id>/photos")
@signed_in
def add_photo(wish_id: int) -> Response:
    """The files first, then the row: a row is never without its files, and files without a row are taken away again."""
    wish, staff = wish_of_mine(wish_id)
    if not staff and wish.claimer_id != current_actor().person_id:
        raise NotFound
    try:
        alt, agreed = parse_photo(request.form)
        check_note(wish_id, alt)
        fresh = _add(wish.id, alt, agreed)
    except Invalid as error:
        fields = {"alt" if field == "note" else field: said for field, said in error.fields.items()}
        return _fulfilment_page(wish_id, fields)
    except Conflict as error:
        flash(error.message, "warn")
        return redirect(url_for("wishes.fulfilment", wish_id=wish_id), 303)
    flash("放好了。位置信息已去掉。" if fresh else "这张已经放过了，没有再放。", "yes" if fresh else "info")
    return redirect(url_for("wishes.fulfilment", wish_id=wish_id), 303)


def _add(wish_id: int, alt: str, agreed: bool) -> bool:
    sent = upload(request.files, photo_files.MAX_BYTES, called="照片", missing="请选一张照片")
    picture, name, folder = photo_files.read(sent.data), photo_files.new_name(), settings().uploads_dir
    by_id, now = current_actor().person_id, clock.now()
    photo_files.store(folder, name, picture)
    fresh = False
    try:
        fresh = in_transaction(lambda: proof.add_photo(wish_id, name, picture, alt, agreed=agreed, by_id=by_id, now=now))
    finally:
        if not fresh:
            photo_files.discard(folder, name)
    return fresh


@bp.post("/fund/wishes/<int:wish_id>/photos/<int:photo_id>/removal")
@signed_in
def remove_photo(wish_id: int, photo_id: int) -> Response:
    """By who handles it, at any time; by who claimed it, while it is theirs."""
    wish, staff = wish_of_mine(wish_id)
    actor, now = current_actor(), clock.now()
    if not staff and wish.claimer_id != actor.person_id:
        raise NotFound
    in_transaction(lambda: proof.remove_photo(wish_id, photo_id, actor.person_id, now))
    flash("撤下了，谁也看不到了。", "yes")
    return redirect(url_for("wishes.fulfilment", wish_id=wish_id), 303)
