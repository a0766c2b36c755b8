"""What a project owes and by when, and what one person-time costs: pure rules."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.fund.rules import ProjectKind, Stage
from app.results import rules
from app.results.rules import Cost, DutyKind, Facts, FileKind, FileStanding, FileStep, duties

START, END = date(2026, 1, 10), date(2026, 12, 20)


def facts(stage=Stage.RUNNING, kind=ProjectKind.CARE, **known):
    return Facts(kind, stage, START, END, **{"began_on": START} | known)


def due(found, day, **rule):
    return {duty.kind: duty.due_on for duty in duties(found, day, **rule)}


@pytest.mark.parametrize("stage", [Stage.RUNNING, Stage.MIDTERM, Stage.PAUSED])
def test_progress_is_owed_every_three_months_while_it_runs(stage):
    assert due(facts(stage), START)[DutyKind.PROGRESS] == date(2026, 4, 10)
    assert due(facts(stage, last_progress=date(2026, 3, 31)), START)[DutyKind.PROGRESS] == date(2026, 6, 30)


@pytest.mark.parametrize("stage", [Stage.FINAL, Stage.STOPPED, Stage.CLOSED, Stage.ARCHIVED])
def test_no_progress_is_owed_once_it_has_ended(stage):
    assert DutyKind.PROGRESS not in due(facts(stage), END)


def test_a_look_is_owed_halfway_by_the_kinds_that_a_panel_chose():
    assert due(facts(), START)[DutyKind.MIDTERM] == date(2026, 7, 1)
    assert DutyKind.MIDTERM not in due(facts(kind=ProjectKind.WISH), START)
    assert DutyKind.MIDTERM not in due(facts(Stage.MIDTERM, midterm_on=date(2026, 6, 1)), START)


def test_the_report_is_due_three_months_after_the_end_and_the_money_after_the_local_rule():
    found = due(facts(Stage.FINAL, balance=1), END)
    assert found == {DutyKind.REPORT: date(2027, 3, 20), DutyKind.MONEY: END + timedelta(days=90)}
    assert due(facts(Stage.FINAL, balance=1), END, money_days=30)[DutyKind.MONEY] == date(2027, 1, 19)


def test_what_comes_after_the_end_shows_from_the_last_fortnight_on():
    assert DutyKind.REPORT not in due(facts(), END - timedelta(days=15))
    assert DutyKind.REPORT in due(facts(), END - timedelta(days=14))


def test_a_stopped_project_ended_on_the_day_it_was_stopped():
    stopped = facts(Stage.STOPPED, ended_on=date(2026, 5, 31), balance=500)
    assert due(stopped, date(2026, 6, 1)) == {DutyKind.REPORT: date(2026, 8, 31), DutyKind.MONEY: date(2026, 8, 29)}


def test_what_was_done_is_no_longer_owed():
    assert duties(facts(Stage.CLOSED, ended_on=END, reported_on=END, balance=0), END) == ()


def test_neither_drafts_nor_the_past_owe_anything():
    assert duties(facts(Stage.APPLIED, began_on=None), END) == ()
    assert duties(facts(Stage.ARCHIVED, past=True, balance=0), END) == ()


def test_a_duty_is_reminded_of_from_a_fortnight_before_and_late_from_the_day_after():
    (duty, *_) = duties(facts(kind=ProjectKind.WISH), START)
    assert duty.reminds_on == duty.due_on - timedelta(days=14)
    assert not duty.soon(duty.due_on - timedelta(days=15))
    assert duty.soon(duty.due_on - timedelta(days=14))
    assert duty.late(duty.due_on) == 0
    assert duty.late(duty.due_on + timedelta(days=3)) == 3


days = st.dates(date(2026, 1, 1), date(2028, 12, 31))


@given(
    stage=st.sampled_from(Stage),
    kind=st.sampled_from(ProjectKind),
    ended_on=st.none() | days,
    last=st.none() | days,
    reported_on=st.none() | days,
    balance=st.integers(0, 10**10),
    day=days,
)
def test_each_duty_is_owed_once_and_they_come_in_order(stage, kind, ended_on, last, reported_on, balance, day):
    found = duties(facts(stage, kind, ended_on=ended_on, last_progress=last, reported_on=reported_on, balance=balance), day)
    assert len({duty.kind for duty in found}) == len(found)
    assert [duty.due_on for duty in found] == sorted(duty.due_on for duty in found)
    assert (DutyKind.MONEY in {duty.kind for duty in found}) <= (balance > 0)
    assert (DutyKind.REPORT in {duty.kind for duty in found}) <= (reported_on is None)


@given(fen=st.integers(0, 10**13), units=st.integers(1, 10**8))
def test_a_cost_and_its_rest_are_the_whole(fen, units):
    cost = Cost(fen, units)
    assert cost.each * units + cost.rest == fen
    assert 0 <= cost.rest < units


def test_without_anybody_served_there_is_no_cost():
    assert Cost(5, 0).each is None
    assert rules.per_hour(6_000, 90).each == 4_000


def test_words_that_can_be_copied_are_not_opened():
    assert not rules.may_be_open(FileKind.INVOICE, has_text=True)
    assert rules.may_be_open(FileKind.INVOICE, has_text=False)
    assert rules.may_be_open(FileKind.REPORT, has_text=True)


def test_a_struck_paper_stays_struck():
    assert rules.file_steps(FileStanding.STRUCK) == frozenset()
    assert rules.file_steps(FileStanding.OPEN) == {FileStep.CLOSED, FileStep.STRUCK}


def test_a_report_is_written_once_the_work_has_ended():
    assert rules.may_report(Stage.FINAL, END, START)
    assert rules.may_report(Stage.RUNNING, END, END)
    assert not rules.may_report(Stage.RUNNING, END, END - timedelta(days=1))
    assert not rules.may_report(Stage.APPLIED, END, END)
