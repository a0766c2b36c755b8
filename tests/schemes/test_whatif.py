"""What-if: a copy of what holds moves nobody, and what it says of a draft is what publishing the draft then gives."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import count, product
from uuid import uuid4

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from app.activities.rules import ActivityKind
from app.checkin.models import Attendance, Scan
from app.checkin.rules import Outcome, Way
from app.core import clock
from app.core.db import db, in_transaction
from app.crediting import service as crediting
from app.crediting.occasions import Occasion, give
from app.crediting.rules import Credit
from app.hours.closing import is_closed
from app.hours.rules import HourClass, Period, PeriodKind, SourceKind, period
from app.people.rules import StageKind
from app.points import cap_queries as caps
from app.points import totals as points
from app.points.models import PointEntry, PointPersonTotal
from app.points.rules import CapPeriod, Per, SchemeKind, fair
from app.schemes.queries import whatif
from app.schemes.queries.drafts import first_safe
from app.schemes.rules import DraftBasics, DraftRule
from app.schemes.service import drafts
from tests.factories import Factory

BEGAN = date(2025, 10, 28)
_sources = count(1)
AMOUNTS = st.sampled_from((40, 100, 150, 300))
CAPS = st.sampled_from((None, (500, CapPeriod.MONTH), (1200, CapPeriod.MONTH), (1500, CapPeriod.YEAR), (2500, CapPeriod.YEAR)))


class Schemes(RuleBasedStateMachine):
    """Two people of one branch, day after day; the scheme of members changes on the way."""

    @initialize()
    def begin(self):
        db.session.remove()
        self.site.fresh()
        make = Factory()
        self.make, self.today, self.standing, self.closed, self.published = make, BEGAN, [], {}, 0
        self.branch = make.unit("锦园第一党支部", parent=make.unit("桂城街道党工委"))
        self.maker, self.second = make.person("霍静雯", home=self.branch), make.person("罗国栋", home=self.branch)
        self.meeting = make.activity(self.branch, self.maker, kind=ActivityKind.PARTY_LIFE)
        self.activity = make.activity(self.branch, self.maker)
        self.shift = make.shift(self.meeting)
        since = {"stage_since": date(2020, 1, 1)}
        self.people = [make.person(home=self.branch, stage=one, **since) for one in (StageKind.MEMBER, StageKind.PROBATIONARY)]
        self.credited(95, ActivityKind.SERVICE, 0, HourClass.CREDIT, 0)

    def do(self, work):
        with clock.frozen_at(datetime.combine(self.today, time(4), UTC)):
            return in_transaction(lambda: work(clock.now()))

    @rule(days=st.sampled_from((1, 3, 12, 40)))
    def time_passes(self, days):
        self.today += timedelta(days=days)
        self.closed.update({key: self.figures(key) for key in self.closed_months() if key not in self.closed})

    @rule(
        minutes=st.sampled_from((30, 95, 480)),
        kind=st.sampled_from((ActivityKind.STUDY, ActivityKind.SERVICE, ActivityKind.PARTY_LIFE)),
        who=st.sampled_from((0, 0, 1)),
        hour_class=st.sampled_from(HourClass),
        ago=st.sampled_from((0, 0, 0, 9, 45)),
    )
    def credited(self, minutes, kind, who, hour_class, ago):
        day = max(BEGAN, self.today - timedelta(days=ago))
        activity = self.meeting if kind is ActivityKind.PARTY_LIFE else self.activity
        source = self.attended(self.people[who], day, hour_class) if kind is ActivityKind.PARTY_LIFE else 1_000_000 + next(_sources)
        one = Credit(self.people[who], activity, kind, self.branch, day, minutes, hour_class, source, "1")
        self.do(lambda now: crediting.credit([one], now))
        self.standing.append((SourceKind.ATTENDANCE, source))

    def attended(self, person, day, hour_class):
        """The spell that a meeting is known by, as the door leaves it."""
        scan, at = uuid4(), datetime.combine(day, time(1), UTC) + timedelta(seconds=next(_sources) % 3600)
        way = Way.POSTER if hour_class is HourClass.CREDIT else Way.PAPER
        facts = {"id": scan, "activity_id": self.meeting, "way": way, "outcome": Outcome.IN, "at": at, "received_at": at, "content": ""}
        in_transaction(lambda: db.session.execute(Scan.__table__.insert().values(**facts)))
        end = at + timedelta(seconds=1)
        spell = {"in_at": at, "in_way": way, "in_scan_id": scan, "out_at": end, "out_way": way, "credited_from": at, "credited_to": end}
        return self.make._add(Attendance, shift_id=self.shift, person_id=person, **spell)

    @rule(code=st.sampled_from(("honour", "bonus", "absence")), who=st.integers(0, 1), ago=st.sampled_from((0, 9, 45)))
    def by_hand(self, code, who, ago):
        day, source = max(BEGAN, self.today - timedelta(days=ago)), next(_sources)
        kind = SourceKind.HONOUR if code == "honour" else SourceKind.MANUAL
        one = Occasion(self.people[who], SchemeKind.MEMBER, code, day, kind, source, self.branch, self.maker, self.second, "支委会")
        if self.do(lambda now: give([one], now)) != [None]:
            self.standing.append((kind, source))

    @precondition(lambda self: self.standing)
    @rule(place=st.integers(0, 30))
    def taken_back(self, place):
        kind, source = self.standing.pop(place % len(self.standing))
        if kind is SourceKind.ATTENDANCE and source < 1_000_000:
            gone = Attendance.__table__.update().where(Attendance.id == source).values(credited_from=None, credited_to=None)
            in_transaction(lambda: db.session.execute(gone))
        self.do(lambda now: crediting.reverse(kind, [source], "这条不对", now, made_by_id=None))

    @precondition(lambda self: self.published < 3 and len(self.standing) > 3 + 3 * self.published)
    @rule(per_hour=AMOUNTS, cap=CAPS, study=st.booleans(), meeting=AMOUNTS, meeting_cap=CAPS, absence=st.booleans(), whole=st.booleans())
    def another_version(self, per_hour, cap, study, meeting, meeting_cap, absence, whole):
        """Drafted, tried and published from the first open month on, where the day is still free."""
        since = first_safe(self.today) if whole else self.today.replace(day=1)
        if since < BEGAN.replace(day=1) or any(scheme.valid_from >= since for scheme in self.versions()):
            return
        self.published += 1
        draft = self.do(lambda now: drafts.begin(SchemeKind.MEMBER, self.maker, now))
        row = drafts.queries.draft(draft)
        known = {one.code: one.id for one in row.version.rules}
        hour = DraftRule("服务", Per.HOUR, per_hour, None, "service", True, *(cap or (None, None)))
        meet = DraftRule("组织生活", Per.OCCURRENCE, meeting, "party_life", None, per_hour != 40, *(meeting_cap or (None, None)))

        def write(now):
            drafts.edit(draft, DraftBasics(f"v{self.published}", "测试", since, None, row.version.bands), self.maker)
            drafts.put_rule(draft, known["service_hour"], hour, self.maker)
            drafts.put_rule(draft, known["party_life"], meet, self.maker)
            if not study:
                drafts.drop_rule(draft, known["study_hour"], self.maker)
            if absence and "absence" in known:
                drafts.drop_rule(draft, known["absence"], self.maker)

        self.do(write)
        span = Period(PeriodKind.YEAR, "", since, date(self.today.year, 12, 31))
        said, before = whatif.deltas(draft, SchemeKind.MEMBER, span), self.points_in(span)
        self.do(lambda now: drafts.send(draft, self.maker, [], "/", now))
        self.do(lambda now: drafts.publish(draft, self.second, "/", now))
        while self.do(lambda now: drafts.book_anew(draft, now)):
            pass
        after = self.points_in(span)
        assert {one: after[one] - before[one] for one in self.people} == {one: said.get(one, 0) for one in self.people}

    def versions(self):
        return [row for row in drafts.queries.versions(self.today) if row.kind is SchemeKind.MEMBER]

    def points_in(self, span):
        entries = select(PointEntry.person_id, PointEntry.points).where(
            PointEntry.scheme_kind == SchemeKind.MEMBER, whatif.counts(PointEntry).between(span.first, span.last)
        )
        sums = dict.fromkeys(self.people, 0)
        for person, given in db.session.execute(entries):
            sums[person] += given
        return sums

    def closed_months(self):
        day, found = BEGAN, []
        while is_closed(day, self.today):
            found.append(period(PeriodKind.MONTH, day).key)
            day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        return found

    def figures(self, key):
        return {tuple(row) for row in db.session.execute(select(PointPersonTotal.__table__).where(PointPersonTotal.period == key))}

    @invariant()
    def the_totals_are_the_ledger(self):
        assert points.disagreements() == []

    @invariant()
    def a_closed_month_is_as_it_was(self):
        for key, before in self.closed.items():
            assert self.figures(key) == before

    @invariant()
    def every_rule_gives_what_is_wanted_up_to_its_cap_over_all_versions(self):
        """Earlier versions first; by the periods whose caps hold."""
        earlier: dict[str, list[int]] = {}
        for row in sorted(self.versions(), key=lambda one: one.valid_from):
            for one in row.rules:
                for year, person in product((2025, 2026, 2027, 2028), self.people):
                    self.under_its_cap(one, person, year, earlier.get(one.code, []))
                earlier.setdefault(one.code, []).append(one.id)

    def under_its_cap(self, one, person, year, earlier):
        months = caps.by_month([person], [one.id, *earlier], date(year, 1, 1), date(year, 12, 31))
        size = {None: 12, CapPeriod.YEAR: 12, CapPeriod.QUARTER: 3, CapPeriod.MONTH: 1}[one.cap_period]
        for first in range(1, 13, size):
            keys = [f"{year}-{number:02d}" for number in range(first, first + size)]
            own = [months.get((person, one.id, key), (0, 0)) for key in keys]
            others = sum(months.get((person, rule_id, key), (0, 0))[1] for rule_id in earlier for key in keys)
            assert sum(have for _, have in own) == fair(one, sum(want for want, _ in own), others), (one, year, first, own, others)

    @invariant()
    def a_copy_of_what_holds_moves_nobody(self):
        newest, draft = self.versions()[0], self.do(lambda now: drafts.begin(SchemeKind.MEMBER, self.maker, now))
        for kind in (PeriodKind.MONTH, PeriodKind.YEAR):
            if newest.valid_from > period(kind, self.today).first:
                continue
            assert set(whatif.deltas(draft, SchemeKind.MEMBER, period(kind, self.today)).values()) <= {0}
        self.do(lambda now: drafts.drop(draft, self.maker, now))


def test_schemes_are_beyond_argument(site, app):
    Schemes.site = site
    run_state_machine_as_test(
        Schemes,
        settings=settings(
            max_examples=6,
            stateful_step_count=22,
            deadline=None,
            derandomize=True,
            phases=(Phase.explicit, Phase.reuse, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )
