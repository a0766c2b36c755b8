"""What stands in the way of merging two records, beside the rows that wait for somebody (queries.rows)."""

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from app.checkin.models import Attendance, AttendanceDecision
from app.core.db import db, table
from app.fund.models import FundRequest, FundStepEntry
from app.fund.queries import unfinished
from app.hours.models import HourEntry
from app.merges.models import Merge
from app.merges.own_rules import Pair
from app.people.models import Person

NOT_CONFIRMED = "留下的那份还没核实是谁，请先核实"
GONE = "其中一份已经并到别的档案里了"


def faults(pair: Pair) -> list[str]:
    """In words; nothing is merged while there are any."""
    people = {one.id: one for one in db.session.scalars(select(Person).where(Person.id.in_([pair.stays_id, pair.goes_id])))}
    stays, goes = people.get(pair.stays_id), people.get(pair.goes_id)
    if stays is None or goes is None or stays.became_id is not None or goes.became_id is not None:
        return [GONE]
    found = []
    if stays.confirmed_at is None:
        found.append(NOT_CONFIRMED)
    if own := _decided_for_oneself(pair):
        found.append(f"有 {own} 条记录是其中一份档案批准的另一份，合并后成了自己批自己的，请先由别人更正")
    if stays.erased_at is not None or goes.erased_at is not None:
        found.append("其中一份已经按本人的要求删除了个人信息")
    if _unfinished(pair):
        found.append("其中一份的另一次合并还没做完，请稍后再看")
    if _scores(pair.goes_id):
        found.append("要并掉的那份还有项目等着评审打分，请先打完或回避")
    if _pays(pair.goes_id):
        found.append("要并掉的那份还有经手的用款、拨付没办完，请先办完")
    return found


def _pays(person_id: int) -> bool:
    """Money on its way, of which this record took a step or had it taken: nobody takes another one under another record."""
    mine = or_(FundStepEntry.by_id == person_id, FundStepEntry.for_id == person_id)
    steps = select(FundStepEntry.id).join(FundRequest, FundRequest.id == FundStepEntry.request_id)
    return db.session.scalar(steps.where(mine, unfinished()).limit(1)) is not None


def _scores(person_id: int) -> bool:
    """A seat where scores or 回避 are still to come stays with the record that was named for it."""
    seat, project = table("panel_seat"), table("fund_project")
    done = [
        select(one.c.project_id).where(one.c.project_id == seat.c.project_id, one.c.person_id == seat.c.person_id).exists()
        for one in (table("panel_score_entry"), table("panel_aside_entry"))
    ]
    open_ = select(seat.c.project_id).join(project, project.c.id == seat.c.project_id).where(project.c.stage == "checked")
    return db.session.scalar(open_.where(seat.c.person_id == person_id, *(~one for one in done)).limit(1)) is not None


def _decided_for_oneself(pair: Pair) -> int:
    """Hours of one that stand because the other said so."""
    reversal = aliased(HourEntry)
    two = [pair.stays_id, pair.goes_id]
    approved = (
        select(func.count())
        .select_from(HourEntry)
        .outerjoin(reversal, reversal.reverses_id == HourEntry.id)
        .where(HourEntry.person_id.in_(two), HourEntry.approved_by_id.in_(two), HourEntry.reverses_id.is_(None), reversal.id.is_(None))
        .where(HourEntry.person_id != HourEntry.approved_by_id)
    )
    decided = (
        select(func.count())
        .select_from(AttendanceDecision)
        .join(Attendance, Attendance.id == AttendanceDecision.attendance_id)
        .where(Attendance.person_id.in_(two), AttendanceDecision.made_by_id.in_(two))
    )
    return int(db.session.scalar(approved) or 0) + int(db.session.scalar(decided) or 0)


def _unfinished(pair: Pair) -> bool:
    two = [pair.stays_id, pair.goes_id]
    half = select(Merge.id).where(
        (Merge.stays_id.in_(two)) | (Merge.goes_id.in_(two)), Merge.verdict == "approved", Merge.undone_at.is_(None)
    )
    return db.session.scalar(half.where(Merge.merged_at.is_(None) | Merge.undo_at.is_not(None)).limit(1)) is not None
