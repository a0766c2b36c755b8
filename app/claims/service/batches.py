"""补录: one names, another confirms. Nothing counts before that."""

from datetime import datetime

from sqlalchemy import insert

from app.activities import queries as activities
from app.activities.queries import ActivityRow, ShiftRow
from app.activities.service import lock_shifts
from app.audit import service as audit
from app.claims import queries
from app.claims.models import Claim, ClaimBatch
from app.claims.queries.deciders import nearest
from app.claims.rules import MAX_NAMES, Naming, naming_fault, spell_fault
from app.core.clock import local_date
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Action
from app.worklist.service import notify

NOBODY = "还没有别的人能确认这份名单。请先请街道管理员给这个组织设一位书记或副书记"


def name_people(naming: Naming, maker_id: int, work_url: str, now: datetime) -> int:
    """Send one list of names for approval; returns its id. The people whose turn it is are told.

    Who is recorded meanwhile or waits in another list is left out. Raises Invalid where nothing is left, the times can
    not be, it is too late, or nobody else could decide; Conflict for an activity that is not held.
    """
    writing()
    activity, shift = held(naming.activity_id, naming.shift_id)
    if fault := naming_fault(shift.starts_at, shift.last_end, now, queries.local_rules().within):
        raise Invalid({"person": fault})
    for spell in naming.spells:
        if fault := spell_fault(shift.starts_at, shift.last_end, spell.in_at, spell.out_at):
            raise Invalid({f"out-{spell.person_id}": fault})
    taken = queries.unavailable(shift.id)
    spells = {spell.person_id: spell for spell in naming.spells if spell.person_id not in taken}
    if not spells:
        raise Invalid({"person": "勾的这些人都已有记录，或已经报上去等确认了，不用再报" if naming.spells else "请至少勾一位"})
    if len(spells) > MAX_NAMES:
        raise Invalid({"person": f"一次最多报 {MAX_NAMES} 位，请分两次"})
    others = queries.deciders(activity.unit_id, Action.CLAIM_APPROVE, local_date(now), {maker_id}, set(spells))
    if not others:
        raise Invalid({"person": NOBODY})
    batch_id: int = db.session.execute(
        insert(ClaimBatch)
        .values(
            kind=naming.kind,
            shift_id=shift.id,
            unit_id=activity.unit_id,
            made_by_id=maker_id,
            made_at=now,
            waits_since=now,
            note=naming.note,
            answer="",
        )
        .returning(ClaimBatch.id)
    ).scalar_one()
    db.session.execute(
        insert(Claim),
        [
            {"batch_id": batch_id, "person_id": person_id, "in_at": spell.in_at, "out_at": spell.out_at, "open_shift_id": shift.id}
            for person_id, spell in sorted(spells.items())
        ],
    )
    audit.record(maker_id, "claim_batch", "claim_batch", batch_id, shift=shift.id, people=len(spells))
    for one in nearest(others):
        notify(one.person_id, f"“{activity.title}”有 {len(spells)} 位补录，等您确认", work_url)
    return batch_id


def held(activity_id: int, shift_id: int) -> tuple[ActivityRow, ShiftRow]:
    """The activity and its shift, which is locked, so that one list is written after the other."""
    lock_shifts(shift_id)
    activity, shift = activities.activity(activity_id), activities.shift(shift_id)
    if activity is None or shift is None or shift.activity_id != activity.id:
        raise NotFound
    if activity.published_at is None or activity.cancelled_at is not None:
        raise Conflict("活动还没发布，或者已经取消，没有人可以补签。")
    return activity, shift
