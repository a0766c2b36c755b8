"""One term: handed over to a successor, prolonged or ended. What ends soon stands in the work list."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.duties import forms, queries, service
from app.duties.queries import PostRow, TermRow
from app.duties.rules import DUE_SOON, POST_KIND_NAMES
from app.duties.views import bp
from app.duties.views.posts import own_post
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render
from app.worklist.service import Source, WorkItem, register


def own_term(term_id: int) -> tuple[TermRow, PostRow]:
    term = queries.term(term_id)
    if term is None:
        raise NotFound
    return term, own_post(term.post_id)


def term_page(term: TermRow, post: PostRow, fault: Invalid | None = None, part: str = "") -> Response:
    """`part` is the form whose faults are shown."""
    today = clock.today()
    return render(
        "duties/term.html",
        status=422 if fault else 200,
        term=term,
        post=post,
        names=[] if term.ended else queries.names_for(post.kind, post.unit_id, today),
        kind_names=POST_KIND_NAMES,
        due=today.replace(year=today.year + 2, day=min(today.day, 28)),
        part=part,
        kept=kept(request.form),
        faults=fault.fields if fault else {},
    )


@bp.get("/duties/terms/<int:term_id>")
@requires(Action.POST_MANAGE)
def show_term(term_id: int) -> Response:
    return term_page(*own_term(term_id))


@bp.post("/duties/terms/<int:term_id>/handover")
@requires(Action.POST_MANAGE)
def hand_over(term_id: int) -> Response:
    """One step: this term ends, the successor's begins, both today."""
    (term, post), actor, now = own_term(term_id), current_actor(), clock.now()
    try:
        wanted, note = forms.appointment(request.form, post, clock.today()), forms.note(request.form)
        in_transaction(lambda: service.hand_over(term_id, wanted.person_id, wanted.due_on, note, actor.person_id, now))
    except Invalid as error:
        return term_page(term, post, error, "handover")
    flash("交接好了，两位都收到了消息。", "yes")
    return redirect(url_for("duties.show", post_id=post.id), 303)


@bp.post("/duties/terms/<int:term_id>/end")
@requires(Action.POST_MANAGE)
def end_term(term_id: int) -> Response:
    (term, post), actor, now = own_term(term_id), current_actor(), clock.now()
    try:
        note = forms.note(request.form)
    except Invalid as error:
        return term_page(term, post, error, "end")
    in_transaction(lambda: service.end_term(term_id, note, actor.person_id, now))
    flash(f"{term.name}今天卸任，这个岗位空出来了。", "yes")
    return redirect(url_for("duties.show", post_id=post.id), 303)


@bp.post("/duties/terms/<int:term_id>/extension")
@requires(Action.POST_MANAGE)
def extend_term(term_id: int) -> Response:
    (term, post), actor, now = own_term(term_id), current_actor(), clock.now()
    try:
        due_on = forms.due(request.form)
        in_transaction(lambda: service.extend_term(term_id, due_on, actor.person_id, now))
    except Invalid as error:
        return term_page(term, post, error, "extension")
    flash(f"{term.name}续任了，也告诉了本人。", "yes")
    return redirect(url_for("duties.show", post_id=post.id), 303)


def _items(actor: Actor) -> list[WorkItem]:
    now = clock.now()
    found = queries.due(actor, now)
    words = queries.came_up(found, actor, now)
    return [
        WorkItem(f"term-{one.term_id}", "任期", clock.at_local(one.due_on - DUE_SOON), "duties/_work.html", one, words.get(one.term_id, ""))
        for one in found
    ]


register(Source("任期", lambda actor: queries.due_count(actor, clock.now()), _items, stated=True))
