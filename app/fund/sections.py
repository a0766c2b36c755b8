"""What other features show on the page of a project or of a request. They register; the fund knows none of them."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from app.core.actor import Actor
from app.fund.queries.project_page import ProjectPage
from app.fund.queries.requests import RequestPage


class Place(StrEnum):
    """Where on the page, from the top."""

    DECIDE = "decide"  # what this actor is to do now; above everything but the name
    HEAD = "head"  # warnings everybody sees
    MONEY = "money"  # beside budget and entries
    RESULTS = "results"  # what became of the money
    ROAD = "road"  # how it was decided, and its papers


@dataclass(frozen=True)
class Section:
    """`load` answers what `template` (a fragment, given it as `subject`) shows to this actor, None without one; nothing for nothing."""

    key: str
    place: Place
    template: str
    load: Callable[[ProjectPage, Actor | None], object | None]


_sections: dict[str, Section] = {}


def register(section: Section) -> None:
    """Called when a feature's views are imported; the same key replaces."""
    _sections[section.key] = section


def shown(project: ProjectPage, actor: Actor | None) -> dict[Place, list[tuple[str, object]]]:
    """(template, subject) by place, in the order of their keys."""
    found: dict[Place, list[tuple[str, object]]] = {place: [] for place in Place}
    for key in sorted(_sections):
        section = _sections[key]
        subject = section.load(project, actor)
        if subject is not None:
            found[section.place].append((section.template, subject))
    return found


@dataclass(frozen=True)
class RequestSection:
    """Below the facts of a request, for those who read requests; `load` as in `Section`."""

    key: str
    template: str
    load: Callable[[RequestPage, Actor], object | None]


_of_requests: dict[str, RequestSection] = {}


def register_for_requests(section: RequestSection) -> None:
    _of_requests[section.key] = section


def shown_with_request(asked: RequestPage, actor: Actor) -> list[tuple[str, object]]:
    """(template, subject), in the order of their keys."""
    found = ((_of_requests[key].template, _of_requests[key].load(asked, actor)) for key in sorted(_of_requests))
    return [(template, subject) for template, subject in found if subject is not None]


@dataclass(frozen=True)
class OverviewSection:
    """On the fund's own page, for everybody: what is overdue, open calls, wishes. `load` answers None for nothing to show."""

    key: str
    template: str
    load: Callable[[Actor | None], object | None]


_of_overview: dict[str, OverviewSection] = {}


def register_for_overview(section: OverviewSection) -> None:
    _of_overview[section.key] = section


def shown_on_overview(actor: Actor | None) -> list[tuple[str, object]]:
    """(template, subject), in the order of their keys."""
    found = ((_of_overview[key].template, _of_overview[key].load(actor)) for key in sorted(_of_overview))
    return [(template, subject) for template, subject in found if subject is not None]
