"""What a phone is known by, and the code of the day: asked after a poster or a screen, once a day on each phone."""

import hashlib
from datetime import datetime

from flask import session

from app.checkin.day_codes import digits_of, same_digits
from app.checkin.queries.gates import DoorRules
from app.checkin.views.codes import key
from app.core import clock
from app.webkit.guards import device_token


def device() -> str:
    """A digest of this browser's id: to count a visitor once, and to notice one phone signing many people in."""
    return hashlib.sha256(f"scan:{device_token()}".encode()).hexdigest()[:32]


def digits_now(activity_id: int, rules: DoorRules, at: datetime) -> str | None:
    """The code of the day of `at`; None where none was asked then: what was scanned before stands without."""
    if rules.day_code_at is None or at < rules.day_code_at:
        return None
    return digits_of(key(), activity_id, rules.day_code_at, clock.local_date(at))


def digits_typed(activity_id: int, rules: DoorRules, at: datetime, typed: str = "") -> bool | None:
    """Whether this browser typed the code of that day, now or before; None where none is asked."""
    right = digits_now(activity_id, rules, at)
    if right is None:
        return None
    known = session.get("digits") or [0, ""]
    return same_digits(typed, right) or (known[0] == activity_id and same_digits(known[1], right))
