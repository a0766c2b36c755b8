"""How often digits may be typed and strangers be taken in by whoever drops the cookie after each try. See docs/decisions/0060.

Who is signed in is counted as a person, so that no stranger on the same network makes them wait. Who only checks in is never counted.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.checkin.queries import gates
from app.checkin.views.digits import device
from app.core import limits
from app.core.errors import TooMany
from app.core.limits import Limit
from app.webkit.guards import actor_or_none
from app.webkit.peer import peer

DIGITS_OF_ONE = Limit("day-digits-of-one", 20, timedelta(hours=1))
DIGITS_FROM_ONE = Limit("day-digits", 60, timedelta(minutes=10))  # a hall full of phones behind one address mistypes less
WALK_INS = Limit("walk-ins", 600, timedelta(hours=1))
VISITS = Limit("visits", 3000, timedelta(hours=1))  # a festival looks around behind one address


@dataclass(frozen=True)
class Wait:
    """Until when no digits are looked at. `shared`: for what others on the same network typed."""

    until: datetime
    shared: bool


def digits_wait(activity_id: int, now: datetime) -> Wait | None:
    """Whether this phone, this person or this network waits before it types the code of the day again."""
    limit, whose = _typing()
    own = gates.wrong_tries(activity_id, device(), now).wait_until(now)
    left = limits.wait_left(limit, whose, now)
    if left and (own is None or now + timedelta(seconds=left) > own):
        return Wait(now + timedelta(seconds=left), limit is DIGITS_FROM_ONE)
    return Wait(own, False) if own else None


def one_more_mistake(now: datetime) -> int:
    """In a transaction: 0, or the seconds to wait where others typed the last that this network had meanwhile."""
    return limits.use(*_typing(), now)


def one_more_walk_in(now: datetime) -> None:
    """In the transaction that writes a stranger down. Raises TooMany."""
    if wait := limits.use(WALK_INS, peer(), now):
        raise TooMany("从这个网络登记的人太多了，这次还没有登记上。现场急用，请找工作人员当面登记；不急的，过一会儿再试。", wait)


def one_more_visit(now: datetime) -> None:
    """In the transaction that counts a visitor. Raises TooMany."""
    if wait := limits.use(VISITS, peer(), now):
        raise TooMany("从这个网络来的人太多了，这次没有计数。不影响您参加活动。", wait)


def _typing() -> tuple[Limit, str]:
    actor = actor_or_none()
    return (DIGITS_OF_ONE, str(actor.person_id)) if actor else (DIGITS_FROM_ONE, peer())
