"""Posts of a unit's subtree: the list, on paper too; one post; setting up, changing and closing one."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import DomainError, Invalid, NotFound
from app.core.permissions import Action
from app.duties import forms, queries, service
from app.duties.queries import PostRow
from app.duties.rules import POST_KIND_NAMES, PostKind
from app.duties.views import bp
from app.people import queries as people
from app.people.queries import UnitRow, is_below
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render


def chosen_unit(actor: Actor, action: Action) -> UnitRow:
    """The unit asked for, else the first one that the actor has; NotFound for one out of scope."""
    roots = actor.roots(action)
    asked = request.values.get("unit", type=int) or min(roots)
    unit = people.unit(asked)
    if unit is None or not is_below(unit.id, roots, clock.today()):
        raise NotFound
    return unit


def own_post(post_id: int, action: Action = Action.POST_MANAGE) -> PostRow:
    """A post in the subtree where the actor manages posts, or may do `action`."""
    post = queries.post(post_id)
    if post is None or not is_below(post.unit_id, current_actor().roots(action), clock.today()):
        raise NotFound
    return post


@bp.get("/duties")
@requires(Action.UNIT_READ)
def index() -> Response:
    actor, today = current_actor(), clock.today()
    unit = chosen_unit(actor, Action.UNIT_READ)
    kind = request.args.get("kind") if request.args.get("kind") in set(PostKind) else None
    free = request.args.get("free") == "1"
    everything = request.args.get("all") == "1"
    shown = queries.posts(unit.id, today, kind=PostKind(kind) if kind else None, free=free, limit=None if everything else 60)
    around = queries.around(unit, actor.roots(Action.UNIT_READ), today)
    return render("duties/index.html", around=around, shown=shown, kind=kind, free=free, kind_names=POST_KIND_NAMES)


@bp.get("/duties/printed")
@requires(Action.UNIT_READ)
def printed() -> Response:
    """The same list as a table, whole, for paper."""
    unit = chosen_unit(current_actor(), Action.UNIT_READ)
    shown = queries.posts(unit.id, clock.today(), limit=None)
    return render("duties/printed.html", unit=unit, shown=shown, kind_names=POST_KIND_NAMES)


@bp.get("/duties/new")
@requires(Action.POST_MANAGE)
def new_post() -> Response:
    return post_form(chosen_unit(current_actor(), Action.POST_MANAGE))


def post_form(unit: UnitRow, post: PostRow | None = None, faults: dict[str, str] | None = None) -> Response:
    return render(
        "duties/form.html",
        status=422 if faults else 200,
        unit=unit,
        post=post,
        places=queries.places_near(unit.id, clock.today()),
        kind_names=POST_KIND_NAMES,
        kept=kept(request.form),
        faults=faults or {},
    )


@bp.post("/duties")
@requires(Action.POST_MANAGE)
def create_post() -> Response:
    actor, now = current_actor(), clock.now()
    unit = chosen_unit(actor, Action.POST_MANAGE)
    try:
        draft = forms.draft(request.form, queries.places_near(unit.id, clock.today()))
        post_id = in_transaction(lambda: service.create_post(unit.id, draft, actor.person_id, now))
    except Invalid as error:
        return post_form(unit, None, error.fields)
    flash("岗位设好了，接着请人上岗。", "yes")
    return redirect(url_for("duties.show", post_id=post_id), 303)


@bp.get("/duties/<int:post_id>")
@requires(Action.UNIT_READ)
def show(post_id: int) -> Response:
    return post_page(own_post(post_id, Action.UNIT_READ))


def post_page(post: PostRow, faults: dict[str, str] | None = None) -> Response:
    """One post: who holds it, who held it, and the form to appoint somebody while a seat is free."""
    today = clock.today()
    terms = queries.terms_of(post.id)
    return render(
        "duties/show.html",
        status=422 if faults else 200,
        post=post,
        held=[one for one in terms if one.ended is None],
        past=[one for one in terms if one.ended is not None],
        names=queries.names_for(post.kind, post.unit_id, today) if post.free and current_actor().may(Action.POST_MANAGE) else [],
        kind_names=POST_KIND_NAMES,
        due=today.replace(year=today.year + 2, day=min(today.day, 28)),
        kept=kept(request.form),
        faults=faults or {},
    )


@bp.get("/duties/<int:post_id>/form")
@requires(Action.POST_MANAGE)
def edit_post(post_id: int) -> Response:
    post = own_post(post_id)
    if post.closed_on:
        raise NotFound
    return post_form(unit_of(post), post)


def unit_of(post: PostRow) -> UnitRow:
    unit = people.unit(post.unit_id)
    if unit is None:
        raise NotFound
    return unit


@bp.post("/duties/<int:post_id>/revision")
@requires(Action.POST_MANAGE)
def revise_post(post_id: int) -> Response:
    post, actor = own_post(post_id), current_actor()
    unit = unit_of(post)
    try:
        draft = forms.draft(request.form, queries.places_near(unit.id, clock.today()), post.kind)
        in_transaction(lambda: service.revise_post(post_id, draft, actor.person_id))
    except Invalid as error:
        return post_form(unit, post, error.fields)
    flash("已保存。", "yes")
    return redirect(url_for("duties.show", post_id=post_id), 303)


@bp.post("/duties/<int:post_id>/closing")
@requires(Action.POST_MANAGE)
def close_post(post_id: int) -> Response:
    post, actor, now = own_post(post_id), current_actor(), clock.now()
    ended = in_transaction(lambda: service.close_post(post_id, actor.person_id, now))
    flash(f"“{post.title}”已撤销" + (f"，在岗的 {ended} 人今天卸任。" if ended else "。"), "yes")
    return redirect(url_for("duties.index", unit=post.unit_id), 303)


@bp.post("/duties/<int:post_id>/terms")
@requires(Action.POST_MANAGE)
def appoint(post_id: int) -> Response:
    """Somebody begins to hold the post."""
    post, actor, now = own_post(post_id), current_actor(), clock.now()
    try:
        wanted = forms.appointment(request.form, post, clock.today())
        in_transaction(lambda: service.appoint(post_id, wanted.person_id, wanted.since, wanted.due_on, actor.person_id, now))
    except Invalid as error:
        return post_page(post, error.fields)
    except NotFound:
        raise
    except DomainError as error:
        flash(error.message, "warn")
        return redirect(url_for("duties.show", post_id=post_id), 303)
    flash("已上岗，也告诉了本人。", "yes")
    return redirect(url_for("duties.show", post_id=post_id), 303)
