"""Rounds: when one can claim, who comes first in the next, and figures that open as many lines as they say."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid
from app.wishes.models import Wish, WishRound
from app.wishes.queries import public, rounds
from app.wishes.queries.public import Show
from app.wishes.queries.rounds import Shown
from app.wishes.rules import Step
from app.wishes.service import rounds as service
from tests.conftest import NOON
from tests.factories import Factory
from tests.wishes.houses import build
from tests.wishes.test_road import later

TODAY = clock.local_date(NOON)


def day(offset):
    return TODAY + timedelta(days=offset)


def order(offset):
    return [(row.id, row.waited) for row in public.listed(day(offset), Show.FREE).rows]


def test_who_was_left_over_comes_first_in_the_next_round_with_how_often_they_waited(place):
    place.round(day(0), day(5), name="第一轮")
    place.round(day(10), day(15), name="第二轮")
    place.round(day(20), day(25), name="第三轮")
    old = place.publish()
    with later(11):
        second = place.publish()
        third = place.publish()
    assert order(0) == [(old, 0), (second, 0), (third, 0)]
    assert order(12) == [(old, 1), (second, 0), (third, 0)]
    with later(12):
        place.claim(old, place.volunteer)
        place.take(old, Step.CONNECTED, place.deputy)
    with later(21):
        place.take(old, Step.RELEASED, place.deputy, "买不到")
    assert order(22) == [(old, 1), (second, 1), (third, 1)], "at the end of the second round the first was somebody's"
    assert order(26) == [(old, 2), (second, 2), (third, 2)]


def test_between_rounds_nobody_claims(place):
    wish = place.publish()
    place.round(day(2), day(5))
    with pytest.raises(Conflict, match="这一轮"):
        place.claim(wish, place.volunteer)
    assert not place.public(wish).open
    with later(2):
        place.claim(wish, place.volunteer)


def test_the_database_takes_no_claim_between_rounds_either(place):
    from tests.wishes.test_machine import accepted

    wish = place.publish()
    place.round(day(2), day(5))
    assert not accepted(place, place.facts(wish), Step.CLAIMED, place.volunteer, clock.now())
    with later(2):
        assert accepted(place, place.facts(wish), Step.CLAIMED, place.volunteer, clock.now())


def test_a_round_of_another_community_means_nothing_here(place):
    wish = place.publish()
    place.round(day(2), day(5), unit=place.elsewhere)
    place.claim(wish, place.volunteer)


def test_rounds_of_one_unit_share_no_day(place):
    place.round(day(0), day(5))
    with pytest.raises(Invalid, match="改"):
        place.round(day(5), day(9))
    place.round(day(6), day(9))
    place.round(day(0), day(5), unit=place.community)
    row = {
        "unit_id": place.root,
        "name": "硬塞",
        "opens_on": day(3),
        "closes_on": day(4),
        "made_by_id": place.officer,
        "made_at": clock.now(),
    }
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(WishRound.__table__.insert().values(**row)))


def test_what_is_over_stays_and_what_runs_ends_earlier_or_later(place):
    first = place.round(day(0), day(5))
    in_transaction(lambda: service.move_end(first, day(7), place.officer, TODAY))
    with pytest.raises(Invalid):
        in_transaction(lambda: service.move_end(first, day(-1), place.officer, TODAY))
    with pytest.raises(Conflict):
        in_transaction(lambda: service.move_end(first, day(20), place.officer, day(8)))


ACTS = st.lists(st.tuples(st.sampled_from(["publish", "claim", "connect", "release", "fulfil", "day"]), st.integers(0, 5)), max_size=30)


@given(acts=ACTS)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), database=None)
def test_every_figure_opens_as_many_lines_and_the_lists_together_are_all(site, acts):
    site.fresh()
    with site.app.app_context():
        with clock.frozen_at(NOON):
            place = build(Factory())
            for first in (0, 10, 20):
                place.round(day(first), day(first + 6), name=f"第 {first} 天起")
        now, wishes = 0, []
        for kind, which in acts:
            if kind == "day":
                now += which
                continue
            with later(now):
                attempt(place, wishes, kind, which)
        agree(day(now))
        db.session.remove()
        db.engine.dispose()


def attempt(place, wishes, kind, which):
    from app.core.errors import DomainError

    if kind == "publish":
        wishes.append(place.publish())
    elif wishes:
        wish = wishes[which % len(wishes)]
        try:
            if kind == "claim":
                place.claim(wish, place.volunteer if which % 2 else place.other)
            elif kind == "connect":
                place.take(wish, Step.CONNECTED, place.deputy)
            elif kind == "release":
                place.take(wish, Step.RELEASED, place.deputy, "再等")
            else:
                place.take(wish, Step.FULFILLED, place.deputy, "送到了", "收据 1")
        except DomainError:
            db.session.rollback()


def agree(today):
    public_ones = select(func.count()).select_from(Wish).where(rounds.is_public())
    totals = public.counts(today)
    assert sum(totals.values()) == db.session.scalar(public_ones)
    for show, many in totals.items():
        found = public.listed(today, show, size=100)
        assert len(found.rows) == found.total == many
    communities = rounds.community_figures(today)
    for name, show in (("free", Show.FREE), ("taken", Show.TAKEN), ("full", Show.FULL)):
        assert sum(getattr(one, name) for one in communities) == totals[show]
    left = 0
    for one in rounds.round_figures(rounds.rounds(), today):
        for what, many in ((Shown.CLAIMED, one.claimed), (Shown.FULL, one.full), (Shown.LEFT, one.left)):
            found = public.listed(today, None, narrow=rounds.in_round(one.round, what, today), size=100)
            assert len(found.rows) == many, (one.round.name, what)
        if one.round.closes_on < today:
            left += sum(row.free for row in public.listed(today, None, narrow=rounds.in_round(one.round, Shown.LEFT, today), size=100).rows)
    waited = sum(row.waited for row in public.listed(today, Show.FREE, size=100).rows)
    assert waited == left, "the rounds that free wishes waited are those at whose end they were left over"
