"""Recording persons, units and places, and changing their dated ties. Called inside a write transaction; nothing commits."""

from app.people.service.persons import (
    add_phone,
    become,
    confirm_person,
    lock_person,
    lock_persons,
    record_person,
    when_confirmed,
    write_initials,
)
from app.people.service.places import (
    create_place,
    tie_place,
)
from app.people.service.ties import (
    begin_stage,
    give_consent,
    join,
    leave,
    withdraw_consent,
)
from app.people.service.units import (
    create_unit,
    rename_unit,
)

__all__ = [
    "add_phone",
    "become",
    "begin_stage",
    "confirm_person",
    "create_place",
    "create_unit",
    "give_consent",
    "join",
    "leave",
    "lock_person",
    "lock_persons",
    "record_person",
    "rename_unit",
    "tie_place",
    "when_confirmed",
    "withdraw_consent",
    "write_initials",
]
