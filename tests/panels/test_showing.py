"""公示 of a project is put up from its page: what is missing is said beside its field, and who had a hand in it answers nothing."""

import re

import pytest
from sqlalchemy import select

from app.core.db import db
from app.fund.rules import Stage
from app.publicity import queries as publicity
from app.publicity.models import PublicityMaker
from app.publicity.rules import SubjectKind
from tests.panels.test_road import stage_of

sqlite_only = True


def post(browser, project, **typed):
    return browser.post(f"/fund/projects/{project}/stages", data=typed)


def test_without_a_phone_or_a_place_the_form_is_there_again_with_the_fault_beside_the_field(panel, as_person):
    project, officer = panel.scored(), as_person(panel.house.officer)
    answer = post(officer, project, stage="publicised", phone="", place="党群服务中心二楼")
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert 'href="#f-phone"' in page
    assert re.search(r'<input[^>]*id="f-phone"[^>]*aria-invalid="true"', page)
    assert 'id="f-phone-e"' in page
    assert 'id="f-place-e"' not in page
    assert "党群服务中心二楼" in page, "what was typed is kept"
    assert "拟立项" not in officer.get("/publicity").get_data(as_text=True)
    assert stage_of(project) is Stage.SCORED
    assert post(officer, project, stage="publicised", phone="0757-86230000", place="党群服务中心二楼").status_code == 303
    assert stage_of(project) is Stage.PUBLICISED


@pytest.mark.parametrize("typed", ["", "长" * 401])
def test_a_reason_that_is_missing_or_too_long_is_said_beside_it(panel, as_person, typed):
    project, approver = panel.scored(), as_person(panel.house.approver)
    answer = post(approver, project, stage="declined", note_declined=typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="f-note_declined-e"' in page
    assert re.search(r'<details class="card why" open><summary><b>[^<]*不立项', page)
    assert typed in page
    assert stage_of(project) is Stage.SCORED


def test_who_scored_it_or_had_a_hand_in_it_answers_no_objection(panel):
    project = panel.publicised()
    shown = publicity.standing(SubjectKind.PROJECT, [project])[project]
    kept_out = set(db.session.scalars(select(PublicityMaker.person_id).where(PublicityMaker.publicity_id == shown.id)))
    assert kept_out >= {panel.proposer, panel.house.officer, *panel.reviewers}


def test_who_applied_or_is_of_its_unit_does_not_put_it_up(panel, as_person):
    project = panel.scored()
    for person in (panel.proposer, panel.house.neighbour):
        post(as_person(person), project, stage="publicised", phone="0757-86230000", place="党群服务中心")
        assert stage_of(project) is Stage.SCORED
    assert publicity.standing(SubjectKind.PROJECT, [project]) == {}
