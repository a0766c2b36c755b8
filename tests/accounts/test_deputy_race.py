"""Several hands at the same moment: a unit has two deputies, and a code opens once."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.accounts import factors, granting
from app.accounts.models import RoleGrant
from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from tests.accounts.helpers import KEY
from tests.conftest import NOON
from tests.factories import FACTOR_KEY


def test_of_five_deputies_given_at_once_two_are_deputies(make, at_once):
    branch, people = make.unit(), [make.person() for _ in range(5)]
    until = NOON.date() + timedelta(days=100)

    def give(person):
        return in_transaction(lambda: granting.grant_role(person, Role.DEPUTY, branch, NOON.date(), None, until) or person)

    done = at_once([lambda person=person: give(person) for person in people])
    assert sum(isinstance(result, IntegrityError) for result in done) == 3
    assert db.session.scalar(select(func.count()).select_from(RoleGrant)) == 2


def test_one_code_sent_by_several_at_once_opens_once(make, at_once):
    person = make.person()
    make.grant(person, Role.FUND_OFFICER, make.unit())
    code = factors.code_at(FACTOR_KEY, clock.now())
    done = at_once([lambda: in_transaction(lambda: factors.use_code(person, code, KEY, NOON)) for _ in range(4)])
    assert sorted(done) == [False, False, False, True]
