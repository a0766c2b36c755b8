"""Writing the positions of a shift within what people were promised. The caller holds the lock on the shift."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import delete, func, insert, select, update

from app.activities import queries
from app.activities.models import ShiftPosition, Signup
from app.activities.position_rules import PositionDraft, rename_fault
from app.activities.queries import PositionRow
from app.core.db import db


def make_positions(shift_id: int, drafts: Sequence[PositionDraft], *, first: int = 0) -> None:
    """New ones, in their order. The capacity of the shift follows by itself."""
    if drafts:
        rows = [
            {"shift_id": shift_id, "name": one.name, "capacity": one.capacity, "taken": 0, "place": place}
            for place, one in enumerate(drafts, start=first)
        ]
        db.session.execute(insert(ShiftPosition), rows)


def drop_positions(shift_id: int) -> None:
    """All of them, of a shift that nobody ever signed up for."""
    db.session.execute(delete(ShiftPosition).where(ShiftPosition.shift_id == shift_id))


def write_positions(shift_id: int, drafts: Sequence[PositionDraft]) -> str | None:
    """The positions as the form has them; those that stand are known by name and keep their people. What stands in the way, in words."""
    shift = queries.shift(shift_id)
    standing = shift.positions if shift else ()
    if fault := _fault(shift_id, standing, drafts):
        return fault
    named = {one.was or one.name: (place, one) for place, one in enumerate(drafts)}
    gone = [one.id for one in standing if one.name not in named]
    if gone:  # those who withdrew from one forget which it was; the audit log does not
        db.session.execute(update(Signup).where(Signup.position_id.in_(gone)).values(position_id=None))
        db.session.execute(delete(ShiftPosition).where(ShiftPosition.id.in_(gone)))
    for position in standing:
        if position.name in named:
            place, draft = named.pop(position.name)
            values = {"name": draft.name, "capacity": draft.capacity, "place": place}
            db.session.execute(update(ShiftPosition).where(ShiftPosition.id == position.id).values(**values))
    for place, draft in named.values():
        make_positions(shift_id, [draft], first=place)
    return None


def _fault(shift_id: int, standing: Sequence[PositionRow], drafts: Sequence[PositionDraft]) -> str | None:
    people = _people(shift_id)
    if drafts and not standing and people[None]:
        return f"已有 {people[None]} 人报上，他们没选过岗位，现在分不了。可以另加一个带岗位的班次，或到了现场再分。"
    if fault := rename_fault(drafts, [one.name for one in standing]):
        return fault
    kept = {one.was or one.name: one for one in drafts}
    for position in standing:
        draft = kept.get(position.name)
        if draft is None and people[position.id]:
            return (
                f"“{position.name}”有 {people[position.id]} 人报了（连候补），不能去掉。"
                f"只是换个名字，请写“{position.name}→新名 {position.capacity}”，人都跟过去"
            )
        if draft is not None and draft.capacity < position.taken:
            return f"“{position.name}”已有 {position.taken} 人报上，人数不能少于这个数"
    return None


def _people(shift_id: int) -> Counter[int | None]:
    """How many stand at each position, on its waiting list too; None: how many are seated without one."""
    query = (
        select(Signup.position_id, func.count())
        .where(
            Signup.shift_id == shift_id,
            Signup.withdrawn_at.is_(None),
            Signup.position_id.is_not(None) | Signup.seated_at.is_not(None),
        )
        .group_by(Signup.position_id)
    )
    return Counter({row[0]: row[1] for row in db.session.execute(query)})
