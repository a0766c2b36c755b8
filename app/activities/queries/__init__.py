"""Reading activities, shifts and sign-ups as frozen rows."""

from app.activities.queries.activities import (
    activities_by_id,
    activity,
    activity_by_code,
    managed,
    managed_activity,
    open_condition,
    open_for_unit,
    shift,
    shifts_of,
)
from app.activities.queries.lists import listed, past, seats, upcoming
from app.activities.queries.rows import ActivityRow, Clash, Listed, NextSignup, Seats, ShiftRow, SignupRow
from app.activities.queries.signups import clashes, next_signup, signed_up_shifts, signup, signups_in, signups_of, waiting_counts

__all__ = [
    "ActivityRow",
    "Clash",
    "Listed",
    "NextSignup",
    "Seats",
    "ShiftRow",
    "SignupRow",
    "activities_by_id",
    "activity",
    "activity_by_code",
    "clashes",
    "listed",
    "managed",
    "managed_activity",
    "next_signup",
    "open_condition",
    "open_for_unit",
    "past",
    "seats",
    "shift",
    "shifts_of",
    "signed_up_shifts",
    "signup",
    "signups_in",
    "signups_of",
    "upcoming",
    "waiting_counts",
]
