"""What must hold at any time, read with plain SQL and reckoned in plain Python."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import text

from app.core.db import db, in_transaction
from app.web.commands.ledger import CHECKS, doubt
from tests.simulator.oracle import Stay, day_of, dues
from tests.simulator.world import World, must

PARTY = "party_life"
COUNTED = ("scan", "hour_entry", "point_entry", "audit_event", "attendance_decision", "claim", "hour_correction", "notice")
FINGERPRINT = text("SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in COUNTED))
SPELLS = text(
    "SELECT id, person_id, shift_id, in_at, out_at, credited_from, credited_to, excluded_at, held_at, in_scan_id, out_scan_id "
    "FROM attendance ORDER BY id"
)


def rows(statement: Any, **values: Any) -> list[Any]:
    return list(db.session.execute(text(statement) if isinstance(statement, str) else statement, values))


def fingerprint() -> tuple[Any, ...]:
    """Of all that a scan may move."""
    return tuple(rows(FINGERPRINT)[0]), tuple(map(tuple, rows(SPELLS)))


def moment(value: Any) -> datetime | None:
    """SQLite gives text, PostgreSQL a naive instant; both are UTC."""
    if value is None:
        return None
    naive = datetime.fromisoformat(value) if isinstance(value, str) else value
    return naive.replace(tzinfo=UTC)


def day(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def verified(again: bool, but: str = "") -> None:
    """`flask ledger verify` finds nothing; `again`: with all of the ledgers read, not only what came since they were noted.

    `but`: a check that a test's own few units would fail.
    """
    if again:
        in_transaction(doubt)
    for name, disagreements in CHECKS:
        with redirect_stdout(None):  # what is to be looked at is no fault
            faults = [] if name == but else disagreements()
        must(faults == [], f"ledger verify: {name}", faults)


class Checks:
    """`often` after every step; `evening`, when a day is over, `ledger verify` besides. What was in an append-only table stays."""

    APPEND_ONLY = ("scan", "hour_entry", "point_entry", "audit_event", "attendance_decision")

    def __init__(self, world: World) -> None:
        self.world, self.oracle = world, world.oracle
        self.seen: dict[str, dict[Any, tuple[Any, ...]]] = {table: {} for table in self.APPEND_ONLY}
        self.closed: dict[str, set[tuple[Any, ...]]] = {}
        self._nothing_rewritten()

    def often(self, acknowledged: Iterator[Any]) -> None:
        self._no_overlap()
        self._ledger_is_the_totals()
        self._one_entry_a_spell()
        self._nothing_rewritten()
        self._acknowledged(acknowledged)
        self._nobody_for_themselves()
        self._as_the_oracle_says()
        self._points_follow()
        self._closed_months_stay()

    def evening(self, acknowledged: Iterator[Any]) -> None:
        self.often(acknowledged)
        verified(again=False)
        if self.world.plan.seed % 4 == 0:
            verified(again=True)

    def _no_overlap(self) -> None:
        spans: dict[int, list[tuple[Any, Any, int]]] = defaultdict(list)
        for spell in rows(SPELLS):
            if spell.credited_from is not None:
                spans[spell.person_id].append((spell.credited_from, spell.credited_to, spell.id))
                must(spell.excluded_at is None and spell.held_at is None and spell.out_at is not None, "only what stands counts", spell)
        for person, found in spans.items():
            found.sort()
            for one, other in pairwise(found):
                must(one[1] <= other[0], "credited spells never overlap", f"person {person}: {one} {other}")

    def _ledger_is_the_totals(self) -> None:
        people: Counter[tuple[Any, ...]] = Counter()
        units: Counter[tuple[Any, ...]] = Counter()
        for one in rows("SELECT person_id, home_unit_id, served_on, counted_on, kind, hour_class, minutes FROM hour_entry"):
            for period in periods(day(one.counted_on or one.served_on)):
                people[one.person_id, period, one.kind, one.hour_class] += one.minutes * (len(period) < 10)
                units[one.home_unit_id, period, one.kind, one.hour_class] += one.minutes
        for table, owner, sums in (("hour_person_total", "person_id", people), ("hour_unit_total", "unit_id", units)):
            kept = {tuple(one)[:4]: one.minutes for one in rows(f"SELECT {owner}, period, kind, hour_class, minutes FROM {table}")}
            meant = {key: total for key, total in sums.items() if total and key[0] is not None}
            kept = {key: total for key, total in kept.items() if total}
            must(kept == meant, f"the ledger is {table}", lambda k=kept, m=meant: f"{set(k.items()) ^ set(m.items())}")
        points: Counter[tuple[Any, ...]] = Counter()
        for one in rows("SELECT person_id, served_on, counted_on, rule_id, points FROM point_entry"):
            for period in periods(day(one.counted_on or one.served_on))[1:]:
                points[one.person_id, period, one.rule_id] += one.points
        kept = {
            tuple(one)[:3]: one.points for one in rows("SELECT person_id, period, rule_id, points FROM point_person_total") if one.points
        }
        meant = {key: total for key, total in points.items() if total}
        must(kept == meant, "the ledger is point_person_total", lambda: f"{set(kept.items()) ^ set(meant.items())}")

    def _one_entry_a_spell(self) -> None:
        """What is counted has one entry that stands, and nothing else has; of kinds that give no hours, none."""
        standing = Counter(one.source_id for one in rows(STANDING))
        for spell in rows(SPELLS):
            gives = self.world.kind_of[spell.shift_id] != PARTY
            must(standing.pop(spell.id, 0) == (spell.credited_from is not None and gives), "what counts has one entry that stands", spell)
        must(not standing, "every entry has its spell", standing)

    def _nothing_rewritten(self) -> None:
        for table, before in self.seen.items():
            key = "attendance_id" if table == "attendance_decision" else "id"
            now = {getattr(one, key): tuple(map(str, one)) for one in rows(f"SELECT * FROM {table}")}
            changed = [one for one, said in before.items() if now.get(one) != said]
            must(not changed, f"{table} is append-only", changed)
            self.seen[table] = now

    def _acknowledged(self, acknowledged: Iterator[Any]) -> None:
        there = {str(one.id).replace("-", ""): one for one in rows("SELECT id, outcome FROM scan")}
        for made in acknowledged:
            must(made.id.hex in there, "no acknowledged scan is lost", made)
            must(there[made.id.hex].outcome == made.outcome, "what was acknowledged stays", made)
        known = {event.id for events in self.oracle.events.values() for event in events}
        must(len(there) >= len(known), "no scan is lost", "")

    def _nobody_for_themselves(self) -> None:
        own = rows(
            "SELECT d.attendance_id FROM attendance_decision d JOIN attendance a ON a.id = d.attendance_id "
            "WHERE d.made_by_id = a.person_id "
            "UNION ALL SELECT id FROM attendance WHERE excluded_by_id = person_id "
            "UNION ALL SELECT id FROM hour_entry WHERE approved_by_id IS NOT NULL AND approved_by_id IN (person_id, made_by_id) "
            "UNION ALL SELECT id FROM hour_correction WHERE verdict = 'approved' AND decided_by_id IN (person_id, made_by_id) "
            "UNION ALL SELECT b.id FROM claim_batch b JOIN claim c ON c.batch_id = b.id "
            "WHERE b.verdict = 'approved' AND b.decided_by_id IN (c.person_id, b.made_by_id)"
        )
        must(not own, "nobody decides for themselves", own)

    # Against the oracle.

    def _as_the_oracle_says(self) -> None:
        entries = {one.source_id: one for one in rows(STANDING)}
        found: dict[tuple[int, int], list[Any]] = defaultdict(list)
        for spell in rows(SPELLS):
            if spell.excluded_at is None:
                found[spell.person_id, self.world.activity_of[spell.shift_id]].append(spell)
        for key in {*found, *self.oracle.events}:
            if key in self.oracle.contested:
                continue
            stays = sorted(self.oracle.stays(*key), key=lambda one: one.key()[:2])
            spells = sorted(found.get(key, []), key=lambda one: (one.shift_id, moment(one.in_at)))
            told = [(one.shift_id, moment(one.in_at), moment(one.out_at)) for one in spells]
            must(
                told == [one.key() for one in stays],
                "the spells are those that the scans tell",
                lambda k=key, s=stays, t=told: f"{k}\n  must {s}\n  is {t}",
            )
            for stay, spell in zip(stays, spells, strict=True):
                self._counts(key[0], key[1], stay, spell, entries.get(spell.id))

    def _counts(self, person: int, activity: int, stay: Stay, spell: Any, entry: Any) -> None:
        """The minutes, the class, the day and the units of a spell, or that it is held for a reason that there is."""
        shift = next(one for one in self.world.shifts[activity] if one.id == stay.shift)
        due = dues(shift, stay)
        if due == {0} or person not in self.world.confirmed:
            must(
                spell.credited_from is None and spell.held_at is None,
                "what is open, short or nobody's counts nothing",
                (stay, tuple(spell)),
            )
            return
        if spell.credited_from is None:
            must(spell.held_at is not None or 0 in due, "what is due is counted or held", (stay, tuple(spell)))
            must(spell.held_at is None or self._why_held(person, activity, stay), "what is held has a reason", (stay, tuple(spell)))
            return
        seen_to = not self.oracle.was_outside(person, activity, stay, surely=True) or (person, activity) in self.oracle.frozen
        must(seen_to, "what was scanned outside of the fence waits for somebody", (stay, tuple(spell)))
        if self.world.kind_of[shift.id] == PARTY:
            return
        machine = stay.machine_in and stay.machine_out
        must(entry.minutes in due, "the minutes are those of the spell", lambda: f"{entry.minutes}, not {due}: {stay}")
        meant = person, entry.minutes, "credit" if machine else "honour", day_of(max(stay.came, shift.starts)), self.world.unit_of[activity]
        seen = entry.person_id, entry.minutes, entry.hour_class, day(entry.served_on), entry.organising_unit_id
        must(seen == meant, "the entry is what the spell counts", f"{seen}, not {meant}: {stay}")
        must(entry.kind == self.world.kind_of[shift.id], "the kind of hours is the activity's", entry)

    def _why_held(self, person: int, activity: int, stay: Stay) -> bool:
        closed, near = self.world.closed.get(activity), timedelta(minutes=10)
        if (
            closed is not None
            or person in self.world.shared
            or (person, activity) in self.oracle.named
            or self.oracle.was_outside(person, activity, stay)
        ):
            return True
        assert stay.left
        total = 0
        for other_activity, shifts in self.oracle.shifts.items():
            for other in self.oracle.stays(person, other_activity):
                if other.left is None:
                    continue
                shift = next(one for one in shifts if one.id == other.shift)
                total += max(dues(shift, other)) if day_of(other.came) == day_of(stay.came) else 0
                if other.key() != stay.key() and other.came < stay.left + near and other.left > stay.came - near:
                    return True
        return total > 480 or any((person, one) in self.oracle.contested for one in self.oracle.shifts)

    def _points_follow(self) -> None:
        """For what counts, each rule gives what it wants; all it gives in a period of its cap is the sum of that, up to the cap."""
        rules = rows(
            "SELECT r.*, s.kind AS scheme FROM point_rule r JOIN point_scheme s ON s.id = r.scheme_id WHERE r.per IN ('hour', 'occurrence')"
        )
        entries = {one.source_id: one for one in rows(STANDING)}
        wanted: Counter[tuple[Any, ...]] = Counter()
        for spell in rows(SPELLS):
            if spell.credited_from is None or spell.person_id in self.world.two_records:
                continue
            kind, entry = self.world.kind_of[spell.shift_id], entries.get(spell.id)
            for rule in rules:
                if rule.scheme == "member" and spell.person_id not in self.world.members:
                    continue
                if rule.activity_kind not in (None, kind) or (rule.per == "hour" and entry is None):
                    continue
                if rule.hour_kind is not None and (entry is None or entry.kind != rule.hour_kind):
                    continue
                if entry is not None and entry.hour_class == "honour" and not rule.counts_honour:
                    continue
                due = rule.amount * entry.minutes // 60 if rule.per == "hour" else rule.amount
                wanted[spell.person_id, rule.id] += due
        given: Counter[tuple[Any, ...]] = Counter()
        want: Counter[tuple[Any, ...]] = Counter()
        for one in rows("SELECT person_id, rule_id, wanted, points FROM point_entry"):
            if one.person_id in self.world.two_records:  # what each record was given for is what the one has
                continue
            want[one.person_id, one.rule_id] += one.wanted
            given[one.person_id, one.rule_id] += one.points
        must(+want == +wanted, "points follow what counts", lambda: f"{want} {wanted}")
        for (person, rule_id), due in wanted.items():
            cap = next(one.cap for one in rules if one.id == rule_id)
            must(
                given[person, rule_id] <= due and (cap is None or given[person, rule_id] == min(due, cap)),
                "caps hold exactly",
                (person, rule_id),
            )

    def _closed_months_stay(self) -> None:
        """From the 10th of the following month on a month's figures are final."""
        today = day_of(self.world.now)
        first = str(rows("SELECT min(booked_on) AS day FROM hour_entry")[0].day)[:7]  # what was before is nobody's closed month
        tables = ("hour_person_total", "hour_unit_total", "point_person_total")
        figures = {
            f"{table} {period}": set(map(tuple, rows(f"SELECT * FROM {table} WHERE period = :period", period=period)))
            for table in tables
            for period in ("2026-10", "2026-11", "2026-12")
            if first <= period and today >= closes(period)
        }
        for name, before in self.closed.items():
            must(figures.get(name) == before, "a closed month stays as it was", (name, before, figures.get(name)))
        self.closed = figures


STANDING = (
    "SELECT e.* FROM hour_entry e LEFT JOIN hour_entry r ON r.reverses_id = e.id "
    "WHERE e.reverses_id IS NULL AND r.id IS NULL AND e.source_kind = 'attendance'"
)


def periods(on: date) -> tuple[str, ...]:
    """The day first, then what people's totals are kept for."""
    return on.isoformat(), f"{on.year}-{on.month:02d}", f"{on.year}-Q{(on.month + 2) // 3}", str(on.year), "all"


def closes(period: str) -> date:
    year, month = map(int, period.split("-"))
    return date(year + 1, 1, 15) if month == 12 else date(year, month + 1, 10)
