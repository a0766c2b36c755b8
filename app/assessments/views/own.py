"""One's own results, and one line of an assessment point for point: for its owner, and for who reads the branch."""

from werkzeug.wrappers import Response

from app.activities import queries as activities
from app.assessments import queries
from app.assessments.rules import EXEMPT_NAMES, WAITS_FOR, Step, result_words, span_words
from app.assessments.views import bp
from app.audit import service as audit
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import NotFound
from app.core.permissions import Action
from app.people.queries import is_below, who_now
from app.publicity import queries as publicity
from app.publicity.rules import State, SubjectKind
from app.webkit.guards import current_actor, signed_in
from app.webkit.htmx import render


@bp.get("/me/assessments")
@signed_in
def mine() -> Response:
    """From the day it was publicised on, with the way to object."""
    actor = current_actor()
    rows = queries.own(actor.person_id)
    shown = publicity.standing(SubjectKind.ASSESSMENT, [row.assessment_id for row in rows])
    running = {one: found.id for one, found in shown.items() if found.state(clock.today()) is State.RUNNING}
    return render(
        "assessments/mine.html",
        rows=[(row, span_words(row.span), result_words(row.total, row.grade, row.exempt)) for row in rows],
        running=running,
        waits=WAITS_FOR,
    )


@bp.get("/assessments/<int:assessment_id>/people/<int:person_id>")
@signed_in
def line(assessment_id: int, person_id: int) -> Response:
    """What was frozen of one person, entry by entry, and what is different since."""
    row, actor = queries.assessment(assessment_id), current_actor()
    if row is None:
        raise NotFound
    reads = is_below(row.unit_id, actor.roots(Action.BRANCH_READ), clock.today())
    now_id = who_now(person_id)  # what was frozen stays with the record that it was frozen for
    own = now_id == actor.person_id and row.step in (Step.PUBLICISED, Step.LOCKED)
    figures = queries.figures(row) if reads or own else None
    found = next((one for one in figures.lines if one.person_id == person_id), None) if figures else None
    if figures is None or found is None:
        raise NotFound
    if now_id != actor.person_id:
        in_transaction(lambda: audit.record(actor.person_id, "person.view", "person", now_id))
    now = queries.line_now(row, person_id, clock.today()) if now_id == person_id else None
    entries = queries.entries([*found.entries, *found.late_entries, *(now.entries if now else ()), *(now.late_entries if now else ())])
    then = {*found.entries, *found.late_entries}
    return render(
        "assessments/line.html",
        row=row,
        span_words=span_words(row.span),
        line=found,
        name=figures.names[person_id],
        figures=figures,
        words=result_words(found.total, found.grade, found.exempt),
        then=[one for one in entries if one.id in then],
        since=[one for one in entries if one.id not in then],
        late=set(found.late_entries),
        now=now,
        now_words=result_words(now.total, now.grade, now.exempt) if now else "",
        titles=activities.activities_by_id({one.activity_id for one in entries if one.activity_id}),
        exempt_names=EXEMPT_NAMES,
        remark=queries.remarks(row.id).get(person_id, "") if reads else "",
        reads=reads,
        merged=now_id != person_id,
        shown=publicity.standing(SubjectKind.ASSESSMENT, [row.id]).get(row.id),
    )
