"""Tokens that a phone makes by itself. Pure."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cards.rules import card_token
from app.checkin.timed_codes import is_timed, public_id, session_key, step_of, take_apart, write_token

AT = datetime(2026, 11, 21, 4, 0, 30, tzinfo=UTC)
KEY = session_key("the site's own", 7, "a" * 64)


@given(st.integers(1, 2**31 - 1), st.integers(0, 2**40))
def test_what_is_written_is_read(session_id, step):
    key = session_key("the site's own", session_id, "b" * 64)
    token = write_token(key, session_id, step)
    said = take_apart(token)
    assert is_timed(token)
    assert (said.session_id, said.step) == (session_id, step)
    assert said.made_with(key)
    assert not said.made_with(KEY)


def test_a_key_of_its_own_for_every_session_site_and_row():
    assert len(KEY) == 32
    others = {session_key("the site's own", 8, "a" * 64), session_key("another's", 7, "a" * 64), session_key("the site's own", 7, "b" * 64)}
    assert len(others | {KEY}) == 4


@pytest.mark.parametrize(("off", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_it_fits_its_minute_and_those_beside_it(off, fits):
    assert take_apart(write_token(KEY, 7, step_of(AT) + off)).fits(AT) is fits


@pytest.mark.parametrize(
    "token", ["T..", "T7.x.", "T07.zz.mac", "T7.07.mac", "TA.z.mac", "T7.zzzzzzzzzzz.mac", "Tzzzzzzz.z.mac", "T-1.z.mac", "T7.é.mac"]
)
def test_one_spelling_each_and_nothing_too_large(token):
    said = take_apart(token)
    assert said is None or not said.made_with(KEY)


def test_other_tokens_are_not_taken_for_one():
    assert not is_timed(card_token("key", 12))
    assert not is_timed("MTI.aR8.Xyz")
    assert public_id(35) == "z"
