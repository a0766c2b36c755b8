"""Whatever is done to the trees, in whatever order: no circle, no orphan, one parent a day, and a closure that can be derived."""

from datetime import date, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, select

from app.core.db import db, in_transaction
from app.core.errors import DomainError
from app.people import queries, service
from app.people.models import Place, PlaceAncestry, PlaceName, PlaceParent, PlaceUnit, Unit, UnitAncestry, UnitName, UnitParent
from app.people.queries import trees
from app.people.rules import PlaceKind, UnitKind
from app.people.tree_rules import UNIT_UNDER

BEGAN = date(2026, 1, 1)
NAMES = st.sampled_from(["锦园", "灯湖", "桂南", "同德", "怡海", "翠颐", "江滨", "桂花"])
PICK = st.integers(0, 40)


K = UnitKind
SEEDLINGS = (
    (K.COMMUNITY, "甲", 0),
    (K.COMMUNITY, "乙", 0),
    (K.GENERAL_BRANCH, "丙", 1),
    (K.BRANCH, "丁", 3),
    (K.GROUP, "戊", 4),
    (K.TEAM, "己", 2),
    (K.TEAM, "庚", 6),
    (K.TEAM, "辛", 5),
)


class Trees(RuleBasedStateMachine):
    """Days pass; units and places come, move, change names and end. Refusals are fine, broken histories are not."""

    def __init__(self):
        super().__init__()
        self.today = BEGAN
        self.root = in_transaction(lambda: service.create_unit(UnitKind.SUBDISTRICT, "街道", None, BEGAN, None))
        self.units, self.places = [self.root], []
        self.believed = {self.root: [(BEGAN, None)]}  # our own book of parents, the simplest there is
        self.days, self.kinds = {BEGAN}, {self.root: K.SUBDISTRICT}
        for kind, name, at in SEEDLINGS:
            self.create_unit(kind, name, at, 0)

    def attempt(self, work):
        try:
            return in_transaction(work)
        except DomainError:
            return None

    @rule(days=st.integers(0, 40))
    def time_passes(self, days):
        self.today += timedelta(days)
        self.days.add(self.today)

    @rule(kind=st.sampled_from(list(UnitKind)), name=NAMES, at=PICK, back=st.sampled_from([0, 0, 7]))
    def create_unit(self, kind, name, at, back):
        parent, since = self.units[at % len(self.units)], self.today - timedelta(back)
        made = self.attempt(lambda: service.create_unit(kind, name, parent, since, None))
        if made:
            self.units.append(made)
            self.kinds[made] = kind
            self.believed[made] = [(since, parent)]
            self.days.add(since)

    @rule(which=PICK, to=PICK, back=st.sampled_from([0, 0, 0, 1, 10, 60]))
    def move_unit(self, which, to, back):
        """Mostly to where its kind may hang: to another team is the way to a circle."""
        unit, on = self.units[which % len(self.units)], self.today - timedelta(back)
        fitting = [one for one in self.units if self.kinds[one] in UNIT_UNDER[self.kinds[unit]]] or self.units
        parent = fitting[to % len(fitting)]

        def work():
            service.move_unit(unit, parent, on, self.today, None)
            return True

        if self.attempt(work) and self.believed[unit][-1][1] != parent:
            self.believed[unit].append((on, parent))
            self.days.add(on)

    @rule(which=PICK, to=PICK)
    def move_a_team_today(self, which, to):
        """Teams hang under teams: here circles are made, were they let."""
        teams = [unit for unit in self.units if self.kinds[unit] is K.TEAM]
        self.move_unit(self.units.index(teams[which % len(teams)]), to, 0)

    @rule(which=PICK, name=NAMES)
    def rename_unit(self, which, name):
        self.attempt(lambda: service.rename_unit(self.units[which % len(self.units)], name, self.today, None))

    @rule(which=PICK)
    def close_unit(self, which):
        self.attempt(lambda: service.close_unit(self.units[which % len(self.units)], self.today, None))

    @rule(kind=st.sampled_from(list(PlaceKind)), name=NAMES, at=PICK)
    def create_place(self, kind, name, at):
        parent = self.places[at % len(self.places)] if self.places and kind is not PlaceKind.COMMUNITY else None
        made = self.attempt(lambda: service.create_place(kind, name, parent, self.today, None))
        if made:
            self.places.append(made)

    @rule(which=PICK, to=PICK, back=st.sampled_from([0, 0, 5]))
    def move_place(self, which, to, back):
        if self.places:
            place, parent = self.places[which % len(self.places)], self.places[to % len(self.places)]
            self.attempt(lambda: service.move_place(place, parent, self.today - timedelta(back), self.today, None))

    @rule(which=PICK, name=NAMES, end=st.booleans())
    def rename_or_close_place(self, which, name, end):
        if self.places:
            place = self.places[which % len(self.places)]
            change = service.close_place if end else service.rename_place
            arguments = (place, self.today, None) if end else (place, name, self.today, None)
            self.attempt(lambda: change(*arguments))

    @rule(place=PICK, unit=PICK, end=st.booleans())
    def tie(self, place, unit, end):
        if self.places:
            change = service.untie_place if end else service.tie_place
            pair = self.places[place % len(self.places)], self.units[unit % len(self.units)]
            self.attempt(lambda: change(*pair, self.today, None))

    @invariant()
    def the_closure_of_every_day_is_the_derived_one_and_nothing_is_orphaned_or_turns_in_a_circle(self):
        assert trees.disagreements() == []

    def teardown(self):
        self.parents_and_names_of_one_thing_never_overlap()
        self.every_day_is_as_our_own_book_has_it()

    def parents_and_names_of_one_thing_never_overlap(self):
        for table, key in ((UnitParent, UnitParent.unit_id), (PlaceParent, PlaceParent.place_id)):
            last = {}
            rows = db.session.execute(select(key, table.valid_from, table.valid_to).order_by(key, table.valid_from, table.id))
            for node, since, until in rows:
                assert node not in last or (last[node] is not None and last[node] <= since)
                last[node] = until
        for tree in (trees.UNITS, trees.PLACES):
            own = tree.own(tree.names)
            last = {}
            for node, since, until in db.session.execute(
                select(own, tree.names.valid_from, tree.names.valid_to).order_by(own, tree.names.id)
            ):
                assert last.get(node, BEGAN) <= since <= until  # a name of a few hours is kept too, it can be looked for
                last[node] = until

    def every_day_is_as_our_own_book_has_it(self):
        lives = dict(db.session.execute(select(Unit.id, Unit.closed_on)).all())
        assert db.session.scalars(select(Place.id).order_by(Place.id)).all() == sorted(self.places)
        for unit in self.units[1:9]:
            for day in sorted(self.days):
                path = queries.unit_path_on(unit, day)
                alive = self.believed[unit][0][0] <= day and (lives[unit] is None or day < lives[unit])
                assert bool(path) == alive
                if alive and unit != self.root:
                    parent = [parent for since, parent in self.believed[unit] if since <= day][-1]
                    assert path[-2].id == parent


def bare():
    """The trees as they were at the beginning; a copied database for every run would take longer than the runs."""
    for table in (UnitName, PlaceName, PlaceUnit, UnitAncestry, PlaceAncestry, UnitParent, PlaceParent, Place, Unit):
        db.session.execute(delete(table))


def test_the_trees_hold_whatever_is_done_to_them(app):
    class Fresh(Trees):
        def __init__(self):
            in_transaction(bare)
            super().__init__()

    run_state_machine_as_test(
        Fresh,
        settings=settings(
            max_examples=10, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
        ),
    )
