"""How a wish came true is public once another looked at it and the wisher agreed; not before, and not after they changed their mind."""

import io
import re
from datetime import timedelta
from secrets import token_hex

import pytest
from PIL import Image
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from app.activities.photo_files import Picture
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Refused
from app.wishes.models import WishClaim, WishConsent, WishPhoto
from app.wishes.queries import public, showing
from app.wishes.rules import Step, Way
from app.wishes.service import claims, proof, telling, tidying
from app.wishes.service import showing as service
from tests.conftest import NOON

DONE, THANKS = "灯换好了，试过三遍", "做饭不用摸黑了"


def put_photo(place, wish, by, digest="a", *, agreed=True):
    picture = Picture(digest.encode(), b"", 800, 600)
    return in_transaction(lambda: proof.add_photo(wish, token_hex(16), picture, "新灯", agreed=agreed, by_id=by, now=clock.now()))


def thank(place, wish, by, *, agreed=True, seen=None):
    mark = showing.seen(wish) if seen is None else seen
    handles = place.handles(by)
    in_transaction(lambda: service.thank(wish, by, handles, clock.now(), note=THANKS, agreed=agreed, seen=mark))


def fulfilled(place, by=None):
    """By the volunteer, with a photo."""
    wish = place.connected()
    put_photo(place, wish, by or place.volunteer)
    place.take(wish, Step.FULFILLED, by or place.volunteer, DONE)
    return wish


def notes(place, wish):
    return [step.note for step in public.public_steps(wish, clock.today(), said=showing.may_show(wish)) if step.note]


def test_what_a_volunteer_wrote_is_public_once_another_looked_and_the_wisher_agreed(place):
    wish = fulfilled(place)
    assert (notes(place, wish), showing.may_show(wish)) == ([], False)
    thank(place, wish, place.secretary)
    assert notes(place, wish) == [DONE, THANKS]
    assert showing.may_show(wish)


def test_without_the_wishers_word_nothing_of_it_is_public(place):
    wish = fulfilled(place)
    thank(place, wish, place.secretary, agreed=False)
    assert place.state(wish) is Step.THANKED
    assert (notes(place, wish), showing.may_show(wish)) == ([], False)
    in_transaction(lambda: service.agree(wish, place.deputy, True, clock.now(), seen=showing.seen(wish)))
    assert notes(place, wish) == [DONE, THANKS]


def test_withdrawn_it_is_hidden_at_once_and_may_be_given_again(place):
    wish = fulfilled(place)
    thank(place, wish, place.secretary)
    for _ in range(2):
        in_transaction(lambda: service.withdraw_consent(wish, place.deputy, clock.now()))
        assert (notes(place, wish), showing.may_show(wish)) == ([], False)
    in_transaction(lambda: service.agree(wish, place.secretary, True, clock.now(), seen=showing.seen(wish)))
    assert showing.may_show(wish)
    assert len(db.session.scalars(select(WishConsent.id)).all()) == 2


def test_who_put_a_photo_there_does_not_say_that_it_may_be_shown(place):
    wish = fulfilled(place)
    put_photo(place, wish, place.secretary, "b")
    with pytest.raises(Refused, match="照片里有您放的"):
        thank(place, wish, place.secretary)
    assert place.state(wish) is Step.FULFILLED, "refused whole"
    thank(place, wish, place.secretary, agreed=False)
    with pytest.raises(Refused):
        in_transaction(lambda: service.agree(wish, place.secretary, True, clock.now(), seen=showing.seen(wish)))
    in_transaction(lambda: service.agree(wish, place.deputy, True, clock.now(), seen=showing.seen(wish)))
    assert showing.may_show(wish)


