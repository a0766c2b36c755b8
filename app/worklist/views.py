"""待我处理 and the notices."""

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Action
from app.webkit.guards import current_actor, signed_in
from app.webkit.htmx import render
from app.worklist import queries, service

bp = Blueprint("worklist", __name__)

SHOWN = 50  # a page that a phone can scroll; the rest comes up as these are decided


@bp.get("/work")
@signed_in
def index() -> Response:
    chosen = request.args.get("group")
    found = service.waiting(current_actor(), chosen)
    if chosen not in dict(found.groups):
        chosen = None
    oldest = (clock.today() - clock.local_date(found.items[0].since)).days if found.items else 0
    return render("worklist/index.html", waiting=found, items=found.items[:SHOWN], chosen=chosen, oldest=oldest)


@bp.get("/notices")
@signed_in
def notices() -> Response:
    actor = current_actor()
    found = queries.notices(actor.person_id, roots=actor.roots(Action.PERSON_READ), day=clock.today())
    return render("worklist/notices.html", notices=found)


@bp.post("/notices/reading")
@signed_in
def read_notices() -> Response:
    actor = current_actor()
    in_transaction(lambda: service.read_all(actor.person_id))
    flash("都标为已读了。", "yes")
    return redirect(url_for("worklist.notices"), 303)
