"""Before/after photos: everybody sees those whose people agreed; the fund's people also those that wait for an answer."""

from collections.abc import Mapping
from functools import partial

from flask import Response, flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.activities import photo_files
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Action
from app.fund.queries.project_page import ProjectPage
from app.fund.rules import PUBLIC_STAGES
from app.fund.views.shared import project_for
from app.people.queries import is_below
from app.results import forms, rules
from app.results.blueprint import bp
from app.results.queries import photos
from app.results.queries.photos import PhotoRow
from app.results.service import photos as service
from app.results.views.shared import may, settings
from app.webkit.files import upload
from app.webkit.forms import kept
from app.webkit.guards import current_actor, public, requires
from app.webkit.htmx import render


@bp.get("/fund/projects/<int:project_id>/photos")
@requires(Action.FUND_READ)
def project_photos(project_id: int) -> Response:
    return _list(project_for(project_id, Action.FUND_READ), {}, {})


def _list(project: ProjectPage, values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    return render(
        "results/photos.html",
        status=422 if faults else 200,
        project=project,
        pairs=photos.pairs(project.card.id, public=False),
        steps=photos.steps(project.card.id),
        officer=may(Action.FUND_MANAGE, project.unit_id),
        consents=forms.CONSENT[:2],
        kept=values,
        faults=faults,
        rules=rules,
        Side=rules.Side,
    )


def _form(project: ProjectPage, values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    pair = next((pair for pair in photos.pairs(project.card.id, public=False) if str(pair.id) == values.get("pair")), None)
    return render(
        "results/photo_form.html",
        status=422 if faults else 200,
        project=project,
        pair=pair,
        kept=values,
        faults=faults,
        consents=forms.CONSENT,
        sides=[(side.value, words) for side, words in rules.SIDE_NAMES.items()],
        rules=rules,
        Side=rules.Side,
    )


@bp.get("/fund/projects/<int:project_id>/photos/new")
@requires(Action.FUND_MANAGE)
def new_photo(project_id: int) -> Response:
    given = {name: request.args[name] for name in ("pair", "side") if name in request.args}
    return _form(project_for(project_id, Action.FUND_MANAGE), given, {})


@bp.post("/fund/projects/<int:project_id>/photos")
@requires(Action.FUND_MANAGE)
def add_photo(project_id: int) -> BaseResponse:
    project = project_for(project_id, Action.FUND_MANAGE)
    try:
        _add(project_id)
    except Invalid as error:
        return _form(project, kept(request.form), error.fields)
    except Conflict as error:
        flash(error.message, "warn")
    else:
        flash("放好了。位置信息已去掉。", "yes")
    return redirect(url_for("results.project_photos", project_id=project_id), 303)


def _add(project_id: int) -> None:
    """The files first, then the row: a row is never without its files, and files without a row are taken away again."""
    caption, wanted = forms.photo(request.form)
    pair_id = _pair(project_id)
    sent = upload(request.files, photo_files.MAX_BYTES, called="照片", missing="请选一张照片")
    picture, name, folder = photo_files.read(sent.data), photo_files.new_name(), settings().uploads_dir
    by_id, now = current_actor().person_id, clock.now()

    def work() -> int:
        into = pair_id or service.begin_pair(project_id, caption, by_id, now)
        return service.add(into, wanted, name, picture, by_id, now)

    photo_files.store(folder, name, picture)
    stored = False
    try:
        in_transaction(work)
        stored = True
    finally:
        if not stored:
            photo_files.discard(folder, name)


def _pair(project_id: int) -> int | None:
    """The pair that the form names, of this project; None for a new one."""
    given = request.form.get("pair", "")
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) < 10) or photos.project_of_pair(int(given)) != project_id:
        raise NotFound
    return int(given)


def _photo(photo_id: int, action: Action) -> PhotoRow:
    found = photos.photo_by_id(photo_id)
    if found is None or not is_below(found.unit_id, current_actor().roots(action), clock.today()):
        raise NotFound
    return found


@bp.post("/fund/photos/<int:photo_id>/consent")
@requires(Action.FUND_MANAGE)
def show_photo(photo_id: int) -> BaseResponse:
    """Those on it were asked meanwhile."""
    found, by_id, now = _photo(photo_id, Action.FUND_MANAGE), current_actor().person_id, clock.now()
    project = project_for(found.project_id, Action.FUND_MANAGE)
    try:
        asked = forms.consent(request.form)
        in_transaction(lambda: service.show(photo_id, asked, by_id, now))
    except Invalid as error:
        return _list(project, {**kept(request.form), "photo": str(photo_id)}, error.fields)
    except Conflict as error:
        flash(error.message, "warn")
        return redirect(url_for("results.project_photos", project_id=found.project_id), 303)
    flash("记下了，这张照片公开了。", "yes")
    return redirect(url_for("results.project_photos", project_id=found.project_id), 303)


@bp.post("/fund/photos/<int:photo_id>/withdrawal")
@requires(Action.FUND_MANAGE)
def withdraw_consent(photo_id: int) -> BaseResponse:
    return _gone(photo_id, withdrawn=True)


@bp.post("/fund/photos/<int:photo_id>/removal")
@requires(Action.FUND_MANAGE)
def remove_photo(photo_id: int) -> BaseResponse:
    return _gone(photo_id, withdrawn=False)


def _gone(photo_id: int, *, withdrawn: bool) -> BaseResponse:
    """Its files go too, once the row says so."""
    found, by_id, now = _photo(photo_id, Action.FUND_MANAGE), current_actor().person_id, clock.now()
    project = project_for(found.project_id, Action.FUND_MANAGE)
    work = service.withdraw_consent if withdrawn else service.remove
    try:
        note = forms.note(request.form)
        name = in_transaction(partial(work, photo_id, note, by_id, now))
    except Invalid as error:
        return _list(project, {**kept(request.form), "photo": str(photo_id)}, error.fields)
    except Conflict as error:
        flash(error.message, "warn")
        return redirect(url_for("results.project_photos", project_id=found.project_id), 303)
    photo_files.discard(settings().uploads_dir, name)
    flash("撤下了，谁也看不到了，文件也删了。", "yes")
    return redirect(url_for("results.project_photos", project_id=found.project_id), 303)


@bp.get("/fund/photos/<name>/<any(large, small):size>.jpg")
@public
def photo(name: str, size: str) -> BaseResponse:
    """A 404 for whoever may not see it, as for one that is gone. Consent may be taken back, so it is asked for again each time."""
    found = photos.photo(name)
    if found is None or found.standing not in rules.THERE:
        raise NotFound
    shown = found.open and found.stage in PUBLIC_STAGES
    if not shown and not may(Action.FUND_READ, found.unit_id):
        raise NotFound
    try:
        data = photo_files.path(settings().uploads_dir, found.name, small=size == "small").read_bytes()
    except FileNotFoundError as error:
        raise NotFound from error
    response = make_response(data)
    response.headers["Content-Type"] = "image/jpeg"
    response.headers["Cache-Control"] = "public, no-cache" if shown else "private, no-store"
    response.set_etag(f"{found.name}-{size}")
    return response.make_conditional(request)
