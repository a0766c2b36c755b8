"""Random lawful and unlawful sequences by several people over days: the rule and the database say the same of every step.

Whatever is refused leaves no trace; whatever went through is a lawful walk by people who may; a wish never has two claimers.
"""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import DomainError
from app.wishes.models import Wish, WishClaim, WishStepEntry
from app.wishes.queries import public
from app.wishes.queries.public import Show
from app.wishes.rules import ENDS_A_CLAIM, FOLLOWS, FREE, OF_A_CLAIM, OVER, TAKEN, Step
from app.wishes.service import claims, telling
from app.wishes.step_rules import step_fault
from tests.conftest import NOON
from tests.factories import Factory
from tests.wishes.houses import PUBLIC, build

PEOPLE = ("secretary", "deputy", "officer", "volunteer", "other", "resident", "stranger")
STAFF = ("secretary", "deputy", "officer")
TAKES = [step for step in Step if step not in (Step.TOLD, Step.CLAIMED, Step.LAPSED, Step.VERIFIED)]
FORWARD = [Step.PUBLISHED, Step.CONNECTED, Step.FULFILLED, Step.THANKED]
ACTS = st.one_of(
    st.tuples(st.just("take"), st.sampled_from(FORWARD), st.sampled_from(STAFF)),
    st.tuples(st.just("take"), st.sampled_from(TAKES), st.sampled_from(PEOPLE)),
    st.tuples(st.just("verify"), st.none(), st.sampled_from(PEOPLE)),
    st.tuples(st.just("claim"), st.none(), st.sampled_from(PEOPLE)),
    st.tuples(st.just("give"), st.none(), st.just("")),
    st.tuples(st.just("tell again"), st.none(), st.sampled_from(PEOPLE)),
    st.tuples(st.just("days"), st.integers(1, 9), st.just("")),
    st.tuples(st.just("settle"), st.none(), st.just("")),
)
RUN = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None)
WHOLE_WAY = [
    ("verify", None, "deputy"),
    ("take", Step.PUBLISHED, "secretary"),
    ("claim", None, "volunteer"),
    ("days", 8, ""),
    ("claim", None, "other"),
    ("take", Step.CONNECTED, "secretary"),
    ("take", Step.FULFILLED, "other"),
    ("take", Step.CONNECTED, "deputy"),
    ("take", Step.FULFILLED, "secretary"),
    ("take", Step.THANKED, "deputy"),
]


def act(place, wish, kind, what, person):
    now = clock.now()
    if kind == "take":
        place.take(wish, what, person, "写明原因", "收据 1")
    elif kind == "verify":
        place.verify(wish, person)
    elif kind == "claim":
        place.claim(wish, person)
    elif kind == "give":
        place.give(wish, phone="13900001111", device=f"device {now}")
    elif kind == "tell again":
        in_transaction(lambda: telling.tell_again(wish, "再说一遍", PUBLIC, person, place.handles(person), now))
    elif kind == "settle":
        in_transaction(lambda: claims.settle(now))


def hold(place, wish):
    """What is true after any sequence."""
    steps = db.session.execute(
        select(WishStepEntry.step, WishStepEntry.by_id, WishStepEntry.claim_id, WishStepEntry.happened_on)
        .where(WishStepEntry.wish_id == wish)
        .order_by(WishStepEntry.seq)
    ).all()
    row = db.session.execute(
        select(Wish.state, Wish.steps, Wish.last_by_id, Wish.published_on, Wish.ended_on, Wish.own_id).where(Wish.id == wish)
    ).one()
    assert (row.state, row.steps, row.last_by_id) == (steps[-1].step, len(steps), steps[-1].by_id)
    assert row.published_on == min((one.happened_on for one in steps if one.step is Step.PUBLISHED), default=None)
    assert (row.ended_on is not None) == (row.state in OVER)
    walked(steps, row.own_id)
    standing = db.session.execute(select(func.count()).where(WishClaim.wish_id == wish, WishClaim.ended_on.is_(None))).scalar_one()
    assert standing == (row.state in {*TAKEN, Step.FULFILLED, Step.THANKED}), "one claimer while it is taken, none while it is free"
    shown = public.public_wish(wish, clock.today())
    lists = [show for show in (Show.FREE, Show.TAKEN, Show.FULL) if public.listed(clock.today(), show).total]
    assert lists == ([] if shown is None else [Show.FREE if shown.free else Show.FULL if shown.full else Show.TAKEN])


