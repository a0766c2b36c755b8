"""Who may be meant by the names of a 接龙, as far as the organiser's reach goes. The number of queries does not grow with the text."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, or_, select

from app.activities.chain_lines import Known
from app.activities.day_rules import Seat, full_day, full_day_words
from app.activities.joining_rules import PARTY_UNITS, Joiner, Who, age_on, may_join
from app.activities.models import Activity, Shift, Signup
from app.activities.queries.activities import last_end
from app.activities.queries.day import limit, seat_of
from app.activities.queries.rows import ActivityRow, ShiftRow
from app.activities.rules import double50_badge, shift_minutes
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.permissions import Action
from app.core.words import full_day as day_in_words
from app.core.words import span_words
from app.people.models import Membership, Person, Phone, UnitAncestry
from app.people.queries import Tie, below, holds_all, holds_on, ties_of, within
from app.people.queries.directory import homes_of


@dataclass(frozen=True)
class _Found:
    id: int
    name: str
    confirmed: bool
    near: bool


def known(row: ActivityRow, shift_id: int, names: Collection[str], told: Collection[str], actor: Actor) -> list[Known]:
    """Persons of these names within reach, by id: tied to the organising unit, to the one the activity is for or to those below,
    or signed up there before; for names in `told` (digits of a phone stand beside them) whoever is in the organiser's scope.

    Whether they may join is not said here, see `barred`. Nine queries at most.
    """
    day = clock.today()
    found = _named(row, names, told, actor, day)
    ids = [one.id for one in found]
    if not ids:
        return []
    numbers, ties, signups = _numbers(ids, day), ties_of(ids, day), _signups(shift_id, ids)
    units = {tie.unit_id for own in ties.values() for tie in own}
    here, open_to = within(units, actor.roots(Action.ACTIVITY_MANAGE), day), within(units, actor.roots(Action.PERSON_READ), day)
    return [
        Known(
            one.id,
            one.name,
            numbers.get(one.id, ()),
            one.near,
            one.confirmed,
            where=_where(ties.get(one.id, ()), here),
            digits=_digits(numbers.get(one.id, ()), 4 if {tie.unit_id for tie in ties.get(one.id, ())} & open_to else 2),
            left=signups.get(one.id, _NEVER).left,
            standing=signups.get(one.id, _NEVER).standing,
        )
        for one in found
    ]


def _named(row: ActivityRow, names: Collection[str], told: Collection[str], actor: Actor, day: date) -> list[_Found]:
    roots = actor.roots(Action.ACTIVITY_MANAGE)
    ours = [row.unit_id] if row.who.unit_id is None else [row.unit_id, row.who.unit_id]
    scope = Membership.unit_id.in_(below(roots, day))
    tied = select(Membership.id).where(Membership.person_id == Person.id, holds_on(Membership, day), scope)
    before = (
        select(Signup.id)
        .join(Shift, Shift.id == Signup.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .where(
            Signup.person_id == Person.id,
            Activity.unit_id.in_(below([row.unit_id], day)),
            or_(Activity.unit_id.in_(below(roots, day)), Activity.contact_id == actor.person_id, Activity.created_by_id == actor.person_id),
        )
    )
    confirmed = Person.confirmed_at.is_not(None)
    near = or_(and_(confirmed, tied.where(Membership.unit_id.in_(below(ours, day))).exists()), before.exists())
    in_scope: ColumnElement[bool] = confirmed if holds_all(roots) else and_(confirmed, tied.exists())
    rows = db.session.execute(
        select(Person.id, Person.name, confirmed, near)
        .where(Person.name.in_(names), Person.became_id.is_(None), or_(near, and_(Person.name.in_(told), in_scope)))
        .order_by(Person.id)
    )
    return [_Found(id_, name, bool(sure), bool(close)) for id_, name, sure, close in rows]


def _numbers(ids: Collection[int], day: date) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for person_id, number in db.session.execute(
        select(Phone.person_id, Phone.number).where(Phone.person_id.in_(ids), holds_on(Phone, day)).order_by(Phone.id)
    ):
        found[person_id] = (*found.get(person_id, ()), number)
    return found


@dataclass(frozen=True)
class _Standing:
    standing: str = ""
    left: str = ""


_NEVER = _Standing()


def _signups(shift_id: int, ids: Collection[int]) -> dict[int, _Standing]:
    """How their sign-ups of this shift stand, the last one of each."""
    rows = db.session.execute(
        select(Signup.person_id, Signup.seated_at, Signup.withdrawn_at)
        .where(Signup.shift_id == shift_id, Signup.person_id.in_(ids))
        .order_by(Signup.id)
    )
    found = {}
    for person_id, seated_at, withdrawn_at in rows:
        if withdrawn_at is None:
            found[person_id] = _Standing("已经报上了" if seated_at else "已经在候补")
        else:
            found[person_id] = _Standing(left=f"{day_in_words(clock.local_date(withdrawn_at))}自己退出过这一班")
    return found


def _where(ties: tuple[Tie, ...], here: Collection[int]) -> str:
    """The first of their units that lies in the organiser's scope, the home branch before others."""
    ordered = [*homes_of(ties), *ties]
    return next((tie.unit_name for tie in ordered if tie.unit_id in here), "")


