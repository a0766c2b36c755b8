"""报到: a party member reports in to the community where they live. Called inside a write transaction."""

from datetime import datetime

from sqlalchemy import select, update

from app.accounts.deciders import deciders, nearest
from app.audit import service as audit
from app.core.clock import local_date
from app.core.db import db, writing
from app.core.errors import Invalid
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
        raise Invalid({"moving": "他现在报到在别的社区。先问过本人，要改就请勾选"})
    given_back = 0
    if before:
        people_service.leave(person_id, before.unit_id, MembershipKind.REPORTED, today)
        given_back = _give_back(person_id, before.unit_id, now)
    people_service.join(person_id, unit_id, MembershipKind.REPORTED, today)
    detail = {"unit": unit_id, "before": before.unit_id if before else None, "given_back": given_back}
    audit.record(by_id, "report_in", "person", person_id, **detail)
    _tell(person_id, unit_id, unit.name, by_id, now)
    return True


def _give_back(person_id: int, unit_id: int, now: datetime) -> int:
    offers = select(Offer.id).where(Offer.unit_id == unit_id)
    leaving = (
        update(Pledge)
        .where(Pledge.person_id == person_id, Pledge.offer_id.in_(offers), Pledge.withdrawn_at.is_(None), Pledge.done_at.is_(None))
        .values(withdrawn_at=now)
        .returning(Pledge.id)
    )
    return len(db.session.execute(leaving).all())


def _tell(person_id: int, unit_id: int, unit_name: str, by_id: int, now: datetime) -> None:
    """The community and the home branch learn of it, without a name; the member when somebody else recorded it."""
    writing()
    today = local_date(now)
    home = people.home_unit_on(person_id, today)
    there = [one.person_id for one in nearest(deciders(unit_id, Action.FEEDBACK_GIVE, today, {by_id, person_id}))]
    notify_all(dict.fromkeys(there, f"有一位党员到{unit_name}报到"), f"/pledges?unit={unit_id}")
    if home is not None:
        own = [one.person_id for one in nearest(deciders(home, Action.PERSON_EDIT, today, {by_id, person_id}))]
        notify_all(dict.fromkeys([one for one in own if one not in there], f"支部有一位党员到{unit_name}报到了"), f"/pledges?unit={home}")
    if by_id != person_id:
        notify(person_id, f"已替您到{unit_name}报到", OWN)
