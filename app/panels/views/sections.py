"""What the fund's pages show of panels and calls."""

from dataclasses import dataclass

from app.core import clock
from app.core.actor import Actor
from app.core.permissions import Action
from app.fund import rules
from app.fund.queries import stages
from app.fund.queries.project_page import ProjectPage
from app.fund.queries.stages import CallRow
from app.fund.rules import Stage
from app.fund.sections import OverviewSection, Place, Section, register, register_for_overview
from app.fund.stage_rules import SCORED_KINDS
from app.panels import queries
from app.panels.queries import PanelRow, SeatRow
from app.people.queries import is_below


@dataclass(frozen=True)
class Beside:
    project_id: int
    panel: PanelRow | None
    seat: SeatRow | None
    hands: bool  # names reviewers and concludes


def beside(project: ProjectPage, actor: Actor | None) -> Beside | None:
    """While it is in review, for the fund's people and its reviewers."""
    if actor is None or project.card.stage is not Stage.CHECKED or project.card.kind not in SCORED_KINDS:
        return None
    panel = queries.panel(project.card.id, actor.person_id)
    seat = panel.seat_of(actor.person_id) if panel else None
    roots = actor.roots(Action.FUND_MANAGE) | actor.roots(Action.FUND_APPROVE)
    hands = is_below(project.unit_id, roots, clock.today())
    reads = hands or is_below(project.unit_id, actor.roots(Action.FUND_READ), clock.today())
    return Beside(project.card.id, panel, seat, hands) if reads or seat else None


def result(project: ProjectPage, _actor: Actor | None) -> str | None:
    """The panel's result for everybody, once the project is public or for the fund's people."""
    if project.card.kind not in SCORED_KINDS or project.card.stage in (Stage.DRAFT, Stage.APPLIED, Stage.CHECKED):
        return None
    return queries.scored_words(project.card.id) or None


def open_calls(_actor: Actor | None) -> tuple[list[CallRow], object] | None:
    today = clock.today()
    rows = [call for call in stages.open_calls(today) if call.opens_on <= today]
    return (rows, rules.PROJECT_KIND_NAMES) if rows else None


register(Section("panels", Place.DECIDE, "panels/_section.html", beside))
register(Section("panels-result", Place.ROAD, "panels/_result.html", result))
register_for_overview(OverviewSection("calls", "panels/_open_calls.html", open_calls))
