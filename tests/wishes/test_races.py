"""Many hands at once: a wish has one claimer, whoever presses."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import DomainError, TooMany
from app.wishes.models import WishClaim, WishStepEntry
from app.wishes.rules import Step, Way
from app.wishes.service import claims
from tests.wishes.test_road import later


@pytest.fixture
def at_once(app):
    """Run all at the same moment, each in its own session; a refusal is its result."""

    def run(works):
        start = Barrier(len(works))

        def one(work):
            with app.app_context():
                start.wait()
                try:
                    return work()
                except DomainError as error:
                    return error
                finally:
                    db.session.remove()

        with ThreadPoolExecutor(len(works)) as pool:
            return list(pool.map(one, works))

    return run


def standing(wish):
    return db.session.scalar(select(func.count()).where(WishClaim.wish_id == wish, WishClaim.ended_on.is_(None)))


def taken(wish, step):
    return db.session.scalar(select(func.count()).where(WishStepEntry.wish_id == wish, WishStepEntry.step == step))


def test_of_several_who_claim_at_once_one_has_it_and_the_others_are_told(place, at_once):
    people = [place.volunteer, place.other, place.officer]
    for wish in [place.publish() for _ in range(4)]:
        works = [lambda by=by, wish=wish: place.claim(wish, by) for by in people]
        works.append(lambda wish=wish: place.give(wish, "13900001111", device=f"device {wish}"))
        done = at_once(works)
        assert sum(isinstance(one, int) for one in done) == 1
        assert all(isinstance(one, int) or "刚刚有人认领了" in one.message for one in done)
        assert (standing(wish), taken(wish, Step.CLAIMED)) == (1, 1)
        place.take(wish, Step.RELEASED, place.deputy, "下一场")


def test_one_who_presses_twice_at_once_has_it_once(place, at_once):
    wish = place.publish()
    done = at_once([lambda: place.claim(wish, place.volunteer) for _ in range(4)])
    assert len(set(done)) == 1
    assert taken(wish, Step.CLAIMED) == 1


def test_what_lapsed_is_noted_once_and_claimed_once(place, at_once):
    wish = place.publish()
    place.claim(wish, place.volunteer)
    with later(9):
        works = [lambda by=by: place.claim(wish, by) for by in (place.other, place.officer)]
        works.append(lambda: in_transaction(lambda: claims.settle(clock.now())))
        at_once(works)
        assert (standing(wish), taken(wish, Step.LAPSED), taken(wish, Step.CLAIMED)) == (1, 1, 2)


def test_one_person_does_not_have_four_waiting_by_pressing_at_once(place, at_once):
    wishes = [place.publish() for _ in range(6)]
    done = at_once([lambda wish=wish: place.claim(wish, place.volunteer) for wish in wishes])
    assert sum(isinstance(one, int) for one in done) <= 3
    waiting = select(func.count()).where(WishClaim.by_id == place.volunteer, WishClaim.ended_on.is_(None))
    assert db.session.scalar(waiting) == sum(isinstance(one, int) for one in done)


def test_a_wish_is_verified_and_connected_once(place, at_once):
    wish = place.tell()
    done = at_once([lambda by=by: place.verify(wish, by) for by in (place.deputy, place.officer)])
    assert sum(one is None for one in done) == 1
    wish = place.publish()
    place.claim(wish, place.volunteer)
    done = at_once([lambda by=by: place.take(wish, Step.CONNECTED, by) for by in (place.deputy, place.officer)])
    assert sum(one is None for one in done) == 1


def test_one_device_that_gives_many_at_once_gives_three_and_is_told_so_for_the_rest(place, at_once):
    wishes = [place.publish() for _ in range(6)]
    done = at_once([lambda at=at, wish=wish: place.give(wish, f"1390000111{at}") for at, wish in enumerate(wishes)])
    assert [type(one) for one in done if not isinstance(one, int)] == [TooMany] * 3


def test_one_device_that_tells_many_at_once_tells_three_and_is_told_so_for_the_rest(place, at_once):
    done = at_once([lambda: place.tell(way=Way.FORM) for _ in range(6)])
    assert [type(one) for one in done if not isinstance(one, int)] == [TooMany] * 3
