"""Use cases of the door. Each is called inside a write transaction."""

from app.checkin.service.amending import Hands, amend, amend_fault
from app.checkin.service.closing import close, close_by_itself
from app.checkin.service.deciding import Decided, decide, set_limits
from app.checkin.service.organiser import (
    Confirmed,
    SignOuts,
    appoint_helper,
    confirm_walk_ins,
    leave_open,
    record_visit,
    sign_out_all,
    take_in,
)
from app.checkin.service.records import PaperSpell, Recorded, record_paper, void
from app.checkin.service.reminding import remind
from app.checkin.service.scans import depart, record_scan, undo_sign_out
from app.checkin.service.spells import credit_spell, credit_waiting, sign_out

__all__ = [
    "Confirmed",
    "Decided",
    "Hands",
    "PaperSpell",
    "Recorded",
    "SignOuts",
    "amend",
    "amend_fault",
    "appoint_helper",
    "close",
    "close_by_itself",
    "confirm_walk_ins",
    "credit_spell",
    "credit_waiting",
    "decide",
    "depart",
    "leave_open",
    "record_paper",
    "record_scan",
    "record_visit",
    "remind",
    "set_limits",
    "sign_out",
    "sign_out_all",
    "take_in",
    "undo_sign_out",
    "void",
]
