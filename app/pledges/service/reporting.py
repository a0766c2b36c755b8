"""报到: a party member reports in to the community where they live. Called inside a write transaction."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Row, select, update

from app.accounts.deciders import deciders, nearest
from app.audit import service as audit
from app.core.clock import local_date
from app.core.db import db, is_sqlite, writing
from app.core.errors import Conflict, Invalid
from app.core.permissions import Action
from app.people import queries as people
from app.people import service as people_service
from app.people.rules import MembershipKind, UnitKind
from app.pledges import queries
from app.pledges.models import Offer, Pledge
from app.worklist.service import notify, notify_all

OWN = "/report-in"


def report_in(person_id: int, unit_id: int, by_id: int, now: datetime, *, moving: bool = True) -> bool:
    """A change closes the report before it, and gives back what was taken on there and is not done. False when it stands already.

    Raises Invalid for somebody who is no party member or not confirmed, and for a unit that is no community;
    without `moving` also where they have reported in elsewhere, without saying where.
    """
    people_service.lock_person(person_id)
    today = local_date(now)
    unit = people.unit(unit_id)
    if unit is None or unit.kind is not UnitKind.COMMUNITY or unit_id not in {one.id for one in queries.communities()}:
        raise Invalid({"unit": "请选择社区"})
    if not people.is_confirmed(person_id) or not queries.is_party_member(person_id, today):
        raise Invalid({"unit": "报到是给党员的，名册里还没有登记您是党员，请找支部书记"})
    before = queries.report_of(person_id, today)
    if before and before.unit_id == unit_id:
        return False
    if before and not moving:
        raise Invalid({"moving": "这位现在报到在别的社区。先问过本人，要改再点“改到这里”。"})
    given_back = 0
    if before:
        people_service.leave(person_id, before.unit_id, MembershipKind.REPORTED, today)
        given_back = give_back({person_id: before.unit_id}, by_id, now).get(person_id, 0)
    people_service.join(person_id, unit_id, MembershipKind.REPORTED, today)
    detail = {"unit": unit_id, "before": before.unit_id if before else None, "given_back": given_back}
    audit.record(by_id, "report_in", "person", person_id, **detail)
    _tell(person_id, unit_id, f"有一位党员到{unit.name}报到", f"已替您到{unit.name}报到", by_id, now)
    return True


def end_report(person_id: int, unit_id: int, by_id: int, now: datetime) -> int:
    """They are there no more: the report ends today and stays as history. Returns how many things taken on were given back.

    `unit_id` is where the asker believes them to be: Conflict when that is no longer so.
    """
    people_service.lock_person(person_id)
    today, unit = local_date(now), people.unit(unit_id)
    report = queries.report_of(person_id, today)
    if unit is None or report is None or report.unit_id != unit_id:
        raise Conflict("这次报到刚刚已经结束或换了社区，请再看一遍。")
    people_service.leave(person_id, unit_id, MembershipKind.REPORTED, today)
    given_back = give_back({person_id: unit_id}, by_id, now).get(person_id, 0)
    audit.record(by_id, "report_in.end", "person", person_id, unit=unit_id, given_back=given_back)
    _tell(person_id, unit_id, f"有一位党员结束了在{unit.name}的报到", f"您在{unit.name}的报到结束了", by_id, now)
    return given_back


def give_back(left: Mapping[int, int], by_id: int | None, at: datetime) -> dict[int, int]:
    """The one rule however a report ends: what was taken on there and is not done is given back. `left`: person id → community left.

    Returns person id → how many. Whose own doing it was not is told. A few statements however many there are.
    """
    people_service.lock_persons(left)
    standing = Pledge.withdrawn_at.is_(None)
    ids = [row.id for row in _of(left, standing, Pledge.done_at.is_(None))]
    if not ids:
        return {}
    giving = update(Pledge).where(Pledge.id.in_(ids), standing, Pledge.done_at.is_(None)).values(withdrawn_at=at)
    given = db.session.execute(giving.returning(Pledge.id, Pledge.person_id, Pledge.offer_id)).all()
    counts = _noted("pledge.withdrawal", given, by_id)
    notify_all({who: f"您的报到社区有变动，原来认领的 {count} 项退回了" for who, count in counts.items() if who != by_id}, OWN)
    return counts


def take_up_again(left: Mapping[int, int], by_id: int | None, at: datetime) -> dict[int, int]:
    """A change of report is taken back: what `give_back` gave back at `at` stands again, where nobody else has the seat by now."""
    people_service.lock_persons(left)
    found = _of(left, Pledge.withdrawn_at == at)
    offers = select(Offer.id, Offer.seats, Offer.taken).where(Offer.id.in_({row.offer_id for row in found})).order_by(Offer.id)
    free = {row.id: row.seats - row.taken for row in db.session.execute(offers if is_sqlite() else offers.with_for_update()) if row.seats}
    ids = []
    for row in found:
        left_over = free.get(row.offer_id)
        if left_over is None or left_over > 0:
            ids.append(row.id)
        if left_over is not None:
            free[row.offer_id] = left_over - 1
    if not ids:
        return {}
    taking = update(Pledge).where(Pledge.id.in_(ids)).values(withdrawn_at=None)
    taken = db.session.execute(taking.returning(Pledge.id, Pledge.person_id, Pledge.offer_id)).all()
    counts = _noted("pledge.restoration", taken, by_id)
    notify_all({who: f"您的报到社区改回来了，原来认领的 {count} 项照旧" for who, count in counts.items() if who != by_id}, OWN)
    return counts


def _of(left: Mapping[int, int], *which: ColumnElement[bool]) -> list[Row[int, int, int, int]]:
    """The pledges of these people at the community that each left, the oldest first."""
    query = select(Pledge.id, Pledge.person_id, Pledge.offer_id, Offer.unit_id).join(Offer, Offer.id == Pledge.offer_id)
    rows = db.session.execute(query.where(Pledge.person_id.in_(left), *which).order_by(Pledge.id))
    return [row for row in rows if left[row.person_id] == row.unit_id]


def _noted(action: str, rows: Collection[Row[int, int, int]], by_id: int | None) -> dict[int, int]:
    audit.record_all(by_id, [(action, "offer", row.offer_id, {"pledge": row.id, "person": row.person_id}) for row in rows])
    counts: dict[int, int] = {}
    for row in rows:
        counts[row.person_id] = counts.get(row.person_id, 0) + 1
    return counts


def _tell(person_id: int, unit_id: int, words: str, own_words: str, by_id: int, now: datetime) -> None:
    """The community and the home branch learn of it, the name read only when it is shown; the member when somebody else recorded it."""
    writing()
    today = local_date(now)
    home = people.home_unit_on(person_id, today)
    there = [one.person_id for one in nearest(deciders(unit_id, Action.FEEDBACK_GIVE, today, {by_id, person_id}))]
    notify_all(dict.fromkeys(there, words), f"/pledges?unit={unit_id}", person_id)
    if home is not None:
        own = [one.person_id for one in nearest(deciders(home, Action.PERSON_EDIT, today, {by_id, person_id}))]
        others = [one for one in own if one not in there]
        notify_all(dict.fromkeys(others, f"您的支部{words}"), f"/pledges?unit={home}&side=home", person_id)
    if by_id != person_id:
        notify(person_id, own_words, OWN)
