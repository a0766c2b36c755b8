"""How places are given: shared ones, exact fractions, what is left out, which board an address asks for."""

from calendar import monthrange
from dataclasses import replace
from datetime import date
from fractions import Fraction
from statistics import median
from threading import Barrier, Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.shelf import Recent, Shelf
from app.leaderboards import measures
from app.leaderboards.lines import step_words
from app.leaderboards.measures import Figure, Measure, Step, compare, gap_words, score_words, step_up, twice_median
from app.leaderboards.rules import BoardKind, BoardRule, choose
from app.leaderboards.spans import ONE_DAY, Length, calendar, cover, days, faults, span_name, span_words

sqlite_only = True
TODAY = date(2026, 11, 21)
MINUTES = st.integers(0, 600) | st.integers(0, 10**9)
SPREAD = st.lists(st.integers(1, 700), max_size=9).map(lambda many: tuple(sorted(many, reverse=True)))
FIGURE = st.tuples(MINUTES, st.integers(0, 4), SPREAD, MINUTES, st.integers(0, 9))


def figure(nth, minutes, idle, spread, before, heads_before):
    """`idle` eligible members have no minutes."""
    heads = len(spread) + idle
    return Figure(
        nth, minutes, heads=heads, took=len(spread), middle=twice_median(spread, heads), spread=spread, earlier=(before, heads_before)
    )


PATIENT = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FIGURES = st.lists(FIGURE, max_size=14).map(lambda many: [figure(nth, *one) for nth, one in enumerate(many)])


