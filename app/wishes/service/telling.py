"""A wish is told, told again after it was handed back, verified with the words that everybody will read, and veiled."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from app.audit import service as audit
from app.core import clock
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, TooMany
from app.fund.service.ledger import next_number
from app.people.queries import unit
from app.people.rules import UnitKind
from app.wishes.models import Wish, WishPrivate, WishStepEntry
from app.wishes.queries.facts import facts, told_before
from app.wishes.rules import A_DAY, EARLY, PublicWords, Step, Telling, Way
from app.wishes.service.steps import judged, lapse, locked, put
from app.wishes.service.words import check_words

A_DAY_IN_ALL = 60  # told without signing in, for one community a day: beyond it somebody plays with the form


def tell(told: Telling, words: PublicWords | None, device_hash: str | None, now: datetime) -> int:
    """Returns the wish's id. The same form sent twice is one wish. Raises TooMany for a device that told its share today.

    `words`: a proposal for the public page by who keys it in; it is read and judged when the wish is verified.
    """
    writing()
    if known := told_before(told.form_key):
        return known
    if (at := unit(told.unit_id)) is None or at.kind is not UnitKind.COMMUNITY:
        raise Invalid({"unit": "请选择社区"})
    today = clock.local_date(now)
    number = f"XY-{today.year}-{next_number(f'wish-{today.year}'):04d}"
    slot = _slot(told, device_hash, today) if told.way is Way.FORM else None  # after the number: who tells at once waits for it
    wish_id = int(
        db.session.execute(
            insert(Wish)
            .values(
                number=number,
                unit_id=told.unit_id,
                kind=told.kind,
                whom=told.whom,
                way=told.way,
                cost=told.cost,
                title=words.title if words else "",
                words=words.words if words else "",
                source_unit_id=told.source_unit_id,
                own_id=told.own_id,
                told_by_id=told.by_id,
                told_at=now,
                told_on=today,
                form_key=told.form_key,
                device_hash=device_hash if told.way is Way.FORM else None,
                slot=slot,
            )
            .returning(Wish.id)
        ).scalar_one()
    )
    who = told.contact
    db.session.execute(insert(WishPrivate).values(wish_id=wish_id, words=told.words, name=who.name, phone=who.phone, place=who.where))
    db.session.execute(insert(WishStepEntry).values(wish_id=wish_id, seq=1, step=Step.TOLD, at=now, happened_on=today, by_id=told.by_id))
    audit.record(told.by_id, "wish.told", "wish", wish_id, number=number)
    return wish_id


def _slot(told: Telling, device_hash: str | None, today: Any) -> int:
    """Which of its wishes of the day this is for the device; the unique index decides, should two come at once."""
    mine = int(db.session.scalar(select(func.count()).where(Wish.device_hash == device_hash, Wish.told_on == today)) or 0)
    here = select(func.count()).where(Wish.unit_id == told.unit_id, Wish.told_on == today, Wish.way == Way.FORM)
    if mine >= A_DAY or int(db.session.scalar(here) or 0) >= A_DAY_IN_ALL:
        raise TooMany("今天已经收到好几个了。还有心愿，请打电话或到社区党群服务中心说一声，也算数。", 3600)
    return mine + 1


def verify(wish_id: int, words: PublicWords, by_id: int, handles: bool, now: datetime) -> None:
    """核实: somebody else than who told it asked whether it is so, and wrote or read the words for everybody."""
    wish = lapse(locked(wish_id), now)
    judged(wish, Step.VERIFIED, by_id, handles, now)
    check_words(wish_id, words)
    _reword(wish_id, words)
    put(wish, Step.VERIFIED, by_id, now, claim_id=None, note="", reference="", on=clock.local_date(now))


def tell_again(wish_id: int, told_words: str, words: PublicWords | None, by_id: int, handles: bool, now: datetime) -> None:
    """补充 after it was handed back; it is then verified by somebody else, as at first."""
    wish = lapse(locked(wish_id), now)
    judged(wish, Step.TOLD, by_id, handles, now)
    if told_words:
        keep = update(WishPrivate).where(WishPrivate.wish_id == wish_id, WishPrivate.erased_at.is_(None))
        db.session.execute(keep.values(words=told_words))
    if words is not None:
        _reword(wish_id, words)
    put(wish, Step.TOLD, by_id, now, claim_id=None, note="", reference="", on=clock.local_date(now))


def _reword(wish_id: int, words: PublicWords) -> None:
    found = facts(wish_id)
    if found is None or found.state not in EARLY:
        raise Conflict("核实过的话不能再改。要改，请先退回。")
    db.session.execute(
        update(Wish)
        .where(Wish.id == wish_id)
        .values(title=words.title, words=words.words, kind=words.kind, whom=words.whom, cost=words.cost)
    )


def veil(wish_id: int, by_id: int, now: datetime) -> None:
    """Takes its words and photos from every public page, at once and for good: somebody may be recognised. Twice is once."""
    wish = locked(wish_id)
    if not wish.veiled:
        db.session.execute(update(Wish).where(Wish.id == wish_id).values(veiled_at=now, veiled_by_id=by_id))
        audit.record(by_id, "wish.veiling", "wish", wish_id)
