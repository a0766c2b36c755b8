"""Naming people, deciding about the names, and answering 这条记录不对. Each is called inside a write transaction."""

from app.claims.service.batches import Approved, approve, name_people, return_batch
from app.claims.service.disputes import acknowledge, answer, dispute

__all__ = ["Approved", "acknowledge", "answer", "approve", "dispute", "name_people", "return_batch"]
