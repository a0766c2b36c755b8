"""半年反馈: ten at a time of those who have reported in, and a correction of one word. Missing ones stand in the work list."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.people.queries import UnitRow, is_below
from app.pledges import forms, queries, service
from app.pledges.queries import FeedbackRow
from app.pledges.rules import GRADE_NAMES, OFFER_NAMES, Half, half_asked, half_from, half_of
from app.pledges.views import bp
from app.pledges.views.offers import communities_in, named_community
from app.webkit.forms import clean, kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render
from app.worklist.service import Source, WorkItem, register


def chosen_half() -> Half:
    """The half asked for, while it may be written for; without one the one that is due, else the running one."""
    today = clock.today()
    if "half" not in request.values:
        return half_asked(today) or half_of(today)
    half = half_from(request.values["half"], today)
    if half is None:
        raise NotFound
    return half


@bp.get("/feedback")
@requires(Action.FEEDBACK_GIVE)
def feedback() -> Response:
    actor, today = current_actor(), clock.today()
    if "unit" not in request.args and len(units := communities_in(actor, Action.FEEDBACK_GIVE)) != 1:
        counts = queries.counts_by_community(list(actor.roots(Action.FEEDBACK_GIVE)), today)
        return render("pledges/communities.html", units=units, counts=counts, target="pledges.feedback", heading="半年反馈")
    return feedback_page(named_community(actor, Action.FEEDBACK_GIVE), chosen_half())


@bp.post("/feedback/search")
@requires(Action.FEEDBACK_GIVE)
def find_for_feedback() -> Response:
    """Somebody by name: posted, so that no name stands in an address. Writes nothing."""
    return feedback_page(
        named_community(current_actor(), Action.FEEDBACK_GIVE), chosen_half(), search=clean(request.form.get("q", ""))[:40]
    )


def feedback_page(unit: UnitRow, half: Half, faults: dict[str, str] | None = None, *, search: str = "") -> Response:
    """Those without a word first, with an empty line each. Nothing is preset. With `faults` those who were filled in stand there again."""
    today = clock.today()
    pages = request.values.get("page", 1, type=int), request.values.get("written", 1, type=int)
    keep = forms.filled_in(request.form) if faults else ()
    return render(
        "pledges/feedback.html",
        status=422 if faults else 200,
        unit=unit,
        half=half,
        running=half_of(today),
        sheet=queries.sheet(unit.id, half, today, queries.rule(), search=search, pages=pages, keep=keep),
        search=search,
        offer_names=OFFER_NAMES,
        grade_names=GRADE_NAMES,
        kept=kept(request.form),
        faults=faults or {},
    )


@bp.post("/feedback")
@requires(Action.FEEDBACK_GIVE)
def give_feedback() -> Response:
    """As many as were filled in; the rest waits."""
    actor, now = current_actor(), clock.now()
    unit, half = named_community(actor, Action.FEEDBACK_GIVE), chosen_half()
    seen = queries.arrivals(unit.id, half.day_for(clock.today()), queries.rule(), half)
    try:
        sheet = forms.feedback(request.form, [one.person_id for one in seen if one.person_id != actor.person_id])
    except Invalid as error:
        return feedback_page(unit, half, error.fields)
    done = in_transaction(lambda: service.give_feedback(unit.id, half, sheet.lines, actor.person_id, now))
    flash(forms.written_words(done.fresh, done.known), "warn" if done.known else "yes")
    return redirect(url_for("pledges.feedback", unit=unit.id, half=half.key, page=request.form.get("page", type=int)), 303)


def own_entry(feedback_id: int) -> FeedbackRow:
    found = queries.entry(feedback_id)
    if found is None or not is_below(found.unit_id, current_actor().roots(Action.FEEDBACK_GIVE), clock.today()):
        raise NotFound
    return found


@bp.get("/feedback/<int:feedback_id>/correction")
@requires(Action.FEEDBACK_GIVE)
def correct(feedback_id: int) -> Response:
    return correction_page(own_entry(feedback_id))


def correction_page(found: FeedbackRow, faults: dict[str, str] | None = None) -> Response:
    words = next(
        (one for one in queries.words_about(found.person_id) if (one.now.half, one.now.unit_id) == (found.half, found.unit_id)), None
    )
    return render(
        "pledges/correction.html",
        status=422 if faults else 200,
        found=found,
        word=words,
        grade_names=GRADE_NAMES,
        kept=kept(request.form),
        faults=faults or {},
    )


@bp.post("/feedback/<int:feedback_id>/correction")
@requires(Action.FEEDBACK_GIVE)
def do_correct(feedback_id: int) -> Response:
    found, actor, now = own_entry(feedback_id), current_actor(), clock.now()
    try:
        wanted = forms.correction(request.form)
    except Invalid as error:
        return correction_page(found, error.fields)
    in_transaction(lambda: service.correct_feedback(feedback_id, wanted.grade, wanted.words, wanted.reason, actor.person_id, now))
    flash(f"{found.name}的反馈更正了，原来的还留着。", "yes")
    return redirect(url_for("pledges.feedback", unit=found.unit_id, half=found.half), 303)


def _items(actor: Actor) -> list[WorkItem]:
    now = clock.now()
    found = queries.missing(actor, now)
    words = queries.came_up(found, actor, now)
    return [
        WorkItem(
            f"feedback-{one.unit_id}", "半年反馈", clock.at_local(one.half.opens), "pledges/_work.html", one, words.get(one.unit_id, "")
        )
        for one in found
    ]


register(Source("半年反馈", lambda actor: queries.missing_count(actor, clock.now()), _items, stated=True))
