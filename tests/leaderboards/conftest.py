"""A street with branches and people, and hours given to them through the ledger."""

from itertools import count

import pytest

from app.activities.rules import ActivityKind
from app.core import clock
from app.core.db import in_transaction
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.hours.rules import HourClass
from app.leaderboards import unchanged
from app.leaderboards.views import archive, tables
from app.leaderboards.views import board as views
from app.people import service as people
from app.people.rules import ConsentKind, UnitKind

_sources = count(1)


@pytest.fixture(autouse=True)
def _nothing_kept():
    """Each test has a new database under the old name, with the ids and the moments of the one before."""
    shelves = views.boards_kept, views.pages_kept, views.html_kept, views.own_kept, views.frames_kept, views.cards_kept
    for kept in (*shelves, tables.tables_kept, archive.since_kept, unchanged.known):
        kept.clear()


@pytest.fixture
def street(make):
    return make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)


@pytest.fixture
def community(make, street):
    return make.unit("灯湖社区党委", UnitKind.COMMUNITY, street)


@pytest.fixture
def branch(make, community):
    return make.unit("锦园第一党支部", parent=community)


@pytest.fixture
def give(make, street):
    """`give(person, minutes)` credits scanned service of today; `day`, `honour` and `study` change that."""
    activity = make.activity(street, make.person("霍静雯"))

    def work(person, minutes, day=None, *, honour=False, study=False):
        kind = ActivityKind.STUDY if study else ActivityKind.SERVICE
        hour_class = HourClass.HONOUR if honour else HourClass.CREDIT
        one = Credit(person, activity, kind, street, day or clock.today(), minutes, hour_class, next(_sources), "test")
        in_transaction(lambda: crediting.credit([one], clock.now()))

    return work


@pytest.fixture
def members(make):
    """`members(branch, 5)` are so many home members."""
    return lambda unit, many, name="何嘉怡": [make.person(name, home=unit) for _ in range(many)]


def say_yes(person):
    in_transaction(lambda: people.give_consent(person, ConsentKind.PERSONAL_BOARD, clock.now()))


def say_no(person):
    in_transaction(lambda: people.withdraw_consent(person, ConsentKind.PERSONAL_BOARD, clock.now()))
