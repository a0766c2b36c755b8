"""Reporting in, offers, pledges and feedback: what changes them. Called inside a write transaction; nothing here commits."""

from app.pledges.service.feedback import Written, correct_feedback, give_feedback, set_rule
from app.pledges.service.offers import close_offer, confirm_done, create_offer, pledge, revise_offer, withdraw
from app.pledges.service.reporting import end_report, give_back, report_in, take_up_again

__all__ = [
    "Written",
    "close_offer",
    "confirm_done",
    "correct_feedback",
    "create_offer",
    "end_report",
    "give_back",
    "give_feedback",
    "pledge",
    "report_in",
    "revise_offer",
    "set_rule",
    "take_up_again",
    "withdraw",
]