def test_neither_does_who_wrote_the_words_claimed_or_wished_it(place):
    wish = place.publish(place.tell(place.officer, Way.SIGNED, own=True))
    place.claim(wish, place.administrator)
    place.take(wish, Step.CONNECTED, place.secretary)
    place.take(wish, Step.FULFILLED, place.secretary, DONE, "收据 1")
    thank(place, wish, place.deputy, agreed=False)
    for by in (place.secretary, place.administrator, place.officer):
        with pytest.raises(Refused):
            in_transaction(lambda by=by: service.agree(wish, by, True, clock.now(), seen=showing.seen(wish)))
        row = {"wish_id": wish, "agreed_at": clock.now(), "asked_by_id": by}
        with pytest.raises(IntegrityError):
            in_transaction(lambda row=row: db.session.execute(insert(WishConsent).values(**row)))
    with pytest.raises(Refused):
        in_transaction(lambda: service.agree(wish, place.volunteer, False, clock.now(), seen=showing.seen(wish)))


def test_a_photo_that_came_while_somebody_was_on_the_phone_is_looked_at_first(place):
    wish = fulfilled(place)
    before = showing.seen(wish)
    put_photo(place, wish, place.volunteer, "b")
    with pytest.raises(Conflict, match="再看一遍"):
        thank(place, wish, place.secretary, seen=before)
    thank(place, wish, place.secretary)
    assert showing.may_show(wish)


def test_other_words_are_read_again_and_only_the_last_are_public(place):
    wish = fulfilled(place)
    before = showing.seen(wish)
    place.take(wish, Step.CONNECTED, place.secretary, "灯又不亮了")
    place.take(wish, Step.FULFILLED, place.volunteer, "换了新的开关")
    with pytest.raises(Conflict, match="再看一遍"):
        thank(place, wish, place.secretary, seen=before)
    thank(place, wish, place.secretary)
    assert notes(place, wish) == ["换了新的开关", THANKS]


def test_after_the_call_back_nobody_puts_a_photo_there(place):
    wish = fulfilled(place)
    thank(place, wish, place.secretary)
    with pytest.raises(Conflict, match="照片不再放"):
        put_photo(place, wish, place.volunteer, "b")
    row = {"wish_id": wish, "slot": 2, "name": "c" * 32, "digest": "c" * 64, "alt": "灯", "width": 8, "height": 8, "agreed_at": clock.now()}
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(insert(WishPhoto).values(**row, added_at=clock.now(), added_by_id=place.volunteer)))


def test_the_database_lets_a_consent_only_be_withdrawn(place):
    wish = fulfilled(place)
    thank(place, wish, place.secretary)
    in_transaction(lambda: service.withdraw_consent(wish, place.deputy, clock.now()))
    for values in ({"withdrawn_at": None, "withdrawn_by_id": None}, {"asked_by_id": place.deputy}):
        with pytest.raises(IntegrityError):
            in_transaction(lambda values=values: db.session.execute(update(WishConsent).values(**values)))
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(WishConsent.__table__.delete()))


def test_photos_that_were_never_agreed_to_be_shown_go_with_the_names(place):
    wish = fulfilled(place)
    thank(place, wish, place.secretary, agreed=False)
    shown = fulfilled(place)
    thank(place, shown, place.secretary)
    with clock.frozen_at(NOON + timedelta(days=31)):
        assert in_transaction(lambda: tidying.erase(clock.now())) == 2
        assert (len(public.photos(wish)), len(public.photos(shown))) == (0, 1)
        in_transaction(lambda: service.withdraw_consent(shown, place.deputy, clock.now()))
        assert in_transaction(lambda: tidying.erase(clock.now())) == 1
        assert public.photos(shown) == []


def left(wish):
    return db.session.execute(select(WishClaim.name, WishClaim.phone, WishClaim.erased_at).where(WishClaim.wish_id == wish)).all()


def released(place, wish):
    place.take(wish, Step.RELEASED, place.secretary, "他说办不了")


def withdrawn(place, wish):
    place.take(wish, Step.WITHDRAWN, place.secretary, "不用了")


def lapsed(place, wish):
    with clock.frozen_at(NOON + timedelta(days=8)):
        in_transaction(lambda: claims.settle(clock.now()))


