"""What two people decide is not decided by one who is both: by writing it down, by opening another's account, by giving somebody a role."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.accounts import granting, helping, service
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Refused
from app.core.permissions import Role
from app.merges.models import Merge
from app.people import service as people
from app.people.models import Person
from app.people.rules import Gender
from app.rights.models import RightsRequest
from app.rights.rules import How, Kind
from tests.merges.conftest import Two, two
from tests.rights.conftest import Place, place

__all__ = ["place", "two"]


def opened(place: Place, by: int) -> None:
    """Somebody makes a code for the person, and it is used."""
    code = in_transaction(lambda: service.make_code(place.person, by, "key", clock.now()))
    hashed = service.hash_secret("a lantern by the lake")
    in_transaction(lambda: service.activate(service.keyed(code, "key"), "13822223333", hashed, "a lantern by the lake", clock.now()))


def with_role(place: Place, by: int, role: Role = Role.SECRETARY) -> int:
    """Somebody new, whom `by` made an officer today."""
    person = place.make.person("程新", home=place.branch)
    place.make.account(person)
    in_transaction(lambda: granting.grant_role(person, role, place.branch, clock.today(), by))
    return person


def test_nobody_decides_what_they_wrote_down_themselves(place):
    asked = place.ask(how=How.IN_PERSON, by=place.administrator)
    with pytest.raises(Refused):
        place.approve(asked, place.administrator)


def test_nobody_decides_about_themselves(place):
    about_oneself = replace(place, person=place.administrator)
    with pytest.raises(Refused):
        about_oneself.approve(about_oneself.ask(), place.administrator)


@pytest.mark.parametrize("who", ["person", "administrator"])
def test_the_database_does_not_take_it_either(place, who):
    asked = place.ask(how=How.IN_PERSON, by=place.administrator)
    values = {"verdict": "approved", "decided_by_id": getattr(place, who), "decided_at": clock.now()}
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(update(RightsRequest).where(RightsRequest.id == asked).values(values)))


def test_who_opened_the_account_does_not_decide_what_it_then_asks_for(place):
    opened(place, place.administrator)
    asked = place.ask()
    with pytest.raises(Refused, match="您做的码"):
        place.approve(asked, place.administrator)
    place.approve(asked, place.secretary)
    assert db.session.get(Person, place.person, populate_existing=True).erased_at is not None


def test_after_a_week_they_do(place):
    opened(place, place.administrator)
    with clock.frozen_at(clock.now() + timedelta(days=8)):
        place.approve(place.ask(), place.administrator)


def test_who_was_given_the_role_by_who_wrote_it_down_waits_a_day(place):
    asked = place.ask(how=How.IN_PERSON, by=place.administrator)
    puppet = with_role(place, place.administrator)
    with pytest.raises(Refused, match="登记人刚给的"):
        place.approve(asked, puppet)
    place.approve(asked, place.secretary)


def test_a_role_of_two_days_or_from_somebody_else_is_a_role(place):
    puppet = with_role(place, place.administrator)
    assert helping.given_by(puppet, place.administrator, clock.now())
    assert not helping.given_by(puppet, place.secretary, clock.now())
    assert not helping.given_by(puppet, place.administrator, clock.now() + timedelta(days=2))
    assert not helping.given_by(place.person, place.administrator, clock.now())


def test_the_same_of_a_merge(two: Two):
    merge_id = two.propose()
    puppet = two.make.person("程新", home=two.root)
    in_transaction(lambda: granting.grant_role(puppet, Role.ADMINISTRATOR, two.root, clock.today(), two.maker))
    by_puppet = Two(two.make, two.root, two.branch, two.old, two.new, two.maker, puppet)
    with pytest.raises(Refused, match="登记人刚给的"):
        by_puppet.approve(merge_id)
    two.approve(merge_id)
    assert db.session.get(Merge, merge_id, populate_existing=True).decided_by_id == two.checker


def test_an_account_that_was_just_opened_for_somebody_gives_no_file_of_their_data_for_a_day(place, as_person):
    opened(place, place.administrator)
    own = as_person(place.person)
    answer = own.post("/me/data/export", data={"password": "a lantern by the lake"})
    assert (answer.status_code, "满一天以后" in answer.text) == (422, True)
    with clock.frozen_at(clock.now() + timedelta(hours=25)):
        assert own.post("/me/data/export", data={"password": "a lantern by the lake"}).mimetype == "application/zip"


def test_nobody_undoes_an_erasure(place):
    """Neither by a code, a role, nor by taking back the merge that brought the record there: the database refuses it."""
    place.erase()
    with pytest.raises((Conflict, IntegrityError)):
        opened(place, place.administrator)
    for change in ({"name": "欧阳敏仪"}, {"erased_at": None}):
        with pytest.raises(IntegrityError):
            in_transaction(lambda change=change: db.session.execute(update(Person).where(Person.id == place.person).values(change)))
    with pytest.raises(IntegrityError):
        in_transaction(lambda: granting.grant_role(place.person, Role.ORGANISER, place.branch, clock.today(), place.administrator))
    request = db.session.scalars(select(RightsRequest).where(RightsRequest.kind == Kind.ERASURE)).one()
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(update(RightsRequest).where(RightsRequest.id == request.id).values(verdict=None)))


def test_who_only_confirms_people_is_told_no_particulars_by_the_page_of_requests(place, as_person):
    in_transaction(lambda: people.edit_profile(place.person, "欧阳敏仪", Gender.FEMALE, date(1985, 6, 12), "", place.secretary))
    asked = f"/people/{place.person}/rights"
    told, hidden = as_person(place.secretary).get(asked).text, as_person(place.clerk).get(asked).text
    assert 'value="1985-06-12"' in told
    assert "欧阳敏仪" in hidden
    assert "1985" not in hidden
    assert '<option value="female" selected>' in told
    assert '<option value="female" selected>' not in hidden
