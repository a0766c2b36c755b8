"""Merging two records of one person, and taking it back. Called inside a write transaction; nothing here commits."""

from app.merges.service.differences import end_difference, say_different
from app.merges.service.merging import Proposal, advance, approve, propose, return_, withdraw
from app.merges.service.undoing import go_back, undo

__all__ = [
    "Proposal",
    "advance",
    "approve",
    "end_difference",
    "go_back",
    "propose",
    "return_",
    "say_different",
    "undo",
    "withdraw",
]