def claimed_anew(place, wish):
    with clock.frozen_at(NOON + timedelta(days=8)):
        place.claim(wish, place.volunteer)


@pytest.mark.parametrize("end", [released, withdrawn, lapsed, claimed_anew])
def test_what_a_donor_left_is_gone_as_the_claim_ends(place, end):
    wish = place.publish()
    place.give(wish)
    assert left(wish) == [("梁先生", "13900001111", None)]
    end(place, wish)
    assert [(name, phone) for name, phone, _ in left(wish)] == [("", "")] * len(left(wish))
    assert left(wish)[0][2] is not None


def test_what_a_donor_left_stays_while_the_claim_goes_on(place):
    wish = place.publish()
    place.give(wish)
    place.take(wish, Step.CONNECTED, place.secretary)
    place.take(wish, Step.FULFILLED, place.secretary, DONE, "收据 1")
    assert left(wish)[0][:2] == ("梁先生", "13900001111")


def text(answer):
    return answer.get_data(as_text=True)


def picture():
    out = io.BytesIO()
    Image.new("RGB", (800, 600), "orange").save(out, "JPEG")
    return io.BytesIO(out.getvalue()), "灯.jpg"


def test_on_the_pages_it_is_looked_at_asked_shown_and_taken_back_by_whose_wish_it_was(place, client, as_person):
    wish = place.publish(place.tell(place.resident, Way.SIGNED, own=True))
    place.claim(wish, place.volunteer)
    place.take(wish, Step.CONNECTED, place.secretary)
    claimer, deputy, own = as_person(place.volunteer), as_person(place.deputy), as_person(place.resident)
    form = {"file": picture(), "alt": "厨房的新灯亮着", "agreed": "yes"}
    claimer.post(f"/fund/wishes/{wish}/photos", data=form, content_type="multipart/form-data")
    assert "联系上以后" not in text(claimer.get(f"/fund/wishes/{wish}/fulfilment"))
    claimer.post(f"/fund/wishes/{wish}/fulfilment", data={"note": DONE})
    assert DONE not in text(as_person(place.auditor).get(f"/fund/wishes/desk/{wish}")), "who only reads sees what everybody may"
    page, desk = f"/fund/wishes/{wish}", f"/fund/wishes/desk/{wish}"
    seen_by_staff = text(deputy.get(desk))
    address = re.search(rf'src="({page}/photos/[^"]+)"', seen_by_staff)[1]
    assert DONE in seen_by_staff
    assert client.get(address).status_code == 404
    assert DONE not in text(client.get(page))
    seen = re.search(r'name="seen" value="([\d-]+)"', seen_by_staff)[1]
    assert "请选择可不可以公开" in text(deputy.post(f"{page}/thanks", data={"seen": seen, "note": "谢谢"}))
    assert deputy.post(f"{page}/thanks", data={"seen": seen, "note": THANKS, "shown": "yes"}).status_code == 303
    for words in (DONE, THANKS, address):
        assert words in text(client.get(page))
    assert client.get(address).status_code == 200
    assert claimer.post(f"{page}/consent/removal").status_code == 404, "it is not theirs to say"
    assert as_person(place.stranger).post(f"{page}/consent/removal").status_code == 404
    assert "不想公开了" in text(own.get("/me/wishes"))
    assert own.post(f"{page}/consent/removal").status_code == 303
    assert "不想公开了" not in text(own.get("/me/wishes"))
    for words in (DONE, THANKS, "/photos/"):
        assert words not in text(client.get(page))
    assert client.get(address).status_code == 404
    assert "对方愿意，公开" in text(deputy.get(desk))
    seen = re.search(r'name="seen" value="([\d-]+)"', text(deputy.get(desk)))[1]
    assert deputy.post(f"{page}/consent", data={"seen": seen}).status_code == 303
    assert client.get(address).status_code == 200
    in_transaction(lambda: telling.veil(wish, place.secretary, clock.now()))
    assert client.get(address).status_code == 404
