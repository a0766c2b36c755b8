"""Rounds are announced and their last day is moved; and the local rule of all wishes."""

from datetime import date, datetime

from sqlalchemy import insert, select, update

from app.audit import service as audit
from app.core.db import db, is_sqlite, writing
from app.core.errors import Conflict, Invalid, NotFound
from app.people.models import Unit
from app.people.queries import unit
from app.people.rules import UnitKind
from app.settings import service as settings
from app.wishes.models import WishRound
from app.wishes.rules import SETTING, Rule

OF_ROUNDS = (UnitKind.SUBDISTRICT, UnitKind.COMMUNITY)


def _apart(unit_id: int, opens_on: date, closes_on: date, but: int = 0) -> None:
    """Under the unit's lock: two rounds of a unit never share a day. The trigger says the same."""
    if not is_sqlite():
        db.session.execute(select(Unit.id).where(Unit.id == unit_id).with_for_update())
    both = (WishRound.opens_on <= closes_on, WishRound.closes_on >= opens_on)
    other = db.session.execute(select(WishRound.name).where(WishRound.unit_id == unit_id, WishRound.id != but, *both).limit(1)).scalar()
    if other:
        raise Invalid({"opens": f"和“{other}”的日子重叠了"})


def announce(unit_id: int, name: str, opens_on: date, closes_on: date, by_id: int, now: datetime, today: date) -> int:
    """Raises Invalid for days that are past or that another round of this unit has."""
    writing()
    at = unit(unit_id)
    if at is None or at.kind not in OF_ROUNDS:
        raise NotFound
    if closes_on < opens_on or closes_on < today:
        raise Invalid({"closes": "最后一天不能在第一天以前，也不能已经过去"})
    if opens_on < today:
        raise Invalid({"opens": "第一天不能已经过去"})
    _apart(unit_id, opens_on, closes_on)
    made = insert(WishRound).values(unit_id=unit_id, name=name, opens_on=opens_on, closes_on=closes_on, made_by_id=by_id, made_at=now)
    round_id = int(db.session.execute(made.returning(WishRound.id)).scalar_one())
    audit.record(by_id, "wish_round", "wish_round", round_id, unit=unit_id, name=name)
    return round_id


def move_end(round_id: int, closes_on: date, by_id: int, today: date) -> None:
    """A round that is not over ends earlier or later; what is over stays as it was, for wishes have waited by it."""
    writing()
    found = db.session.get(WishRound, round_id, populate_existing=True)
    if found is None:
        raise NotFound
    if found.closes_on < today:
        raise Conflict("这一轮已经结束，日子不再改。")
    if closes_on < max(today, found.opens_on):
        raise Invalid({"closes": "最后一天不能已经过去，也不能在第一天以前"})
    before = found.closes_on
    _apart(found.unit_id, found.opens_on, closes_on, but=round_id)
    db.session.execute(update(WishRound).where(WishRound.id == round_id).values(closes_on=closes_on))
    audit.record(by_id, "wish_round.end", "wish_round", round_id, before={"on": before.isoformat()}, after={"on": closes_on.isoformat()})


def set_rule(rule: Rule, by_id: int, now: datetime) -> None:
    """For claims and ends from now on; a claim keeps the last day it was told."""
    settings.put(SETTING, {"connect_days": rule.connect_days, "erase_after": rule.erase_after}, by_id, now)
