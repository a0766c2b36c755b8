"""Who may join: the rule by itself, and the words for it."""

from datetime import date

import pytest

from app.activities.joining_rules import Joiner, Who, age_on, condition_words, may_join, months_before, needs_second, own_only, stage_words
from app.people.rules import PARTY_MEMBERS, StageKind, UnitKind

NOBODY_SPECIAL = Joiner(units=frozenset())


def test_nothing_set_means_anyone():
    assert may_join(Who(), NOBODY_SPECIAL) == ()
    assert condition_words(Who()) == ()
    assert Who().anyone


@pytest.mark.parametrize(
    ("who", "person", "words"),
    [
        (Who(unit_id=3), Joiner(frozenset({3, 1})), None),
        (Who(unit_id=3), Joiner(frozenset({1})), "先请灯湖社区的人"),
        (Who(age_from=18), Joiner(frozenset(), age=18), None),
        (Who(age_from=18), Joiner(frozenset(), age=17), "18 岁以上"),
        (Who(age_to=65), Joiner(frozenset(), age=65), None),
        (Who(age_to=65), Joiner(frozenset(), age=66), "65 岁以下"),
        (Who(age_from=18, age_to=65), Joiner(frozenset(), age=70), "18 到 65 岁的街坊"),
        (Who(age_from=18), NOBODY_SPECIAL, "您的出生日期还没登记"),
        (Who(age_from=16), Joiner(frozenset(), under=True), "这场请 16 岁以上的街坊"),
        (Who(age_to=12), Joiner(frozenset(), under=True), "您的出生日期还没登记"),
        (Who(stages=PARTY_MEMBERS), Joiner(frozenset(), stage=StageKind.PROBATIONARY), None),
        (Who(stages=PARTY_MEMBERS), NOBODY_SPECIAL, "请党员参加"),
        (Who(training="急救培训"), Joiner(frozenset(), trained=True), None),
        (Who(training="急救培训", training_months=12), NOBODY_SPECIAL, "要先参加过“急救培训”（12 个月内的才算）"),
    ],
)
def test_each_condition_has_its_reason_in_plain_words(who, person, words):
    reasons = may_join(who, person, "灯湖社区")
    assert len(reasons) == (0 if words is None else 1)
    assert words is None or words in reasons[0]


def test_all_that_is_missing_is_said_at_once():
    who = Who(unit_id=3, age_from=18, stages=PARTY_MEMBERS, training="急救培训")
    assert len(may_join(who, NOBODY_SPECIAL)) == 4
    assert condition_words(who, "灯湖社区") == ("灯湖社区的人", "18 岁以上", "党员", "参加过“急救培训”")


@pytest.mark.parametrize(
    ("stages", "words"),
    [
        (PARTY_MEMBERS | {StageKind.ACTIVIST}, "党员和入党积极分子"),
        ({StageKind.MEMBER}, "正式党员"),
        ({StageKind.ACTIVIST, StageKind.CANDIDATE, StageKind.APPLICANT}, "发展对象、入党积极分子和入党申请人"),
    ],
)
def test_both_kinds_of_members_are_members(stages, words):
    assert stage_words(frozenset(stages)) == words


def test_a_birthday_counts_on_the_day_itself():
    assert age_on(date(2008, 11, 21), date(2026, 11, 21)) == 18
    assert age_on(date(2008, 11, 22), date(2026, 11, 21)) == 17


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 11, 21), 12, date(2025, 11, 21)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2028, 3, 31), 1, date(2028, 2, 29)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
    ],
)
def test_months_back_keep_the_day_as_far_as_the_month_has_it(day, months, before):
    assert months_before(day, months) == before


def test_an_answer_that_would_tell_of_party_status_is_for_the_person_alone():
    assert own_only(Who(stages=PARTY_MEMBERS), None)
    assert own_only(Who(unit_id=1), UnitKind.BRANCH)
    assert not own_only(Who(unit_id=1, age_from=18), UnitKind.COMMUNITY)


@pytest.mark.parametrize(
    ("organised_by", "who", "for_kind", "second"),
    [
        (UnitKind.SUBDISTRICT, Who(), None, True),
        (UnitKind.SUBDISTRICT, Who(unit_id=1), UnitKind.SUBDISTRICT, True),
        (UnitKind.SUBDISTRICT, Who(unit_id=2), UnitKind.COMMUNITY, False),
        (UnitKind.COMMUNITY, Who(), None, False),
        (UnitKind.NEIGHBOURS, Who(unit_id=1), UnitKind.SUBDISTRICT, False),
    ],
)
def test_what_the_street_organises_for_everyone_needs_a_second_person(organised_by, who, for_kind, second):
    assert needs_second(organised_by, who, for_kind) is second
