"""Whatever roles are given and ended, units moved and people transferred: nobody may do what the grants of the day do not give.

Our own book of grants and parents is the simplest there is: lists of dates. What the site allows is asked of the site.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from app.accounts import granting, sessions
from app.accounts import queries as accounts
from app.accounts.models import AccountSession, RoleGrant
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import DomainError
from app.core.permissions import ALLOWED, ALWAYS_DATED, GRANTS, OWN_UNIT_ONLY, Role
from app.people import queries as people
from app.people import service
from app.people.models import Departure, Membership, UnitAncestry, UnitParent
from app.people.rules import MembershipKind
from app.people.rules import UnitKind as K
from tests.factories import Factory

BEGAN = date(2026, 3, 2)
PEOPLE = 5
SMALL = st.integers(0, 8)
# One action of each set of roles: the others are allowed to the same.
TELLING = list({roles: action for action, roles in ALLOWED.items()}.values())


@dataclass
class Held:
    id: int
    person: int
    role: Role
    unit: int
    since: date
    until: date | None

    def on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)

    def overlaps(self, since: date, until: date | None) -> bool:
        real = self.until is None or self.until > self.since
        return real and (until is None or self.since < until) and (self.until is None or since < self.until)


class Rights(RuleBasedStateMachine):
    units: list[int]
    branches: list[int]
    people: list[int]
    first_parents: dict[int, int | None]
    tokens: dict[int, str]
    outsider: int

    def __init__(self):
        super().__init__()
        self.today = BEGAN
        self.parents = dict(self.first_parents)
        root = self.units[0]
        self.book: list[Held] = []
        in_transaction(self.bare)
        self.write(self.people[0], Role.ADMINISTRATOR, root)
        self.write(self.people[1], Role.SECRETARY, self.units[3])
        in_transaction(self.stay_signed_in)  # however long nobody is given anything

    def bare(self):
        db.session.execute(delete(RoleGrant))
        db.session.execute(delete(UnitAncestry))
        db.session.execute(delete(UnitParent))
        for unit, parent in self.first_parents.items():
            if parent:
                db.session.execute(UnitParent.__table__.insert().values(unit_id=unit, parent_id=parent, valid_from=BEGAN))
            for depth, above in enumerate(self.line(unit)):
                row = {"unit_id": unit, "ancestor_id": above, "depth": depth, "valid_from": BEGAN}
                db.session.execute(UnitAncestry.__table__.insert().values(row))
        db.session.execute(delete(Departure))
        db.session.execute(delete(Membership))
        for person in self.people:
            service.join(person, self.units[3], MembershipKind.HOME, BEGAN)

    def write(self, person, role, unit):
        def work():
            granting.grant_role(person, role, unit, BEGAN, None)
            return db.session.scalars(select(RoleGrant.id).order_by(RoleGrant.id.desc())).first()

        self.book.append(Held(in_transaction(work), person, role, unit, BEGAN, None))

    def line(self, unit):
        """The unit and those above it."""
        while unit:
            yield unit
            unit = self.parents[unit]

    def actor(self, person):
        with clock.frozen_at(self.noon()):
            found = accounts.actor_of_session(self.tokens[person])
        assert found
        return found

    def noon(self):
        return datetime.combine(self.today, time(4), UTC)

    @rule(days=st.integers(0, 20))
    def time_passes(self, days):
        self.today += timedelta(days)

    @rule(giver=SMALL, person=SMALL, role=st.sampled_from(Role), unit=SMALL, wait=st.sampled_from([0, 0, 0, 9]), days=SMALL)
    def give(self, giver, person, role, unit, wait, days):
        giver, person = self.people[giver % PEOPLE], self.people[person % PEOPLE]
        unit, since = self.units[unit % len(self.units)], self.today + timedelta(wait)
        until = since + timedelta(days * 7) if days else None
        expected = self.may_give(giver, role, unit) and giver != person and self.fits(person, role, unit, since, until)
        actor = self.actor(giver)

        def work():
            granting.appoint(actor, person, role, unit, since, until)
            return db.session.scalars(select(RoleGrant.id).order_by(RoleGrant.id.desc())).first()

        try:
            with clock.frozen_at(self.noon()):
                made = in_transaction(work)
        except (DomainError, IntegrityError):
            made = None
        assert (made is not None) == expected
        if made:
            self.book.append(Held(made, person, role, unit, since, until))
        in_transaction(self.stay_signed_in)

    def stay_signed_in(self):
        db.session.execute(update(AccountSession).values(expires_at=datetime(2030, 1, 1, tzinfo=UTC)))

    def may_give(self, giver, role, unit):
        def gives(held):
            if role not in GRANTS.get(held.role, ()):
                return False
            return unit == held.unit if (held.role, role) in OWN_UNIT_ONLY else held.unit in self.line(unit)

        return any(held.person == giver and held.on(self.today) and gives(held) for held in self.book)

    def fits(self, person, role, unit, since, until):
        same = [held for held in self.book if held.role is role and held.unit == unit and held.overlaps(since, until)]
        if any(held.person == person for held in same) or (role in ALWAYS_DATED and until is None):
            return False
        if role is not Role.DEPUTY:
            return True
        crowded = (since, *(held.since for held in same if held.since > since))
        return all(sum(held.on(day) for held in same) < 2 for day in crowded)

    @rule(giver=SMALL, which=SMALL)
    def take_back(self, giver, which):
        giver, held = self.people[giver % PEOPLE], self.book[which % len(self.book)]
        if held.until is not None and held.until <= max(held.since, self.today):
            return
        rows = accounts.grants(self.units, self.today, held.person)
        row = next((row for row in rows if row.id == held.id), None)
        assert row
        expected, actor = self.may_give(giver, held.role, held.unit) and giver != held.person, self.actor(giver)
        try:
            in_transaction(lambda: granting.end_role(actor, row, self.today))
            ended = True
        except DomainError:
            ended = False
        assert ended == expected
        if ended:
            held.until = max(held.since, self.today)

    @rule(unit=SMALL, to=SMALL)
    def move_unit(self, unit, to):
        unit, to = self.units[unit % len(self.units)], self.units[to % len(self.units)]
        try:
            in_transaction(lambda: service.move_unit(unit, to, self.today, self.today, None))
        except DomainError:
            return
        self.parents[unit] = to

    @rule(person=SMALL, to=SMALL)
    def transfer(self, person, to):
        """Where somebody belongs gives no right; leaving a branch ends those held there."""
        person, to, today = self.people[person % PEOPLE], self.units[to % len(self.units)], self.today
        home = people.home_unit_on(person, today)
        try:
            in_transaction(lambda: service.transfer(person, home, to, today, self.outsider, today))
        except DomainError:
            return
        left = self.left(home, to)
        for held in self.book:
            if held.person == person and held.unit in left and (held.until is None or held.until > max(held.since, today)):
                held.until = max(held.since, today)

    def left(self, home, to):
        """The old home, the branches around it that the new one is not in, and all below them."""
        top = None
        for unit in self.line(home) if home else ():
            if unit in self.line(to) or (unit != home and unit not in self.branches):
                break
            top = unit
        return {unit for unit in self.units if top in self.line(unit)} if top else set()

    @invariant()
    def what_is_allowed_is_what_was_granted(self):
        for person in self.people:
            actor = self.actor(person)
            holds = [held for held in self.book if held.person == person and held.on(self.today)]
            for action in TELLING:
                roots = {held.unit for held in holds if held.role in ALLOWED[action]}
                book = {unit for unit in self.units if roots & set(self.line(unit))}
                site = actor.roots(action)
                reached = set(db.session.scalars(people.below(site, self.today))) if site else set()
                assert reached == book, (person, action)

    @invariant()
    def never_more_than_two_deputies(self):
        for unit in self.units:
            assert sum(held.on(self.today) for held in self.book if held.role is Role.DEPUTY and held.unit == unit) <= 2


def test_nobody_gains_a_right_that_no_grant_gives(app):
    make = Factory()
    root = make.unit("街道", K.SUBDISTRICT, since=BEGAN)
    communities = [make.unit(f"社区{number}", K.COMMUNITY, parent=root, since=BEGAN) for number in range(2)]
    own_branches = branches = [make.unit(f"支部{number}", K.BRANCH, parent=communities[number % 2], since=BEGAN) for number in range(3)]
    team = make.unit("分队", K.TEAM, parent=branches[0], since=BEGAN)
    persons = [make.person(f"岗位{number}") for number in range(PEOPLE)]
    signed_in = {}
    for person in persons:
        account = make.account(person)
        signed_in[person] = in_transaction(
            lambda account=account: sessions.open_session(account, "test", clock.now(), staff=False, factor=True)
        )

    every = [root, *communities, *branches, team]
    above = dict(zip(every, [None, root, root, communities[0], communities[1], communities[0], branches[0]], strict=True))

    class Here(Rights):
        units, branches, people, first_parents = every, own_branches, persons, above
        tokens, outsider = signed_in, make.person("转接人")

    in_transaction(lambda: db.session.execute(update(AccountSession).values(expires_at=datetime(2030, 1, 1, tzinfo=UTC))))
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
        ),
    )
