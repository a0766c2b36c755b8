"""Which reading of 双50 holds."""

from datetime import datetime

from sqlalchemy import update

from app.audit import service as audit
from app.core.clock import local_date
from app.core.db import db, writing
from app.core.errors import Conflict, NotFound
from app.core.words import full_day
from app.requirements.models import RequirementSet


def activate(set_id: int, by_id: int, now: datetime) -> None:
    """From now on this preset holds. What a branch confirmed before is not rewritten.

    Raises Conflict for one whose time has not come: until then another holds.
    """
    writing()
    chosen = update(RequirementSet).where(RequirementSet.id == set_id)
    valid_from = db.session.scalar(chosen.values(activated_at=now).returning(RequirementSet.valid_from))
    if valid_from is None:
        raise NotFound
    if valid_from > local_date(now):
        raise Conflict(f"这个口径从 {full_day(valid_from)} 起才能用，到那一天再换。")
    audit.record(by_id, "requirement_set.activation", "requirement_set", set_id)
