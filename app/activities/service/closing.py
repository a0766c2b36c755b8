"""收场: an activity is over and counted, by somebody or by itself. Called inside a write transaction."""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from sqlalchemy import insert, select, update

from app.activities import queries
from app.activities.models import Activity, ActivityOutcome
from app.activities.outcomes import CLOSES_AFTER, Attended, Credits, may_name
from app.activities.queries import ActivityRow
from app.activities.service.signups import lock_shifts
from app.activities.templates import Outcome
from app.audit import service as audit
from app.core import clock
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, NotFound
from app.worklist.service import notify

_sums: Callable[[int], Attended] | None = None
_credits: Callable[[int, date, date], Credits] | None = None
CLOSED_ALREADY = "这场活动已经收场了。"


def ask_sums(attended: Callable[[int], Attended]) -> None:
    """Check-in lends its answer to "who came, and what stands in the ledger?" (by activity id), which it alone knows."""
    global _sums
    _sums = attended


def sums(activity_id: int) -> Attended:
    return _sums(activity_id) if _sums else Attended()


def ask_credits(credits: Callable[[int, date, date], Credits]) -> None:
    """And to "who came and agreed to be named?" (by activity, its day, today)."""
    global _credits
    _credits = credits


def credits(row: ActivityRow, today: date) -> Credits:
    """署名 of an activity that is over; nobody where names would tell more than that somebody came."""
    if _credits is None or row.ends_at is None or not row.public or not may_name(row.kind, row.who):
        return Credits()
    return _credits(row.id, clock.local_date(row.ends_at), today)


def hold_for_closing(activity_id: int) -> None:
    """From here until the transaction ends nobody signs up, scans, cancels or closes here."""
    writing()
    lock_shifts(*[shift.id for shift in queries.shifts_of(activity_id)])
    db.session.execute(select(Activity.id).where(Activity.id == activity_id).with_for_update())


def close_activity(
    activity_id: int,
    by_id: int,
    served_count: int,
    now: datetime,
    *,
    came_counted: int | None = None,
    came: int | None = None,
    outcomes: Mapping[Outcome, int] | None = None,
) -> None:
    """`served_count` is 服务人次; `came_counted` is 到场人次 as it was counted, `came` as the organiser corrects it; both are kept.

    Raises Conflict while a shift still runs, and when it is a draft, cancelled or closed already.
    """
    hold_for_closing(activity_id)
    if served_count < 0:
        raise Invalid({"served_count": "服务人次不能少于 0"})
    _may_close(activity_id, now)
    _close(activity_id, closed_at=now, closed_by_id=by_id, **_figures(served_count, came_counted, came))
    _write_outcomes(activity_id, outcomes or {})
    audit.record(by_id, "activity.closing", "activity", activity_id, served=served_count, **_told(came_counted, came))


def close_by_itself(activity_id: int, came_counted: int, own_url: str, now: datetime) -> None:
    """A week after its end. 服务人次 was not said; who organises it is told that it can still be said. Conflict as above, and before."""
    hold_for_closing(activity_id)
    row = _may_close(activity_id, now)
    if row.ends_at is None or now < row.ends_at + CLOSES_AFTER:
        raise Conflict("还没到自动收场的时候。")
    _close(activity_id, closed_at=now, came_counted=came_counted)
    audit.record(None, "activity.closing_by_itself", "activity", activity_id)
    notify(row.contact_id, f"“{row.title}”结束满 7 天，已自动收场。服务人次、办成的事和照片还可以补", own_url)


def report_after(
    activity_id: int, by_id: int, served_count: int, *, came: int | None = None, outcomes: Mapping[Outcome, int] | None = None
) -> None:
    """服务人次 and 办成的事 of what closed by itself, said once. Raises Conflict when it is not closed, and when they were said."""
    writing()
    row = _known(activity_id)
    if row.closed_at is None:
        raise Conflict("这场活动还没收场。")
    counted = queries.counted(activity_id).counted
    saying = update(Activity).where(Activity.id == activity_id, Activity.closed_at.is_not(None), Activity.served_count.is_(None))
    said = db.session.execute(saying.values(**_figures(served_count, counted, came)).returning(Activity.id))
    if said.scalar_one_or_none() is None:
        raise Conflict("这场的小结已经有人填了。")
    _write_outcomes(activity_id, outcomes or {})
    audit.record(by_id, "activity.report", "activity", activity_id, served=served_count, **_told(counted, came))


def _may_close(activity_id: int, now: datetime) -> ActivityRow:
    row = _known(activity_id)
    if row.closed_at:
        raise Conflict(CLOSED_ALREADY)
    if row.cancelled_at or not row.published_at:
        raise Conflict("这场活动没有办，不用收场。")
    if row.ends_at is None or row.ends_at > now:
        raise Conflict("还有班次没结束，结束后再收场。")
    return row


def _close(activity_id: int, **values: object) -> None:
    done = update(Activity).where(Activity.id == activity_id, Activity.closed_at.is_(None))
    if db.session.execute(done.values(**values).returning(Activity.id)).scalar_one_or_none() is None:
        raise Conflict(CLOSED_ALREADY)


def _figures(served: int, came_counted: int | None, came: int | None) -> dict[str, int | None]:
    """A number that repeats what was counted is no correction."""
    said = None if came_counted is None or came == came_counted else came
    return {"served_count": served, "came_counted": came_counted, "came_said": said}


def _told(came_counted: int | None, came: int | None) -> dict[str, int]:
    """For the audit, only where the organiser corrected what was counted."""
    return {"counted": came_counted, "came": came} if came_counted is not None and came not in (None, came_counted) else {}


def _write_outcomes(activity_id: int, outcomes: Mapping[Outcome, int]) -> None:
    rows = [{"activity_id": activity_id, "kind": kind, "count": count} for kind, count in outcomes.items() if count]
    if rows:
        db.session.execute(insert(ActivityOutcome), rows)


def _known(activity_id: int) -> ActivityRow:
    row = queries.activity(activity_id)
    if row is None:
        raise NotFound
    return row
