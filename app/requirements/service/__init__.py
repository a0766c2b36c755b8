"""Versions of the rule, and confirming that it is met. Each is called inside a write transaction."""

from app.requirements.service.packs import confirm, withdraw
from app.requirements.service.sets import answer_choice, ask_for, copy, drop, revise, take_back_choice

__all__ = ["answer_choice", "ask_for", "confirm", "copy", "drop", "revise", "take_back_choice", "withdraw"]
