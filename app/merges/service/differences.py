"""不是同一个人: remembered, so that the pair is not shown again."""

from datetime import datetime

from sqlalchemy import select, update

from app.audit import service as audit
from app.core.db import db, upsert, writing
from app.core.errors import Conflict, NotFound
from app.merges.models import Merge, PersonDifference


def say_different(one_id: int, other_id: int, reason: str, by_id: int, now: datetime) -> None:
    """Saying it twice is once. Raises Conflict while a merge of the two waits or stands."""
    writing()
    two = [one_id, other_id]
    stands = select(Merge.id).where(Merge.stays_id.in_(two), Merge.goes_id.in_(two), Merge.undone_at.is_(None))
    if db.session.scalar(stands.where((Merge.verdict.is_(None)) | (Merge.verdict == "approved")).limit(1)):
        raise Conflict("这两份档案的合并还在等确认，或者已经合并了；请先退回或撤销。")
    low, high = sorted(two)
    adding = upsert(PersonDifference.__table__).values(low_id=low, high_id=high, reason=reason, said_by_id=by_id, said_at=now)
    if db.session.execute(adding.on_conflict_do_nothing().returning(PersonDifference.id)).scalar_one_or_none() is not None:
        audit.record(by_id, "merge.difference", "person", low, other_record=high)


def end_difference(difference_id: int, by_id: int, now: datetime) -> None:
    """It was wrong: the pair is shown again. Raises NotFound when it has ended."""
    writing()
    ending = update(PersonDifference).where(PersonDifference.id == difference_id, PersonDifference.ended_at.is_(None))
    row = db.session.execute(
        ending.values(ended_at=now, ended_by_id=by_id).returning(PersonDifference.low_id, PersonDifference.high_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    audit.record(by_id, "merge.difference_end", "person", row[0], other_record=row[1])
