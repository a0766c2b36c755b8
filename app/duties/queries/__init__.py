"""Reading posts, terms and household contacts."""

from dataclasses import dataclass
from datetime import date

from app.duties.queries.choosing import Around, PlaceChoice, around, may_hold, names_for, places_near, who_may_hold
from app.duties.queries.due import DueTerm, Untold, came_up, due, due_count, untold
from app.duties.queries.households import Contact, HouseholdRow, contact, households_of
from app.duties.queries.posts import OwnTerm, PostRow, Shown, TermRow, holders, post, posts, spans_of, term, terms_of, terms_of_person


@dataclass(frozen=True)
class Duties:
    """What templates/duties/_mine.html shows of a person: posts now, posts before, households."""

    held: list[OwnTerm]
    past: list[OwnTerm]
    households: list[HouseholdRow]

    @property
    def any(self) -> bool:
        return bool(self.held or self.past or self.households)


def of_person(person_id: int, day: date) -> Duties:  # noqa: ARG001  (a term has no end in the future; `day` is what callers hold)
    """Two queries."""
    terms = terms_of_person(person_id)
    held, past = [one for one in terms if one.ended is None], [one for one in terms if one.ended is not None]
    return Duties(held, past, households_of([person_id]).get(person_id, []))


__all__ = [
    "Around",
    "Contact",
    "DueTerm",
    "Duties",
    "HouseholdRow",
    "OwnTerm",
    "PlaceChoice",
    "PostRow",
    "Shown",
    "TermRow",
    "Untold",
    "around",
    "came_up",
    "contact",
    "due",
    "due_count",
    "holders",
    "households_of",
    "may_hold",
    "names_for",
    "of_person",
    "places_near",
    "post",
    "posts",
    "spans_of",
    "term",
    "terms_of",
    "terms_of_person",
    "untold",
    "who_may_hold",
]
