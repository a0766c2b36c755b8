"""What phones do: scan, keep, send, lose the request or its answer, send again, out of order, with clocks that are wrong."""

import re
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from tests.simulator.arrivals import SLACK
from tests.simulator.checks import fingerprint
from tests.simulator.interruptions import cut, recover, twice_at_once
from tests.simulator.oracle import TEN
from tests.simulator.plan import ORGANISER, Step
from tests.simulator.second_thoughts import HX, SecondThoughts, written
from tests.simulator.world import Phone, Scanned, must


class Phones(SecondThoughts):
    """The steps that phones take, by their names."""

    def do(self, step: Step) -> None:
        if any(step.args.get(whose, ORGANISER) not in self.world.phones for whose in ("who", "phone")):
            return  # a record that is another one by now, or erased
        getattr(self, f"do_{step.kind}")(**step.args)

    # Scanning with one's own phone.

    def _own(self, n: int, who: int, activity: int, gate: int | None, age: float | None, typed: bool, wrong: bool) -> Scanned:
        world = self.world
        rotating, phone = world.plan.held[activity].rotating, world.phones[who]
        code, window = world.short_code(activity, age, gate, wrong)
        at = world.now + timedelta(seconds=phone.skew)
        said = {"id": str(self.id_of(n)), "at": written(at), "code": code, "typed": typed}
        way = "typed_code" if typed else "rotating" if rotating else "poster"
        made = Scanned(n, self.id_of(n), world.people[who], world.activities[activity], who, said, window=window, way=way)
        made.wrong_way, made.scanned = rotating and window is None, world.now
        door = made.activity
        if door in world.asked:
            right = world.digits_of_the_day(door)
            made.said["digits"] = right if n % 7 != 3 else f"{(int(right) + n) % 10_000:04d}"
            made.digits_right = made.said["digits"] == right
        if door in world.fenced and n % 3:
            made.place = "outside" if n % 5 == 0 else "inside"
            made.said["place"] = world.place(made.place, n)
        self.scans[n] = made
        return made

    def do_keep(self, n: int, who: int, activity: int, gate: int | None = None, age: float | None = None, **how: bool) -> None:
        made = self._own(n, who, activity, gate, age, how.get("typed", False), how.get("wrong", False))
        self.world.phones[who].queue(None).append(made)

    def do_scan(self, n: int, who: int, activity: int, fate: str, gate: int | None = None, age: float | None = None, **how: bool) -> None:
        """The page of the code opens and posts itself; what is not answered goes into the queue under the same id."""
        made = self._own(n, who, activity, gate, age, how.get("typed", False), how.get("wrong", False))
        phone = self.world.phones[who]
        if made.activity in self.world.asked:  # its page asks for the four digits: kept and sent with them
            phone.queue(None).append(made)
            self.do_flush(who, fate, slow=0)
            return
        if not self._open(phone, made):
            return
        if fate == "request":
            phone.queue(None).append(made)
            return
        cookies = dict(phone.client._cookies or {})
        self._post(phone, made)
        if fate == "twice":
            phone.client._cookies = cookies
            self._post(phone, made)
        elif fate == "answer":
            phone.client._cookies = cookies
            phone.queue(None).append(made)
            return
        phone.opened = None
        made.told = made.outcome

    def _open(self, phone: Phone, made: Scanned) -> bool:
        """False where the page says at once that the code is no good: who acts for others is not asked for whom in vain."""
        code = str(made.said["code"])
        answer = phone.client.get(f"/c/{code}" + ("?by=typed" if made.said["typed"] else ""))
        must(answer.status_code == 200, "a code opens", lambda: f"{answer.status_code} {code}")
        found = re.search(r'name="ticket" value="([^"]+)"', answer.text)
        now, acts = self.world.now, any(acting == self.world.people[made.phone] for _, acting in self.world.agreed)
        if found is None and acts and self._fault(made, now, slack=False):
            phone.opened = code, now, made.way
            return False
        must(found, "a page that checks in carries a ticket", lambda: answer.text[-3000:])
        assert found
        made.ticket = found[1]
        if phone.opened and phone.opened[0] == code and now - phone.opened[1] <= TEN:
            made.opened_at, made.page_way = phone.opened[1:]
        else:
            made.opened_at, made.page_way = now, made.way
            phone.opened = (code, now, made.way)
        made.page_fence = "not_given" if made.activity in self.world.fenced else None
        return True

    def _post(self, phone: Phone, made: Scanned) -> None:
        before = fingerprint() if made.outcome else None
        answer = phone.client.post("/scans", data={"id": str(made.id), "ticket": made.ticket}, headers=HX)
        must(answer.status_code == 200, "a scan of one's own is answered", lambda: f"{answer.status_code} {answer.text[:300]}")
        if before is None:
            assert made.opened_at
            made.way, made.fence = made.page_way, made.page_fence
            self._reached(made, made.opened_at, self._fault(made, made.opened_at, slack=False), None)
        else:
            must(before == fingerprint(), "a resend changes nothing", made)

    # Scanning others.

    def do_desk(self, n: int, who: int, activity: int, desk: int, by: str) -> None:
        world = self.world
        person, phone = world.people[who], world.phones[desk]
        said: dict[str, Any] = {"id": str(self.id_of(n)), "at": written(world.now + timedelta(seconds=phone.skew)), "gate": None}
        if by == "card" and person not in world.cards:
            by = "shown"
        carried = world.cards.get(person, [""])[0 if n % 3 == 0 else -1]  # some go on with an old card
        if by == "name":
            said |= {"name": world.names[person], "tail": f"{who:07d}"[-4:]}
        else:
            said["code"] = carried if by == "card" else {"timed": world.timed_code, "shown": world.shown_code}[by](person)
        way = {"name": "named", "card": "card"}.get(by, "personal_code")
        made = Scanned(n, self.id_of(n), person, world.activities[activity], desk, said, by=world.people[desk], way=way)
        made.made_at = world.now if way == "personal_code" else None
        made.window = int(world.now.timestamp()) // 60 if by == "timed" else None
        self.scans[n] = made
        phone.queue(made.activity).append(made)

    # Sending.

    def do_flush(self, phone: int, fate: str, slow: float, activity: int | None = None, order: int | None = None, after: int = 0) -> None:
        queue = self.world.phones[phone].queue(None if activity is None else self.world.activities[activity])
        batch = sorted(queue, key=lambda one: str(one.said["at"]))[:50]
        if order is not None:
            Random(order).shuffle(batch)
            batch = batch[: max(1, len(batch) - order % 3)]
        if not batch:
            return
        sent_at = written(self.world.now - timedelta(seconds=slow) + timedelta(seconds=self.world.phones[phone].skew))
        if fate == "request":
            return
        if fate == "cut":
            self._cut(phone, batch, sent_at, after)
            return
        done = self._send(phone, batch, sent_at, at_once=fate == "race" and not self._finds_itself(batch))
        if fate == "twice":
            self._send(phone, batch, sent_at)
        if fate == "answer":
            return
        for made in batch:
            if made.id in done:
                queue.remove(made)
                made.told = done[made.id]

    def _finds_itself(self, batch: list[Scanned]) -> bool:
        """A helper's queue holds a name and something else of the same person: by name a helper finds who is here, so what comes twice
        in one moment may bring them here between the two, and nobody can say what must come of it. One after the other is tried."""
        names = [made for made in batch if made.way == "named" and made.phone != ORGANISER]
        return any(made.person == other.person and made is not other for made in names for other in batch)

    def do_resend(self, phone: int) -> None:
        """An old copy of the queue comes back, all that was ever answered."""
        known = [made for made in self.scans.values() if made.phone == phone and made.told and made.outcome and not made.acting]
        doors = {made.activity if made.by else None for made in known}
        for door in sorted(doors, key=str):
            batch = [made for made in known if (made.activity if made.by else None) == door][:50]
            self._send(phone, batch, written(self.world.now + timedelta(seconds=self.world.phones[phone].skew)))

    def _upload(self, batch: list[Scanned], sent_at: str) -> tuple[str, dict[str, Any]]:
        first = batch[0]
        scans = [{name: value for name, value in made.said.items() if first.by or name != "gate"} for made in batch]
        return f"/activities/{first.activity}/uploads" if first.by else "/late-scans", {"sent_at": sent_at, "scans": scans}

    def _times(self, batch: list[Scanned], sent_at: str) -> list[tuple[Scanned, datetime]]:
        """When each was scanned, as the server must believe it."""
        off = self.world.now - datetime.fromisoformat(sent_at)
        known = [(made, datetime.fromisoformat(str(made.said["at"])) + (off if abs(off) > SLACK else timedelta())) for made in batch]
        return [(made, min(at, self.world.now)) for made, at in known]

    def _send(self, phone: int, batch: list[Scanned], sent_at: str, *, at_once: bool = False) -> dict[UUID, str]:
        """The answers by id. The oracle is told of each in the order sent. `at_once`: the same comes twice in the same moment."""
        before = fingerprint() if all(made.outcome for made in batch) else None
        url, body = self._upload(batch, sent_at)
        client = self.world.phones[phone].client
        answers = twice_at_once(self.world.app, client, url, body) if at_once else [client.post(url, json=body)]
        if answers[0].status_code == 404 and self._term_over(phone, batch[0].activity):
            return {}
        for answer in answers:
            must(answer.status_code == 200, "a queue is answered", lambda a=answer: f"{a.status_code} {a.text[:300]}")
        told, *again = ({UUID(one["id"]): str(one["outcome"]) for one in answer.get_json()["results"]} for answer in answers)
        must(set(told) == {made.id for made in batch}, "every scan of a queue is answered", told)
        must(all(other == told for other in again), "sent twice at once it is answered the same", lambda: f"{told} {again}")
        if before is not None:
            must(before == fingerprint(), "a resend changes nothing", url)
        for made, at in self._times(batch, sent_at):
            self._answered(made, at, told[made.id])
        return told

    def _cut(self, phone: int, batch: list[Scanned], sent_at: str, after: int) -> None:
        """The database is gone in the middle; of each scan there is all or nothing, and the phone has no answer."""
        url, body = self._upload(batch, sent_at)
        with cut(after), suppress(SQLAlchemyError):
            self.world.phones[phone].client.post(url, json=body)
        recover()
        for made, at in self._times(batch, sent_at):
            row = None if made.outcome else self.row(made.id)
            if row is not None:
                said = str(row.outcome.value)
                self._answered(made, at, {"stale_code": "expired", "forged": "revoked"}.get(said, said) if made.by else said)
