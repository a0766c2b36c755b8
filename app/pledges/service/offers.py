"""Offers and pledges. Called inside a write transaction.

The offer's row is taken before a seat is looked for, so two people at once queue up; the check on the table has the last word.
Locks in one order: the person, then the offer.
"""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import insert, select, update

from app.audit import service as audit
from app.core.clock import local_date
from app.core.db import db, is_sqlite, upsert, writing
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.people import queries as people
from app.people import service as people_service
from app.people.rules import UnitKind
from app.pledges import queries
from app.pledges.models import Offer, Pledge
from app.pledges.queries import OfferRow
from app.pledges.rules import OfferDraft
from app.worklist.service import notify

OWN = "/report-in"


def create_offer(draft: OfferDraft, by_id: int, now: datetime) -> int:
    """Raises NotFound for a unit that is no community."""
    writing()
    unit = people.unit(draft.unit_id)
    if unit is None or unit.kind is not UnitKind.COMMUNITY:
        raise NotFound
    values = {
        "unit_id": draft.unit_id,
        "kind": draft.kind,
        "title": draft.title,
        "words": draft.words,
        "seats": draft.seats,
        "opens_on": draft.opens_on,
        "last_day": draft.last_day,
        "made_by_id": by_id,
        "made_at": now,
    }
    made = int(db.session.execute(insert(Offer).values(**values).returning(Offer.id)).scalar_one())
    audit.record(by_id, "offer", "offer", made, unit=draft.unit_id, kind=draft.kind.value, title=draft.title, seats=draft.seats)
    return made


def _locked(offer_id: int) -> OfferRow:
    """The offer, its row taken. Raises NotFound, or Conflict when it was closed."""
    writing()
    if not is_sqlite():
        db.session.execute(select(Offer.id).where(Offer.id == offer_id).with_for_update())
    found = queries.offer(offer_id)
    if found is None:
        raise NotFound
    if found.closed_on:
        raise Conflict(f"“{found.title}”已经收起来了。")
    return found


def revise_offer(offer_id: int, draft: OfferDraft, by_id: int) -> None:
    """Everything but its kind and its community. Raises Invalid for fewer seats than are taken."""
    before = _locked(offer_id)
    if draft.seats is not None and draft.seats < before.taken:
        raise Invalid({"seats": f"已有 {before.taken} 人认领，名额不能少于这个数"})
    after = {"title": draft.title, "words": draft.words, "seats": draft.seats, "opens_on": draft.opens_on, "last_day": draft.last_day}
    was = {name: getattr(before, name) for name in after}
    if after != was:
        db.session.execute(update(Offer).where(Offer.id == offer_id).values(**after))
        audit.record(by_id, "offer.revision", "offer", offer_id, before=_plain(was), after=_plain(after))


def _plain(values: Mapping[str, object]) -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def close_offer(offer_id: int, by_id: int, now: datetime) -> None:
    """No more are taken in; what was taken on stands and can still be done."""
    _locked(offer_id)
    db.session.execute(update(Offer).where(Offer.id == offer_id).values(closed_on=local_date(now)))
    audit.record(by_id, "offer.closing", "offer", offer_id)


def pledge(offer_id: int, person_id: int, by_id: int, now: datetime) -> bool:
    """认领, by the member or recorded for them. False when it stands already: a resent request changes nothing.

    Raises Refused for somebody who has not reported in there, Conflict when it is not open or no seat is free.
    """
    people_service.lock_person(person_id)
    offer, today = _locked(offer_id), local_date(now)
    if not offer.is_open(today):
        raise Conflict(f"“{offer.title}”现在不开放认领。")
    report = queries.report_of(person_id, today)
    if report is None or report.unit_id != offer.unit_id:
        raise Refused(f"先到{offer.unit_name}报到，才能认领这里的。")
    if any(one.offer_id == offer_id for one in queries.standing([person_id]).get(person_id, [])):
        return False
    if offer.full:
        raise Conflict(f"“{offer.title}”的名额刚刚满了，看看别的。")
    adding = upsert(Pledge.__table__).values(offer_id=offer_id, person_id=person_id, made_at=now, made_by_id=by_id)
    made = db.session.execute(adding.on_conflict_do_nothing().returning(Pledge.id)).scalar_one_or_none()
    if made is None:
        return False
    audit.record(by_id, "pledge", "offer", offer_id, pledge=made, person=person_id)
    if by_id != person_id:
        notify(person_id, f"已替您认领“{offer.title}”", OWN)
    return True


def withdraw(pledge_id: int, person_id: int, now: datetime) -> None:
    """The member gives it back. Raises NotFound for another's, Conflict when it is done or given back already."""
    people_service.lock_person(person_id)
    found = queries.pledge(pledge_id)
    if found is None or found.person_id != person_id:
        raise NotFound
    leaving = update(Pledge).where(Pledge.id == pledge_id, Pledge.withdrawn_at.is_(None), Pledge.done_at.is_(None)).values(withdrawn_at=now)
    if db.session.execute(leaving.returning(Pledge.id)).scalar_one_or_none() is None:
        raise Conflict("这一项已经完成或退回了。")
    audit.record(person_id, "pledge.withdrawal", "offer", found.offer_id, pledge=pledge_id)


def confirm_done(pledge_id: int, by_id: int, now: datetime) -> None:
    """The community says that it is done. Raises Refused for one's own, Conflict when it is done or given back already."""
    writing()
    found = queries.pledge(pledge_id)
    if found is None:
        raise NotFound
    if found.person_id == by_id:
        raise Refused("这是您自己认领的，要由另一位来确认。")
    doing = (
        update(Pledge)
        .where(Pledge.id == pledge_id, Pledge.withdrawn_at.is_(None), Pledge.done_at.is_(None))
        .values(done_at=now, confirmed_by_id=by_id)
    )
    if db.session.execute(doing.returning(Pledge.id)).scalar_one_or_none() is None:
        raise Conflict("这一项已经完成或退回了。")
    audit.record(by_id, "pledge.confirmation", "offer", found.offer_id, pledge=pledge_id, person=found.person_id)
    notify(found.person_id, f"社区确认您完成了“{found.title}”，辛苦了", OWN)
