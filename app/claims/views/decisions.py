"""Lists of names, for those who sent them and those who decide; 补录 in the work list."""

from flask import current_app, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.confirming import recently
from app.accounts.deciders import Risen, risen
from app.checkin.queries.deciding import relatives_among
from app.claims import forms, own_forms, queries, service
from app.claims.queries import BatchRow
from app.claims.rules import decision_fault
from app.claims.views import bp
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.people.queries import is_below
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires, signed_in
from app.webkit.htmx import render
from app.worklist.service import Source, WorkItem, register


def own_records_url() -> str:
    """Where people see their own records."""
    return url_for("pages.records" if "pages.records" in current_app.view_functions else "pages.me")


def may_decide_for(actor: Actor, batch: BatchRow) -> bool:
    return is_below(batch.unit_id, actor.roots(Action.CLAIM_APPROVE), clock.today())


def to_decide(batch_id: int) -> BatchRow:
    batch = queries.batch(batch_id)
    if batch is None or not may_decide_for(current_actor(), batch):
        raise NotFound
    return batch


@bp.get("/claims/<int:batch_id>")
@signed_in
def show(batch_id: int) -> BaseResponse:
    """A list with what became of it: for its maker and for those who may decide for its unit."""
    batch, actor = queries.batch(batch_id), current_actor()
    if batch is None:
        raise NotFound
    if batch.maker_id != actor.person_id and not is_below(batch.unit_id, actor.roots(Action.CLAIM_READ), clock.today()):
        raise NotFound
    return page(batch, actor)


def page(batch: BatchRow, actor: Actor, faults: dict[str, str] | None = None) -> BaseResponse:
    """With how many make-ups there were lately, for those who decide."""
    witness_id = batch.witness.person_id if batch.witness else None
    kin = relatives_among(actor.person_id, batch.named) if may_decide_for(actor, batch) else set()
    own = decision_fault(actor.person_id, batch.maker_id, batch.named, witness_id, kin)
    decides = batch.open and own is None and may_decide_for(actor, batch)
    others = queries.deciders(batch.unit_id, Action.CLAIM_APPROVE, clock.today(), batch.concerned, batch.named)
    mine = batch.maker_id == actor.person_id
    return render(
        "claims/show.html",
        status=422 if faults else 200,
        batch=(queries.batch(batch.id, clock.now()) or batch) if decides else batch,
        own=own,
        mine=mine,
        decides=decides,
        others=others,
        due=queries.answer_by(batch.waits_since) if batch.open and batch.waits_since else None,
        kept=kept(request.form),
        ticked=request.form.getlist("person", type=int) if "some" in request.form else list(batch.named),
        faults=faults or {},
    )


@bp.post("/claims/<int:batch_id>/approval")
@requires(Action.CLAIM_APPROVE)
@recently
def approve(batch_id: int) -> BaseResponse:
    """One tap confirms all names, or those ticked; a second one changes nothing."""
    batch, actor, now = to_decide(batch_id), current_actor(), clock.now()
    list_url, own_url = url_for("claims.show", batch_id=batch_id), own_records_url()
    try:
        back, reason = own_forms.parse_partly(request.form, batch.named)
        done = in_transaction(lambda: service.approve(batch.id, actor.person_id, list_url, own_url, now, returned=back, reason=reason))
    except Invalid as error:
        return page(batch, actor, error.fields)
    rest = f"，退回 {done.returned} 位" if done.returned else ""
    if done.again:
        flash("这份名单已经确认过了，没有重复记。", "info")
    elif done.left_out:
        flash(f"已确认 {done.people} 位{rest}，另有 {done.left_out} 位没有记，原因写在名单里。", "warn")
    else:
        flash(f"已确认 {done.people} 位，都记上了。" if not rest else f"已确认 {done.people} 位{rest}。", "yes")
    return redirect(list_url if done.left_out else onward(actor), 303)


def onward(actor: Actor) -> str:
    """From the page of one the next one opens by itself; from the work list that comes up anew."""
    following = queries.next_waiting(actor, clock.now()) if "onward" in request.form else None
    return url_for("claims.show", batch_id=following) if following else url_for("worklist.index")


@bp.post("/claims/<int:batch_id>/return")
@requires(Action.CLAIM_APPROVE)
def send_back(batch_id: int) -> BaseResponse:
    """退回，请写明原因."""
    batch, actor, now = to_decide(batch_id), current_actor(), clock.now()
    try:
        reason = forms.parse_reason(request.form)
    except Invalid as error:
        return page(batch, actor, error.fields)
    list_url = url_for("claims.show", batch_id=batch_id)
    in_transaction(lambda: service.return_batch(batch.id, actor.person_id, reason, list_url, now))
    flash(f"已退回，{batch.maker_name}会看到原因。", "yes")
    return redirect(onward(actor), 303)


def _items(actor: Actor) -> list[WorkItem]:
    now = clock.now()
    batches = queries.waiting_batches(actor, now)
    old = [Risen(f"claim-{one.id}", one.unit_id, one.waits_since or one.made_at, one.concerned) for one in batches]
    words = risen(old, Action.CLAIM_APPROVE, actor.roots(Action.CLAIM_APPROVE), now)
    return [
        WorkItem(key := f"claim-{one.id}", "补录", one.waits_since or one.made_at, "claims/_work.html", one, words.get(key, ""))
        for one in batches
    ]


register(Source("补录", lambda actor: queries.waiting_batches_count(actor, clock.now()), _items, stated=True))
