"""Two at the same moment: a project is closed or money is asked for it, never both; a decision is taken once."""

from sqlalchemy import func, select

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import DomainError
from app.fund.models import FundProject, FundRequest, FundStageEntry
from app.fund.rules import Stage
from app.panels import queries
from app.panels import service as panels


def test_no_money_is_asked_for_while_a_project_is_closed(house, at_once):
    for nth in range(3):
        project = house.project(f"项目 {nth}", (("材料", 1_000),))
        house.advance(project, Stage.FINAL, house.officer, "做完了")
        at_once([lambda p=project: house.advance(p, Stage.CLOSED, house.approver, "同意"), lambda p=project: house.ask(p, 100)])
        stage = db.session.scalar(select(FundProject.stage).where(FundProject.id == project))
        asked = db.session.scalar(select(func.count()).where(FundRequest.project_id == project))
        assert (stage is Stage.CLOSED) == (asked == 0)


def test_a_decision_that_several_take_at_once_is_taken_once(panel, at_once):
    project, house = panel.sent(), panel.house
    done = at_once([lambda by=by: house.advance(project, Stage.CHECKED, by) for by in (house.officer, house.approver, house.second)])
    assert sum(isinstance(result, DomainError) for result in done) == 2
    rows = db.session.scalar(select(func.count()).where(FundStageEntry.project_id == project, FundStageEntry.stage == Stage.CHECKED))
    assert rows == 1


def test_the_last_score_and_a_stepping_aside_at_once_leave_one_truth(panel, at_once):
    project = panel.seated()
    for person in panel.reviewers[:2]:
        panel.score(project, person)
    last = panel.reviewers[2]
    at_once(
        [
            lambda: panel.score(project, last),
            lambda: in_transaction(lambda: panels.step_aside(project, panel.reviewers[0], "亲属", clock.now())),
        ]
    )
    found = queries.panel(project)
    assert found.opened == (found.remaining == 3)
