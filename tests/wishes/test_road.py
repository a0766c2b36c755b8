"""From the word to the thanks: who may do what, what is told to whom, what lapses by itself."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid, Refused, TooMany
from app.wishes.queries import own, public, showing
from app.wishes.queries.public import Show
from app.wishes.rules import ClaimKind, PublicWords, Step, Way
from app.wishes.service import claims, proof, telling
from app.wishes.service import showing as service
from app.worklist.queries import notices
from tests.conftest import NOON
from tests.wishes.houses import PUBLIC


def later(days):
    return clock.frozen_at(NOON + timedelta(days=days))


def said_to(person):
    return [notice.text for notice in notices(person)]


def shown(show=Show.FREE):
    return [row.id for row in public.listed(clock.today(), show).rows]


def test_a_wish_goes_its_whole_road(place):
    wish = place.tell(way=Way.PHONE)
    assert place.public(wish) is None
    place.verify(wish, place.deputy)
    assert place.public(wish) is None
    place.take(wish, Step.PUBLISHED, place.secretary)
    assert shown() == [wish]
    place.claim(wish, place.volunteer)
    assert shown() == []
    assert shown(Show.TAKEN) == [wish]
    place.take(wish, Step.CONNECTED, place.secretary)
    place.take(wish, Step.FULFILLED, place.volunteer, "灯换好了，试过。", "收据 7")
    mark, now = showing.seen(wish), clock.now()
    in_transaction(lambda: service.thank(wish, place.deputy, True, now, note="做饭不用摸黑了。", agreed=True, seen=mark))
    assert shown(Show.FULL) == [wish]
    row = place.public(wish)
    assert (row.title, row.words, row.claimer) == (PUBLIC.title, PUBLIC.words, "一位志愿者")
    told = [(step.step, step.note) for step in public.public_steps(wish, clock.today(), said=showing.may_show(wish))]
    assert told == [
        (Step.PUBLISHED, ""),
        (Step.CLAIMED, ""),
        (Step.CONNECTED, ""),
        (Step.FULFILLED, "灯换好了，试过。"),
        (Step.THANKED, "做饭不用摸黑了。"),
    ]
    assert said_to(place.volunteer) == ["“厨房的灯亮起来”回访过了，谢谢您", "“厨房的灯亮起来”联系上了，可以去办了"]
    actions = db.session.scalars(select(AuditEvent.action).where(AuditEvent.subject == "wish").order_by(AuditEvent.id)).all()
    assert actions == [
        f"wish.{step}" for step in ("told", "verified", "published", "claimed", "connected", "fulfilled", "thanked", "consent")
    ]


def test_who_keyed_it_in_does_not_verify_it_and_who_verified_it_does_not_publish_it(place):
    wish = place.tell(place.secretary)
    with pytest.raises(Refused, match="您记下的"):
        place.verify(wish, place.secretary)
    place.verify(wish, place.deputy)
    with pytest.raises(Refused, match="您核实的"):
        place.take(wish, Step.PUBLISHED, place.deputy)


def test_told_without_an_account_it_takes_two_of_the_staff(place):
    wish = place.tell(way=Way.FORM)
    place.verify(wish, place.secretary)
    with pytest.raises(Refused):
        place.take(wish, Step.PUBLISHED, place.secretary)
    place.take(wish, Step.PUBLISHED, place.officer)


def test_nobody_decides_about_their_own_wish_or_claims_it(place):
    wish = place.tell(place.deputy, own=True)
    with pytest.raises(Refused):
        place.verify(wish, place.deputy)
    place.verify(wish, place.secretary)
    with pytest.raises(Refused, match="您自己的心愿"):
        place.take(wish, Step.PUBLISHED, place.deputy)
    place.take(wish, Step.PUBLISHED, place.officer)
    with pytest.raises(Refused, match="留给别的街坊"):
        place.claim(wish, place.deputy)


def test_who_claimed_it_connects_nothing_and_thanks_nobody(place):
    wish = place.publish()
    place.claim(wish, place.secretary)
    with pytest.raises(Refused, match="您认领的"):
        place.take(wish, Step.CONNECTED, place.secretary)
    place.take(wish, Step.CONNECTED, place.deputy)
    place.take(wish, Step.FULFILLED, place.deputy, "送到了", "收据 1")
    with pytest.raises(Refused):
        place.take(wish, Step.THANKED, place.secretary)
    with pytest.raises(Refused, match="办成了是您记的"):
        place.take(wish, Step.THANKED, place.deputy)
    place.take(wish, Step.THANKED, place.officer)


def test_it_is_not_published_with_words_that_say_who_it_is(place):
    wish = place.tell()
    for bad in ("冼桂芳的灯坏了", "锦园 3 栋的灯", "打 13800139999"):
        with pytest.raises(Invalid):
            place.verify(wish, place.deputy, PublicWords("一盏灯", bad, PUBLIC.kind, PUBLIC.whom, None))
    assert place.state(wish) is Step.TOLD


def test_verified_words_do_not_change_but_by_being_handed_back(place):
    wish = place.publish()
    with pytest.raises(Conflict):
        in_transaction(lambda: telling._reword(wish, PUBLIC))
    place.take(wish, Step.RETURNED, place.deputy, "有人认得出来")
    assert place.public(wish) is None
    in_transaction(lambda: telling.tell_again(wish, "再说一遍", None, place.secretary, True, clock.now()))
    place.verify(wish, place.deputy, PublicWords("灯", "想换一盏灯。", PUBLIC.kind, PUBLIC.whom, None))
    place.take(wish, Step.PUBLISHED, place.secretary)
    assert place.public(wish).words == "想换一盏灯。"


@pytest.mark.parametrize("step", [Step.RETURNED, Step.DECLINED, Step.WITHDRAWN])
def test_what_ends_or_goes_back_needs_a_reason(place, step):
    wish = place.tell()
    with pytest.raises(Invalid):
        place.take(wish, step, place.deputy)
    place.take(wish, step, place.deputy, "本人说不用了")


def test_a_claim_that_nobody_connects_in_seven_days_is_over_without_anybody_doing_anything(place):
    wish = place.publish()
    place.claim(wish, place.volunteer)
    with later(7):
        assert place.state(wish) is Step.CLAIMED
        assert shown() == []
    with later(8):
        assert shown() == [wish]
        assert [one.state for one in own.my_claims(place.volunteer, clock.today())] == [Step.LAPSED]
        with pytest.raises(Conflict):
            place.take(wish, Step.CONNECTED, place.secretary)
        assert said_to(place.volunteer) == []
        place.claim(wish, place.other)
        assert said_to(place.volunteer) == ["“厨房的灯亮起来”过了日子还没联系上，已经放回，别的街坊也能认领"]
        assert place.facts(wish).claimer_id == place.other


def test_both_are_told_that_it_lapsed_once(place):
    wish = place.tell(place.resident, own=True)
    place.publish(wish)
    place.claim(wish, place.volunteer)
    with later(9):
        assert in_transaction(lambda: claims.settle(clock.now())) == 1
        assert in_transaction(lambda: claims.settle(clock.now())) == 0
    assert "又回到等人认领" in said_to(place.resident)[0]
    assert len(said_to(place.volunteer)) == 1
    steps = public.public_steps(wish, clock.today(), said=False)
    assert (steps[-1].step, steps[-1].on) == (Step.LAPSED, clock.today() + timedelta(days=8))


def test_the_days_to_connect_are_those_that_held_when_it_was_claimed(place):
    from app.wishes.rules import Rule
    from app.wishes.service.rounds import set_rule

    wish = place.publish()
    place.claim(wish, place.volunteer)
    in_transaction(lambda: set_rule(Rule(2, 30), place.administrator, clock.now()))
    with later(5):
        assert place.state(wish) is Step.CLAIMED
    second = place.publish()
    place.claim(second, place.other)
    with later(3):
        assert place.state(second) is Step.LAPSED


def test_who_claimed_it_gives_it_back_and_others_can_have_it(place):
    wish = place.connected()
    with pytest.raises(Refused):
        place.take(wish, Step.RELEASED, place.other, "不归我")
    place.take(wish, Step.RELEASED, place.volunteer, "出差了")
    assert shown() == [wish]
    place.claim(wish, place.other)
    assert [one.state for one in own.my_claims(place.volunteer, clock.today())] == [Step.RELEASED]


def test_claimed_twice_by_one_person_is_claimed_once(place):
    wish = place.publish()
    assert place.claim(wish, place.volunteer) == place.claim(wish, place.volunteer)
    with pytest.raises(Conflict, match="刚刚有人认领了"):
        place.claim(wish, place.other)


def test_one_person_has_three_waiting_at_most(place):
    wishes = [place.publish() for _ in range(5)]
    for wish in wishes[:3]:
        place.claim(wish, place.volunteer)
    with pytest.raises(Refused, match="3 个"):
        place.claim(wishes[3], place.volunteer)
    place.take(wishes[0], Step.CONNECTED, place.secretary)
    place.claim(wishes[3], place.volunteer)
    with later(8):
        place.claim(wishes[4], place.volunteer)


def test_a_donor_without_an_account_has_one_waiting_and_a_device_three_a_day(place):
    wishes = [place.publish() for _ in range(5)]
    place.give(wishes[0])
    with pytest.raises(Refused, match="这个号码"):
        place.give(wishes[1])
    place.give(wishes[1], "13900002222")
    place.give(wishes[2], "13900003333")
    with pytest.raises(TooMany):
        place.give(wishes[3], "13900004444")
    place.give(wishes[3], "13900004444", device="another")
    assert place.public(wishes[0]).claimer == "一位爱心街坊"
    with later(8):
        place.give(wishes[4])


def test_a_donor_who_calls_is_noted_and_another_connects_them(place):
    wish = place.publish()
    place.give(wish, by=place.secretary)
    with pytest.raises(Refused):
        place.take(wish, Step.CONNECTED, place.secretary)
    place.take(wish, Step.CONNECTED, place.deputy)
    place.take(wish, Step.FULFILLED, place.deputy, "送到了", "收据 1")
    place.take(wish, Step.THANKED, place.officer)


def test_a_unit_claims_by_its_name(place):
    wish = place.publish()
    place.claim(wish, place.volunteer, kind=ClaimKind.UNIT, unit_id=place.branch)
    assert place.public(wish).claimer == "锦园第一党支部"


def test_without_a_photo_that_may_be_shown_a_receipt_is_needed(place):
    from sqlalchemy.exc import IntegrityError

    wish = place.connected()
    with pytest.raises(IntegrityError):
        place.take(wish, Step.FULFILLED, place.volunteer, "送到了")
    a_photo(place, wish, agreed=False)
    with pytest.raises(IntegrityError):
        place.take(wish, Step.FULFILLED, place.volunteer, "送到了")
    a_photo(place, wish, agreed=True)
    place.take(wish, Step.FULFILLED, place.volunteer, "送到了")


def a_photo(place, wish, *, agreed):
    from app.activities.photo_files import Picture

    picture = Picture(f"{agreed}".encode(), b"", 800, 600)
    name = f"photo-{agreed}"
    in_transaction(lambda: proof.add_photo(wish, name, picture, "亮着的灯", agreed=agreed, by_id=place.volunteer, now=clock.now()))


def test_what_is_not_done_after_all_goes_back_with_a_reason(place):
    wish = place.connected()
    place.take(wish, Step.FULFILLED, place.volunteer, "送到了", "收据 1")
    with pytest.raises(Invalid):
        place.take(wish, Step.CONNECTED, place.deputy)
    place.take(wish, Step.CONNECTED, place.deputy, "灯送了，还没装")
    place.take(wish, Step.FULFILLED, place.volunteer, "装好了", "收据 1")
    place.take(wish, Step.THANKED, place.deputy)


def test_one_device_tells_three_a_day_and_a_form_sent_twice_is_one_wish(place):
    for _ in range(3):
        place.tell(way=Way.FORM)
    with pytest.raises(TooMany):
        place.tell(way=Way.FORM)
    place.tell(way=Way.FORM, device="another")
    with later(1):
        place.tell(way=Way.FORM)


def test_whose_wish_it_is_withdraws_it_and_nobody_else_of_the_neighbours(place):
    wish = place.tell(place.resident, own=True)
    place.publish(wish)
    with pytest.raises(Refused):
        place.take(wish, Step.WITHDRAWN, place.other, "不关我事")
    place.take(wish, Step.WITHDRAWN, place.resident, "儿子买了")
    assert place.public(wish) is None


def test_veiled_it_says_nothing_any_more(place):
    wish = place.connected()
    place.take(wish, Step.FULFILLED, place.volunteer, "灯换好了", "收据 1")
    mark, now = showing.seen(wish), clock.now()
    in_transaction(lambda: service.thank(wish, place.deputy, True, now, note="", agreed=True, seen=mark))
    assert showing.may_show(wish)
    in_transaction(lambda: telling.veil(wish, place.deputy, clock.now()))
    in_transaction(lambda: telling.veil(wish, place.secretary, clock.now()))
    row = place.public(wish)
    assert (row.title, row.words) == ("这个心愿的内容已隐去", "")
    assert not showing.may_show(wish)


def test_what_no_database_takes_is_left_out_of_a_reason(place, as_person):
    wish = place.connected()
    place.take(wish, Step.FULFILLED, place.volunteer, "灯换好了", "收据 1")
    answer = as_person(place.secretary).post(f"/fund/wishes/{wish}/connection", data={"note": "灯又\x00不亮了"})
    assert answer.status_code == 303
    assert place.state(wish) is Step.CONNECTED
    wrong = as_person(place.secretary).get("/fund/wishes?unit=999999999&kind=%00&show=%00&round=999999999&what=%00&page=999999999")
    assert wrong.status_code == 200
