"""Taking a merge back: both records are as they were, with what came to each since."""

from datetime import datetime

from sqlalchemy import String, cast, select, union_all, update
from sqlalchemy import literal as said

from app.activities import queries as activities
from app.activities.models import Signup
from app.activities.service.seats import lock_shifts, seat
from app.audit import service as audit
from app.checkin.models import Attendance
from app.core.db import db
from app.core.errors import Conflict, Refused
from app.crediting.moving import Move, Source, move, restore, sources_of
from app.hours.rules import SourceKind
from app.merges.models import Merge, MergeNote, MergeSource
from app.merges.rules import STEP, TOO_LATE, UNDO_FOR, Verdict
from app.merges.service import spells
from app.merges.service.merging import OWN, held
from app.merges.service.notes import before, notes, take_back
from app.people import queries as people
from app.people.models import Person

UNCOUNTED = {"credited_from": None, "credited_to": None}


def undo(merge_id: int, by_id: int, reason: str, now: datetime) -> None:
    """Both are two again from now on; `go_back` moves what was credited.

    Raises Conflict after 30 days, while it is still being done, when it was undone already, and while who stayed is merged further.
    """
    merge = held(merge_id)
    if by_id in (merge.stays_id, merge.goes_id):
        raise Refused(OWN)
    if merge.merged_at is None or merge.decided_at is None or merge.undo_at is not None:
        raise Conflict("这次合并现在不能撤销：还没有做完，或者已经撤销了。")
    if now > merge.decided_at + UNDO_FOR:
        raise Conflict(TOO_LATE)
    further = db.session.scalar(select(Person.became_id).where(Person.id == merge.stays_id))
    either = select(Person.id).where(Person.id.in_([merge.stays_id, merge.goes_id]), Person.erased_at.is_not(None))
    if db.session.scalar(either.limit(1)) is not None:
        raise Conflict("本人的个人信息已经按要求删除了，这次合并不再撤销。")
    if further is not None:
        raise Conflict("留下的那份后来又并到了别的档案里，请先撤销后来的那一次。")
    db.session.execute(update(Merge).where(Merge.id == merge_id).values(undo_at=now, undo_by_id=by_id, undo_reason=reason))
    db.session.execute(update(Person).where(Person.id == merge.goes_id).values(became_id=None))
    found = notes(merge_id)
    take_back([one for one in found if one.table_name not in ("attendance", "signup")])
    _signups([one for one in found if one.table_name == "signup"], now)
    audit.record(by_id, "merge.undoing", "merge", merge_id, stays=merge.stays_id, goes=merge.goes_id)


def _signups(found: list[MergeNote], now: datetime) -> None:
    """One that was withdrawn stands again, with a seat where there still is one, else it waits for one."""
    take_back([one for one in found if "withdrawn_at" not in one.after])
    withdrawn = [one for one in found if "withdrawn_at" in one.after]
    shifts = dict(db.session.execute(select(Signup.id, Signup.shift_id).where(Signup.id.in_([one.row_key for one in withdrawn]))).all())
    if shifts:
        lock_shifts(*sorted(set(shifts.values())))
    for one in withdrawn:
        wish, seated = db.session.execute(select(Signup.position_id, Signup.seated_at).where(Signup.id == one.row_key)).one()
        anew = update(Signup).where(Signup.id == one.row_key, Signup.withdrawn_at.is_not(None))
        db.session.execute(anew.values(withdrawn_at=None, seated_at=None))
        shift = activities.shift(shifts[one.row_key])
        if shift is not None and seated is not None:
            seat(shift, one.row_key, wish, now)


def go_back(merge_id: int, now: datetime, step: int = STEP) -> bool:
    """Move the next entries back; whether there may be more."""
    merge = held(merge_id)
    if merge.verdict is not Verdict.APPROVED or merge.undo_at is None or merge.undone_at is not None:
        return False
    sources = _theirs(merge, step)
    if sources:
        _back(merge, sources, now)
    if len(sources) == step:
        return True
    _rest(merge, now)
    db.session.execute(update(Merge).where(Merge.id == merge_id).values(undone_at=now))
    audit.record(merge.undo_by_id, "merge.undone", "person", merge.goes_id, stays=merge.stays_id)
    return False


def _theirs(merge: Merge, step: int) -> list[Source]:
    """What stands under who stays and was of who went: credited before, or the end of a spell that they had begun."""
    credited = select(cast(MergeSource.source_kind, String), MergeSource.source_id).where(MergeSource.merge_id == merge.id)
    begun = select(cast(said(SourceKind.ATTENDANCE.value), String), MergeNote.row_key).where(
        MergeNote.merge_id == merge.id, MergeNote.table_name == "attendance"
    )
    return sources_of(merge.stays_id, step, among=union_all(credited, begun))


def _back(merge: Merge, sources: list[Source], now: datetime) -> None:
    ids = [one.id for one in sources if one.kind is SourceKind.ATTENDANCE]
    twice = _leave_out(merge, ids, now)
    uncounted = [one for one in sources if one.kind is SourceKind.ATTENDANCE and one.id in twice]
    if not people.is_confirmed(merge.goes_id):  # all wait until somebody says who that is
        db.session.execute(update(Attendance).where(Attendance.id.in_(ids)).values(**UNCOUNTED))
        uncounted = sources
    take_back([one for one in notes(merge.id, "attendance") if one.row_key in set(ids)])
    assert merge.undo_by_id is not None  # noqa: S101 (the database sees to it)
    approver = merge.proposed_by_id if merge.proposed_by_id != merge.undo_by_id else None
    move(
        Move(merge.stays_id, merge.goes_id, f"撤销合并，{merge.id} 号", merge.undo_by_id, approver),
        sources,
        now,
        uncounted=uncounted,
    )


def _rest(merge: Merge, now: datetime) -> None:
    """Spells that no entry stands for, and those that the merge had left out for an overlap.

    These count again, but where another of theirs was given that time since: the same time counts once.
    """
    found = notes(merge.id, "attendance")
    left = {one.row_key: one for one in found if one.row_key in _still_left_out([one for one in found if "excluded_at" in one.after])}
    again = [one for one in found if one.row_key not in left]
    _leave_out(merge, [one.row_key for one in again], now)
    take_back(again)
    twice = spells.overlapping([{"id": key, **before(one)} for key, one in left.items()], merge.goes_id)
    db.session.execute(update(Attendance).where(Attendance.id.in_(twice)).values(person_id=merge.goes_id))
    for key, one in left.items():
        if key not in twice:
            take_back([one])
            restore(merge.goes_id, Source(SourceKind.ATTENDANCE, key), now)


def _leave_out(merge: Merge, ids: list[int], now: datetime) -> set[int]:
    """Of spells that are about to go back those at whose time another of theirs counts since. Which, is returned."""
    twice = spells.overlapping(spells.of(merge.stays_id, ids), merge.goes_id)
    said = {**UNCOUNTED, "excluded_at": now, "excluded_by_id": merge.undo_by_id}
    db.session.execute(update(Attendance).where(Attendance.id.in_(twice)).values(**said))
    return twice


def _still_left_out(left: list[MergeNote]) -> list[int]:
    """Nobody has changed them since."""
    rows = select(Attendance.id, Attendance.excluded_at).where(Attendance.id.in_([one.row_key for one in left]))
    since = dict(db.session.execute(rows).all()) if left else {}
    return [
        one.row_key
        for one in left
        if since.get(one.row_key) is not None and since[one.row_key] == datetime.fromisoformat(one.after["excluded_at"])
    ]
