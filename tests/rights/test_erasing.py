"""Whoever is erased is told by nothing that is left; what others count stays as it was."""

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from app.accounts import service as accounts
from app.accounts.models import Account
from app.accounts.queries import account_of
from app.audit.keys import keys_of
from app.audit.personal import ERASED
from app.cards import service as cards
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict
from app.core.permissions import Role
from app.hours.models import HourEntry
from app.merges import service as merges
from app.merges.models import Merge
from app.people import queries as people
from app.people.models import Membership, Person, Phone
from app.people.service import become
from app.rights import service
from app.rights.models import Erasure, RightsRequest
from app.rights.policies import NAME
from app.rights.rules import Verdict
from app.worklist.service import notify
from tests.rights.conftest import everywhere, faults, given_everything, hours_of, points_of, table, units

NAME_BEFORE, PHONE = "欧阳敏仪", "13822223333"


def test_name_and_number_stand_nowhere_any_more(place):
    given_everything(place)
    place.make.account(place.person)
    in_transaction(lambda: notify(place.secretary, f"{NAME_BEFORE}报了名", "/activities/1"))
    in_transaction(lambda: notify(place.person, "您报了名", "/activities/1"))
    assert everywhere(NAME_BEFORE)
    assert everywhere(PHONE)
    place.erase()
    assert everywhere(NAME_BEFORE) == {}
    assert everywhere(PHONE) == {}
    assert everywhere("会粤剧") == {}
    assert everywhere("搬走了") == {}
    row = db.session.get(Person, place.person)
    assert (row.name, row.gender, row.birth_date, row.note, row.initials) == (NAME, None, None, "", "")
    assert db.session.scalar(select(table("notice").c.text).where(table("notice").c.person_id == place.secretary)) == "欧阳*仪报了名"


def test_hours_points_and_sums_are_what_they_were(place):
    given_everything(place)
    before = (hours_of(place.person), points_of(place.person), units(), db.session.scalar(select(func.count(HourEntry.id))))
    assert before[0]
    place.erase()
    assert (hours_of(place.person), points_of(place.person), units(), db.session.scalar(select(func.count(HourEntry.id)))) == before
    assert faults() == []


def test_the_account_is_gone_and_the_card_dead(place):
    account = place.make.account(place.person)
    in_transaction(lambda: cards.issue([place.person], place.secretary, clock.now()))
    place.erase()
    assert account_of(place.person) is None
    assert db.session.get(Account, account) is None
    card = table("member_card")
    assert db.session.scalar(select(card.c.revoked_at).where(card.c.person_id == place.person)) is not None


def test_the_key_of_what_the_audit_says_is_destroyed(place):
    given_everything(place)
    assert keys_of([place.person])[place.person]
    place.erase()
    assert keys_of([place.person])[place.person] is None


def test_party_status_and_ties_end(place):
    place.erase()
    assert people.stages(place.person) == []
    ends = db.session.scalars(select(Membership.valid_to).where(Membership.person_id == place.person)).all()
    assert ends == [clock.today()]


def test_records_merged_into_it_go_too(place):
    other = place.make.person("歐陽敏儀", phone="13899990000")
    in_transaction(lambda: become(other, place.person))
    place.erase()
    assert everywhere("歐陽敏儀") == {}
    assert everywhere("13899990000") == {}
    assert set(db.session.scalars(select(Erasure.person_id))) == {place.person, other}


def test_nobody_gets_back_what_was_erased(place):
    place.erase()
    attempts = (
        update(Person).where(Person.id == place.person).values(name=NAME_BEFORE),
        update(Person).where(Person.id == place.person).values(erased_at=None),
        insert(Phone).values(person_id=place.person, number=PHONE, valid_from=clock.today()),
        insert(Account).values(person_id=place.person, secret_hash="-", secret_kind="pin", created_at=clock.now()),
        text("DELETE FROM erasure_entry"),
    )
    for attempt in attempts:
        with pytest.raises(DBAPIError):
            in_transaction(lambda attempt=attempt: db.session.execute(attempt))
    with pytest.raises(DBAPIError):
        in_transaction(lambda: accounts.make_codes([place.person], place.secretary, "key", clock.now()))


def test_twice_is_once(place):
    place.erase()
    assert in_transaction(lambda: service.erase(place.person, None, clock.now())) == []
    assert db.session.scalar(select(func.count(Erasure.id))) == 1


def test_other_requests_of_theirs_end_with_it(place):
    from app.rights.rules import Kind

    correction = place.ask(Kind.CORRECTION, name="欧阳敏怡")
    place.erase()
    row = db.session.get(RightsRequest, correction, populate_existing=True)
    assert (row.verdict, row.wanted) == (Verdict.WITHDRAWN, {})
    assert everywhere("欧阳敏怡") == {}


def test_a_role_is_taken_back_first(place):
    place.make.grant(place.person, Role.ORGANISER, place.branch)
    request_id = place.ask()
    with pytest.raises(Conflict, match="组织者"):
        place.approve(request_id)
    assert db.session.get(Person, place.person).name == NAME_BEFORE


def test_what_was_said_in_decided_records_goes_and_the_decision_stays(place):
    proposal = table("point_proposal")
    now = clock.now()
    values = {"unit_id": place.branch, "scheme_kind": "volunteer", "rule_code": "bonus", "happened_on": clock.today(), "reason": "照顾邻居"}
    made = {"made_by_id": place.secretary, "made_at": now, "decided_by_id": place.administrator, "decided_at": now, "verdict": "approved"}
    in_transaction(lambda: db.session.execute(insert(proposal).values(person_id=place.person, **values, **made)))
    words = update(proposal).values(reason="别的话")
    with pytest.raises(DBAPIError):
        in_transaction(lambda: db.session.execute(words))
    place.erase()
    assert db.session.execute(select(proposal.c.reason, proposal.c.verdict)).one() == ("已按本人要求删除", "approved")
    with pytest.raises(DBAPIError):
        in_transaction(lambda: db.session.execute(words))


@pytest.mark.parametrize("ending", ["returned", "withdrawn", "merged", "undone"])
def test_words_of_a_merge_go_with_either_of_the_two(place, ending):
    """The record that was to go is the older one; of a merge that holds, who stays asks."""
    given_everything(place)
    two, other, now = place.two, place.make.person("欧阳敏儀", home=place.branch), clock.now()
    merge_id = two.propose(other, place.person)
    if ending == "returned":
        in_transaction(lambda: merges.return_(merge_id, two.checker, "问过了，不是一个人", now))
    elif ending == "withdrawn":
        in_transaction(lambda: merges.withdraw(merge_id, two.maker, now))
    else:
        two.approve(merge_id, other, place.person)
        two.finish(merge_id)
    if ending == "undone":
        two.undo(merge_id)
    former, place.person = place.person, other if ending == "merged" else place.person
    place.erase()
    for words in (NAME_BEFORE, "两次登记的是同一个人", "问过了", "弄错了"):
        assert everywhere(words) == {}, words
    assert keys_of([former]) == {former: None}
    said = db.session.execute(select(Merge.stays_id, Merge.goes_id, Merge.reason).where(Merge.id == merge_id)).one()
    assert tuple(said) == (other, former, ERASED), "who with whom stays, without a word about it"


def test_words_of_a_merge_stay_while_neither_is_erased(place):
    other = place.make.person("欧阳敏儀", home=place.branch)
    merge_id = place.two.propose(other, place.person)
    for change in ({"reason": "别的话"}, {"reason": ""}):
        with pytest.raises(DBAPIError):
            in_transaction(lambda change=change: db.session.execute(update(Merge).where(Merge.id == merge_id).values(change)))
