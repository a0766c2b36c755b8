"""Use cases of activities. Each is called inside a write transaction; nothing here commits."""

from app.activities.service.organising import (
    ask_attendance,
    cancel,
    close_activity,
    create_activity,
    extend_shift,
    publish,
    someone_came,
    withdraw_draft,
)
from app.activities.service.revising import revise
from app.activities.service.signups import Taken, lock_shifts, promote, seat_by_hand, take_seat, withdraw

__all__ = [
    "Taken",
    "ask_attendance",
    "cancel",
    "close_activity",
    "create_activity",
    "extend_shift",
    "lock_shifts",
    "promote",
    "publish",
    "revise",
    "seat_by_hand",
    "someone_came",
    "take_seat",
    "withdraw",
    "withdraw_draft",
]
