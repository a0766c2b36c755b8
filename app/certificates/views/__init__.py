"""志愿服务记录证明: the holder's pages, the unit's desk, the paper, and what everybody may verify."""

from app.certificates.views import batches, desk, own, paper, requests, verify
from app.certificates.views.common import bp

__all__ = ["batches", "bp", "desk", "own", "paper", "requests", "verify"]
