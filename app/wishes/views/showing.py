"""Where the fund shows wishes: on the page of the project that pays them, and on its overview."""

from dataclasses import dataclass

from app.core import clock
from app.core.actor import Actor
from app.fund.queries.project_page import ProjectPage
from app.fund.rules import ProjectKind
from app.fund.sections import OverviewSection, Place, Section, register, register_for_overview
from app.wishes.queries import public as read
from app.wishes.queries.public import Found, PublicRow, Show


def of_project(project: ProjectPage, _actor: Actor | None) -> Found | None:
    """The wishes that a project of kind 微心愿 pays for."""
    if project.card.kind is not ProjectKind.WISH:
        return None
    found = read.of_project(project.card.id, clock.today())
    return found if found.rows else None


@dataclass(frozen=True)
class OnOverview:
    counts: dict[str, int]
    first: list[PublicRow]


def on_overview(_actor: Actor | None) -> OnOverview | None:
    """How many there are, and the three that have waited longest."""
    today = clock.today()
    counts = read.counts(today)
    if not sum(counts.values()):
        return None
    return OnOverview(counts, read.listed(today, Show.FREE, size=3).rows if counts[Show.FREE] else [])


register(Section("wishes", Place.RESULTS, "wishes/_of_project.html", of_project))
register_for_overview(OverviewSection("wishes", "wishes/_on_overview.html", on_overview))
