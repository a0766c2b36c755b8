"""Posts, terms and household contacts: what changes them. Called inside a write transaction; nothing here commits."""

from app.duties.service import leaving  # registers what a transfer ends
from app.duties.service.households import close_contact, keep_in_touch
from app.duties.service.posts import appoint, close_post, create_post, end_term, extend_term, hand_over, revise_post, tell_holders

__all__ = [
    "appoint",
    "close_contact",
    "close_post",
    "create_post",
    "end_term",
    "extend_term",
    "hand_over",
    "keep_in_touch",
    "leaving",
    "revise_post",
    "tell_holders",
]
