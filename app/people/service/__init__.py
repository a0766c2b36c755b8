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
from app.people.service.profiles import (
    add_number,
    close_number,
    edit_profile,
    record_guardian,
    withdraw_guardian,
)
from app.people.service.ties import (
    advance,
    begin_stage,
    correct_stage,
    give_consent,
    join,
    join_unit,
    leave,
    leave_unit,
    take_stage_back,
    transfer,
    when_moved,
    withdraw_consent,
)
from app.people.service.units import (
    create_unit,
    rename_unit,
)

__all__ = [
    "add_number",
    "add_phone",
    "advance",
    "become",
    "begin_stage",
    "close_number",
    "confirm_person",
    "correct_stage",
    "create_place",
    "create_unit",
    "edit_profile",
    "give_consent",
    "join",
    "join_unit",
    "leave",
    "leave_unit",
    "lock_person",
    "lock_persons",
    "record_guardian",
    "record_person",
    "rename_unit",
    "take_stage_back",
    "tie_place",
    "transfer",
    "when_confirmed",
    "when_moved",
    "withdraw_consent",
    "withdraw_guardian",
    "write_initials",
]
