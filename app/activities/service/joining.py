"""Whether somebody may sign up. Attendance lies above activities, so check-in lends its answer."""

from collections.abc import Callable, Collection
from datetime import date, datetime

from app.activities.joining_rules import Joiner, age_on, may_join, months_before, own_only
from app.activities.queries import ActivityRow
from app.activities.queries import joining as queries
from app.core import clock
from app.core.errors import Invalid

_came: Callable[[int, Collection[int]], bool] | None = None
_came_among: Callable[[Collection[int], Collection[int]], set[int]] | None = None
NOT_FOR_OTHERS = "这一场有参加条件，要本人来报。请本人自己报名，或问组织者。"


def ask_who_came(came: Callable[[int, Collection[int]], bool], among: Callable[[Collection[int], Collection[int]], set[int]]) -> None:
    """Check-in lends its answer to "has this person attended one of these activities?", and to "which of these people have?"."""
    global _came, _came_among
    _came, _came_among = came, among


def reasons(row: ActivityRow, person_id: int, now: datetime) -> tuple[str, ...]:
    """Why the person may not sign up, in words for themselves; empty: they may. At most five short queries, none for anyone."""
    who = row.who
    if who.anyone:
        return ()
    today = clock.local_date(now)
    day = clock.local_date(row.starts_at) if row.starts_at else today
    known = queries.known_of(person_id, today)
    belongs = who.unit_id is not None and queries.belongs_below(person_id, who.unit_id, today)
    joiner = Joiner(
        units=frozenset({who.unit_id} if belongs and who.unit_id else ()),
        age=age_on(known.birth_date, day) if known.birth_date else None,
        under=known.birth_date is None and known.minor_until is not None and day <= known.minor_until,
        stage=known.stage,
        trained=bool(who.training) and trained(person_id, who.training, who.training_months, day),
    )
    return may_join(who, joiner, row.for_unit_name or "")


def trained(person_id: int, training: str, months: int | None, day: date) -> bool:
    """Whether they were at an activity that gave this training, at most `months` before the day."""
    given = _given(training, months, day)
    return bool(given) and _came is not None and _came(person_id, given)


def trained_among(person_ids: Collection[int], training: str, months: int | None, day: date) -> set[int]:
    """Those of them who were; two queries."""
    given = _given(training, months, day)
    return _came_among(person_ids, given) if given and _came_among is not None else set()


def _given(training: str, months: int | None, day: date) -> list[int]:
    return queries.given_in(training, clock.at_local(months_before(day, months)) if months else None)


def check(row: ActivityRow, person_id: int, now: datetime, *, by_other: bool, risk_read: bool) -> None:
    """Raises Invalid: `shift` with why not, `risk_read` where the note about risk was not ticked."""
    if by_other and own_only(row.who, row.for_unit_kind):
        raise Invalid({"shift": NOT_FOR_OTHERS})
    if why := reasons(row, person_id, now):
        raise Invalid({"shift": "；".join(why)})
    if row.risk_note and not risk_read:
        raise Invalid({"risk_read": "请先看一眼上面的提醒，再打个勾"})
