"""公示 of a project, put up and taken down with its stage. Objections are answered in `publicity`, by people of the subdistrict."""

from datetime import datetime

from sqlalchemy import func, select

from app.core.db import db
from app.core.errors import Conflict
from app.core.words import yuan
from app.fund.models import FundBudgetLine, FundProject
from app.fund.queries import stages
from app.fund.rules import PROJECT_KIND_NAMES
from app.fund.stage_rules import Road
from app.people.queries import root_unit
from app.publicity import queries as publicity
from app.publicity import service as showing
from app.publicity.rules import LONGEST_TITLE, LONGEST_WORDS, Notice, Reach, Subject, SubjectKind


def put_up(project: FundProject, road: Road, by_id: int, now: datetime, phone: str, place: str) -> int:
    """Everybody sees it. It names no person, so it has no lines; whoever had a hand in the project, or scored it, answers no objection."""
    root = root_unit()
    if root is None:
        raise Conflict("还没有建街道一级的组织，请管理员先建好。")
    budget = db.session.scalar(select(func.sum(FundBudgetLine.fen)).where(FundBudgetLine.project_id == project.id)) or 0
    panel = stages.panel_of(project.id)
    words = f"{project.summary}\n地点：{project.area}。受益的人：{project.beneficiaries}。预算 {yuan(int(budget))} 元。{panel.words}"
    notice = Notice(
        Subject(SubjectKind.PROJECT, project.id),
        root.id,
        Reach.PUBLIC,
        f"拟立项：{project.name}（{PROJECT_KIND_NAMES[project.kind]}）"[:LONGEST_TITLE],
        (),
        words[:LONGEST_WORDS],
        phone,
        place,
        makers=road.makers.union(panel.by, *(change.people for change in road.changes)),
    )
    return showing.publish(notice, by_id, "/publicity/{}".format, now)


def conclude(project_id: int, now: datetime, by_id: int) -> None:
    """No objection can come any more. Raises Conflict while it runs, or with an objection that is open or was upheld."""
    shown = publicity.standing(SubjectKind.PROJECT, [project_id]).get(project_id)
    if shown is None:
        raise Conflict("还没有贴出公示。")
    if shown.upheld:
        raise Conflict("有异议成立，不能立项。请撤回公示，或者不立项。")
    showing.conclude(shown.id, now, by_id)


def take_down(project_id: int, by_id: int, reason: str, now: datetime) -> None:
    showing.withdraw_subject(Subject(SubjectKind.PROJECT, project_id), by_id, reason[:200], now)
