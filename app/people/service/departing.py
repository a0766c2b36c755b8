"""Leaving a branch for good, and taking a leaving back while it is fresh. Called inside a write transaction."""

from collections.abc import Callable, Collection, Iterable
from datetime import date, timedelta

from sqlalchemy import insert, select, update

from app.audit import service as audit
from app.core.db import db
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.people.models import Departure, Membership, Unit
from app.people.rules import ENDS_TOO, TAKEN_BACK_WITHIN, DepartureReason, MembershipKind, transfer_fault
from app.people.service.leaving import Held, Leaving, end_held, give_back, held_by
from app.people.service.persons import lock_person

TIE = "membership"  # in `ended`, beside the names of holdings
CHANGED = "后来又有别的变动，这次退不回来了。请再看一遍。"
_returners: list[Callable[[int, int, int, date], None]] = []


def when_taken_back(follow: Callable[[int, int, int, date], None]) -> None:
    """Register what else happens when a transfer is taken back: (person, the unit it led to, the unit before, day)."""
    if follow not in _returners:
        _returners.append(follow)


def note_departure(
    person_id: int,
    membership_id: int,
    from_id: int,
    leaving: Leaving,
    *,
    to_id: int | None = None,
    reason: DepartureReason | None = None,
    note: str = "",
    held: Iterable[Held] = (),
    ties: Iterable[int] = (),
) -> None:
    ended: list[list[object]] = [[one.holding, one.id, one.until.isoformat() if one.until else None, one.may_stay] for one in held]
    ended += [[TIE, tie, None, True] for tie in ties]
    row = {"person_id": person_id, "membership_id": membership_id, "from_id": from_id, "to_id": to_id, "reason": reason, "note": note}
    dates = {"left_on": leaving.on, "recorded_on": leaving.today, "recorded_by_id": leaving.by_id}
    db.session.execute(insert(Departure).values(**row, **dates, ended=ended))


def depart(
    person_id: int,
    from_id: int,
    reason: DepartureReason,
    note: str,
    on: date,
    by_id: int,
    today: date,
    *,
    keep: Collection[str] = (),
) -> None:
    """转出街道、去世、退党 …: the home membership ends on a day, today or before, and no other begins. Nothing is deleted.

    Rights end with it wherever they are, other things but those named in `keep` (of who died: all). `from_id` as in `transfer`.
    """
    lock_person(person_id)
    if by_id == person_id:
        raise Refused("自己的组织关系，请另一位书记或管理员来办。")
    home = select(Membership.id, Membership.unit_id, Membership.valid_from).where(
        Membership.person_id == person_id, Membership.kind == MembershipKind.HOME, Membership.valid_to.is_(None)
    )
    row = db.session.execute(home).one_or_none()
    if row is None or row.unit_id != from_id:
        raise Conflict("他的组织关系刚刚已经变了，这次没有办。请再看一遍。")
    if fault := transfer_fault(on, row.valid_from, today):
        raise Invalid({"on": fault})
    leaving = Leaving(on, today, by_id)
    ties = _end_ties(person_id, reason, on)
    db.session.execute(update(Membership).where(Membership.id == row.id).values(valid_to=on))
    stays = frozenset() if reason is DepartureReason.DIED else frozenset(keep)
    held = [one for one in held_by([person_id], today) if not (one.may_stay and one.key in stays)]
    end_held(leaving, held)
    note_departure(person_id, row.id, from_id, leaving, reason=reason, note=note, held=held, ties=ties)
    audit.record(by_id, "person.departure", "person", person_id, unit=from_id, reason=reason.value, on=on.isoformat())


def _end_ties(person_id: int, reason: DepartureReason, on: date) -> list[int]:
    """What else they belong to and what ends too; one that began later ends on the day it began."""
    kinds = ENDS_TOO[reason]
    open_ones = select(Membership.id, Membership.valid_from).where(
        Membership.person_id == person_id, Membership.kind.in_(kinds), Membership.valid_to.is_(None)
    )
    ended = []
    for tie_id, since in db.session.execute(open_ones).all() if kinds else ():
        db.session.execute(update(Membership).where(Membership.id == tie_id).values(valid_to=max(since, on)))
        ended.append(tie_id)
    return ended


def take_back(departure_id: int, by_id: int, today: date, *, with_held: bool = True) -> None:
    """It was a mistake: they belong where they did, as if they had not left, and hold again what ended with it (`with_held`).

    Until the day after it was recorded; later they are transferred back. Raises Conflict when something changed since;
    IntegrityError when somebody else holds by now what would be given back.
    """
    person_id = db.session.scalar(select(Departure.person_id).where(Departure.id == departure_id, Departure.taken_back_on.is_(None)))
    if person_id is None:
        raise NotFound
    lock_person(person_id)
    if person_id == by_id:
        raise Refused("自己的组织关系，请另一位书记或管理员来办。")
    left = Departure
    columns = (left.membership_id, left.from_id, left.to_id, left.left_on, left.recorded_on, left.ended)
    row = db.session.execute(select(*columns).where(left.id == departure_id, left.taken_back_on.is_(None))).one_or_none()
    if row is None:
        raise Conflict(CHANGED)
    if today > row.recorded_on + timedelta(days=TAKEN_BACK_WITHIN):
        raise Conflict("过了一天，不能撤回了。可以请他现在的支部转回来。" if row.to_id else "过了一天，不能撤回了。可以再把他编进支部。")
    _return(person_id, row.membership_id, row.to_id, row.left_on)
    if db.session.scalar(select(Unit.closed_on).where(Unit.id == row.from_id)) is not None:
        raise Conflict("原来的支部已经撤销，不能回去了。")
    back = update(Membership).where(Membership.valid_to.is_not(None)).values(valid_to=None)
    ties = [tie for name, tie, *_ in row.ended if name == TIE]
    db.session.execute(back.where(Membership.id.in_([row.membership_id, *ties])))
    for name, held_id, until, may_stay in row.ended if with_held else ():
        if name != TIE:
            day = row.left_on if may_stay else row.recorded_on
            give_back(Leaving(day, today, by_id), {name: {held_id: date.fromisoformat(until) if until else None}})
    db.session.execute(update(left).where(left.id == departure_id).values(taken_back_on=today, taken_back_by_id=by_id))
    audit.record(by_id, "person.departure_undo", "person", person_id, unit=row.from_id, on=row.left_on.isoformat())
    for follow in _returners if row.to_id else ():
        follow(person_id, row.to_id, row.from_id, today)


def _return(person_id: int, membership_id: int, to_id: int | None, left_on: date) -> None:
    """Nothing has happened since: where it led to is still their home, or they still have none; that home then never held."""
    now = db.session.execute(
        select(Membership.id, Membership.unit_id, Membership.valid_from).where(
            Membership.person_id == person_id, Membership.kind == MembershipKind.HOME, Membership.valid_to.is_(None)
        )
    ).one_or_none()
    before = db.session.execute(select(Membership.valid_to).where(Membership.id == membership_id)).scalar_one()
    if before != left_on or (now is None) != (to_id is None) or (now and (now.unit_id, now.valid_from) != (to_id, left_on)):
        raise Conflict(CHANGED)
    if now:
        db.session.execute(update(Membership).where(Membership.id == now.id).values(valid_to=now.valid_from))
