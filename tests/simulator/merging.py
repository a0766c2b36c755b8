"""Somebody registered twice; two people see to it that it is one record again, and perhaps find out that it was not one person."""

from collections import Counter
from typing import Any

from app.core.db import in_transaction
from app.merges import service as merges
from app.merges.own_rules import Pair
from app.merges.queries.digest import digest
from tests.simulator.checks import fingerprint, rows
from tests.simulator.office import Office
from tests.simulator.oracle import day_of
from tests.simulator.plan import ABOVE, SECRETARY
from tests.simulator.plan_more import SECOND
from tests.simulator.world import must

STANDS = (
    "SELECT e.source_id, e.minutes FROM hour_entry e LEFT JOIN hour_entry r ON r.reverses_id = e.id "
    "WHERE e.reverses_id IS NULL AND r.id IS NULL AND e.source_kind = 'attendance'"
)
SPELLS = (
    "SELECT id, person_id, shift_id, in_at, out_at, credited_from, credited_to, excluded_at FROM attendance "
    "WHERE person_id = :stays OR person_id = :goes ORDER BY id"
)
Figures = tuple[Counter[Any], Counter[Any], tuple[Any, ...], Counter[Any]]


class Merging(Office):
    """What is merged is the sum of both, less what one human can not have done twice at once; taken back it is as before."""

    merged: tuple[int, int, int, Figures, Any] | None = None

    def figures(self, stays: int, goes: int) -> Figures:
        people = rows("SELECT person_id, period, kind, hour_class, minutes FROM hour_person_total WHERE minutes <> 0")
        units = rows("SELECT unit_id, period, kind, hour_class, minutes FROM hour_unit_total WHERE minutes <> 0")
        theirs = Counter({tuple(one)[:4]: one.minutes for one in people if one.person_id in (stays, goes)})
        points: Counter[Any] = Counter()
        for one in rows(
            "SELECT person_id, rule_id, points FROM point_entry WHERE person_id = :stays OR person_id = :goes", stays=stays, goes=goes
        ):
            points[one.person_id, one.rule_id] += one.points
        in_units = Counter({tuple(one)[:4]: one.minutes for one in units})
        return theirs, in_units, tuple(map(tuple, rows(SPELLS, stays=stays, goes=goes))), +points

    def _twice(self, stays: int, goes: int) -> int:
        """Minutes of the one record that lie on what the other has: they are left out."""
        standing = {one.source_id: one.minutes for one in rows(STANDS)}
        spells = [one for one in rows(SPELLS, stays=stays, goes=goes) if one.credited_from is not None]
        mine = [one for one in spells if one.person_id == stays]
        theirs = [one for one in spells if one.person_id == goes]
        lost = [one for one in theirs if any(_overlap(one, other) for other in mine)]
        return sum(standing.get(one.id, 0) for one in lost)

    def do_merge(self, who: int) -> None:
        world = self.world
        if who + SECOND not in world.phones or who not in world.phones:
            return
        stays, goes, by, above = world.people[who], world.people[who + SECOND], world.people[SECRETARY], world.people[ABOVE]
        pair = Pair(stays, goes, above, world.now, day_of(world.now))
        proposal = merges.Proposal(stays, goes, "两次登记的是同一个人", digest(pair))
        merge_id = self.attempt(lambda: merges.propose(proposal, by, world.now))
        if merge_id is None:
            return
        for decider in (by, stays, goes):
            refused = self.attempt(lambda d=decider: merges.approve(merge_id, d, digest(pair), world.now) or True)  # type: ignore[misc,func-returns-value]
            must(refused is None, "nobody decides for themselves", decider)
        before, lost = self.figures(stays, goes), self._twice(stays, goes)
        if self.attempt(lambda: merges.approve(merge_id, above, digest(pair), world.now) or True) is None:  # type: ignore[func-returns-value]
            return
        while in_transaction(lambda: merges.advance(merge_id, world.now, 2)):
            pass
        after = self.figures(stays, goes)
        self._sums(stays, goes, before, after, lost)
        world.became[goes] = stays
        world.two_records |= {stays, goes}
        world.phones.pop(who + SECOND)
        self.oracle.contested |= {(person, activity) for person in (stays, goes) for activity in self.oracle.shifts}
        self.merged = merge_id, stays, goes, before, fingerprint()

    def _sums(self, stays: int, goes: int, before: Figures, after: Figures, lost: int) -> None:
        def all_of(figures: Figures) -> int:
            return sum(number for (_, period, *_rest), number in figures[0].items() if period == "all")

        must(not [key for key in after[0] if key[0] == goes], "nothing stays with the record that is another one now", after[0])
        must(all_of(after) == all_of(before) - lost, "merged it is the sum of both", lambda: f"{before[0]} {after[0]} {lost}")
        must(lost or before[1] == after[1], "a merge moves no unit's figures", lambda: f"{before[1]} {after[1]}")
        must(not [key for key in after[3] if key[0] == goes], "no points stay with the record that is another one now", after[3])
        must(after[3].total() <= before[3].total(), "a merge gives no points", lambda: f"{before[3]} {after[3]}")
        counted = [one for one in after[2] if one[5] is not None]
        must(all(one[1] == stays for one in counted), "what counts is of the one who stays", counted)

    def do_unmerge(self, who: int) -> None:
        if self.merged is None:
            return
        merge_id, stays, goes, before, left = self.merged
        world, by = self.world, self.world.people[SECRETARY]
        untouched = left == fingerprint()
        if self.attempt(lambda: merges.undo(merge_id, by, "是两个人", world.now) or True) is None:  # type: ignore[func-returns-value]
            return
        while in_transaction(lambda: merges.go_back(merge_id, world.now, 2)):
            pass
        must(not untouched or self.figures(stays, goes) == before, "a merge that was taken back never was", lambda: f"{before}")
        world.became.pop(goes)
        self.merged = None


def _overlap(one: Any, other: Any) -> bool:
    return bool(one.credited_from < other.credited_to and other.credited_from < one.credited_to)
