"""Proving that the totals of points agree with their ledger; see hours.totals."""

from sqlalchemy import select

from app.core.db import db
from app.core.words import points_words
from app.hours.rules import PERSON_PERIODS
from app.hours.told import against, period_words
from app.hours.totals import Totals
from app.hours.verifying import MIRRORED, SOURCE, credited_twice, unlike_reversals
from app.people.naming import volunteer_number
from app.points.models import PointEntry, PointPersonTotal, PointRule

PERSON_TOTALS = Totals(
    PointPersonTotal, PointEntry, ("person_id", "person_id"), ("rule_id", "scheme_kind"), "points", PERSON_PERIODS, chunk=100
)
KEPT = (PERSON_TOTALS,)
POINT_MIRRORED = (*(name for name in MIRRORED if name not in {"hour_class", "kind"}), "scheme_id", "scheme_kind", "rule_id")


def disagreements() -> list[str]:
    """Everything in the ledger of points that does not add up, in words for an operator."""
    faults = [
        f"个人积分：志愿者 {volunteer_number(one.key['person_id'])}，{period_words(one.key['period'])}，规则 {one.key['rule_id']} 号："
        f"{against(one.kept, one.ledger, _said)}"
        for one in PERSON_TOTALS.disagreements()
    ]
    faults += [
        f"积分流水 {one} 号：冲销的是 {other} 号，但两笔不是正好相反"
        for one, other in unlike_reversals(PointEntry, "points", POINT_MIRRORED)
    ]
    faults += [
        f"积分流水：来源 {row['source_kind'].value} {row['source_id']} 按规则 {row['rule_id']} 计了不止一次"
        for row in credited_twice(PointEntry, ("rule_id", *SOURCE))
    ]
    foreign = select(PointEntry.id).join(PointRule, PointRule.id == PointEntry.rule_id).where(PointRule.scheme_id != PointEntry.scheme_id)
    faults += [f"积分流水 {one} 号：规则不属于它的方案" for one in db.session.scalars(foreign.order_by(PointEntry.id))]
    return faults


def _said(hundredths: int) -> str:
    return f"{points_words(hundredths)} 分"
