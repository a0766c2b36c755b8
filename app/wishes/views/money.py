"""A wish that the fund pays: which project, which payments."""

from flask import request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid
from app.core.permissions import Action
from app.webkit.guards import current_actor, requires
from app.wishes import forms
from app.wishes.queries.paying import payments_of, projects_of_wishes
from app.wishes.service import money as service
from app.wishes.views.common import bp, wish_for
from app.wishes.views.desk import after, desk_page, refused


@bp.post("/fund/wishes/<int:wish_id>/project")
@requires(Action.WISH_MANAGE)
def set_project(wish_id: int) -> Response:
    """Without one chosen: none."""
    wish, actor = wish_for(wish_id, Action.WISH_MANAGE), current_actor()
    try:
        chosen = request.form.get("project")
        project = forms.chosen(request.form, "project", "项目", dict(projects_of_wishes())) if chosen else None
        in_transaction(lambda: service.set_project(wish.id, project, actor.person_id))
    except Invalid as error:
        return desk_page(wish_id, error.fields)
    except Conflict as error:
        return refused(wish_id, error)
    return after(wish_id, "关联好了。" if project else "不关联项目了。")


@bp.post("/fund/wishes/<int:wish_id>/payments")
@requires(Action.WISH_MANAGE)
def link_payment(wish_id: int) -> Response:
    wish, actor, now = wish_for(wish_id, Action.WISH_MANAGE), current_actor(), clock.now()
    try:
        asked = forms.chosen(request.form, "request", "用款", dict(payments_of(wish.project_id or 0, wish.id)))
        in_transaction(lambda: service.link_payment(wish.id, asked, actor.person_id, now))
    except Invalid as error:
        return desk_page(wish_id, error.fields)
    return after(wish_id, "关联好了，公开页上看得到凭证号。")


@bp.post("/fund/wishes/<int:wish_id>/payments/<int:payment_id>/removal")
@requires(Action.WISH_MANAGE)
def unlink_payment(wish_id: int, payment_id: int) -> Response:
    wish, actor, now = wish_for(wish_id, Action.WISH_MANAGE), current_actor(), clock.now()
    try:
        reason = forms.reason(request.form, "reason")
        in_transaction(lambda: service.unlink_payment(wish.id, payment_id, reason, actor.person_id, now))
    except Invalid as error:
        return desk_page(wish_id, error.fields)
    return after(wish_id, "去掉了这笔用款的关联，用款本身没有变。")
