"""The last three days sealed, each in the night after it, and held against the tables once."""

from datetime import datetime, timedelta

from app.core import clock
from app.core.db import in_transaction
from app.seals import checking, queries, service

NIGHTS = 3


def load(now: datetime) -> None:
    """After everything else: what is recorded later belongs to the next night."""
    midnight = clock.at_local(clock.local_date(now))
    for night in range(NIGHTS - 1, -1, -1):
        at = min(midnight - timedelta(days=night) + timedelta(minutes=20), now)
        with clock.frozen_at(at):
            list(service.seal_days(at))
    last = queries.last_seal()
    if last is not None:
        faults = len(checking.disagreements(now))
        in_transaction(lambda: service.note_check(last.day, faults, now))
