"""Versions of the rule: drafts, what they would change, two people, dated choices, and nothing published ever changes."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.accounts.models import RoleGrant
from app.audit.models import AuditEvent
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid, Refused
from app.core.permissions import Role
from app.hours.rules import HourKind
from app.people.rules import StageKind
from app.requirements import queries, service
from app.requirements.models import Requirement, RequirementChoice, RequirementSet
from app.requirements.rules import ChoiceVerdict, State
from tests.conftest import NOON
from tests.requirements.conftest import BEGAN, STAGE, TODAY

A, B = 1, 2
SHORT = {
    "name": "桂城口径",
    "note": "只看服务。",
    "hours-activist-service": "30",
    "honour-activist-service": "5",
    "days-activist-service": "120",
}


def holding(day=TODAY):
    return [one.id for one in queries.versions(day) if one.holds]


def asked(day=TODAY):
    return sorted((need.stage.value, need.kind.value) for need in queries.active_needs(day))


def chosen(branch, set_id, since=TODAY, verdict=ChoiceVerdict.CONFIRMED, by=None, now=NOON):
    choice = in_transaction(lambda: service.ask_for(set_id, since, branch.administrator, "/requirements", NOON))
    in_transaction(lambda: service.answer_choice(choice, by or branch.other, verdict, "不合适", "/requirements", now))
    return choice


def test_both_readings_are_shipped_and_one_holds(branch, as_person):
    page = as_person(branch.administrator).get("/requirements").text
    assert "阶段制" in page
    assert "学习＋服务制" in page
    assert page.count("正在用") == 1
    assert "口径以组织部门为准" in page
    services = [("activist", "service"), ("probationary", "service")]
    assert (holding(), asked()) == ([B], sorted([*services, ("activist", "study"), ("probationary", "study")]))
    chosen(branch, A)
    assert (holding(), asked()) == ([A], services)


def test_from_copy_to_force_by_two_people(branch, as_person):
    one, two = as_person(branch.administrator), as_person(branch.other)
    address = one.post(f"/requirements/{B}/copies").location
    assert one.get(address).status_code == 200
    wrong = one.post(address, data=SHORT | {"honour-activist-service": "31", "days-candidate-study": "10"})
    assert wrong.status_code == 422
    assert "补录最多 30 小时" in wrong.text
    assert "请填写发展对象的学习要多少小时" in wrong.text
    assert one.post(address, data=SHORT).status_code == 303
    made = int(address.split("/")[2])
    page = one.get(f"/requirements/{made}").text
    assert "桂城口径，第 1 版" in page
    assert "草稿" in page
    assert one.post(f"/requirements/{made}/publication-requests", data={"valid_from": "2026-11-20"}).status_code == 422
    assert one.post(f"/requirements/{made}/publication-requests", data={"valid_from": "2026-12-01"}).status_code == 303
    choice = queries.version(made, TODAY).open_choice
    assert one.post(f"/requirements/choices/{choice}/confirmation").status_code == 403
    assert one.post(address, data=SHORT).status_code == 409
    assert "桂城口径，第 1 版" in two.get("/work").text
    assert two.post(f"/requirements/choices/{choice}/return", data={"reason": ""}).status_code == 422
    assert two.post(f"/requirements/choices/{choice}/confirmation").status_code == 303
    assert two.post(f"/requirements/choices/{choice}/confirmation").status_code == 409
    begins = TODAY.replace(month=12, day=1)
    assert (holding(), holding(begins - timedelta(days=1)), holding(begins)) == ([B], [B], [made])
    assert asked(begins) == [("activist", "service")]
    assert one.get(address).status_code == 409
    told = db.session.scalars(select(AuditEvent.action).where(AuditEvent.subject == "requirement_set").order_by(AuditEvent.id)).all()
    done = [one.removeprefix("requirement_set") for one in told if not one.endswith("view")]  # looks are told too
    assert done == ["", ".revision", ".publication_request", ".activation"]
    again = one.post(f"/requirements/{made}/copies").location
    assert queries.version(int(again.split("/")[2]), TODAY).title == "桂城口径，第 2 版"


def test_a_published_version_never_changes_and_a_decided_choice_neither(branch):
    first = db.session.scalars(select(RequirementChoice.id)).one()
    for statement in (
        update(RequirementSet).where(RequirementSet.id == A).values(name="别的"),
        delete(RequirementSet).where(RequirementSet.id == A),
        update(Requirement).where(Requirement.set_id == A).values(minutes_needed=60),
        delete(Requirement).where(Requirement.set_id == A),
        insert(Requirement).values(set_id=A, stage=STAGE, kind=HourKind.STUDY, minutes_needed=60, honour_minutes=0),
        update(RequirementChoice).where(RequirementChoice.id == first).values(valid_from=TODAY),
        delete(RequirementChoice).where(RequirementChoice.id == first),
    ):
        with pytest.raises(IntegrityError):
            in_transaction(lambda statement=statement: db.session.execute(statement))


def test_the_later_day_holds_and_days_that_are_over_keep_theirs(branch):
    chosen(branch, A, TODAY + timedelta(days=10))
    chosen(branch, B, TODAY + timedelta(days=20))
    days = [TODAY - timedelta(days=400), TODAY, TODAY + timedelta(days=10), TODAY + timedelta(days=19), TODAY + timedelta(days=20)]
    assert [holding(day) for day in days] == [[B], [B], [A], [A], [B]]
    late = NOON + timedelta(days=30)
    chosen(branch, A, TODAY + timedelta(days=25), now=late)
    assert holding(TODAY + timedelta(days=29)) == [B]  # confirmed after its day: from the day of confirming
    assert holding(TODAY + timedelta(days=30)) == [A]


def test_asking_needs_somebody_else_and_may_be_taken_back_or_returned(branch, make):
    choice = in_transaction(lambda: service.ask_for(A, TODAY, branch.administrator, "/requirements", NOON))
    assert in_transaction(lambda: service.ask_for(A, TODAY, branch.other, "/requirements", NOON)) == choice
    with pytest.raises(Refused):
        in_transaction(lambda: service.answer_choice(choice, branch.administrator, ChoiceVerdict.CONFIRMED, "", "/", NOON))
    with pytest.raises(Refused):
        in_transaction(lambda: service.take_back_choice(choice, branch.other, NOON))
    in_transaction(lambda: service.take_back_choice(choice, branch.administrator, NOON))
    with pytest.raises(Conflict):
        in_transaction(lambda: service.answer_choice(choice, branch.other, ChoiceVerdict.CONFIRMED, "", "/", NOON))
    chosen(branch, A, verdict=ChoiceVerdict.RETURNED)
    assert holding() == [B]
    values = {"set_id": A, "valid_from": TODAY, "asked_at": NOON, "asked_by_id": branch.other, "answer": ""}
    decided = {"decided_at": NOON, "decided_by_id": branch.other, "verdict": ChoiceVerdict.CONFIRMED}
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(insert(RequirementChoice).values(values | decided)))
    in_transaction(lambda: db.session.execute(end_of_role(branch.other)))
    with pytest.raises(Invalid, match="有几处要改"):
        in_transaction(lambda: service.ask_for(A, TODAY, branch.administrator, "/requirements", NOON))


def end_of_role(person):
    return update(RoleGrant).where(RoleGrant.person_id == person).values(valid_to=TODAY)


def test_what_it_would_change_is_told_before(branch, as_person, make):
    branch.fill(branch.person)
    done = branch.activist("已确认的")
    branch.fill(done)
    branch.confirm(done)
    branch.serve(branch.activist("只服务了"), BEGAN, 3000)
    overdue = branch.activist("很久了", since=TODAY - timedelta(days=200))
    make.person("预备的", home=branch.unit, stage=StageKind.PROBATIONARY, stage_since=BEGAN)
    desk = as_person(branch.administrator)
    address = desk.post(f"/requirements/{B}/copies").location
    desk.post(address, data=SHORT)
    made = int(address.split("/")[2])
    found = queries.what_if([branch.root], B, made, TODAY)
    assert found.confirmed == 1
    assert {(one.line.name, one.before, one.after) for one in found.moved} == {
        ("只服务了", State.ON_TRACK, State.REACHED),
        ("很久了", State.ON_TRACK, State.OVERDUE),
        ("预备的", State.ON_TRACK, None),
    }
    page = desk.get(f"/requirements/{made}").text
    assert "3 人会变" in page
    assert "已确认的 1 人不受影响" in page
    assert "正常 → 已超期" in page
    assert "没有人会变" in desk.get(f"/requirements/{int(desk.post(f'/requirements/{B}/copies').location.split('/')[2])}").text
    assert overdue


def test_the_rule_for_everybody_is_made_at_the_root_only(branch, as_person, make):
    below = branch.official("黄健", Role.ADMINISTRATOR, branch.unit)
    for person in (below, branch.secretary, branch.person):
        desk = as_person(person)
        assert desk.get("/requirements").status_code == 404
        assert desk.post(f"/requirements/{A}/copies").status_code == 404
        assert desk.post(f"/requirements/{A}/publication-requests", data={"valid_from": TODAY.isoformat()}).status_code == 404
    auditor = as_person(branch.official("审计", Role.AUDITOR, branch.root))
    page = auditor.get(f"/requirements/{A}").text
    assert "从哪天起用" not in page
    assert "会变" in page
