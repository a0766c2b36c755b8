"""Second thoughts on a phone: 现在签退, 撤销, and the same id with another content."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid5

from sqlalchemy import select

from app.checkin.models import Attendance
from app.core.db import db
from tests.simulator.arrivals import MACHINE, MOVES, Arrivals
from tests.simulator.checks import fingerprint
from tests.simulator.oracle import TEN, Event
from tests.simulator.plan import ORGANISER
from tests.simulator.world import Scanned, must

HX = {"HX-Request": "true"}


def written(at: datetime) -> str:
    """As a browser writes a time."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


class SecondThoughts(Arrivals):
    """What is refused, or was done before, changes nothing."""

    def do_depart(self, n: int) -> None:
        made = self.scans.get(n)
        if made is None or made.outcome is None or self.row(made.id) is None:
            return
        second = uuid5(made.id, "departure")
        known, before = self.row(second), fingerprint()
        phone = self.world.phones[made.phone].client
        url = f"/activities/{made.activity}/uploads/{made.id}/departure" if made.by else f"/scans/{made.id}/departure"
        answer = phone.post(url, headers=HX)
        self._answer_came(made, answer)
        assert made.arrived
        may = made.outcome == "already_in" and self.world.now - made.arrived <= timedelta(minutes=30)
        if made.by and made.phone != ORGANISER and self._unrecorded(made, self.world.now):
            may = False
        must((answer.status_code == 200) == may or known is not None, "who is in may leave now", lambda: f"{answer.status_code} {made}")
        if answer.status_code != 200 or known is not None:
            must(before == fingerprint(), "what is refused or sent again changes nothing", made)
            return
        row, now = self.row(second), self.world.now
        must(row is not None and row.at == now, "leaving is recorded as it was made", made)
        left = Scanned(-n, second, made.person, made.activity, made.phone, {}, by=made.by, way=row.way.value)
        left.outcome, left.at, left.arrived = row.outcome.value, now, now
        self.scans[-n - 1] = left
        self._judged(left, Event(second.hex, made.person, made.activity, now, now, "button", machine=row.way.value in MACHINE))

    def _answer_came(self, made: Scanned, answer: Any) -> None:
        """With an answer to a scan its phone's cookie forgets the code that it opened."""
        if made.by is None and answer.status_code == 200:
            self.world.phones[made.phone].opened = None

    def do_undo(self, n: int, departed: bool = False) -> None:
        """撤销签退 on one's own phone."""
        made = self.scans.get(-n - 1 if departed else n)
        if made is None or made.by is not None or made.outcome is None or made.person not in self.world.who:
            return
        spell = db.session.execute(select(Attendance.__table__).where(Attendance.out_scan_id == made.id)).one_or_none()
        known, before = self.row(uuid5(made.id, "undoing")), fingerprint()
        answer = self.world.phones[self.world.who[made.person]].client.post(f"/scans/{made.id}/undoing", headers=HX)
        self._answer_came(made, answer)
        now = self.world.now
        if answer.status_code != 200 or known is not None:
            must(before == fingerprint(), "what is refused or sent again changes nothing", made)
        if known is not None:
            return
        if answer.status_code != 200:
            shift = next(one for one in self.world.shifts[made.activity] if one.id == spell.shift_id) if spell else None
            late = spell is None or shift is None or now > min(spell.out_at + TEN, shift.ends + timedelta(hours=1))
            must(
                late or made.activity in self.world.closed or spell.excluded_at or spell.id in self.world.decided,
                "ten minutes to think",
                made,
            )
            return
        must(spell is not None and now <= spell.out_at + TEN, "a sign-out is taken back within ten minutes", made)
        self.oracle.undo(made.person, made.activity, made.id.hex, now, sign_out=True)

    def do_desk_undo(self, n: int) -> None:
        """撤销 by whoever scanned somebody else."""
        made = self.scans.get(n)
        if made is None or made.by is None or made.outcome is None:
            return
        before, known = fingerprint(), self.row(uuid5(made.id, "undoing"))
        answer = self.world.phones[made.phone].client.post(f"/activities/{made.activity}/uploads/{made.id}/undoing")
        if answer.status_code != 200 or known is not None:
            must(before == fingerprint(), "what is refused or sent again changes nothing", made)
            return
        must(made.outcome in MOVES and made.activity not in self.world.closed, "only what moved somebody is undone, at an open door", made)
        self.oracle.undo(made.person, made.activity, made.id.hex, self.world.now, sign_out=False)

    def do_forge(self, n: int) -> None:
        """The same id with another content."""
        made = self.scans.get(n)
        if made is None or made.outcome is None or made.ticket or self.row(made.id) is None:
            return
        other = {**made.said, "at": written(datetime.fromisoformat(str(made.said["at"])) - timedelta(minutes=7))}
        if made.by is None:  # of one's own phone the page's form and its queue are one scan: what differs is where
            other["code"] = next((code for code in self.world.codes if not str(made.said["code"]).startswith(code)), "2222")
        url = f"/activities/{made.activity}/uploads" if made.by else "/late-scans"
        before, phone = fingerprint(), self.world.phones[made.phone]
        sent_at = written(self.world.now + timedelta(seconds=phone.skew))
        answer = phone.client.post(
            url, json={"sent_at": sent_at, "scans": [{name: other[name] for name in other if made.by or name != "gate"}]}
        )
        if answer.status_code == 404 and self._term_over(made.phone, made.activity):
            return
        (one,) = answer.get_json()["results"]
        refused = {"conflict", self._unrecorded(made, self.world.now - timedelta(minutes=7)) or "conflict"}
        must(one["outcome"] in refused, "the same id with another content is refused", f"{made} {one}")
        must(before == fingerprint(), "what is refused changes nothing", made)
