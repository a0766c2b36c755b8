"""Naming people, claiming for oneself, deciding, and answering 这条记录不对. Each is called inside a write transaction."""

from app.claims.service.batches import name_people
from app.claims.service.deciding import Approved, approve, return_batch, withdraw
from app.claims.service.disputes import acknowledge, answer, dispute, dispute_entry, had_a_part, who_answers
from app.claims.service.local import set_rules
from app.claims.service.own import add_photos, claim, testify

__all__ = [
    "Approved",
    "acknowledge",
    "add_photos",
    "answer",
    "approve",
    "claim",
    "dispute",
    "dispute_entry",
    "had_a_part",
    "name_people",
    "return_batch",
    "set_rules",
    "testify",
    "who_answers",
    "withdraw",
]
