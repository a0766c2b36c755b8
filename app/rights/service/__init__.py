"""Asking about one's own data, deciding about it, erasing. Called inside a write transaction; nothing here commits."""

from app.rights.service.asking import Asking, ask, withdraw
from app.rights.service.deciding import approve, refuse
from app.rights.service.erasing import erase, records_of

__all__ = ["Asking", "approve", "ask", "erase", "records_of", "refuse", "withdraw"]
