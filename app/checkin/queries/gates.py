"""Gates and what else an organiser set up for a door, as those who scan, work it or set it up see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, func, select

from app.activities.models import Activity
from app.activities.rules import CodeWay
from app.checkin.day_codes import WITHIN, Tries
from app.checkin.fence import Circle
from app.checkin.models import Scan
from app.checkin.models_gates import DoorRule, Gate
from app.checkin.rules import Outcome
from app.core.db import db, rows


@dataclass(frozen=True)
class GateRow:
    """`came` counts check-ins and visitors that were scanned there, not people."""

    id: int
    number: int
    name: str
    closed_at: datetime | None = None
    came: int = 0


@dataclass(frozen=True)
class DoorRules:
    """`day_code_at`: since when a code of the day is asked."""

    day_code_at: datetime | None = None
    fence: Circle | None = None


@dataclass(frozen=True)
class Opening:
    """What the code of an activity opens, of one gate or none. Only of activities that are published."""

    id: int
    title: str
    code: str
    code_way: CodeWay
    gate: GateRow | None
    rules: DoorRules


RULE_COLUMNS = (DoorRule.day_code_at, DoorRule.latitude_e6, DoorRule.longitude_e6, DoorRule.metres)
_OPENING = (
    select(Activity.id, Activity.title, Activity.code, Activity.code_way, Gate.id, Gate.number, Gate.name, *RULE_COLUMNS)
    .outerjoin(Gate, and_(Gate.activity_id == Activity.id, Gate.number == bindparam("number")))
    .outerjoin(DoorRule, DoorRule.activity_id == Activity.id)
    .where(Activity.code == bindparam("code"), Activity.published_at.is_not(None))
)


def opening(code: str, gate_number: int | None = None) -> Opening | None:
    """By the short code; one statement. A number that no gate has opens the activity all the same, without a gate."""
    found = rows(_OPENING, code=code.strip().upper(), number=gate_number or 0)
    if not found:
        return None
    id_, title, said, code_way, gate_id, number, name, *rule = found[0]
    return Opening(id_, title, said, code_way, GateRow(gate_id, number, name) if gate_id else None, _rules(rule))


def _rules(row: Any) -> DoorRules:
    day_code_at, latitude, longitude, metres = row
    return DoorRules(day_code_at, Circle(latitude, longitude, metres) if metres else None)


_RULES = select(*RULE_COLUMNS).where(DoorRule.activity_id == bindparam("activity_id"))


def rules_of(activity_id: int) -> DoorRules:
    found = rows(_RULES, activity_id=activity_id)
    return _rules(found[0]) if found else DoorRules()


def gates_of(activity_id: int) -> list[GateRow]:
    """All of them by number, closed ones too, with how many came through; one query."""
    came = (
        select(Scan.gate_id, func.count().label("number"))
        .where(Scan.activity_id == activity_id, Scan.gate_id.is_not(None), Scan.outcome.in_((Outcome.IN, Outcome.PENDING, Outcome.VISITOR)))
        .group_by(Scan.gate_id)
        .subquery()
    )
    found = db.session.execute(
        select(Gate.id, Gate.number, Gate.name, Gate.closed_at, func.coalesce(came.c.number, 0))
        .outerjoin(came, came.c.gate_id == Gate.id)
        .where(Gate.activity_id == activity_id)
        .order_by(Gate.number)
    )
    return [GateRow(*row) for row in found]


def gate_ids(activity_id: int) -> dict[int, int]:
    """number → id, of all gates."""
    return dict(db.session.execute(select(Gate.number, Gate.id).where(Gate.activity_id == activity_id)).all())


def gates_in_use(activity_id: int) -> list[GateRow]:
    """Those that are not closed, by number."""
    found = db.session.execute(
        select(Gate.id, Gate.number, Gate.name).where(Gate.activity_id == activity_id, Gate.closed_at.is_(None)).order_by(Gate.number)
    )
    return [GateRow(*row) for row in found]


def wrong_tries(activity_id: int, device: str, now: datetime) -> Tries:
    """Wrong codes of the day by this phone in the last minutes."""
    number, last_at = db.session.execute(
        select(func.count(), func.max(Scan.received_at)).where(
            Scan.activity_id == activity_id, Scan.received_at > now - WITHIN, Scan.device_hash == device, Scan.day_code.is_(False)
        )
    ).one()
    return Tries(number, last_at)
