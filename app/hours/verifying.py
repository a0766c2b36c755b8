"""What does not add up in a ledger and its totals, found for `ledger verify`."""

from typing import Any, cast

from sqlalchemy import Table, func, select

from app.core.db import Base, db
from app.core.words import minutes_words
from app.hours.models import HourEntry
from app.hours.rules import CLASS_NAMES, KIND_NAMES
from app.hours.told import against, period_words
from app.hours.totals import PERSON_TOTALS, UNIT_TOTALS, Disagreement
from app.people.naming import volunteer_number

MIRRORED = ("person_id", "home_unit_id", "organising_unit_id", "activity_id", "served_on", "hour_class", "kind")
SOURCE = ("source_kind", "source_id")


def unlike_reversals(entry: type[Base], amount: str, mirrored: tuple[str, ...]) -> list[tuple[int, int]]:
    """(reversal, reversed) where the one is not the exact opposite of the other, or reverses a reversal."""
    table = cast(Table, entry.__table__)
    original = table.alias("original")
    differs = (table.c[amount] != -original.c[amount]) | original.c.reverses_id.is_not(None)
    for name in (*mirrored, *SOURCE, "generation"):
        differs |= table.c[name].is_distinct_from(original.c[name])
    found = select(table.c.id, original.c.id).join(original, original.c.id == table.c.reverses_id).where(differs).order_by(table.c.id)
    return [(int(one), int(other)) for one, other in db.session.execute(found)]


def credited_twice(entry: type[Base], by: tuple[str, ...] = SOURCE) -> list[dict[str, Any]]:
    """Sources that stand in the ledger more than once: an earlier generation was never reversed."""
    table = cast(Table, entry.__table__)
    reversal = table.alias("reversal")
    keys = [table.c[name] for name in by]
    found = (
        select(*keys)
        .outerjoin(reversal, reversal.c.reverses_id == table.c.id)
        .where(table.c.reverses_id.is_(None), reversal.c.id.is_(None))
        .group_by(*keys)
        .having(func.count() > 1)
        .order_by(*keys)
    )
    return [dict(row) for row in db.session.execute(found).mappings()]


def disagreements() -> list[str]:
    """Everything in the ledger of hours that does not add up, in words for an operator. Ids only, no names."""
    faults = [f"个人时长：志愿者 {volunteer_number(one.key['person_id'])}，{_cell(one)}" for one in PERSON_TOTALS.disagreements()] + [
        f"单位时长：组织 {one.key['unit_id']} 号，{_cell(one)}" for one in UNIT_TOTALS.disagreements()
    ]
    faults += [
        f"时长流水 {one} 号：冲销的是 {other} 号，但两笔不是正好相反" for one, other in unlike_reversals(HourEntry, "minutes", MIRRORED)
    ]
    faults += [f"时长流水：来源 {row['source_kind'].value} {row['source_id']} 计了不止一次" for row in credited_twice(HourEntry)]
    return faults


def _cell(one: Disagreement) -> str:
    names = f"{period_words(one.key['period'])}，{KIND_NAMES[one.key['kind']]}，{CLASS_NAMES[one.key['hour_class']]}"
    return f"{names}：{against(one.kept, one.ledger, minutes_words)}"
