"""What has waited for three days is told to those whose turn it is, once."""

from collections import Counter
from datetime import datetime

from sqlalchemy import update

from app.accounts.deciders import deciders, nearest
from app.checkin.models import Attendance
from app.checkin.queries.waiting import unreminded
from app.core.clock import local_date
from app.core.db import db, writing
from app.worklist.service import notify_all


def remind(work_url: str, now: datetime) -> int:
    """Notices about spells held, or never signed out, for 72 hours. For a command that runs often; returns how many people were told.

    Nobody is told of a spell that is not theirs to decide; one that nobody can decide about yet is told later.
    """
    writing()
    found = unreminded(now)
    waiting: Counter[int] = Counter()
    told: list[int] = []
    for unit_id, action in sorted({(one.unit_id, one.action) for one in found}):
        everyone = deciders(unit_id, action, local_date(now))
        for one in found:
            if (one.unit_id, one.action) == (unit_id, action):
                others = [decider for decider in everyone if decider.person_id not in one.aside]
                if others:
                    waiting.update(decider.person_id for decider in nearest(others))
                    told.append(one.attendance_id)
    notify_all({person_id: f"有 {number} 条时长等了三天还没核实，请看一眼" for person_id, number in waiting.items()}, work_url)
    db.session.execute(update(Attendance).where(Attendance.id.in_(told)).values(reminded_at=now))
    return len(waiting)
