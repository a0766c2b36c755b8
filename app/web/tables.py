"""Imports every feature's tables, so that the metadata is whole wherever the application starts."""

from app.accounts import models as accounts
from app.activities import models as activities
from app.audit import models as audit
from app.checkin import models as checkin
from app.claims import models as claims
from app.fund import models as fund
from app.hours import models as hours
from app.imports import models as imports
from app.people import models as people
from app.points import models as points
from app.requirements import models as requirements
from app.worklist import models as worklist

__all__ = [
    "accounts",
    "activities",
    "audit",
    "checkin",
    "claims",
    "fund",
    "hours",
    "imports",
    "people",
    "points",
    "requirements",
    "worklist",
]
