"""What people do about attendance: walk-ins, named ends, closing, decisions, make-ups, corrections, disputes, rosters.

Refusals are fine, and change nothing. Each is also tried by somebody who must not.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.activities.outcomes import Report
from app.checkin import service as checkin
from app.checkin.forms import write_ticket
from app.checkin.models import Attendance
from app.checkin.reasons import Verdict
from app.checkin.rules import Way
from app.checkin.service import closing
from app.checkin.views.codes import key
from app.claims import service as claims
from app.claims.correction_rules import Change, Proposal
from app.claims.queries import correctable
from app.claims.rules import BatchKind, NamedSpell, Naming
from app.claims.service import corrections
from app.core.db import db, in_transaction
from app.core.errors import DomainError
from app.imports import running
from app.imports.planning import Verdict as Row
from tests.conftest import Client
from tests.imports.sheet import file, plan, stage
from tests.simulator.arrivals import MACHINE
from tests.simulator.checks import fingerprint, rows
from tests.simulator.oracle import Event, Stay
from tests.simulator.phones import Phones
from tests.simulator.plan import ABOVE, DEPUTY, ORGANISER, SECRETARY, WALKED_IN, Step
from tests.simulator.second_thoughts import HX
from tests.simulator.world import Scanned, World, must

T = TypeVar("T")
SPELLS = select(Attendance.__table__)


class Office:
    def __init__(self, world: World, phones: Phones) -> None:
        self.world, self.oracle, self.phones = world, world.oracle, phones
        self.batches: list[tuple[int, int]] = []  # rosters: (batch, people before)

    def do(self, step: Step) -> None:
        getattr(self, f"do_{step.kind}")(**step.args)

    def attempt(self, work: Callable[[], T]) -> T | None:
        """None where it is refused, which changes nothing."""
        before = fingerprint()
        try:
            return in_transaction(work)
        except DomainError:
            must(before == fingerprint(), "what is refused changes nothing", work)
            return None

    def spells(self, activity: int | None = None) -> list[Any]:
        found = db.session.execute(SPELLS.order_by(Attendance.id))
        return [one for one in found if activity is None or self.world.activity_of[one.shift_id] == activity]

    # Walk-ins.

    def do_walk_in(self, n: int, activity: int, fate: str) -> None:
        """我来服务 on a phone on which nobody is signed in."""
        world, code = self.world, self.world.codes[activity]
        phone = world.app.test_client()
        assert isinstance(phone, Client)
        way = Way.ROTATING if world.plan.held[activity].rotating else Way.POSTER
        with world.app.test_request_context():
            ticket = write_ticket(key(), world.activities[activity], way, world.now, None)
        said = {"id": str(self.phones.id_of(n)), "ticket": ticket, "name": f"新街坊{n}", "phone": f"137{n:08d}"}
        for _ in range(2 if fate == "twice" else 1):
            answer = phone.post(f"/c/{code}/volunteers", data=said, headers=HX)
            must(answer.status_code == 200, "a walk-in is taken down", f"{answer.status_code} {answer.text[:300]}")
        row = self.phones.row(self.phones.id_of(n))
        must(row is not None, "an acknowledged scan is there", n)
        number = WALKED_IN + n
        assert number not in world.phones, "two people of one number"
        world.people[number], world.who[row.person_id], world.names[row.person_id] = row.person_id, number, said["name"]
        made = Scanned(n, self.phones.id_of(n), row.person_id, world.activities[activity], number, {}, way=way.value, ticket=ticket)
        self.phones._reached(made, world.now, None, None)
        made.told = made.outcome
        self.phones.scans[n] = made
        world.walk_ins.setdefault(world.activities[activity], set()).add(row.person_id)

    def do_confirm(self, activity: int) -> None:
        world, door = self.world, self.world.activities[activity]
        waiting = sorted(world.walk_ins.get(door, set()) - world.confirmed)
        roots = frozenset({world.community})
        done = self.attempt(lambda: checkin.confirm_walk_ins(door, waiting, world.people[ORGANISER], roots, world.now))
        if done is not None:
            here = {one.person_id for one in self.spells(door)}
            world.confirmed |= here & set(waiting)

    # The organiser.

    def do_name_ends(self, activity: int, share: int, earlier: int) -> None:
        """全体签退 of those who are still in."""
        world, door, by = self.world, self.world.activities[activity], self.world.people[ORGANISER]
        open_ = [one for one in self.spells(door) if one.out_at is None]
        chosen = open_[: max(1, len(open_) * share // 100)]
        asked = world.now - timedelta(minutes=earlier)
        if not chosen or self.attempt(lambda: checkin.sign_out_all(door, {one.id: asked for one in chosen}, by, world.now)) is None:
            return
        after = {one.id: one for one in self.spells(door)}
        for one in chosen:
            shift = next(shift for shift in world.shifts[door] if shift.id == one.shift_id)
            ended = after[one.id]
            if one.person_id == by:
                must(ended.out_at is None, "nobody names an end for themselves", one)
                continue
            meant = max(one.in_at, min(asked, shift.ends, world.now))
            must((ended.out_at, ended.out_way) == (meant, Way.ORGANISER), "an end that is named is what was named", one)
            event = Event(ended.out_scan_id.hex, one.person_id, door, meant, world.now, "end", machine=False, shift=one.shift_id)
            self.oracle.note(event)
            self.oracle.outs.add(event.id)

    def do_leave_open(self, activity: int) -> None:
        world, door, by = self.world, self.world.activities[activity], self.world.people[ORGANISER]
        open_ = [one for one in self.spells(door) if one.out_at is None]
        if not open_ or self.attempt(lambda: checkin.leave_open(door, [one.id for one in open_], by, world.now)) is None:
            return
        for one in open_:
            if one.person_id != by:
                self.oracle.leave_out(one.person_id, door, one.shift_id, one.in_at)
                world.decided.add(one.id)

    def do_close(self, activity: int) -> None:
        world, door = self.world, self.world.activities[activity]
        work = lambda: closing.close(door, Report(5), world.people[ORGANISER], world.now) or True  # type: ignore[func-returns-value]  # noqa: E731
        if door not in world.closed and self.attempt(work):
            world.closed[door] = world.now

    def do_decide(self, by: int, verdict: str) -> None:
        """Everything that waits, one by one."""
        world, actor = self.world, self.world.actors[by]
        for one in self.spells():
            if one.held_at is None:
                continue
            done = self.attempt(lambda one=one: checkin.decide([one.id], Verdict(verdict), actor, world.now))  # type: ignore[misc]
            if done is None:
                continue
            must(actor.person_id != one.person_id, "nobody decides for themselves", one)
            door = world.activity_of[one.shift_id]
            if done.done:
                world.decided.add(one.id)
                self.oracle.frozen.add((one.person_id, door))
            if done.done and verdict == "leave":
                self.oracle.leave_out(one.person_id, door, one.shift_id, one.in_at)

    # Make-ups, corrections, disputes.

    def do_claim(self, activity: int, who: list[int], by: int) -> None:
        world, door = self.world, self.world.activities[activity]
        shift = world.shifts[door][0]
        named = [world.people[one] for one in who]
        naming = Naming(door, shift.id, BatchKind.TICKED, tuple(NamedSpell(one, shift.starts, shift.ends) for one in named))
        batch = self.attempt(lambda: claims.name_people(naming, world.people[by], "/work", world.now))
        if batch is None:
            return
        known = {one.person_id for one in rows("SELECT person_id FROM claim WHERE batch_id = :batch", batch=batch)}
        for decider in (by, *who, DEPUTY if by == SECRETARY else SECRETARY, ABOVE):
            person = world.people[decider]
            done = self.attempt(lambda p=person: claims.approve(batch, p, "/c", "/me", world.now))  # type: ignore[misc]
            if done is not None:
                must(decider != by and person not in known, "nobody decides for themselves", decider)
                break
        for one in self.spells(door):
            if one.person_id in known and one.shift_id == shift.id and one.in_way is Way.PAPER and one.id not in world.decided:
                world.decided.add(one.id)
                self.oracle.paper(one.person_id, door, Stay(shift.id, shift.starts, False, shift.ends, False))

    def _pick(self, pick: int) -> Any:
        found = [one for one in self.spells() if one.out_at is not None and one.excluded_at is None]
        return found[pick % len(found)] if found else None

    def do_correct(self, pick: int, by: int, earlier: int) -> None:
        one = self._pick(pick)
        if one is None:
            return
        moved = timedelta(minutes=earlier)
        proposal = Proposal(Change.TIMES, "有两位作证", one.in_at, max(one.in_at, one.out_at + moved))
        if not self._propose(one, proposal, by):
            return
        stay = self._stay(one)
        self.oracle.amend(one.person_id, self.world.activity_of[one.shift_id], one.shift_id, self._told_at(one), stay)
        self.world.decided.add(one.id)

    def _stay(self, one: Any) -> Stay:
        now = next(each for each in self.spells() if each.id == one.id)
        must(now.out_way is Way.PAPER, "a corrected end is named by people", now)
        return Stay(one.shift_id, one.in_at, one.in_way.value in MACHINE, now.out_at, False)

    def _told_at(self, one: Any) -> Any:
        """The beginning under which the scans tell this spell."""
        return one.in_at

    def do_void(self, pick: int, by: int, earlier: int) -> None:
        one = self._pick(pick)
        if one is not None and self._propose(one, Proposal(Change.VOID, "那天他没来"), by):
            self.oracle.leave_out(one.person_id, self.world.activity_of[one.shift_id], one.shift_id, one.in_at)
            self.world.decided.add(one.id)

    def _propose(self, one: Any, proposal: Proposal, by: int) -> bool:
        """Whether it was approved: by another than the maker and the person."""
        world, maker = self.world, self.world.people[by]
        subject = correctable.attendance_subject(one.id)
        assert subject
        made = self.attempt(lambda: corrections.propose(subject, proposal, maker, "/work", world.now))
        if made is None:
            return False
        must(maker != one.person_id, "nobody corrects their own record", one)
        for approver in (maker, one.person_id, *(world.people[each] for each in (SECRETARY, DEPUTY, ABOVE))):
            done = self.attempt(lambda p=approver: corrections.approve(made, p, "/me", "/c", world.now))  # type: ignore[misc]
            if done is not None:
                must(approver not in (maker, one.person_id), "nobody decides for themselves", one)
                return True
        return False

    def do_dispute(self, pick: int, by: int, earlier: int) -> None:
        """Said, and answered in writing: the record stays."""
        one, world = self._pick(pick), self.world
        if one is None:
            return
        dispute = self.attempt(lambda: claims.dispute(one.id, one.person_id, "我走得晚些", "/work", world.now))
        if dispute is None:
            return
        for answerer in (one.person_id, world.people[by], world.people[DEPUTY]):
            work = lambda p=answerer: claims.answer(dispute, p, "查过了，记录是对的", own_url="/me", now=world.now) or True  # type: ignore[misc,func-returns-value]  # noqa: E731
            if self.attempt(work):
                must(answerer != one.person_id, "nobody decides for themselves", one)
                return

    # Rosters.

    def do_roster(self, people: int, salt: int) -> None:
        """New people of a branch; the same sheet again changes nothing."""
        before = self._people()
        sheet = [
            {
                "姓名": f"名册{chr(0x4F00 + salt)}{chr(0x5000 + one)}",
                "手机号码": f"136{salt:04d}{one:04d}",
                "所属党支部": "灯湖社区第一党支部",
            }
            for one in range(people)
        ]
        known = rows("SELECT count(*) AS n FROM phone WHERE number LIKE :tail AND valid_to IS NULL", tail=f"136{salt:04d}%")[0].n
        batch = stage(file(*sheet))
        try:
            running.write(batch, None, self.world.now)
        except DomainError:
            must(self._people() == before, "what is refused changes nothing", salt)
            return
        must(self._people() == before + people - min(known, people), "a roster adds whom it names", salt)
        again = plan(file(*sheet))
        must(not [one for one in again.decisions if one.verdict in (Row.NEW, Row.CHANGED)], "the same roster again changes nothing", salt)
        self.batches.append((batch, before))

    def do_roster_back(self) -> None:
        if not self.batches:
            return
        batch, before = self.batches.pop()
        try:
            running.undo(batch, None, self.world.now)
        except (DomainError, IntegrityError):
            return
        must(self._people() == before, "a roster taken back leaves nobody", batch)

    def _people(self) -> int:
        """Of rosters."""
        return int(rows("SELECT count(*) AS n FROM person WHERE name LIKE '名册%'")[0].n)
