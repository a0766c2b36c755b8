"""Asking for, accepting, issuing and taking back certificates. Each is called inside a write transaction and never commits."""

from app.certificates.service.asking import accept, accept_batch, apply, send_back, withdraw
from app.certificates.service.following import conclude, due, follow_objection
from app.certificates.service.issuing import issue
from app.certificates.service.revoking import ask_revocation, decide_revocation, reissue, set_rule

__all__ = [
    "accept",
    "accept_batch",
    "apply",
    "ask_revocation",
    "conclude",
    "decide_revocation",
    "due",
    "follow_objection",
    "issue",
    "reissue",
    "send_back",
    "set_rule",
    "withdraw",
]
