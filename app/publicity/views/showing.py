"""What is publicised: the list, one of them, and the notice for the wall."""

from typing import Any

from flask import current_app, g, render_template, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.permissions import Action
from app.people.queries import is_below
from app.publicity import queries
from app.publicity.queries import LineRow, PublicityRow, Sight
from app.publicity.rules import STATE_NAMES, SUBJECT_NAMES, VERDICT_NAMES, WAY_NAMES, State, SubjectKind
from app.publicity.views import bp
from app.webkit.guards import actor_or_none, current_actor, public, requires
from app.webkit.htmx import render

PAGE = 30
BEHIND = {  # where the subject itself is to be seen, by whoever may read it there
    SubjectKind.ASSESSMENT: ("assessments.show", "assessment_id"),
    SubjectKind.HONOUR: ("honours.show", "honour_id"),
    SubjectKind.CERTIFICATE: ("certificates.show", "certificate_id"),
    SubjectKind.PROJECT: ("fund.project", "project_id"),
}


def seen(publicity_id: int, actor: Actor | None) -> tuple[PublicityRow, Sight]:
    """A publicity with how much of it this reader sees; NotFound where that is nothing."""
    row = queries.publicity(publicity_id)
    sight = queries.sight(row, actor, clock.today()) if row else Sight.NOTHING
    if row is None or sight is Sight.NOTHING:
        raise NotFound
    return row, sight


def shown_lines(row: PublicityRow, sight: Sight, actor: Actor | None) -> list[LineRow]:
    lines = queries.lines(row.id)
    return [line for line in lines if actor and line.person_id == actor.person_id] if sight is Sight.OWN else lines


def manages(row: PublicityRow, actor: Actor | None, action: Action = Action.BRANCH_READ) -> bool:
    return actor is not None and is_below(row.unit_id, actor.roots(action), clock.today())


def behind(row: PublicityRow) -> str | None:
    endpoint, argument = BEHIND[row.subject_kind]
    values: dict[str, Any] = {argument: row.subject_id}
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


@bp.get("/publicity")
@public
def index() -> Response:
    """公示栏: what is public for everybody, one's own branch's for whoever is signed in."""
    turn = min(max(1, request.args.get("page", 1, type=int)), 10_000)
    rows = queries.listed(actor_or_none(), clock.today(), limit=PAGE + 1, start=(turn - 1) * PAGE)
    more = len(rows) > PAGE
    return render("publicity/index.html", rows=rows[:PAGE], more=more, turn=turn, state_names=STATE_NAMES, subject_names=SUBJECT_NAMES)


@bp.get("/publicity/<int:publicity_id>")
@public
def show(publicity_id: int) -> Response:
    actor, today = actor_or_none(), clock.today()
    row, sight = seen(publicity_id, actor)
    reads = manages(row, actor)
    state = row.state(today)
    mine = queries.own_objections(row.id, actor.person_id) if actor else []
    return render(
        "publicity/show.html",
        row=row,
        state=state,
        state_name=STATE_NAMES[state],
        sight=sight,
        named=sight is Sight.NAMED,
        lines=shown_lines(row, sight, actor),
        objections=queries.objections(row.id) if reads else [],
        mine=mine,
        reads=reads,
        answers=manages(row, actor, Action.DISPUTE_ANSWER),
        open_now=state is State.RUNNING,
        keyable=row.withdrawn_at is None and row.concluded_on is None,
        behind=behind(row) if reads or row.subject_kind is SubjectKind.PROJECT else None,
        verdict_names=VERDICT_NAMES,
        way_names=WAY_NAMES,
    )


@bp.get("/publicity/<int:publicity_id>/notice")
@requires(Action.BRANCH_READ)
def notice(publicity_id: int) -> str:
    """An A4 for the wall: masked names, where objections are taken, and a column to sign."""
    actor = current_actor()
    row, _ = seen(publicity_id, actor)
    if not manages(row, actor):
        raise NotFound
    g.personal = True
    return render_template("publicity/notice.html", row=row, lines=queries.lines(row.id))
