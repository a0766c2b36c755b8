"""双50小时: which reading holds (administrators), and one's own progress with every entry and why it counts or not."""

from flask import Blueprint, Response

from app.activities import queries as activities
from app.core import clock
from app.core.permissions import Action
from app.hours import queries as hours
from app.people import queries as people
from app.people.queries.units import of_the_subdistrict
from app.requirements import queries
from app.requirements.rules import WHY_WORDS
from app.webkit.guards import current_actor, requires, signed_in
from app.webkit.htmx import render

bp = Blueprint("requirements", __name__)


@bp.get("/me/double50")
@signed_in
def mine() -> Response:
    """One's own progress, and for each entry whether it counts and why."""
    actor, today = current_actor(), clock.today()
    progress = queries.progress_of([actor.person_id], today).get(actor.person_id, [])
    origin = {entry.id: entry.activity_id for entry in hours.entries(actor.person_id)}
    titles = {id_: row.title for id_, row in activities.activities_by_id({one for one in origin.values() if one}).items()}
    names = {entry_id: titles.get(activity_id or 0, "以前的服务") for entry_id, activity_id in origin.items()}
    stage = people.stage_on(actor.person_id, today)
    preset = next((one for one in queries.versions(today) if one.holds), None)
    return render("requirements/mine.html", progress=progress, names=names, stage=stage, preset=preset, why_words=WHY_WORDS)


@bp.get("/requirements")
@requires(Action.RULES_READ)
def index() -> Response:
    of_the_subdistrict(current_actor(), Action.RULES_READ)
    return render("requirements/index.html", presets=queries.versions(clock.today()))
