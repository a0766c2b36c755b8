"""成果: what a closed activity shows of itself, as figures, as a picture and as photos."""

from typing import Any

from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.activities import photo_files, queries, service
from app.activities.outcomes import MOST_PHOTOS, Result, group_text
from app.activities.queries import ActivityRow, PhotoRow
from app.activities.result_forms import parse_photo
from app.activities.result_picture import Poster, drawable, png
from app.activities.views.common import absolute_when, bp, reads, settings, visible
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.core.shelf import Shelf
from app.core.words import hours_number
from app.webkit.files import upload
from app.webkit.forms import kept
from app.webkit.guards import actor_or_none, current_actor, public, requires
from app.webkit.htmx import render

_pictures: Shelf[bytes] = Shelf(12)


def result_of(row: ActivityRow) -> Result:
    figures = queries.counted(row.id)
    attended, outcomes = service.sums(row.id), queries.outcomes_of(row.id)
    credits = service.credits(row, clock.today())
    return Result(row.title, row.unit_name, row.place_text, row.starts_at, attended, row.served_count, figures.came, outcomes, credits)


def when(row: ActivityRow) -> str:
    return absolute_when(row.starts_at, row.ends_at) if row.starts_at and row.ends_at else ""


def result_context(row: ActivityRow) -> dict[str, Any]:
    """For `_result.html`; nothing before it is closed."""
    if row.closed_at is None:
        return {"result": None, "photos": []}
    insider = is_insider(row)
    photos = [photo for photo in queries.photos_of(row.id) if photo.agreed or insider]
    return {"result": result_of(row), "photos": photos, "drawable": drawable()}


def text_of(row: ActivityRow, result: Result) -> str:
    return group_text(result, when(row), settings().public_url + url_for("activities.show", activity_id=row.id))


def is_insider(row: ActivityRow) -> bool:
    """Whether the reader may see photos that were not agreed to: of the organising unit or below, or who manages or reads it."""
    actor = actor_or_none()
    return actor is not None and (reads(row.id) or queries.belongs(actor.person_id, row.unit_id, clock.today()))


@bp.get("/activities/<int:activity_id>/result.png")
@public
def result_picture(activity_id: int) -> BaseResponse:
    """1080 × 1440, sums only. A 404 before it is closed, and where the machine can not write Chinese."""
    row, _ = visible(activity_id)
    if row.closed_at is None or not row.public or not drawable():
        raise NotFound
    poster = _poster(row, result_of(row))
    picture = _pictures.get(row.id, repr(poster), lambda: png(poster))
    response = make_response(picture)
    response.headers["Content-Type"] = "image/png"
    response.cache_control.public, response.cache_control.max_age = True, 300
    response.add_etag()
    return response.make_conditional(request)


def _poster(row: ActivityRow, result: Result) -> Poster:
    figures = [(f"{result.attended.people:,}", "志愿者")]
    figures += [(f"{result.served:,}", "服务人次")] if result.served else []
    figures += [(f"{result.came:,}", "到场人次，约数")] if result.came else []
    hours = [(minutes, name) for minutes, name in ((result.attended.scanned, "扫码"), (result.attended.named, "补录")) if minutes]
    if hours:
        figures.append((" + ".join(hours_number(minutes) for minutes, _ in hours), f"小时，{' + '.join(name for _, name in hours)}"))
    return Poster(row.title, when(row), row.place_text, row.unit_name, tuple(figures), tuple(result.outcome_words), result.attended.people)


@bp.route("/activities/<int:activity_id>/photos", methods=["GET", "POST"])
@requires(Action.ACTIVITY_MANAGE)
def photos(activity_id: int) -> BaseResponse:
    """照片: nine at most, each with words and, ticked, the consent of those on it."""
    row, now = queries.to_manage(current_actor(), activity_id), clock.now()
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            fresh = _add(row, now_alt=parse_photo(request.form))
            flash("放好了。位置信息已去掉。" if fresh else "这张已经放过了，没有再放。", "yes" if fresh else "info")
            return redirect(url_for("activities.photos", activity_id=row.id), 303)
        except Invalid as error:
            faults = error.fields
    return render(
        "activities/photos.html",
        status=422 if faults else 200,
        row=row,
        photos=queries.photos_of(row.id),
        most=MOST_PHOTOS,
        begun=row.starts_at is not None and row.starts_at <= now and row.public and not row.cancelled_at,
        kept=kept(request.form) if faults else {},
        faults=faults,
    )


def _add(row: ActivityRow, now_alt: tuple[str, bool]) -> bool:
    """The files first, then the row: a row is never without its files, and files without a row are taken away again."""
    alt, agreed = now_alt
    sent = upload(request.files, photo_files.MAX_BYTES, called="照片", missing="请选一张照片")
    picture, name, folder = photo_files.read(sent.data), photo_files.new_name(), settings().uploads_dir
    by_id, now = current_actor().person_id, clock.now()
    photo_files.store(folder, name, picture)
    fresh = False
    try:
        added = in_transaction(lambda: service.add_photo(row.id, name, picture, alt, agreed=agreed, by_id=by_id, now=now))
        fresh = added.fresh
    finally:
        if not fresh:
            photo_files.discard(folder, name)
    return fresh


@bp.post("/activities/<int:activity_id>/photos/<int:photo_id>/removal")
@requires(Action.ACTIVITY_MANAGE)
def remove_photo(activity_id: int, photo_id: int) -> BaseResponse:
    row, actor, now = queries.to_manage(current_actor(), activity_id), current_actor(), clock.now()
    in_transaction(lambda: service.remove_photo(row.id, photo_id, actor.person_id, now))
    flash("撤下了，谁也看不到了。", "yes")
    return redirect(url_for("activities.photos", activity_id=row.id), 303)


@bp.get("/activities/<int:activity_id>/photos/<name>/<any(large, small):size>.jpg")
@public
def photo(activity_id: int, name: str, size: str) -> BaseResponse:
    """A 404 for whoever may not see it, as for one that was removed."""
    row, manages = visible(activity_id)
    found = queries.photo(row.id, name)
    if found is None or not (_is_public(row, found) or manages or is_insider(row)):
        raise NotFound
    try:
        data = photo_files.path(settings().uploads_dir, found.name, small=size == "small").read_bytes()
    except FileNotFoundError as error:
        raise NotFound from error
    response = make_response(data)
    response.headers["Content-Type"] = "image/jpeg"
    response.set_etag(f"{found.name}-{size}")
    response.cache_control.max_age = 300
    if _is_public(row, found):
        response.cache_control.public = True
    else:
        response.cache_control.private = True
    return response.make_conditional(request)


def _is_public(row: ActivityRow, photo: PhotoRow) -> bool:
    return photo.agreed and row.public and row.closed_at is not None
