"""代办: while somebody is away another takes their steps, each written down as taken for them. It holds once the deputy said yes."""

from datetime import datetime

from sqlalchemy import insert, select, update

from app.audit import service as audit
from app.core import clock
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.words import full_day
from app.fund.models_office import FundDelegation
from app.fund.money_rules import LONGEST_AWAY, Away
from app.fund.queries import deputies
from app.people.models import Person
from app.worklist.service import notify

URL = "/fund/deputies"


def appoint(away: Away, by_id: int, now: datetime, *, administrator: bool) -> int:
    """Written by who is away, or by an administrator for them; never by the deputy. Both decide about the fund already."""
    writing()
    today = clock.local_date(now)
    if by_id != away.from_id and not administrator:
        raise Refused("只能由请假的人自己，或者街道管理员来定。")
    known = dict(deputies.staff(today))
    faults = {}
    if away.from_id not in known:
        faults["from_id"] = "请选择有基金审批、付款或对账职责的人"
    if away.to_id not in known or away.to_id in (away.from_id, by_id):
        faults["to_id"] = "代办的人要另有其人，自己已有基金的职责，也不能是写这一条的人"
    if away.first_on < today:
        faults["first_on"] = "从今天或以后的一天起"
    if not 0 <= (away.last_on - away.first_on).days < LONGEST_AWAY:
        faults["last_on"] = f"最后一天应在第一天之后，一次最多 {LONGEST_AWAY} 天"
    if faults:
        raise Invalid(faults)
    delegation_id: int = db.session.execute(
        insert(FundDelegation)
        .values(
            from_id=away.from_id,
            to_id=away.to_id,
            first_on=away.first_on,
            last_on=away.last_on,
            reason=away.reason,
            made_by_id=by_id,
            made_at=now,
        )
        .returning(FundDelegation.id)
    ).scalar_one()
    span = {"first_on": away.first_on.isoformat(), "last_on": away.last_on.isoformat()}
    audit.record(by_id, "fund.deputy.asked", "person", away.from_id, deputy=away.to_id, **span)
    days = f"{full_day(away.first_on)}到{full_day(away.last_on)}"
    notify(away.to_id, f"请您在{days}替{known[away.from_id]}代办基金的事，同意后生效", URL)
    if by_id != away.from_id:
        notify(away.from_id, f"{days}您的基金事务拟由{known[away.to_id]}代办", URL)
    return delegation_id


def accept(delegation_id: int, by_id: int, now: datetime) -> None:
    found = _open(delegation_id)
    if by_id != found.to_id:
        raise Refused("要由代办的人自己答应。")
    if found.accepted_at is not None:
        return
    if found.last_on < clock.local_date(now):
        raise Conflict("代办的日子已经过了。")
    db.session.execute(update(FundDelegation).where(FundDelegation.id == delegation_id).values(accepted_at=now))
    audit.record(by_id, "fund.deputy.accepted", "person", found.from_id, deputy=found.to_id)
    notify(found.from_id, f"{_name(found.to_id)}答应替您代办", URL)


def end(delegation_id: int, by_id: int, now: datetime, *, administrator: bool) -> None:
    """Early, or before it was accepted: by who is away, by the deputy, or by an administrator."""
    found = _open(delegation_id)
    if by_id not in (found.from_id, found.to_id) and not administrator:
        raise Refused("只能由这两位或者街道管理员来停。")
    db.session.execute(update(FundDelegation).where(FundDelegation.id == delegation_id).values(ended_at=now, ended_by_id=by_id))
    audit.record(by_id, "fund.deputy.ended", "person", found.from_id, deputy=found.to_id)
    for person in {found.from_id, found.to_id} - {by_id}:
        notify(person, f"{_name(found.to_id)}替{_name(found.from_id)}的代办已停止", URL)


def _open(delegation_id: int) -> FundDelegation:
    writing()
    found = db.session.get(FundDelegation, delegation_id, populate_existing=True)
    if found is None:
        raise NotFound
    if found.ended_at is not None:
        raise Conflict("这条代办已经停止。")
    return found


def _name(person_id: int) -> str:
    return db.session.execute(select(Person.name).where(Person.id == person_id)).scalar_one()
