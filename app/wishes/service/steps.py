"""Taking a step, and what happens by itself first: a claim that lapsed by its day is noted, and both sides are told."""

from datetime import date, datetime, timedelta

from sqlalchemy import insert, select

from app.audit import service as audit
from app.core import clock
from app.core.db import db, is_sqlite, writing
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.wishes.models import Wish, WishStepEntry
from app.wishes.queries.facts import Facts, facts
from app.wishes.rules import FOLLOWS, OF_A_CLAIM, REASONED, TAKEN, Step
from app.wishes.service.words import check_note
from app.wishes.step_rules import Standing, step_fault
from app.worklist.service import notify

OWN, PAGE = "/me/wishes", "/fund/wishes/{}"


def locked(wish_id: int) -> Facts:
    """The wish, its row taken: who comes second sees what the first did. Raises NotFound."""
    writing()
    if not is_sqlite():
        db.session.execute(select(Wish.id).where(Wish.id == wish_id).with_for_update())
    found = facts(wish_id)
    if found is None:
        raise NotFound
    return found


def called(wish: Facts) -> str:
    """In a notice: its title once two people have read it, else its number."""
    return f"“{wish.title}”" if wish.title and not wish.veiled else wish.number


def put(wish: Facts, step: Step, by_id: int | None, now: datetime, *, claim_id: int | None, note: str, reference: str, on: date) -> None:
    db.session.execute(
        insert(WishStepEntry).values(
            wish_id=wish.id,
            seq=wish.steps + 1,
            step=step,
            at=now,
            happened_on=on,
            by_id=by_id,
            claim_id=claim_id,
            note=note,
            reference=reference,
        )
    )
    audit.record(by_id, f"wish.{step.value}", "wish", wish.id, seq=wish.steps + 1)


def lapse(wish: Facts, now: datetime) -> Facts:
    """Notes that the claim is over, if it is by now; who claimed it and whose it is are told. Returns the wish as it stands then."""
    today = clock.local_date(now)
    if wish.on(today) is wish.state or wish.due_on is None:
        return wish
    put(wish, Step.LAPSED, None, now, claim_id=wish.claim_id, note="", reference="", on=wish.due_on + timedelta(days=1))
    if wish.claimer_id is not None:
        notify(wish.claimer_id, f"{called(wish)}过了日子还没联系上，已经放回，别的街坊也能认领", OWN)
    if wish.own_id is not None:
        notify(wish.own_id, f"{called(wish)}又回到等人认领，我们再找人", OWN)
    again = facts(wish.id)
    if again is None:
        raise NotFound
    return again


def judged(wish: Facts, step: Step, by_id: int | None, handles: bool, now: datetime) -> None:
    """Raises Conflict when it is not its turn, Refused when it is not this person's."""
    today = clock.local_date(now)
    fault = step_fault(wish.standing, step, by_id, handles, today)
    if fault:
        standing: Standing = wish.standing.on(today)
        raise (Refused if standing.state in FOLLOWS[step] else Conflict)(fault)


def take(wish_id: int, step: Step, by_id: int, handles: bool, now: datetime, *, note: str = "", reference: str = "") -> Facts:
    """Every step but telling, verifying and claiming. Raises Conflict, Refused, Invalid without a reason. Returns the wish before it."""
    wish = lapse(locked(wish_id), now)
    judged(wish, step, by_id, handles, now)
    if not note and (step in REASONED or (step is Step.CONNECTED and wish.state is Step.FULFILLED)):
        raise Invalid({"note": "请写明原因"})
    if note:
        check_note(wish_id, note)
    claim = wish.claim_id if step in OF_A_CLAIM or (step is Step.WITHDRAWN and wish.state in TAKEN) else None
    put(wish, step, by_id, now, claim_id=claim, note=note, reference=reference, on=clock.local_date(now))
    _tell(wish, step, by_id)
    return wish


TO_CLAIMER = {
    Step.CONNECTED: "联系上了，可以去办了",
    Step.THANKED: "回访过了，谢谢您",
    Step.RELEASED: "已经放回",
    Step.WITHDRAWN: "撤回了，不用再办",
    Step.FULFILLED: "记为办成了",
}
TO_OWNER = {
    Step.PUBLISHED: "已经公开，等人认领",
    Step.CONNECTED: "有人来圆，社区联系过您了",
    Step.RELEASED: "又回到等人认领，我们再找人",
    Step.RETURNED: "要补充几句，社区会联系您",
    Step.DECLINED: "这次没有办，原因请问社区",
    Step.WITHDRAWN: "撤回了",
}


def _tell(wish: Facts, step: Step, by_id: int) -> None:
    """Whom it concerns, unless they did it themselves. No reason stands in a notice: it may say too much."""
    for who, words in ((wish.claimer_id, TO_CLAIMER.get(step)), (wish.own_id, TO_OWNER.get(step))):
        if who is not None and words and who != by_id:
            notify(who, f"{called(wish)}{words}", OWN)
