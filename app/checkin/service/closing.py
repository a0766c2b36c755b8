"""收场, and what it makes final: afterwards a change of attendance or hours takes two people. Called inside a write transaction.

The ways that are left, each with a maker and another person who checks: an end that was named afterwards is held until somebody
else decides (Reason.CLOSED), a list of names is confirmed by another (claims), an objection is answered by another (claims).
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from app.activities import service as activities
from app.activities.outcomes import Report
from app.checkin.queries import closing, hold_activity
from app.core.db import writing
from app.core.errors import Conflict, Refused
from app.core.words import time_words


def close(activity_id: int, report: Report, by_id: int, now: datetime) -> None:
    """Raises Conflict as activities.close_activity does, and while somebody who is still in may sign out by themselves."""
    writing()
    activities.hold_for_closing(activity_id)
    number, until = closing.leaving(activity_id, now)
    if number and until:
        raise Conflict(f"还有 {number} 位没签退，到 {time_words(until)} 前还能自己签。先“全体签退”，或等到那以后再收场。")
    activities.close_activity(
        activity_id, by_id, report.served, now, came_counted=closing.came(activity_id), came=report.came, outcomes=report.outcomes
    )


def close_by_itself(activity_id: int, own_url: str, now: datetime) -> None:
    """A week after its end; open points stay 待核实. Raises Conflict where it was closed meanwhile, or is not over for so long."""
    writing()
    activities.hold_for_closing(activity_id)
    activities.close_by_itself(activity_id, closing.came(activity_id), own_url, now)


def hold_open(activity_id: int) -> None:
    """Raises Conflict after 收场; else it is not closed until the transaction ends."""
    activities.hold_for_closing(activity_id)
    if closing.closed_at(activity_id):
        raise Conflict("已经收场了。没签退的本来就不计时长，不用再办；要计，填上离开的时间，由另一个人核实。")


def known_closed(activity_id: int, now: datetime) -> datetime:
    """The time that what is written now bears: after 收场 where that came first. It is not closed until the transaction ends."""
    hold_activity(activity_id)
    closed_at = closing.closed_at(activity_id)
    return max(now, closed_at + timedelta(microseconds=1)) if closed_at else now


def leave_to_another(activity_id: int, person_ids: Collection[int], by_id: int) -> None:
    """Raises Refused where `by_id` scanned for one of these people at an activity that is closed by now."""
    if closing.made_for(activity_id, person_ids, by_id):
        raise Refused("已经收场了。勾上的人里有您扫码或签退的，要由另一位来核实。")
