"""Persons, units and places, and the dated ties between them."""

from app.people.models.persons import (
    Consent,
    Departure,
    GuardianConsent,
    Membership,
    Person,
    Phone,
    Stage,
)
from app.people.models.trees import (
    Place,
    PlaceAncestry,
    PlaceName,
    PlaceParent,
    PlaceUnit,
    Unit,
    UnitAncestry,
    UnitName,
    UnitParent,
)

__all__ = [
    "Consent",
    "Departure",
    "GuardianConsent",
    "Membership",
    "Person",
    "Phone",
    "Place",
    "PlaceAncestry",
    "PlaceName",
    "PlaceParent",
    "PlaceUnit",
    "Stage",
    "Unit",
    "UnitAncestry",
    "UnitName",
    "UnitParent",
]
