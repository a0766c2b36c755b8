"""What the bank says of a request, on the request's own page."""

from dataclasses import dataclass
from datetime import date

from app.bank.queries import groups as together
from app.bank.queries import lines as seen
from app.core.actor import Actor
from app.core.permissions import Action
from app.fund import sections
from app.fund.queries.requests import RequestPage
from app.fund.sections import RequestSection
from app.people.queries.units import governs


@dataclass(frozen=True)
class OfRequest:
    """The line that it is, or the live group it is in; neither, while the bank is known for its day and nothing was said."""

    lines: list[seen.LineRow]
    group: together.Group | None
    open_since: date | None


def _of_request(asked: RequestPage, actor: Actor) -> OfRequest | None:
    """For who reads the whole fund: statements are no affair of one unit."""
    if not governs(actor, Action.FUND_READ):
        return None
    lines = seen.lines_of_request(asked.row.id)
    group = None if lines else next((one for one in together.of_request(asked.row.id) if one.ended_at is None), None)
    open_ = None if lines or group else next((one.day for one in seen.candidates_of({asked.row.id})), None)
    since = seen.first_day()
    waits = open_ is not None and since is not None and open_ >= since
    return OfRequest(lines, group, open_ if waits else None) if lines or group or waits else None


def register() -> None:
    sections.register_for_requests(RequestSection("bank", "bank/_request.html", _of_request))
