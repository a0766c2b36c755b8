"""What reached the server: whether it is recorded as it was made, answered as it is recorded, and comes to what the oracle says."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select

from app.checkin.models import Scan
from app.core.db import db
from tests.simulator.oracle import Event, day_of
from tests.simulator.plan import ORGANISER
from tests.simulator.world import Scanned, World, must

SPACE = UUID("0e5f8c52-6a5c-4d0e-9a61-2f6d3f7f5a11")
MACHINE = {"poster", "rotating", "typed_code", "personal_code", "card", "button"}
SLACK, KEPT_FOR = timedelta(seconds=2), timedelta(hours=48)
MOVES = {"in", "out", "pending"}


class Arrivals:
    """The oracle is told of every scan with a good code, as it arrives."""

    def __init__(self, world: World) -> None:
        self.world, self.oracle, self.scans = world, world.oracle, dict[int, Scanned]()

    def id_of(self, n: int) -> UUID:
        return uuid5(SPACE, f"{self.world.plan.seed}:{n}")

    def acknowledged(self) -> Iterable[Scanned]:
        return (made for made in self.scans.values() if made.told is not None and made.at is not None)

    def row(self, scan_id: UUID) -> Any:
        return db.session.execute(select(Scan.__table__).where(Scan.id == scan_id)).one_or_none()

    def _reached(self, made: Scanned, at: datetime, fault: str | None, told: str | None) -> None:
        row = self.row(made.id)
        must(row is not None, "an acknowledged scan is there", made)
        seen = row.person_id, row.activity_id, row.by_id, row.way.value, row.at, row.received_at
        meant = self.world.became.get(made.person, made.person), made.activity, made.by or made.acting, made.way, at, self.world.now
        must(seen == meant, "a scan is recorded as it was made", lambda: f"{made} {seen} {meant}")
        must((row.fence and row.fence.value) == made.fence, "of a place only inside or outside is kept", lambda: f"{made} {row.fence}")
        outcome = row.outcome.value
        made.outcome, made.at, made.arrived = outcome, at, self.world.now
        if told is not None:
            expired = {"stale_code": "expired", "forged": "revoked"}.get(outcome, outcome) if made.by else outcome
            must(told == expired, "the answer is what is recorded", f"{made} {told}")
        if fault:
            must(outcome == fault, "a bad code is refused for its reason", f"{made} at {at}: {outcome}, not {fault}")
        else:
            if made.fence == "outside":
                self.oracle.outside.add(made.id.hex)
            self._judged(made, Event(made.id.hex, made.person, made.activity, at, self.world.now, machine=made.way in MACHINE))

    def _judged(self, made: Scanned, event: Event) -> None:
        outcome = str(made.outcome)
        if event.activity in self.world.closed:
            must(outcome not in MOVES, "a closed door moves nobody", made)
            return
        said = self.oracle.note(event)
        if said == "in" and event.person not in self.world.confirmed:
            said = "pending"
        if said is not None:
            must(outcome == said, "a scan comes to what it must", lambda: f"{made} {event.at}: {outcome}, not {said}")
        if outcome == "out":
            self.oracle.outs.add(event.id)
        if outcome in ("too_early", "too_late"):
            self.oracle.sent_away[event.id] = outcome
        if outcome == "already_out":
            self.oracle.found_gone.add(event.id)

    def _term_over(self, phone: int, activity: int) -> bool:
        last = max(one.ends for one in self.world.shifts[activity])
        return phone != ORGANISER and self.world.now > last + timedelta(hours=1) + KEPT_FOR

    def _answered(self, made: Scanned, at: datetime, told: str) -> None:
        if made.outcome:  # it came before, perhaps by its page, perhaps was its answer lost
            said = {"stale_code": "expired", "forged": "revoked"}.get(made.outcome, made.outcome) if made.by else made.outcome
            must(told == said, "sent again it answers the same", f"{made} {told}")
            return
        why = self._unrecorded(made, at)
        if made.way == "named" and made.phone != ORGANISER and told == "unknown" and why != "not_open":
            why = "unknown"  # a helper finds those only who signed up or are here
        if why is not None:
            must(told == why, "who may not scan is refused", f"{made} {told}")
            must(self.row(made.id) is None, "what is refused is no scan", made)
            return
        if made.by is None:
            made.fence = (made.place or "not_given") if made.activity in self.world.fenced else None
        self._reached(made, at, self._fault(made, at, slack=True), told)

    def _unrecorded(self, made: Scanned, at: datetime) -> str | None:
        if made.by is None:
            return None
        last = max(one.ends for one in self.world.shifts[made.activity])
        if made.phone != ORGANISER and not self.world.midnight - SLACK <= at <= last + timedelta(hours=1):
            return "not_open"
        return "own" if made.by == made.person else None

    def _digits_wrong(self, made: Scanned, at: datetime) -> bool:
        since = self.world.asked.get(made.activity)
        if since is None or at < since:
            return False
        return not made.digits_right or made.scanned is None or day_of(made.scanned) != day_of(at)

    def _fault(self, made: Scanned, at: datetime, slack: bool) -> str | None:
        """Why a code is no good at that time."""
        if made.way == "card":
            revoked = self.world.revoked.get(str(made.said["code"]))
            if revoked is not None and revoked <= at:
                return "forged"
        if made.by is None:
            if made.wrong_way:
                return "wrong_way"
            times = (at, at + SLACK) if slack else (at,)
            if made.window is not None and not any(int(one.timestamp()) // 30 - made.window in (0, 1) for one in times):
                return "stale_code"
            since = self.world.asked.get(made.activity)
            if (
                slack
                and since is not None
                and since <= at
                and (not made.digits_right or not made.scanned or day_of(made.scanned) != day_of(at))
            ):
                return "stale_code"
        elif made.window is not None:
            if abs(int(at.timestamp()) // 60 - made.window) > 1:
                return "stale_code"
        elif made.made_at is not None:
            made_at = made.made_at.replace(microsecond=0)
            if not made_at - timedelta(seconds=10) <= at <= made_at + timedelta(seconds=190):
                return "stale_code"
        return "too_late" if slack and self.world.now - at > KEPT_FOR else None
