"""Reading claims and disputes."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.claims.models import Dispute
from app.core.db import db


@dataclass(frozen=True)
class DisputeRow:
    id: int
    attendance_id: int
    said: str
    made_at: datetime
    answer: str
    answered_at: datetime | None


def disputes_of(person_id: int) -> dict[int, DisputeRow]:
    """attendance id → the person's newest dispute about it; one query."""
    rows = db.session.execute(
        select(Dispute.id, Dispute.attendance_id, Dispute.said, Dispute.made_at, Dispute.answer, Dispute.answered_at)
        .where(Dispute.person_id == person_id)
        .order_by(Dispute.id)
    )
    return {row.attendance_id: DisputeRow(*row) for row in rows}
