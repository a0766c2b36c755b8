"""What else a day may hold (plan_more): each step with what must come of it, in plain words and plain SQL."""

from collections import Counter
from datetime import timedelta
from typing import Any

from sqlalchemy import String, cast, select

from app.activities.service.organising import extend_shift
from app.cards import service as cards
from app.checkin.fence import Circle
from app.checkin.service import gates
from app.core.db import Base, db, in_transaction
from app.proxies import service as agreements
from app.proxies.rules import Relation
from app.rights import service as rights
from app.rights.rules import How, Kind
from tests.factories import Factory
from tests.simulator.checks import fingerprint, rows
from tests.simulator.merging import Merging
from tests.simulator.oracle import HOUR
from tests.simulator.plan import ORGANISER, SECRETARY
from tests.simulator.plan_more import SECOND
from tests.simulator.second_thoughts import HX, written
from tests.simulator.world import VENUE, Scanned, must

A_DAY = timedelta(hours=24)


class Further(Merging):
    """The steps by their names, with those of the office."""

    # The organiser: shifts that run on, the code of the day, the fence.

    def do_extend(self, activity: int, shift: int, minutes: int) -> None:
        world, door = self.world, self.world.activities[activity]
        one = world.shifts[door][shift]
        until = one.ends + timedelta(minutes=minutes)
        may = door not in world.closed and world.now <= one.ends + HOUR and until - one.starts <= A_DAY
        done = self.attempt(lambda: extend_shift(one.id, until, world.people[ORGANISER], world.now))
        must((done is not None) == may, "a shift runs on while one may still leave", (one, until, world.now))
        if done is not None:
            self.oracle.runs_on(door, one.id, until, world.now)

    def do_digits(self, activity: int) -> None:
        world, door = self.world, self.world.activities[activity]
        in_transaction(lambda: gates.ask_day_code(door, world.people[ORGANISER], world.now, on=True))
        world.asked.setdefault(door, world.now)

    def do_fence(self, activity: int) -> None:
        world, door = self.world, self.world.activities[activity]
        circle = Circle(round(VENUE[0] * 1_000_000), round(VENUE[1] * 1_000_000), 200)
        in_transaction(lambda: gates.set_fence(door, circle, world.people[ORGANISER], world.now))
        world.fenced.add(door)

    # Cards.

    def do_card_issue(self, who: int) -> None:
        self._card(who, lambda person, by, now: cards.issue([person], by, now))

    def do_card_renew(self, who: int) -> None:
        self._revoked(who)
        self._card(who, cards.renew)

    def do_card_revoke(self, who: int) -> None:
        if self._revoked(who):
            self._card(who, cards.revoke)

    def _card(self, who: int, work: Any) -> None:
        world, person = self.world, self.world.people[who]
        in_transaction(lambda: work(person, world.people[SECRETARY], world.now))
        known = world.cards.setdefault(person, [])
        standing = valid_cards(person)
        must(standing <= 1, "one card is valid at most", person)
        if standing:
            with world.app.test_request_context():
                address = world.card_of(person)
            must(address not in world.revoked, "a card that was given up is not given out again", who)
            if address not in known:
                known.append(address)
        if not known:
            del world.cards[person]

    def _revoked(self, who: int) -> bool:
        known = [one for one in self.world.cards.get(self.world.people[who], []) if one not in self.world.revoked]
        for one in known:
            self.world.revoked[one] = self.world.now
        return bool(known)

    # Somebody who acts for somebody.

    def do_agree(self, ward: int, acting: int) -> None:
        world = self.world
        two, by = (world.people[ward], world.people[acting]), world.people[SECRETARY]
        if self.attempt(lambda: agreements.record(*two, Relation.FAMILY, by, world.now)):
            world.agreed.add(two)

    def do_disagree(self, ward: int, acting: int) -> None:
        world = self.world
        two = world.people[ward], world.people[acting]
        found = rows("SELECT id FROM proxy WHERE person_id = :ward AND proxy_id = :acting AND valid_to IS NULL", ward=two[0], acting=two[1])
        must(len(found) == (two in world.agreed), "an agreement stands once", two)
        if found:
            in_transaction(lambda: agreements.end(found[0].id, two[0], world.now))
            world.agreed.discard(two)

    def do_scan_for(self, n: int, ward: int, acting: int, activity: int) -> None:
        """One phone signs somebody else in, or may not."""
        world, phones, door = self.world, self.phones, self.world.activities[activity]
        if acting not in world.phones or door in world.asked:
            return
        code, window = world.short_code(activity, None, None, wrong=False)
        said = {"id": str(phones.id_of(n)), "at": written(world.now), "code": code, "typed": False}
        way = "rotating" if world.plan.held[activity].rotating else "poster"
        made = Scanned(n, phones.id_of(n), world.people[ward], door, acting, said, window=window, way=way)
        phone = world.phones[acting]
        phones._open(phone, made)
        before = fingerprint()
        answer = phone.client.post("/scans", data={"id": said["id"], "ticket": made.ticket, "person": made.person}, headers=HX)
        stands = (made.person, world.people[acting]) in world.agreed
        must((answer.status_code == 200) == stands, "only who agreed with them acts for somebody", (made, answer.status_code))
        if not stands:
            must(before == fingerprint(), "what is refused changes nothing", made)
            return
        assert made.opened_at
        made.way, made.fence, made.acting = made.page_way, made.page_fence, world.people[acting]
        phones._reached(made, made.opened_at, phones._fault(made, made.opened_at, slack=False), None)
        made.told, phones.scans[n] = made.outcome, made
        if way == "poster":
            phone.opened = None

    # A second record, and an erasure.

    def do_second(self, who: int, skew: float) -> None:
        """They registered once more, with another phone."""
        world, number = self.world, who + SECOND
        phone, make = f"139{5000 + who:08d}", Factory()
        name = world.names[world.people[who]]
        person = make.person(name, home=world.branches[who % 2], phone=phone)
        make.account(person, phone)
        world.people[number], world.who[person], world.names[person] = person, number, name
        world.confirmed.add(person)
        world.open_phone(number, skew)

    def do_erase(self, who: int) -> None:
        world, person, by = self.world, self.world.people[who], self.world.people[SECRETARY]
        words = {f"1380{who:07d}"}
        if who + SECOND not in world.people or person in world.became.values():  # nobody else is called so
            words.add(world.names[person])
        before = self.hours()
        asking = rights.Asking(person, Kind.ERASURE, How.OWN, "不再参加了")
        asked = self.attempt(lambda: rights.ask(asking, person, world.now))
        if asked is None:
            return
        must(self.attempt(lambda: rights.approve(asked, person, world.now)) is None, "nobody decides for themselves", who)
        if self.attempt(lambda: rights.approve(asked, by, world.now) or True) is None:
            return
        must(before == self.hours(), "an erasure leaves the ledgers as they are", who)
        for word in words:
            must(not (left := self.mentions(word)), "nothing tells who was erased", lambda w=word, f=left: f"{w}: {f}")
        world.phones.pop(who, None)
        world.erased.add(person)

    def hours(self) -> Counter[tuple[Any, ...]]:
        found = rows("SELECT unit_id, period, kind, hour_class, minutes FROM hour_unit_total WHERE minutes <> 0")
        found += rows("SELECT person_id, period, kind, hour_class, minutes FROM hour_person_total WHERE minutes <> 0")
        return Counter(map(tuple, found))

    def mentions(self, word: str) -> list[str]:
        """Every column of every table that says a word."""
        return [
            f"{table.name}.{column.name}"
            for table in Base.metadata.sorted_tables
            for column in table.c
            if column.type.python_type in (str, dict, list) and self._says(column, word)
        ]

    def _says(self, column: Any, word: str) -> bool:
        return db.session.execute(select(column).where(cast(column, String).contains(word)).limit(1)).first() is not None


def valid_cards(person: int) -> int:
    return int(rows("SELECT count(*) AS n FROM member_card WHERE person_id = :person AND revoked_at IS NULL", person=person)[0].n)