def score(one, by):
    """The naive way, with exact fractions."""
    everybody = [*one.spread, *[0] * (one.heads - len(one.spread))]
    return {
        Measure.TOTAL: lambda: Fraction(one.minutes),
        Measure.HEAD: lambda: Fraction(one.minutes, one.heads),
        Measure.RATE: lambda: Fraction(sum(minutes > 0 for minutes in everybody), one.heads),
        Measure.MEDIAN: lambda: (
            Fraction(median(everybody)) if len(everybody) % 2 else Fraction(sum(sorted(everybody)[one.heads // 2 - 1 :][:2]), 2)
        ),
        Measure.GAIN: lambda: Fraction(one.minutes, one.heads) - Fraction(*one.earlier),
    }[by]()


def rank(figures, by):
    return measures.rank(figures, by, 5)


@PATIENT
@given(FIGURES, st.sampled_from(Measure))
def test_a_place_is_one_more_than_how_many_are_better_and_equal_scores_share_it(figures, by):
    board = rank(figures, by)
    scores = [score(one.figure, by) for one in board.standings]
    assert scores == sorted(scores, reverse=True)
    for one in board.standings:
        own = score(one.figure, by)
        assert one.place == 1 + sum(other > own for other in scores)
        assert one.shared == (scores.count(own) > 1)


@PATIENT
@given(FIGURES, st.sampled_from(Measure))
def test_everyone_who_has_something_is_on_the_board_or_too_small_or_at_nothing(figures, by):
    board = rank(figures, by)
    having = {one.id for one in figures if one.minutes > 0}
    listed = {one.figure.id for one in board.standings}
    assert listed | board.small <= having
    assert all(score(one, by) == 0 for one in figures if one.id in having - listed - board.small)
    assert not listed & board.small
    assert all(one.figure.heads >= 5 for one in board.standings)


@PATIENT
@given(FIGURES, st.sampled_from(Measure))
def test_the_order_they_come_in_does_not_matter(figures, by):
    assert rank(figures, by) == rank(list(reversed(figures)), by)


@PATIENT
@given(FIGURES, st.sampled_from(Measure))
def test_what_moves_one_place_up_does(figures, by):
    """So many people serving so long, everything else as it is, draws level with the place above; one step less does not."""
    board = rank(figures, by)
    for one in board.standings:
        better, own = board.next_better(one), one.figure
        if better is None:
            continue
        step = step_up(own, better.figure, by)
        assert step.people >= 1
        assert compare(helped(own, step, by), better.figure, by) <= 0
        if not step.up_to:
            less = replace(step, people=step.people - 1) if step.fresh else replace(step, people=1, each=step.minutes - 1)
            assert compare(helped(own, less, by), better.figure, by) > 0


def helped(own, step, by):
    if by is Measure.RATE:
        return replace(own, took=own.took + step.people)
    if by is Measure.MEDIAN:
        below = sorted((*own.spread, *[0] * (own.heads - len(own.spread))), reverse=True)
        kept = [minutes for minutes in below if minutes >= step.each]
        raised = [*kept, *[step.each] * step.people, *below[len(kept) + step.people :]]
        return replace(own, middle=twice_median(tuple(raised), own.heads))
    return replace(own, minutes=own.minutes + step.people * step.each)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (Step(1, 390, 387), "再服务 6 小时 27 分"),
        (Step(3, 120, 350), "再有 3 人各服务 2 小时"),
        (Step(2, fresh=True), "再有 2 位参加"),
        (Step(4, 90, up_to=True), "再有 4 位服务满 1 小时 30 分"),
    ],
)
def test_the_step_is_said_so_that_it_can_be_done(step, said):
    assert step_words(step) == said


@PATIENT
@given(FIGURES, st.integers(1, 10**9))
def test_the_place_of_someone_who_is_not_listed_is_the_one_they_would_take(figures, minutes):
    board = rank(figures, Measure.TOTAL)
    assert board.place_for(minutes) == 1 + sum(one.figure.minutes > minutes for one in board.standings)


def test_two_share_the_second_place_and_the_next_is_fourth():
    board = rank([Figure(nth, minutes, heads=5) for nth, minutes in enumerate((90, 60, 60, 30))], Measure.TOTAL)
    assert [(one.place, one.shared) for one in board.standings] == [(1, False), (2, True), (2, True), (4, False)]


def test_fractions_that_no_float_can_tell_apart_are_told_apart():
    more, less = Figure(1, 10**17 + 1, heads=10**8 + 7), Figure(2, 10**17, heads=10**8 + 7)
    assert more.minutes / more.heads == less.minutes / less.heads
    assert [one.place for one in rank([less, more], Measure.HEAD).standings] == [1, 2]
    equal = rank([Figure(1, 100, heads=6), Figure(2, 150, heads=9)], Measure.HEAD)
    assert [one.place for one in equal.standings] == [1, 1]


@pytest.mark.parametrize("by", [Measure.TOTAL, Measure.HEAD])
def test_a_unit_of_four_is_not_listed_by_any_measure(by):
    small = Figure(1, 6000, heads=4)
    assert rank([small], by).standings == ()
    assert rank([small], by).small == {1}


def test_a_line_of_the_personal_board_is_one_person():
    held = BoardRule().of(BoardKind.PERSON)
    assert [one.figure.id for one in measures.rank([Figure(1, 60)], Measure.TOTAL, held.min_heads).standings] == [1]


def test_scores_are_cut_and_gaps_rounded_up():
    assert score_words(Figure(1, 3599, heads=6), Measure.HEAD) == "9.99"
    assert score_words(Figure(1, 60, heads=7, took=3), Measure.RATE) == "42.8"
    assert score_words(Figure(1, 60, heads=6, middle=91), Measure.MEDIAN) == "0.75"
    assert [score_words(Figure(1, now, heads=6, earlier=(600, 6)), Measure.GAIN) for now in (1000, 600, 200)] == ["+1.11", "0.00", "−1.11"]
    assert gap_words(Figure(1, 599), Figure(2, 600)) == "0.02"


def test_the_default_is_branches_this_quarter_per_head():
    choice = choose({}, TODAY)
    assert (choice.kind, choice.span.key, choice.by, choice.page) == (BoardKind.BRANCH, "2026-Q4", Measure.HEAD, 1)
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
        {"period": "custom"},
        {"period": "custom", "from": "2026-05-01", "to": "2026-04-01"},
        {"period": "custom", "from": "2026-05-01", "to": "2026-12-01"},
        {"period": "custom", "from": "2022-05-01", "to": "2025-05-01"},
        {"period": "custom", "from": "1999-05-01", "to": "1999-06-01"},
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
    if past and choice.span.before:
        given_["at"] = choice.span.before.key
        choice = choose(given_, TODAY)
        assert not choice.is_open
        assert choice.day == choice.span.last
    assert choose({name: str(value) for name, value in choice.arguments().items()}, TODAY) == choice


DAYS = st.dates(date(2019, 1, 1), TODAY)


@PATIENT
@given(DAYS, DAYS)
def test_chosen_days_are_covered_exactly_and_their_address_leads_back(one, other):
    first, last = min(one, other), max(one, other)
    covered = [day for key in cover(first, last) for day in days_of(key)]
    assert covered == [date.fromordinal(nth) for nth in range(first.toordinal(), last.toordinal() + 1)]
    if not faults(first, last, TODAY):
        choice = choose({"period": "custom", "from": first.isoformat(), "to": last.isoformat()}, TODAY)
        assert (choice.span.first, choice.span.last) == (first, last)
        assert choose({name: str(value) for name, value in choice.arguments().items()}, TODAY) == choice
        before = choice.span.before
        assert before.last == first - ONE_DAY


def days_of(key):
    """The days of a key by its letters alone: 2026-03-01, 2026-03, 2026-Q1, 2026."""
    year, part = int(key[:4]), key[5:]
    months = {"": range(1, 13), **{f"Q{nth}": range(nth * 3 - 2, nth * 3 + 1) for nth in range(1, 5)}}.get(
        part, [int(part[:2] or 0)] if part[:1] != "Q" else []
    )
    every = [date(year, month, day) for month in months for day in range(1, monthrange(year, month)[1] + 1)]
    return [day for day in every if len(key) < 10 or day.isoformat() == key]


def test_days_that_are_a_quarter_are_that_quarter():
    choice = choose({"period": "custom", "from": "2026-07-01", "to": "2026-09-30"}, TODAY)
    assert choice.span == calendar(Length.QUARTER, date(2026, 7, 1))


def test_what_a_span_is_held_against():
    quarter = calendar(Length.QUARTER, TODAY)
    assert quarter.against(TODAY) == days(date(2026, 7, 1), date(2026, 8, 21)), "as many days as this one has had"
    assert quarter.against(date(2027, 1, 1)) == quarter.before == calendar(Length.QUARTER, date(2026, 7, 1))
    assert days(date(2026, 3, 1), date(2026, 4, 30)).before == days(date(2026, 1, 1), date(2026, 2, 28)), "months against as many months"
    assert days(date(2026, 3, 5), date(2026, 3, 14)).before == days(date(2026, 2, 23), date(2026, 3, 4))
    assert choose({"period": "all", "by": "gain"}, TODAY).by is Measure.HEAD


def test_periods_are_said_as_people_say_them():
    said = [
        (span_name(choice.span, TODAY), span_words(choice.span, TODAY)) for choice in (choose({}, TODAY), choose({"at": "2026-Q3"}, TODAY))
    ]
    assert said == [("本季", "10月1日至今"), ("2026年第三季度", "2026年7月1日至9月30日")]
    assert choose({"period": "all"}, TODAY).span.before is None
    assert choose({"period": "month", "at": "1999-01"}, TODAY).span == calendar(Length.MONTH, TODAY)


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
