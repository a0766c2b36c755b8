"""What stays with the record that went, while it is still under way, is theirs who stays: 补录 of their own, and 微心愿. Both engines."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from app.activities.models import CalendarFeed
from app.claims import queries as claims
from app.claims import service as claiming
from app.claims.models import ClaimWitness
from app.claims.rules import OwnClaim, Says
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.core.permissions import Action, Role
from app.fund.rules import Step as MoneyStep
from app.hours import queries as hours
from app.merges.queries.faults import faults as faults_of
from app.panels.queries.lists import own_seats
from app.people.queries import home_units_on
from app.people.rules import StageKind
from app.pledges import service as pledging
from app.pledges.queries.feedback import missing, words_about
from app.pledges.rules import FeedbackLine, Grade, Half
from app.rights.queries.obstacles import obstacles
from app.wishes.queries import own, work
from app.wishes.queries.desk_wish import claimer
from app.wishes.rules import AT_ONCE, Step
from app.wishes.service import steps, telling
from app.worklist import queries as notices
from tests.claims.test_own import sent
from tests.merges.conftest import Two, faults
from tests.panels.conftest import house, panel
from tests.pledges.conftest import town
from tests.wishes.houses import PUBLIC, build

__all__ = ["house", "panel", "town"]


@pytest.fixture
def place(make):
    return build(make)


@pytest.fixture
def pair(place, make):
    """Two records of the volunteer of that place: `old` stays."""
    second = make.person("何嘉仪", home=place.branch)
    make.account(second)
    maker = make.person("李书记", home=place.branch)
    make.grant(maker, Role.SECRETARY, place.branch)
    return Two(make, place.root, place.branch, place.volunteer, second, maker, place.administrator)


def told(person: int) -> list[str]:
    return [row.text for row in notices.notices(person)]


def test_claims_of_both_records_stand_in_one_list_and_are_ended_by_who_stays(place, pair):
    first, second = place.publish(), place.publish()
    place.claim(first, pair.old)
    place.claim(second, pair.new)
    merge_id = pair.merge()
    assert {one.wish_id for one in own.my_claims(pair.old, clock.today())} == {first, second}
    assert place.facts(second).claimer_id == pair.old
    assert claimer(second, clock.today()).by_id == pair.old
    place.take(second, Step.RELEASED, pair.old, note="这周回不来")
    assert place.state(second) is Step.RELEASED
    pair.undo(merge_id)
    assert [[one.wish_id for one in own.my_claims(who, clock.today())] for who in (pair.old, pair.new)] == [[first], [second]]
    assert faults() == []


def test_on_the_page_too(place, pair, as_person):
    wish = place.publish()
    place.claim(wish, pair.new)
    pair.merge()
    mine = as_person(pair.old)
    assert place.facts(wish).title in mine.get("/me/wishes").text
    place.take(wish, Step.CONNECTED, place.secretary)
    assert mine.get(f"/fund/wishes/{wish}/fulfilment").status_code == 200


def test_what_waits_of_both_counts_to_the_limit(place, pair):
    for nth in range(AT_ONCE):
        place.claim(place.publish(), (pair.old, pair.new)[nth % 2])
    pair.merge()
    with pytest.raises(Refused, match="还没联系上"):
        place.claim(place.publish(), pair.old)


def test_with_one_place_left_it_is_taken(place, pair):
    """Both claimed one, each their first."""
    for who in (pair.old, pair.new):
        place.claim(place.publish(), who)
    pair.merge()
    place.claim(place.publish(), pair.old)
    with pytest.raises(Refused, match="还没联系上"):
        place.claim(place.publish(), pair.old)


def test_ones_own_wish_is_told_about_and_is_taken_back(place, pair):
    wish = place.tell(pair.new, own=True)
    pair.merge()
    assert [one.id for one in own.my_wishes(pair.old, clock.today())] == [wish]
    place.verify(wish, place.deputy)
    before = len(told(pair.old))
    place.take(wish, Step.PUBLISHED, place.secretary)
    assert len(told(pair.old)) == before + 1
    assert told(pair.new) == []
    place.take(wish, Step.WITHDRAWN, pair.old, note="自己修好了")
    assert place.state(wish) is Step.WITHDRAWN


@pytest.mark.parametrize("did", ["told for themselves", "keyed in", "claimed"])
def test_nobody_handles_what_their_former_record_told_or_claimed(place, pair, make, did):
    """Neither in the work list nor at the desk; the others do."""
    make.grant(pair.new, Role.SECRETARY, place.community)
    if did == "claimed":
        wish, step = place.publish(), Step.CONNECTED
        place.claim(wish, pair.new)
    else:
        wish, step = place.tell(pair.new, own=did == "told for themselves"), Step.VERIFIED
    db.session.execute(update(db.metadata.tables["role_grant"]).where(db.column("person_id") == pair.new).values(valid_to=clock.today()))
    db.session.commit()
    pair.merge()
    make.grant(pair.old, Role.SECRETARY, place.community)
    assert wish not in [row.id for row, _ in work.waiting(make.actor(pair.old), clock.now())]
    assert wish in [row.id for row, _ in work.waiting(make.actor(place.deputy), clock.now())]
    assert make.actor(pair.old).may(Action.WISH_MANAGE)
    doing = {
        Step.VERIFIED: lambda: telling.verify(wish, PUBLIC, pair.old, True, clock.now()),
        Step.CONNECTED: lambda: steps.take(wish, step, pair.old, True, clock.now()),
    }
    with pytest.raises(Refused, match="另一位"):
        in_transaction(doing[step])


@pytest.mark.parametrize("what", ["说过的微心愿", "认领的微心愿"])
def test_an_erasure_waits_for_what_the_former_record_has_under_way(place, pair, what):
    if what == "说过的微心愿":
        wish = place.tell(pair.new, own=True)
    else:
        wish = place.publish()
        place.claim(wish, pair.new)
    pair.merge()
    assert [one.words[:6] for one in obstacles(pair.old, clock.now())] == [what]
    place.take(wish, Step.WITHDRAWN if what == "说过的微心愿" else Step.RELEASED, pair.old, note="不用了")
    assert obstacles(pair.old, clock.now()) == []


@pytest.fixture
def claim(pair):
    """Sent by the record that goes, of a shift that is over; with a photo or a witness."""
    activity_id, shift_id = pair.activity(clock.now() - timedelta(hours=5), 3)
    start = clock.now() - timedelta(hours=5)

    def one(witness: int | None = None) -> int:
        if witness:
            pair.make.signup(shift_id, witness)
        said = OwnClaim(activity_id, shift_id, start, start + timedelta(hours=3), "搬桌椅", witness)
        return in_transaction(
            lambda: claiming.claim(said, pair.new, [] if witness else sent(), "/work", lambda one: f"/claims/{one}/testimony", clock.now())
        )

    return one


def test_a_claim_that_waits_is_read_by_who_stays_and_they_hear_what_came_of_it(pair, claim, as_person):
    batch = claim()
    pair.merge()
    mine = as_person(pair.old)
    assert f"/claims/{batch}" in mine.get("/me/records").text
    assert mine.get(f"/claims/{batch}").status_code == 200
    in_transaction(lambda: claiming.approve(batch, pair.maker, f"/claims/{batch}", "/me", clock.now()))
    assert any("已确认" in one for one in told(pair.old))
    assert told(pair.new) == []
    assert hours.sums(pair.old) != hours.Sums()
    assert faults() == []


def test_a_claim_that_waits_is_taken_back_by_who_stays(pair, claim, as_person):
    batch = claim()
    pair.merge()
    as_person(pair.old).post(f"/claims/{batch}/withdrawal")
    assert claims.batch(batch).withdrawn_at is not None


def test_who_stays_testifies_for_the_record_that_went(pair, claim, place):
    batch = claim(witness=place.other)
    merging = Two(pair.make, place.root, place.branch, place.resident, place.other, pair.maker, place.administrator)
    merging.merge()
    in_transaction(lambda: claiming.testify(batch, place.resident, Says.YES, "/work", f"/claims/{batch}", clock.now()))
    assert claims.batch(batch).vouched


def test_nobody_is_their_own_witness(pair, claim, as_person):
    """Asked before anybody knew that both are one."""
    batch = claim(witness=pair.old)
    pair.merge()
    with pytest.raises(Refused, match="您自己的补录"):
        in_transaction(lambda: claiming.testify(batch, pair.old, Says.YES, "/work", f"/claims/{batch}", clock.now()))
    assert db.session.scalars(select(ClaimWitness.says).where(ClaimWitness.batch_id == batch)).all() == [None]


def test_a_witness_who_turns_out_to_be_the_claimant_proves_nothing(pair, claim):
    batch = claim(witness=pair.old)
    in_transaction(lambda: claiming.testify(batch, pair.old, Says.YES, "/work", f"/claims/{batch}", clock.now()))
    assert claims.batch(batch).proven
    pair.merge()
    assert not claims.batch(batch).proven


def test_both_calendar_addresses_show_who_stays_and_one_press_ends_both(two, as_person, client):
    addresses = []
    for who in (two.new, two.old):
        two.make.account(who)
        with_page = as_person(who)
        with_page.post("/me/calendar")
        addresses.append(re.search(r"/calendars/[^\"<\s]+\.ics", with_page.get("/me/calendar").text).group())
    two.merge()
    assert [client.get(one).status_code for one in addresses] == [200, 200]
    mine = as_person(two.old)
    assert addresses[1] in mine.get("/me/calendar").text
    mine.post("/me/calendar/revocation", data={"feed": db.session.scalar(select(CalendarFeed.id).where(CalendarFeed.person_id == two.old))})
    assert [client.get(one).status_code for one in addresses] == [404, 404]


def test_the_calendar_address_of_the_record_that_went_can_be_taken_back(two, as_person, client):
    two.make.account(two.new)
    two.make.account(two.old)
    going = as_person(two.new)
    going.post("/me/calendar")
    address = re.search(r"/calendars/[^\"<\s]+\.ics", going.get("/me/calendar").text).group()
    two.merge()
    mine = as_person(two.old)
    assert address in mine.get("/me/calendar").text
    mine.post("/me/calendar/revocation", data={"feed": db.session.scalar(select(CalendarFeed.id))})
    assert client.get(address).status_code == 404


def merging(make, root: int, unit: int, old: int, new: int) -> Two:
    maker, checker = make.person("李书记", home=unit), make.person("王管理", home=root)
    make.grant(maker, Role.SECRETARY, unit)
    make.grant(checker, Role.ADMINISTRATOR, root)
    return Two(make, root, unit, old, new, maker, checker)


def test_words_of_a_community_are_found_with_who_stays_and_are_not_asked_for_again(town, make):
    town.report()
    line = FeedbackLine(town.member, Grade.GOOD, "常来")
    in_transaction(lambda: pledging.give_feedback(town.here, Half(2026, 2), [line], town.host, clock.now()))
    other = make.person("何嘉仪", home=town.branch, stage=StageKind.MEMBER)
    merging(make, town.root, town.branch, other, town.member).merge()
    assert [word.now.words for word in words_about(other)] == ["常来"]
    with clock.frozen_at(datetime(2026, 12, 20, 4, tzinfo=UTC)):
        assert missing(make.actor(town.host), clock.now()) == []


def test_a_reviewer_whose_scores_are_waited_for_scores_first(panel, make):
    project_id, house_ = panel.seated(), panel.house
    goes = panel.reviewers[0]
    home_branch = home_units_on({goes}, clock.today())[goes]
    stays = make.person("陈国強", home=home_branch)
    pair = merging(make, house_.root, house_.root, stays, goes)
    assert any("打分" in one for one in faults_of(pair.pair()))
    panel.score(project_id, goes)
    assert not any("打分" in one for one in faults_of(pair.pair()))
    pair.merge()
    assert [row[0] for row in own_seats(stays)] == [project_id]


def test_money_on_its_way_is_ended_before_its_maker_becomes_another_record(panel, make):
    """Nobody approves, under the record that stays, what the one that goes asked for."""
    house_ = panel.house
    request_id = house_.ask(house_.project(), 300)
    stays = make.person("另一份", home=house_.root)
    pair = merging(make, house_.root, house_.root, stays, house_.officer)
    assert any("用款" in one for one in faults_of(pair.pair()))
    house_.step(request_id, MoneyStep.RETURNED, house_.approver, note="先不办")
    assert not any("用款" in one for one in faults_of(pair.pair()))
