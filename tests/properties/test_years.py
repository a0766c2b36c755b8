"""Years of moves, transfers, roles, rosters taken in and taken back, and hours served meanwhile: what must be true stays true.

The other properties look at one thing each, closely. Here everything happens to the same people and units, in any order.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from app.accounts import granting
from app.accounts.models import RoleGrant
from app.activities.rules import ActivityKind
from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import DomainError
from app.core.permissions import Role
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.hours import verifying as hours
from app.hours.models import HourEntry
from app.hours.rules import HourClass, SourceKind
from app.imports import running
from app.people import queries, service
from app.people.models import Membership, Person, Unit
from app.people.queries import trees
from app.people.rules import MembershipKind, UnitKind
from app.points import totals as points
from tests.factories import Factory
from tests.imports import sheet

BEGAN = date(2024, 3, 4)
SMALL = st.integers(0, 30)
BRANCHES = ("锦园第一党支部", "锦园第二党支部", "雅居第一党支部")
FAMILY = "陈李黄梁何吴林张"
_sources, _phones = count(1), count(13_500_000_000)


@dataclass
class Place:
    """What the machine begins with in a fresh database; the counters make each run's names its own."""

    root: int
    communities: list[int]
    outsider: int


class Years(RuleBasedStateMachine):
    """Each run goes on where the one before ended: the same place, years later."""

    place: Place
    today = BEGAN

    def __init__(self):
        super().__init__()
        self.batches: list[int] = []
        self.homes: dict[int, int | None] = {}  # entry → the home unit that was written into it

    def now(self):
        return datetime.combine(self.today, time(4), UTC)

    def people(self):
        return db.session.scalars(select(Person.id).where(Person.id != self.place.outsider).order_by(Person.id)).all()

    def branches(self):
        found = select(Unit.id).where(Unit.kind == UnitKind.BRANCH, Unit.closed_on.is_(None))
        return db.session.scalars(found.order_by(Unit.id)).all()

    def do(self, work):
        """One use case, on this day; the domain may refuse it."""
        try:
            with clock.frozen_at(self.now()):
                return in_transaction(work)
        except (DomainError, IntegrityError):
            return None

    @rule(days=st.integers(1, 200))
    def time_passes(self, days):
        type(self).today += timedelta(days)

    @rule(rows=st.lists(st.tuples(SMALL, st.sampled_from(BRANCHES)), min_size=1, max_size=4))
    def a_roster_comes(self, rows):
        """New people, and known ones who are now elsewhere."""
        known, told = self.people(), []
        for which, branch in rows:
            person = known[which % len(known)] if known and which % 2 else None
            numbers = queries.phones(person, self.today) if person else []
            name = db.session.scalar(select(Person.name).where(Person.id == person)) if numbers else FAMILY[which % len(FAMILY)] + "志明"
            told.append({"姓名": name, "手机号码": numbers[0] if numbers else str(next(_phones)), "所属党支部": branch})
        try:
            with clock.frozen_at(self.now()):
                self.batches.append(sheet.write(sheet.file(*told)))
        except DomainError:
            return

    @rule(which=SMALL)
    def a_roster_is_taken_back(self, which):
        if self.batches:
            batch = self.batches[which % len(self.batches)]
            try:
                with clock.frozen_at(self.now()):
                    running.undo(batch, None, self.now())
            except DomainError:
                return
            self.batches.remove(batch)

    @rule(which=SMALL, to=SMALL)
    def transfer(self, which, to):
        people, branches = self.people(), self.branches()
        if people and branches:
            person, target = people[which % len(people)], branches[to % len(branches)]
            home = queries.home_unit_on(person, self.today)
            self.do(lambda: service.transfer(person, home, target, self.today, self.place.outsider, self.today))

    @rule(which=SMALL, to=SMALL)
    def a_branch_moves(self, which, to):
        branches, parents = self.branches(), [self.place.root, *self.place.communities]
        if branches:
            unit, parent = branches[which % len(branches)], parents[to % len(parents)]
            self.do(lambda: service.move_unit(unit, parent, self.today, self.today, None))

    @rule(under=SMALL)
    def a_branch_is_set_up(self, under):
        parents = [self.place.root, *self.place.communities]
        name = f"新设第{next(_phones)}党支部"
        self.do(lambda: service.create_unit(UnitKind.BRANCH, name, parents[under % len(parents)], self.today, None))

    @rule(which=SMALL)
    def a_branch_is_closed(self, which):
        branches = self.branches()
        if branches:
            self.do(lambda: service.close_unit(branches[which % len(branches)], self.today, None))

    @rule(which=SMALL, role=st.sampled_from([Role.ORGANISER, Role.SECRETARY, Role.DEPUTY]), unit=SMALL, days=st.integers(1, 300))
    def a_role_is_given(self, which, role, unit, days):
        people, branches = self.people(), self.branches()
        if people and branches:
            person, where = people[which % len(people)], branches[unit % len(branches)]
            until = self.today + timedelta(days)
            self.do(lambda: granting.grant_role(person, role, where, self.today, self.place.outsider, until))

    @rule(which=SMALL, minutes=st.integers(1, 480), back=st.integers(0, 20))
    def hours_are_served(self, which, minutes, back):
        people = self.people()
        if not people:
            return
        person, on = people[which % len(people)], self.today - timedelta(back)
        credit = Credit(
            person_id=person,
            activity_id=None,
            activity_kind=ActivityKind.SERVICE,
            organising_unit_id=self.place.root,
            served_on=on,
            minutes=minutes,
            hour_class=HourClass.HONOUR,
            source_id=next(_sources),
            rule_version="test",
            source_kind=SourceKind.IMPORT,
        )
        self.do(lambda: crediting.credit([credit], self.now()))

    @rule(which=SMALL)
    def hours_are_taken_back(self, which):
        standing = db.session.scalars(select(HourEntry.source_id).where(HourEntry.reverses_id.is_(None))).all()
        if standing:
            source = standing[which % len(standing)]
            self.do(lambda: crediting.reverse(SourceKind.IMPORT, [source], "记错了", self.now(), made_by_id=self.place.outsider))

    @invariant()
    def both_trees_are_whole(self):
        assert trees.disagreements() == []

    @invariant()
    def totals_are_the_ledgers(self):
        assert hours.disagreements() == []
        assert points.disagreements() == []

    @invariant()
    def nobody_is_at_home_in_two_branches_or_in_a_closed_one(self):
        one, other = aliased(Membership), aliased(Membership)
        both = (
            select(func.count())
            .select_from(one)
            .join(other, (other.person_id == one.person_id) & (other.id > one.id) & (other.kind == one.kind))
            .where(
                one.kind == MembershipKind.HOME,
                or_(one.valid_to.is_(None), one.valid_to > other.valid_from),
                or_(other.valid_to.is_(None), other.valid_to > one.valid_from),
                one.valid_from.is_distinct_from(one.valid_to),
                other.valid_from.is_distinct_from(other.valid_to),
            )
        )
        assert db.session.scalar(both) == 0
        closed = select(func.count()).select_from(Membership).join(Unit, Unit.id == Membership.unit_id)
        assert db.session.scalar(closed.where(Unit.closed_on.is_not(None), Membership.valid_to.is_(None))) == 0

    @invariant()
    def what_was_written_into_an_entry_stays(self):
        """Hours keep the branch of the day they were served, wherever people and units go afterwards."""
        found = dict(db.session.execute(select(HourEntry.id, HourEntry.home_unit_id)).all())
        assert self.homes.items() <= found.items()
        self.homes = found

    @invariant()
    def every_role_was_given_by_somebody(self):
        unasked = select(func.count()).select_from(RoleGrant).where(RoleGrant.granted_by_id.is_distinct_from(self.place.outsider))
        assert db.session.scalar(unasked) == 0


def test_years_of_everything_leave_every_invariant_standing(app):
    make = Factory()
    root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT, since=BEGAN)
    communities = [make.unit(f"{name}社区党委", UnitKind.COMMUNITY, parent=root, since=BEGAN) for name in ("灯湖", "同德")]
    for number, name in enumerate(BRANCHES):
        make.unit(name, parent=communities[number % 2], since=BEGAN)

    class Here(Years):
        place = Place(root, communities, make.person("经办人"))

    run = settings(max_examples=8, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    run_state_machine_as_test(Here, settings=run)
    if not run.derandomize:  # by night other things happen each time
        return
    happened = dict(db.session.execute(select(AuditEvent.action, func.count()).group_by(AuditEvent.action)).all())
    must = {"import.application", "import.undo", "person.transfer", "unit.move", "unit.close", "role.grant"}
    assert happened.keys() >= must, must - happened.keys()
    assert db.session.scalar(select(func.count()).select_from(HourEntry).where(HourEntry.reverses_id.is_not(None)))
