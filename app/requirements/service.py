"""Which reading of 双50 holds."""

from datetime import datetime

from sqlalchemy import update

from app.audit import service as audit
from app.core.db import db, writing
from app.core.errors import NotFound
from app.requirements.models import RequirementSet


def activate(set_id: int, by_id: int, now: datetime) -> None:
    """From now on this preset holds. What a branch confirmed before is not rewritten."""
    writing()
    done = db.session.execute(
        update(RequirementSet).where(RequirementSet.id == set_id).values(activated_at=now).returning(RequirementSet.id)
    ).scalar_one_or_none()
    if done is None:
        raise NotFound
    audit.record(by_id, "requirement_set.activation", "requirement_set", set_id)