def _digits(numbers: tuple[str, ...], shown: int) -> str:
    return numbers[0][-shown:] if numbers else ""


def withdrawn_since(shift_id: int, person_ids: Collection[int], since: datetime) -> set[int]:
    """Those who took their sign-up back after `since`."""
    query = select(Signup.person_id).where(Signup.shift_id == shift_id, Signup.person_id.in_(person_ids), Signup.withdrawn_at > since)
    return set(db.session.scalars(query))


def open_part(row: ActivityRow) -> Who:
    """What an organiser may be told of another person: neither a stage nor a tie to a party unit. Of age, where it is known."""
    unit_id = None if row.for_unit_kind in PARTY_UNITS else row.who.unit_id
    return replace(row.who, stages=frozenset(), unit_id=unit_id)


def barred(row: ActivityRow, person_ids: Collection[int], trained: Collection[int], now: datetime) -> dict[int, str]:
    """person id → why they may not join, in words for the organiser; who may is left out. `trained`: who had the training.

    Conditions on stage and party units are left to the organiser: an answer would tell of somebody's party status. Two queries.
    """
    who = open_part(row)
    if who.anyone or not person_ids:
        return {}
    today = clock.local_date(now)
    day = clock.local_date(row.starts_at) if row.starts_at else today
    belong = set(db.session.scalars(_belonging(who.unit_id, person_ids, today))) if who.unit_id is not None else set()
    born = db.session.execute(select(Person.id, Person.birth_date, Person.minor_until).where(Person.id.in_(person_ids)))
    found = {}
    for person_id, birth_date, until in born:
        joiner = Joiner(
            frozenset({who.unit_id} if who.unit_id is not None and person_id in belong else ()),
            age_on(birth_date, day) if birth_date else None,
            birth_date is None and until is not None and day <= until,
            trained=person_id in trained,
        )
        asked = who if joiner.under or joiner.age is not None else replace(who, age_from=None, age_to=None)
        if why := may_join(asked, joiner, row.for_unit_name or ""):
            found[person_id] = "；".join(why).replace("您", "他")
    return found


def _belonging(unit_id: int, person_ids: Collection[int], day: date) -> Select[int]:
    return (
        select(Membership.person_id)
        .join(UnitAncestry, UnitAncestry.unit_id == Membership.unit_id)
        .where(
            Membership.person_id.in_(person_ids),
            UnitAncestry.ancestor_id == unit_id,
            holds_on(Membership, day),
            holds_on(UnitAncestry, day),
        )
    )


def busy(row: ActivityRow, shift: ShiftRow, person_ids: Collection[int], actor: Actor) -> dict[int, str]:
    """person id → what else they hold a seat in at that time, or that the day becomes too full, in words; the others are left out.

    What is held elsewhere is named only where the organiser may manage it. Four queries at most.
    """
    if not person_ids:
        return {}
    day = clock.local_date(shift.starts_at)
    begin, end = clock.at_local(day), clock.at_local(day + timedelta(days=1))
    rows = db.session.execute(
        select(
            Signup.person_id,
            Shift.id,
            Shift.starts_at,
            last_end,
            Shift.break_minutes,
            Shift.name,
            Activity.id,
            Activity.kind,
            Activity.title,
        )
        .add_columns(Activity.unit_id.in_(below(actor.roots(Action.ACTIVITY_MANAGE), clock.today())))
        .join(Shift, Shift.id == Signup.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .where(
            Signup.person_id.in_(person_ids),
            Signup.withdrawn_at.is_(None),
            Signup.seated_at.is_not(None),
            Shift.id != shift.id,
            Activity.cancelled_at.is_(None),
            or_(and_(Shift.starts_at >= begin, Shift.starts_at < end), and_(Shift.starts_at < shift.last_end, last_end > shift.starts_at)),
        )
        .order_by(Shift.starts_at, Shift.id)
    )
    new, most = seat_of(shift, row.kind), limit()
    held: dict[int, list[Seat]] = {}
    found: dict[int, list[str]] = {}
    for person_id, id_, starts_at, ends_at, pause, name, activity_id, kind, title, ours in rows:
        seat = Seat(id_, starts_at, ends_at, shift_minutes(starts_at, ends_at, pause) if double50_badge(kind) else 0)
        held.setdefault(person_id, []).append(seat)
        if seat.touches(new):
            what = f"“{name}”" if activity_id == row.id else f"《{title}》" if ours else "别的活动"
            found.setdefault(person_id, []).append(f"同一时间已经报了{what} {span_words(starts_at, ends_at)}")
    for person_id, seats in held.items():
        if full := full_day(seats, new, most):
            found.setdefault(person_id, []).append(full_day_words(full).replace("您", "他").rstrip("。"))
    return {person_id: "；".join(said) for person_id, said in found.items()}
