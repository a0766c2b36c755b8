"""How places are given: shared ones, exact fractions, what is left out, which board an address asks for."""

from datetime import date
from fractions import Fraction
from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.shelf import Recent, Shelf
from app.hours.rules import PeriodKind
from app.leaderboards import lines
from app.leaderboards.rules import BoardKind, Figure, Measure, choose, gap_words, rank, score_words

sqlite_only = True
TODAY = date(2026, 11, 21)
FIGURES = st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 12)), max_size=40).map(
    lambda pairs: [Figure(nth, minutes, heads=heads) for nth, (minutes, heads) in enumerate(pairs)]
)


def score(figure, by):
    return Fraction(figure.minutes, figure.heads if by is Measure.HEAD else 1)


@given(FIGURES, st.sampled_from(Measure))
def test_a_place_is_one_more_than_how_many_are_better(figures, by):
    board = rank(figures, by)
    scores = [score(one.figure, by) for one in board.standings]
    assert scores == sorted(scores, reverse=True)
    for one in board.standings:
        own = score(one.figure, by)
        assert one.place == 1 + sum(other > own for other in scores)
        assert one.shared == (scores.count(own) > 1)


@given(FIGURES, st.sampled_from(Measure))
def test_everyone_who_has_something_is_on_the_board_or_too_small(figures, by):
    board = rank(figures, by)
    assert {one.figure.id for one in board.standings} | board.small == {one.id for one in figures if one.minutes > 0}
    assert all(one.figure.heads >= 5 for one in board.standings) or by is Measure.TOTAL


@given(FIGURES, st.sampled_from(Measure))
def test_the_order_they_come_in_does_not_matter(figures, by):
    assert rank(figures, by) == rank(list(reversed(figures)), by)


@given(FIGURES, st.integers(1, 10**9))
def test_the_place_of_someone_who_is_not_listed_is_the_one_they_would_take(figures, minutes):
    board = rank(figures, Measure.TOTAL)
    assert board.place_for(minutes) == 1 + sum(one.figure.minutes > minutes for one in board.standings)


def test_two_share_the_second_place_and_the_next_is_fourth():
    board = rank([Figure(1, 90), Figure(2, 60), Figure(3, 60), Figure(4, 30)], Measure.TOTAL)
    assert [(one.place, one.shared) for one in board.standings] == [(1, False), (2, True), (2, True), (4, False)]


def test_fractions_that_no_float_can_tell_apart_are_told_apart():
    more, less = Figure(1, 10**17 + 1, heads=10**8 + 7), Figure(2, 10**17, heads=10**8 + 7)
    assert more.minutes / more.heads == less.minutes / less.heads
    assert [one.place for one in rank([less, more], Measure.HEAD).standings] == [1, 2]
    equal = rank([Figure(1, 100, heads=6), Figure(2, 150, heads=9)], Measure.HEAD)
    assert [one.place for one in equal.standings] == [1, 1]


def test_a_unit_of_four_is_not_ranked_per_head_but_in_total():
    small = Figure(1, 6000, heads=4)
    assert rank([small], Measure.HEAD).standings == ()
    assert rank([small], Measure.HEAD).small == {1}
    assert rank([small], Measure.TOTAL).standings[0].place == 1


def test_scores_are_cut_and_gaps_rounded_up():
    assert score_words(Figure(1, 3599, heads=6), Measure.HEAD) == "9.99"
    assert gap_words(Figure(1, 599), Figure(2, 600), Measure.TOTAL) == "0.02"
    assert gap_words(Figure(1, 100, heads=7), Figure(2, 101, heads=7), Measure.HEAD) == "0.01"


def test_the_default_is_branches_this_quarter_per_head():
    choice = choose({}, TODAY)
    assert (choice.kind, choice.period.key, choice.by, choice.page) == (BoardKind.BRANCH, "2026-Q4", Measure.HEAD, 1)
    assert choice.arguments() == {}


@pytest.mark.parametrize(
    "given_",
    [
        {"kind": "党"},
        {"period": "day"},
        {"period": "week"},
        {"by": "points"},
        {"page": "-1"},
        {"page": "九"},
        {"at": "2026-Q9"},
        {"at": "2026-Q4"},
    ],
)
def test_what_can_not_be_read_falls_back(given_):
    assert choose(given_, TODAY) == choose({}, TODAY)


def test_a_community_narrows_only_the_personal_board():
    assert choose({"kind": "person", "community": "7"}, TODAY).community_id == 7
    assert choose({"kind": "branch", "community": "7"}, TODAY).community_id is None


@given(
    st.sampled_from(BoardKind),
    st.sampled_from(["month", "quarter", "year", "all"]),
    st.sampled_from(Measure),
    st.integers(1, 99),
    st.booleans(),
)
def test_the_address_of_a_board_leads_back_to_it(kind, length, by, page, past):
    choice = choose({"kind": kind.value, "period": length, "by": by.value, "page": str(page)}, TODAY)
    given_ = {name: str(value) for name, value in choice.arguments().items()}
    if past and choice.before:
        given_["at"] = choice.before.key
        choice = choose(given_, TODAY)
        assert not choice.is_open
        assert choice.day == choice.period.last
    assert choose({name: str(value) for name, value in choice.arguments().items()}, TODAY) == choice


def test_periods_are_said_as_people_say_them():
    assert lines.span_words(choose({}, TODAY)) == "10月1日至今"
    past = choose({"at": "2026-Q3"}, TODAY)
    assert (lines.period_name(past), lines.span_words(past)) == ("2026年第三季度", "2026年7月1日至9月30日")
    assert choose({"period": "all"}, TODAY).before is None
    assert choose({"period": "month", "at": "1999-01"}, TODAY).period.kind is PeriodKind.MONTH


def test_many_readers_at_once_cost_one_computation():
    shelf, made, gate = Shelf(4), [], Barrier(8)

    def make():
        made.append(1)
        return "board"

    def read():
        gate.wait()
        assert shelf.get("key", 1, make) == "board"

    readers = [Thread(target=read) for _ in range(8)]
    for one in readers:
        one.start()
    for one in readers:
        one.join()
    assert len(made) == 1
    assert shelf.get("key", 2, lambda: "newer") == "newer"


def test_what_is_kept_is_bounded():
    shelf, recent = Shelf(2), Recent(2)
    for key in range(5):
        shelf.get(key, 1, lambda: "made")
        recent.put(key, "tag")
    assert shelf.get(0, 1, lambda: "anew") == "anew"
    assert recent.get(2) is None
    assert recent.get(4) == "tag"
