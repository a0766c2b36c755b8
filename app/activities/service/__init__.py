"""Use cases of activities. Each is called inside a write transaction; nothing here commits."""

from app.activities.service.arrivals import arrivals, ask_arrivals
from app.activities.service.closing import (
    ask_credits,
    ask_sums,
    close_activity,
    close_by_itself,
    credits,
    hold_for_closing,
    report_after,
    sums,
)
from app.activities.service.joining import NOT_FOR_OTHERS, ask_who_came, reasons
from app.activities.service.organising import (
    Made,
    ask_attendance,
    create_activity,
    create_once,
    extend_shift,
    someone_came,
)
from app.activities.service.photos import add_photo, remove_photo
from app.activities.service.places import Added
from app.activities.service.publishing import cancel, decline, publish, unpublish, withdraw_draft
from app.activities.service.revising import revise
from app.activities.service.series import Changed, MadeSeries, Plan, cancel_later, create_series, publish_series, revise_later
from app.activities.service.signups import Taken, change_position, lock_shifts, promote, remove, seat_by_hand, take_seat, withdraw
from app.activities.service.templates import keep_template, withdraw_template

__all__ = [
    "NOT_FOR_OTHERS",
    "Added",
    "Changed",
    "Made",
    "MadeSeries",
    "Plan",
    "Taken",
    "add_photo",
    "arrivals",
    "ask_arrivals",
    "ask_attendance",
    "ask_credits",
    "ask_sums",
    "ask_who_came",
    "cancel",
    "cancel_later",
    "change_position",
    "close_activity",
    "close_by_itself",
    "create_activity",
    "create_once",
    "create_series",
    "credits",
    "decline",
    "extend_shift",
    "hold_for_closing",
    "keep_template",
    "lock_shifts",
    "promote",
    "publish",
    "publish_series",
    "reasons",
    "remove",
    "remove_photo",
    "report_after",
    "revise",
    "revise_later",
    "seat_by_hand",
    "someone_came",
    "sums",
    "take_seat",
    "unpublish",
    "withdraw",
    "withdraw_draft",
    "withdraw_template",
]
