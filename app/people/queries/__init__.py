"""Reading people, units and places. Scopes are sets of root units; everything below them is in."""

from app.people.queries.dated import (
    holds_on,
)
from app.people.queries.members import (
    MemberRow,
    home_unit_on,
    home_units_on,
    member_counts,
    members,
    stage_on,
    stages,
    stages_of,
)
from app.people.queries.persons import (
    PersonRow,
    confirmed_among,
    consents,
    has_consented,
    is_confirmed,
    person,
    phones,
    phones_of,
    who_now,
)
from app.people.queries.units import (
    UnitRow,
    ancestor_of_kind,
    below,
    communities_of,
    is_below,
    root_unit,
    unit,
    units_below,
)

__all__ = [
    "MemberRow",
    "PersonRow",
    "UnitRow",
    "ancestor_of_kind",
    "below",
    "communities_of",
    "confirmed_among",
    "consents",
    "has_consented",
    "holds_on",
    "home_unit_on",
    "home_units_on",
    "is_below",
    "is_confirmed",
    "member_counts",
    "members",
    "person",
    "phones",
    "phones_of",
    "root_unit",
    "stage_on",
    "stages",
    "stages_of",
    "unit",
    "units_below",
    "who_now",
]
