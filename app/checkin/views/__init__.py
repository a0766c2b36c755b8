"""The door: for those who scan (phone), for those who work it (console), and the screen that shows the code."""

from flask import Blueprint

from app.activities import service as activity_service
from app.checkin import queries
from app.checkin.queries.closing import attended
from app.checkin.queries.named import credits
from app.checkin.queries.training import came_among, came_to_one
from app.checkin.service import credit_waiting
from app.people import service as people

bp = Blueprint("checkin", __name__)
activity_service.ask_arrivals(queries.came_to)
activity_service.ask_attendance(queries.has_attendance)
activity_service.ask_who_came(came_to_one, came_among)
activity_service.ask_sums(attended)
activity_service.ask_credits(credits)
people.when_confirmed(credit_waiting)

from app.checkin.views import (  # noqa: E402  (they add their routes to bp)
    closing,
    console,
    day_codes,
    gates,
    limits,
    personal,
    phone,
    points,
    scanner,
    sheet,
    tab,
    uploads,
    venue,
    work,
)

__all__ = [
    "bp",
    "closing",
    "console",
    "day_codes",
    "gates",
    "limits",
    "personal",
    "phone",
    "points",
    "scanner",
    "sheet",
    "tab",
    "uploads",
    "venue",
    "work",
]
