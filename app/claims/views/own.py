"""补录申请: choose the shift, say what was done, add a photo or a witness; take it back; the witness's page; the photos."""

from collections.abc import Callable

from flask import current_app, flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.activities import photo_files
from app.claims import forms, own_forms, queries, service
from app.claims.own_forms import Named
from app.claims.queries import BatchRow, Choice
from app.claims.rules import MOST_PHOTOS, Says, naming_fault
from app.claims.views import bp
from app.core import clock
from app.core.config import Settings
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.people.queries import is_below
from app.webkit.forms import kept
from app.webkit.guards import current_actor, signed_in
from app.webkit.htmx import render


def uploads() -> Settings:
    found: Settings = current_app.config["SETTINGS"]
    return found


def storing(pictures: Named, work: Callable[[], set[str]]) -> None:
    """The files first, then the rows: no row is ever without its files, and files that no row names are taken away again."""
    folder, stay = uploads().uploads_dir, set[str]()
    for name, picture in pictures:
        photo_files.store(folder, name, picture)
    try:
        stay = in_transaction(work)
    finally:
        for name, _ in pictures:
            if name not in stay:
                photo_files.discard(folder, name)


@bp.route("/me/claims/new", methods=["GET", "POST"])
@signed_in
def own() -> BaseResponse:
    """忘了扫码？补一条: first which shift, then the form with its times filled in. `like` fills it from a claim that came back."""
    actor, now, rules = current_actor(), clock.now(), queries.local_rules()
    shift_id = request.values.get("shift", type=int)
    if shift_id is None:
        found = queries.choices(actor.person_id, now, rules.within)
        signed, others = [one for one in found if one.signed_up], [one for one in found if not one.signed_up]
        return render("claims/choose.html", signed=signed, others=others, rules=rules)
    chosen = queries.choice(actor.person_id, shift_id, now)
    if chosen is None:
        raise NotFound
    if request.method == "GET":
        return show_form(chosen, filled(chosen, request.args.get("like", type=int)), {})
    try:
        pictures = own_forms.read_photos(request.files)
        said = own_forms.parse_own(request.form, chosen, actor.person_id, sent=bool(pictures), now=now)
        made: list[int] = []

        def work() -> set[str]:
            made.append(service.claim(said, actor.person_id, pictures, url_for("worklist.index"), witness_url, now))
            return {photo.name for photo in queries.photos(made[-1:]).get(made[-1], ())}

        storing(pictures, work)
    except Invalid as error:
        return show_form(chosen, dict(kept(request.form)), error.fields)
    flash("交上去了。" + ("另一位确认以后记上。" if pictures else "证明人回了“是”，就交给支部确认。"), "yes")
    return redirect(url_for("claims.show", batch_id=made[-1]), 303)


def witness_url(batch_id: int) -> str:
    return url_for("claims.testimony", batch_id=batch_id)


def filled(chosen: Choice, like: int | None) -> dict[str, str]:
    """The shift's planned times, or what was said in a claim of one's own for the same shift."""
    times = {"in": chosen.starts_at, "out": chosen.ends_at}
    before = queries.batch(like) if like else None
    said = {}
    if before and before.own and before.maker_id == current_actor().person_id and before.shift.id == chosen.shift.id:
        times = {"in": before.claims[0].in_at, "out": before.claims[0].out_at}
        said = {"did": before.note}
    return {name: f"{clock.local(moment):%H:%M}" for name, moment in times.items()} | said


def show_form(chosen: Choice, values: dict[str, str], faults: dict[str, str]) -> BaseResponse:
    now, rules = clock.now(), queries.local_rules()
    return render(
        "claims/own.html",
        status=422 if faults else 200,
        chosen=chosen,
        closed=naming_fault(chosen.starts_at, chosen.ends_at, now, rules.within),
        due=queries.answer_by(now),
        most=MOST_PHOTOS,
        asks_tail="tail" in faults or bool(values.get("tail")),
        others=queries.deciders(chosen.unit_id, Action.CLAIM_APPROVE, clock.today(), about={current_actor().person_id}),
        kept=values,
        faults=faults,
    )


@bp.post("/claims/<int:batch_id>/withdrawal")
@signed_in
def withdraw(batch_id: int) -> BaseResponse:
    """撤回: by the maker, while nobody has decided."""
    actor, now = current_actor(), clock.now()
    batch = made_by_me(batch_id)
    in_transaction(lambda: service.withdraw(batch_id, actor.person_id, now))
    flash("撤回了，没有记。" + ("照片也不再给人看。" if batch.photos else ""), "yes")
    return redirect(url_for("claims.show", batch_id=batch_id), 303)


def made_by_me(batch_id: int) -> BatchRow:
    batch = queries.batch(batch_id)
    if batch is None or batch.maker_id != current_actor().person_id:
        raise NotFound
    return batch


@bp.post("/claims/<int:batch_id>/photos")
@signed_in
def add_photos(batch_id: int) -> BaseResponse:
    """再加照片: while nobody has decided; a claim that waits for its witness comes forward with the first one."""
    from app.claims.views.decisions import page

    batch, actor, now = made_by_me(batch_id), current_actor(), clock.now()
    if not batch.own:
        raise NotFound
    try:
        pictures = own_forms.read_photos(request.files)
        if not pictures:
            raise Invalid({"file": "请选一张照片"})
        storing(pictures, lambda: service.add_photos(batch_id, actor.person_id, pictures, url_for("worklist.index"), now))
    except Invalid as error:
        return page(batch, actor, error.fields)
    flash("照片加上了。照片里带的位置信息已去掉。", "yes")
    return redirect(url_for("claims.show", batch_id=batch_id), 303)


@bp.get("/claims/<int:batch_id>/photos/<name>/<any(large, small):size>.jpg")
@signed_in
def photo(batch_id: int, name: str, size: str) -> BaseResponse:
    """For the maker and for those who decide or read decisions; a 404 for everybody else, and once the claim was taken back."""
    actor, owner = current_actor(), queries.photo_of(batch_id, name)
    if owner is None:
        raise NotFound
    maker_id, unit_id = owner
    if maker_id != actor.person_id and not is_below(unit_id, actor.roots(Action.CLAIM_READ), clock.today()):
        raise NotFound
    try:
        data = photo_files.path(uploads().uploads_dir, name, small=size == "small").read_bytes()
    except FileNotFoundError as error:
        raise NotFound from error
    response = make_response(data)
    response.headers["Content-Type"] = "image/jpeg"
    response.cache_control.private, response.cache_control.max_age = True, 300
    response.set_etag(f"{name}-{size}")
    return response.make_conditional(request)


@bp.route("/claims/<int:batch_id>/testimony", methods=["GET", "POST"])
@signed_in
def testimony(batch_id: int) -> BaseResponse:
    """The witness's page: who, when, what; 是，我在场 or 我不能证明."""
    batch, actor, now = queries.batch(batch_id), current_actor(), clock.now()
    if batch is None or batch.witness is None or batch.witness.person_id != actor.person_id:
        raise NotFound
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            says = forms.parse_testimony(request.form)
            urls = url_for("worklist.index"), url_for("claims.show", batch_id=batch_id)
            in_transaction(lambda: service.testify(batch_id, actor.person_id, says, *urls, now))
            flash("谢谢您，记下了。" if says is Says.YES else "记下了，您不能证明。", "yes")
            return redirect(url_for("claims.testimony", batch_id=batch_id), 303)
        except Invalid as error:
            faults = error.fields
    return render("claims/testimony.html", status=422 if faults else 200, batch=batch, faults=faults)
