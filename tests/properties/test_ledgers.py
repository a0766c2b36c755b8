"""Whatever is credited, corrected, taken back: totals are the sums of the ledgers, caps hold exactly, closed months stay as they were."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from app.activities.rules import ActivityKind
from app.core import clock
from app.core.db import db, in_transaction
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.hours import totals as hours
from app.hours.closing import is_closed
from app.hours.models import HourPersonTotal, HourUnitTotal
from app.hours.rules import HourClass, PeriodKind, SourceKind, period
from app.people.rules import StageKind
from app.points import totals as points
from app.points.models import PointEntry, PointPersonTotal, PointRule
from app.points.rules import CapPeriod
from tests.factories import Factory

BEGAN = date(2025, 10, 28)
_sources = count(1)
WHAT = {
    "who": st.sampled_from((0, 0, 0, 1, 2)),
    "kind": st.sampled_from((ActivityKind.STUDY, ActivityKind.STUDY, ActivityKind.SERVICE, ActivityKind.PARTY_LIFE)),
    "hour_class": st.sampled_from(HourClass),
}


class Ledgers(RuleBasedStateMachine):
    """Three people of one branch, day after day."""

    @initialize()
    def begin(self):
        db.session.remove()  # else the connection of the run before stays open
        self.site.fresh()
        make = Factory()
        self.today, self.standing, self.closed = BEGAN, [], {}
        self.given = {}
        self.branch = make.unit("锦园第一党支部", parent=make.unit("桂城街道党工委"))
        self.activity = make.activity(self.branch, make.person("霍静雯"))
        stages = (StageKind.MEMBER, StageKind.PROBATIONARY, StageKind.ACTIVIST)
        self.people = [make.person(home=self.branch, stage=stage) for stage in stages]
        self.credited([(0, 95)], 0, ActivityKind.SERVICE, HourClass.CREDIT)  # from this month on the site is in use

    def do(self, work):
        with clock.frozen_at(datetime.combine(self.today, time(4), UTC)):
            in_transaction(lambda: work(clock.now()))

    @rule(days=st.sampled_from((1, 3, 12, 40)))
    def time_passes(self, days):
        """What is closed now was closed before the next thing happens."""
        self.today += timedelta(days=days)
        self.closed.update({key: self.figures(key) for key in self.closed_months() if key not in self.closed})

    @rule(
        days=st.lists(st.tuples(st.sampled_from((0, 0, 0, 9, 45, 100)), st.sampled_from((30, 95, 480, 600))), min_size=1, max_size=5),
        **WHAT,
    )
    def credited(self, days, who, kind, hour_class):
        sources = [next(_sources) for _ in days]
        given = [
            Credit(
                self.people[who],
                self.activity,
                kind,
                self.branch,
                max(BEGAN, self.today - timedelta(days=ago)),
                minutes,
                hour_class,
                source,
                "2026.1",
            )
            for source, (ago, minutes) in zip(sources, days, strict=True)
        ]
        self.do(lambda now: crediting.credit(given, now))
        self.standing += sources
        self.given.update({one.source_id: one for one in given})

    @rule(place=st.integers(0, 30), minutes=st.sampled_from((15, 40, 120, 540)))
    def corrected(self, place, minutes):
        """As claims.corrections does it: the same source once more, of another length, named by people."""
        if not self.standing:
            return
        source = self.standing[place % len(self.standing)]
        again = replace(self.given[source], minutes=minutes, hour_class=HourClass.HONOUR)

        def work(now):
            crediting.reverse(SourceKind.ATTENDANCE, [source], "更正：记错了", now, made_by_id=None)
            crediting.credit([again], now)

        self.do(work)
        self.given[source] = again

    @rule(places=st.lists(st.integers(0, 30), min_size=1, max_size=4))
    def taken_back(self, places):
        sources = {self.standing[place % len(self.standing)] for place in places} if self.standing else set()
        self.do(lambda now: crediting.reverse(SourceKind.ATTENDANCE, sorted(sources), "这条不对", now, made_by_id=None))
        self.standing[:] = [one for one in self.standing if one not in sources]

    def closed_months(self):
        day, found = BEGAN, []
        while is_closed(day, self.today):
            found.append(period(PeriodKind.MONTH, day).key)
            day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        return found

    def figures(self, key):
        tables = (HourPersonTotal, HourUnitTotal, PointPersonTotal)
        return {
            (table.__name__, *row) for table in tables for row in db.session.execute(select(table.__table__).where(table.period == key))
        }

    @invariant()
    def the_totals_are_the_ledgers(self):
        assert hours.disagreements() == []
        assert points.disagreements() == []

    @invariant()
    def a_closed_month_is_as_it_was(self):
        for key, before in self.closed.items():
            assert self.figures(key) == before

    @invariant()
    def each_rule_gave_what_was_wanted_up_to_its_cap(self):
        counts = func.coalesce(PointEntry.counted_on, PointEntry.served_on)
        for rule_id, cap, cap_period in db.session.execute(select(PointRule.id, PointRule.cap, PointRule.cap_period)).all():
            kind = PeriodKind((cap_period or CapPeriod.YEAR).value)
            sums: dict[tuple[int, str], list[int]] = {}
            for person_id, day, wanted, given in db.session.execute(
                select(PointEntry.person_id, counts, PointEntry.wanted, PointEntry.points).where(PointEntry.rule_id == rule_id)
            ):
                own = sums.setdefault((person_id, period(kind, day).key), [0, 0])
                own[0], own[1] = own[0] + wanted, own[1] + given
            for wanted, given in sums.values():
                assert given == (wanted if cap is None else min(wanted, cap))


def test_the_ledgers_are_beyond_argument(site, app):
    Ledgers.site = site
    run_state_machine_as_test(
        Ledgers,
        settings=settings(
            max_examples=8,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking takes minutes here
            suppress_health_check=list(HealthCheck),
        ),
    )
