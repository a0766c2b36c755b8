"""What other features show on a project's page. They register; the fund knows none of them."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from app.core.actor import Actor
from app.fund.queries.project_page import ProjectPage


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