def walked(steps, own):
    """A lawful walk, by people who may."""
    for place, (step, by, claim, on) in enumerate(steps):
        before = steps[place - 1] if place else None
        assert (before.step if before else None) in FOLLOWS[step]
        assert (claim is not None) or step not in OF_A_CLAIM
        if step in (Step.VERIFIED, Step.PUBLISHED, Step.THANKED):
            assert by != before.by_id, "two that check one another are two people"
        if step in (Step.VERIFIED, Step.PUBLISHED, Step.CONNECTED, Step.CLAIMED, Step.FULFILLED, Step.THANKED):
            assert by is None or by != own
        claimed = next((one for one in steps if one.step is Step.CLAIMED and one.claim_id == claim), None) if claim else None
        if step in (Step.CONNECTED, Step.THANKED):
            assert by != claimed.by_id
        if step is Step.CONNECTED and before.step is Step.CLAIMED:
            assert (on - claimed.happened_on).days <= 7
        if step is Step.LAPSED:
            assert (on - claimed.happened_on).days == 8
        if claim and step is not Step.CLAIMED:
            later = [one for one in steps[:place] if one.claim_id == claim and one.step in ENDS_A_CLAIM]
            assert not later, "nothing happens to a claim that is over"


@given(acts=st.lists(ACTS, min_size=4, max_size=30), own=st.booleans())
@example(acts=WHOLE_WAY, own=False)
@RUN
def test_whatever_they_try_a_wish_walks_its_road(site, acts, own):
    site.fresh()
    with site.app.app_context():
        place = build(Factory())
        wish = place.tell(place.resident if own else None, own=own)
        day = NOON
        for kind, what, by in acts:
            if kind == "days":
                day += timedelta(days=what)
                continue
            with clock.frozen_at(day):
                before = place.facts(wish)
                try:
                    act(place, wish, kind, what, getattr(place, by) if by else None)
                except DomainError:
                    db.session.rollback()
                    after = place.facts(wish)
                    assert after == before, "what is refused leaves no trace"
        with clock.frozen_at(day):
            hold(place, wish)
        db.session.remove()
        db.engine.dispose()


PREFIXES = [WHOLE_WAY[:2], WHOLE_WAY[:3], [*WHOLE_WAY[:3], ("take", Step.CONNECTED, "secretary")], [], [("verify", None, "deputy")]]
PREFIXES += [
    [*PREFIXES[2], ("take", Step.FULFILLED, "volunteer")],
    [*PREFIXES[2], ("take", Step.FULFILLED, "deputy")],
    [*PREFIXES[2], ("take", Step.RELEASED, "volunteer")],
    [("take", Step.RETURNED, "deputy")],
    [("take", Step.DECLINED, "deputy")],
]


@pytest.mark.parametrize("late", [0, 8])
@pytest.mark.parametrize("prefix", PREFIXES, ids=lambda prefix: prefix[-1][1] or prefix[-1][0] if prefix else "told")
def test_of_every_step_by_every_person_the_rule_and_the_trigger_say_the_same(app, place, prefix, late):
    """The rows are put in past the services; what needs a right (`handles`) is the rule's alone, and is given here."""
    wish = place.tell()
    for kind, what, by in prefix:
        act(place, wish, kind, what, getattr(place, by))
    with clock.frozen_at(NOON + timedelta(days=late)):
        now, found = clock.now(), place.facts(wish)
        if found.state is not found.on(clock.today()):
            return  # what lapsed by its day is noted first; the rule judges as if it were
        differs = []
        for step in Step:
            for by in (*PEOPLE, None):
                person = getattr(place, by) if by else None
                lawful = step_fault(found.standing, step, person, True, clock.today()) is None
                if step is Step.WITHDRAWN and person is None:
                    lawful = False
                if lawful != accepted(place, found, step, person, now):
                    differs.append((step, by, lawful))
        assert not differs


def accepted(place, found, step, person, now):
    """Whether the database takes the row; it is rolled back either way."""

    class Enough(Exception):
        pass

    def work():
        claim = found.claim_id if step in OF_A_CLAIM or (step is Step.WITHDRAWN and found.state in TAKEN) else None
        if step is Step.CLAIMED:
            claim = _claim(found.id, person, now) if found.state in FREE else found.claim_id
        if step is Step.VERIFIED:
            telling._reword(found.id, PUBLIC) if found.state in (Step.TOLD, Step.RETURNED) else None
        row = {"note": "原因", "reference": "收据 1", "at": now, "happened_on": clock.local_date(now)}
        db.session.execute(
            insert(WishStepEntry).values(wish_id=found.id, seq=found.steps + 1, step=step, by_id=person, claim_id=claim, **row)
        )
        raise Enough

    try:
        in_transaction(work)
    except Enough:
        return True
    except IntegrityError:
        return False
    raise AssertionError


def _claim(wish, person, now):
    day = clock.local_date(now)
    values = {"wish_id": wish, "claimed_at": now, "claimed_on": day, "due_on": day + timedelta(days=7), "slot": 1}
    if person is None:
        values |= {"kind": "donor", "name": "梁先生", "phone": "13900001111", "donor_digest": "d" * 64, "device_hash": "e" * 64}
    else:
        values |= {"kind": "person", "by_id": person}
    return db.session.execute(insert(WishClaim.__table__).values(**values).returning(WishClaim.__table__.c.id)).scalar_one()
