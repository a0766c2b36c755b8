"""/people: finding somebody within one's rights."""

from flask import request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.errors import NotFound
from app.core.permissions import Action
from app.people import queries
from app.people.naming import phone_fault, tidy_phone
from app.people.views.common import bp
from app.webkit.forms import clean
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

LONGEST = 40


@bp.route("/people", methods=["GET", "POST"])
@requires(Action.PERSON_READ)
def directory() -> Response:
    """Twenty a page, in the order of initials; `after` is the last person of the page before.

    Words come from the posted form only, so that no name and no number stands in an address.
    """
    actor, today = current_actor(), clock.today()
    roots = actor.roots(Action.PERSON_READ)
    words = clean(request.form.get("q", ""))[:LONGEST]
    number = tidy_phone(words)
    unit_id, after = request.values.get("unit", type=int), request.values.get("after", type=int)
    unit = queries.unit(unit_id) if unit_id is not None and queries.is_below(unit_id, roots, today) else None
    if unit_id is not None and unit is None:
        raise NotFound
    page = queries.search(number if not phone_fault(number) else words, roots, today, unit_id=unit_id, after=after)
    return render("people/index.html", words=words, found=page, unit=unit, after=after)
