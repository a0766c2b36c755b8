"""先算一算: a draft on the real records, before anybody decides about it."""

from flask import request
from werkzeug.wrappers import Response as BaseResponse

from app.audit import service as audit
from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Action
from app.hours.rules import Period, PeriodKind, period
from app.people.queries import root_unit
from app.schemes.queries.trial import SHOWN, trial
from app.schemes.views import bp
from app.schemes.views.drafting import WORDS, found, reader
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render


def spans() -> dict[str, tuple[str, Period]]:
    """Which records: key in the address → words, days."""
    today = clock.today()
    last = today.replace(year=today.year - 1, month=7, day=1)
    return {
        "year": (f"{today.year}年到今天", period(PeriodKind.YEAR, today)),
        "quarter": ("本季", period(PeriodKind.QUARTER, today)),
        "month": ("本月", period(PeriodKind.MONTH, today)),
        "last": (f"{last.year}年", period(PeriodKind.YEAR, last)),
    }


@bp.get("/schemes/drafts/<int:draft_id>/what-if")
@requires(Action.RULES_READ)
def what_if(draft_id: int) -> BaseResponse:
    """Who moves and by how much. Nothing is written."""
    reader()
    row, choices = found(draft_id), spans()
    chosen = request.args.get("of", "year")
    words, span = choices.get(chosen, choices["year"])
    root = root_unit()
    assert root is not None, "reader() asked for it"  # noqa: S101
    done, actor = trial(row, span, [root.id], clock.today()), current_actor()
    in_transaction(lambda: audit.record(actor.person_id, "scheme_draft.view", "scheme_draft", row.id, people=len(done.moved)))
    shown = max(SHOWN, request.args.get("shown", SHOWN, type=int))
    return render(
        "schemes/what_if.html",
        row=row,
        done=done,
        words=words,
        chosen=chosen if chosen in choices else "year",
        choices=choices,
        shown=shown,
        **WORDS,
    )
