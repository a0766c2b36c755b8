"""认领: one claimer at a time. The unique index of standing claims has the last word; who comes second is told so."""

from datetime import datetime

from sqlalchemy import Select, func, insert, select

from app.core import clock
from app.core.db import db, is_sqlite, writing
from app.core.errors import Conflict, Refused, TooMany
from app.people import service as people
from app.people.queries import records_of
from app.wishes.models import WishClaim
from app.wishes.queries.facts import Facts, facts, rule
from app.wishes.queries.rounds import days_of, rounds_of
from app.wishes.queries.tidying import to_settle
from app.wishes.rules import A_DAY, AT_ONCE, FREE, Claimer, Step, due, is_open
from app.wishes.service.steps import judged, lapse, locked, put
from app.worklist.service import notify

TAKEN_WORDS = "刚刚有人认领了。还有别的心愿在等。"


def claim(wish_id: int, claimer: Claimer, now: datetime, *, device_hash: str | None = None, donor_digest: str | None = None) -> int:
    """Returns the claim's id; the same form sent twice is one claim. Raises Conflict when it is not free or no round is open.

    A donor gives `donor_digest`, of the phone; one without an account `device_hash` too.
    """
    writing()
    if claimer.by_id is not None:
        people.lock_person(claimer.by_id)  # persons first, then wishes: two claims of one person wait for each other
    elif device_hash is not None and not is_sqlite():
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(device_hash, 0))))  # and two of one device
    if known := _sent_before(claimer.form_key, wish_id):
        return known
    wish = lapse(locked(wish_id), now)
    today = clock.local_date(now)
    if wish.on(today) not in FREE:
        if wish.claimer_id is not None and wish.claimer_id == claimer.by_id and wish.claim_id:
            return wish.claim_id  # their own, pressed twice
        raise Conflict(TAKEN_WORDS)
    judged(wish, Step.CLAIMED, claimer.by_id, handles=False, now=now)
    if not is_open(days_of(rounds_of([wish.unit_id], today).get(wish.unit_id, [])), today):
        raise Conflict("这一轮已经结束，下一轮开始再来认领。")
    made = int(
        db.session.execute(
            insert(WishClaim)
            .values(
                wish_id=wish_id,
                kind=claimer.kind,
                by_id=claimer.by_id,
                unit_id=claimer.unit_id,
                name=claimer.name,
                phone=claimer.phone,
                donor_digest=donor_digest,
                claimed_at=now,
                claimed_on=today,
                due_on=due(today, rule().connect_days),
                form_key=claimer.form_key,
                device_hash=device_hash,
                slot=_slot(claimer, device_hash, donor_digest, now),
            )
            .returning(WishClaim.id)
        ).scalar_one()
    )
    put(wish, Step.CLAIMED, claimer.by_id, now, claim_id=made, note="", reference="", on=today)
    if wish.own_id is not None:
        notify(wish.own_id, "您的心愿有人认领了，社区会联系您", "/me/wishes")
    return made


def _slot(claimer: Claimer, device_hash: str | None, donor_digest: str | None, now: datetime) -> int:
    """Whose claims wait to be connected are counted: three of a person, one of a donor's phone, three a day of a device."""
    today = clock.local_date(now)
    waits = (WishClaim.ended_on.is_(None), WishClaim.connected_on.is_(None))
    if donor_digest is not None:
        _forget(select(WishClaim.wish_id).where(WishClaim.donor_digest == donor_digest, *waits), now)
        if db.session.scalar(select(WishClaim.id).where(WishClaim.donor_digest == donor_digest, *waits)):
            raise Refused("这个号码已经认领了一个，正等社区联系。办好这一个，再来认领下一个。")
    if claimer.by_id is None:
        mine = db.session.scalar(
            select(func.coalesce(func.max(WishClaim.slot), 0)).where(WishClaim.device_hash == device_hash, WishClaim.claimed_on == today)
        )
        if int(mine or 0) >= A_DAY:
            raise TooMany("今天认领了好几个了，谢谢您。先等社区联系，明天再来。", 3600)
        return int(mine or 0) + 1
    theirs = (WishClaim.by_id.in_(records_of(claimer.by_id)), *waits)
    _forget(select(WishClaim.wish_id).where(*theirs), now)
    taken = list(db.session.scalars(select(WishClaim.slot).where(*theirs)))
    if len(taken) >= AT_ONCE:
        raise Refused(f"您有 {AT_ONCE} 个认领了还没联系上。先办好一个，再认领下一个。")
    return min(set(range(1, AT_ONCE + 1)) - set(taken))


def _forget(wish_ids: Select[int], now: datetime) -> None:
    """Of one's own claims those that lapsed by their day no longer count."""
    for wish_id in db.session.scalars(wish_ids).all():
        found = facts(wish_id)
        if found is not None:
            lapse(found, now)


def _sent_before(form_key: str | None, wish_id: int) -> int | None:
    sent = select(WishClaim.id).where(WishClaim.form_key == form_key, WishClaim.wish_id == wish_id)
    return db.session.scalar(sent) if form_key else None


def settle(now: datetime) -> int:
    """Notes every claim that lapsed by its day, and tells both; how many. Idempotent; nothing waits for it."""
    found = to_settle(clock.local_date(now))
    for wish_id in found:
        lapse(locked(wish_id), now)
    return len(found)


def note_lapse(wish_id: int, now: datetime) -> Facts:
    """The same for one, pressed by whoever handles it."""
    return lapse(locked(wish_id), now)
