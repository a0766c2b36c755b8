"""Points that come of no hours: given by the rule of their day, under its cap, and taken back like everything else."""

from datetime import date

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import IntegrityError

from app.core import clock
from app.core.db import db, in_transaction
from app.crediting import occasions
from app.crediting import service as crediting
from app.crediting.occasions import Occasion
from app.hours.rules import SourceKind
from app.people.rules import StageKind
from app.points import queries as points
from app.points.models import PointBand, PointRule, PointScheme
from app.points.rules import SchemeKind
from app.points.totals import disagreements
from tests.schemes.versions import publish, rule

DAY = date(2026, 11, 18)


@pytest.fixture
def branch(make):
    return make.unit("锦园第一党支部", parent=make.unit("桂城街道党工委"))


@pytest.fixture
def people(make, branch):
    """Who it is about, who proposed and who approved."""
    return (
        make.person("冼柏豪", home=branch, stage=StageKind.MEMBER),
        make.person("霍静雯", home=branch),
        make.person("罗国栋", home=branch),
    )


@pytest.fixture
def give(branch, people):
    def given(code, source=1, day=DAY, kind=SourceKind.MANUAL, scheme=SchemeKind.MEMBER, person=None):
        who, maker, approver = people
        one = Occasion(person or who, scheme, code, day, kind, source, branch, maker, approver, "支委会讨论")
        return in_transaction(lambda: occasions.give([one], clock.now()))[0]

    return given


def total(person, scheme=SchemeKind.MEMBER, period="2026"):
    return points.totals([person], scheme, period).get(person, 0)


def test_an_honour_a_bonus_and_a_deduction_are_entries_that_say_why(give, people):
    assert [give("honour", 1, kind=SourceKind.HONOUR), give("bonus", 2), give("absence", 3)] == [300, 200, -200]
    said = points.why(people[0], SchemeKind.MEMBER, DAY, DAY)
    assert next((one.points, one.reason, one.made_by_id, one.approved_by_id) for one in said) == (-200, "支委会讨论", people[1], people[2])
    assert total(people[0]) == 300
    assert disagreements() == []


def test_what_the_version_does_not_know_gives_nothing(give, people, make, branch):
    assert give("no such rule") is None
    assert give("honour") is None, "an honour's rule asks for an honour"
    assert give("bonus", kind=SourceKind.HONOUR) is None
    assert give("bonus", person=make.person(home=branch, stage=StageKind.ACTIVIST)) is None
    assert total(people[0]) == 0


def test_the_same_source_is_given_once_and_again_after_it_was_taken_back(give, people):
    give("bonus")
    in_transaction(lambda: crediting.reverse(SourceKind.MANUAL, [1], "弄错了人", clock.now(), made_by_id=people[1]))
    assert total(people[0]) == 0
    give("bonus")
    assert total(people[0]) == 200
    assert disagreements() == []


def test_caps_hold_for_honours_and_deductions_and_over_versions(give, people):
    """Honours: 5.00 a year. In July a version with 6.00 comes: of two more only 1.00 is left."""
    publish(SchemeKind.MEMBER, date(2026, 1, 1), rule("honour", "honour", 300, cap=500), rule("absence", "deduction", -200, cap=300))
    publish(SchemeKind.MEMBER, date(2026, 7, 1), rule("honour", "honour", 300, cap=600), rule("absence", "deduction", -200))
    march, may = date(2026, 11, 3), date(2026, 11, 4)
    in_march = [give("honour", 1, date(2026, 6, 3), SourceKind.HONOUR), give("honour", 2, date(2026, 6, 4), SourceKind.HONOUR)]
    assert in_march == [300, 200]
    assert [give("honour", 3, march, SourceKind.HONOUR), give("honour", 4, may, SourceKind.HONOUR)] == [100, 0]
    assert [give("absence", 5, date(2026, 6, 5)), give("absence", 6, date(2026, 6, 6)), give("absence", 7)] == [-200, -100, -200]
    in_transaction(lambda: crediting.reverse(SourceKind.HONOUR, [1], "荣誉撤销", clock.now(), made_by_id=people[1]))
    assert total(people[0]) == 600 - 500, (
        "room came free: 2.00 + 1.00 stand, the cap of the first version gives it another 1.00, the second 2.00"
    )
    assert disagreements() == []


def test_a_veto_is_an_entry_of_nothing(give, people):
    assert give("veto") == 0
    assert total(people[0]) == 0


def test_published_schemes_never_change(app):
    scheme = points.schemes_on(DAY)[SchemeKind.MEMBER]
    more = {"scheme_id": scheme.id, "code": "x", "name": "又一条", "per": "manual", "amount": 100, "counts_honour": True}
    for attack in (
        update(PointScheme).where(PointScheme.id == scheme.id).values(version="2"),
        update(PointRule).where(PointRule.scheme_id == scheme.id).values(amount=1),
        text(f"DELETE FROM point_rule WHERE scheme_id = {scheme.id}"),
        insert(PointRule).values(more),
        insert(PointBand).values(scheme_id=scheme.id, least=1, name="又一档"),
    ):
        with pytest.raises(IntegrityError):
            in_transaction(lambda attack=attack: db.session.execute(attack))


@pytest.mark.parametrize(
    "wrong",
    [
        {"per": "deduction", "amount": 100},
        {"per": "veto", "amount": 100},
        {"per": "honour", "amount": -100},
        {"per": "hour", "amount": 100, "activity_kind": "party_life"},
        {"per": "base", "amount": 100, "cap": 100, "cap_period": "year"},
        {"per": "carry", "amount": 10_001, "cap": 100, "cap_period": "year"},
        {"per": "manual", "amount": 100, "hour_kind": "service"},
        {"per": "manual", "amount": 100, "cap": 0, "cap_period": "year"},
    ],
)
def test_a_rule_that_makes_no_sense_can_not_be_stored(app, wrong):
    with pytest.raises(IntegrityError):
        publish(SchemeKind.MEMBER, date(2027, 1, 1), {"code": "x", "name": "x", "counts_honour": True} | wrong)
