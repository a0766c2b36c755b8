"""How the demo's projects came to be: applied for, checked, scored, publicised, approved, begun; each step by whom it is due."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.accounts import service as accounts
from app.core.clock import local_date
from app.core.db import in_transaction
from app.demo.people import PASSWORD, Cast
from app.fund.rules import ProjectDraft, ProjectKind, Stage
from app.fund.service import contracts, projects
from app.fund.stage_rules import DEFAULT_WEIGHTS, SCORED_KINDS, After, ContractDraft, Criterion, Instalment
from app.panels import service as panels
from app.panels.rules import CallDraft, Sheet
from app.people import queries as people

MARKS = ((92, 88, 90, 84, 70, 80, 85), (86, 90, 82, 88, 74, 78, 90), (95, 80, 88, 82, 66, 84, 80))
WORDS = ("街坊等了很久，做法也实在。", "预算清楚，志愿者已经找好。", "受益的人说得明白，希望做完有人接着管。")


@dataclass(frozen=True)
class Hands:
    """Who does what: the applicant of the community, the officer (first check, contracts, money), the approver, who checks the bank,
    and the reviewers, who are of other units."""

    proposer: int
    officer: int
    approver: int
    administrator: int
    reviewers: Sequence[int]


def hands(cast: Cast, now: datetime) -> Hands:
    """The demo's people; three members of other communities get an account, so that they can review."""
    secret_hash = accounts.hash_secret(PASSWORD)
    reviewers = [cast.members[cast.branches[branch]][0] for branch in ("翠苑党支部", "十七街区党支部", "金御华府党支部")]
    in_transaction(
        lambda: [
            accounts.open_account(one, next(iter(people.phones(one, local_date(now))), None), secret_hash, PASSWORD, now)
            for one in reviewers
        ]
    )
    return Hands(cast.organiser, cast.fund_officer, cast.fund_approver, cast.administrator, reviewers)


class Road:
    def __init__(self, hands: Hands, at: Callable[[date, int], datetime]) -> None:
        self.hands, self.at = hands, at

    def go(self, project_id: int, stage: Stage, by: int, day: date, note: str = "") -> None:
        in_transaction(lambda: projects.advance(project_id, stage, by, self.at(day, 15), note))

    def approved(self, wanted: ProjectDraft, began: date) -> int:
        """All the way to 已立项, in time for a beginning on that day."""
        hands = self.hands
        project_id = in_transaction(lambda: projects.draft(wanted, hands.proposer, self.at(began - timedelta(days=50), 9)))
        in_transaction(lambda: projects.send(project_id, hands.proposer, self.at(began - timedelta(days=48), 10)))
        if wanted.kind in SCORED_KINDS:
            self.in_panel(project_id, began - timedelta(days=46), 3)
            self.go(project_id, Stage.SCORED, hands.officer, began - timedelta(days=42))
            self.publicise(project_id, began - timedelta(days=41))
        else:
            self.go(project_id, Stage.CHECKED, hands.officer, began - timedelta(days=46))
        self.go(project_id, Stage.APPROVED, hands.approver, began - timedelta(days=15))
        return project_id

    def sent(self, wanted: ProjectDraft, call_id: int) -> int:
        """An answer to a call, that waits for its first check."""
        by, today = self.hands.proposer, wanted.starts_on - timedelta(days=40)
        project_id = in_transaction(lambda: projects.draft(wanted, by, self.at(today - timedelta(days=6), 9), call_id))
        in_transaction(lambda: projects.send(project_id, by, self.at(today - timedelta(days=5), 10)))
        return project_id

    def in_panel(self, project_id: int, day: date, scores: int) -> None:
        """Checked, and so many of the three reviewers have scored."""
        self.go(project_id, Stage.CHECKED, self.hands.officer, day)
        in_transaction(lambda: panels.name(project_id, self.hands.reviewers, self.hands.officer, self.at(day, 16)))
        for place in range(scores):
            sheet = Sheet(dict(zip(Criterion, MARKS[(place + project_id) % 3], strict=True)), WORDS[place])
            self.score(project_id, self.hands.reviewers[place], sheet, day + timedelta(days=1))

    def score(self, project_id: int, by: int, sheet: Sheet, day: date) -> None:
        in_transaction(lambda: panels.score(project_id, by, sheet, self.at(day, 11)))

    def publicise(self, project_id: int, day: date) -> None:
        now, by = self.at(day, 10), self.hands.officer
        phone, place = "0757-86230000", "桂城街道党群服务中心 3 楼"
        in_transaction(lambda: projects.advance(project_id, Stage.PUBLICISED, by, now, phone=phone, place=place))

    def begin(self, project_id: int, began: date, fen: int, first: int) -> None:
        """The contract, in one part or two, and the beginning by another person."""
        scored = first < fen
        parts = [Instalment(first, began + timedelta(days=10), After.START)]
        if scored:
            parts.append(Instalment(fen - first, began + timedelta(days=220), After.MIDTERM, "中期检查通过，用款清楚"))
        signed = began - timedelta(days=6)
        wanted = ContractDraft(f"GAXY-{began.year}-{project_id:03d}", signed, "灯湖社区居民委员会", fen, tuple(parts))
        in_transaction(lambda: contracts.sign(project_id, wanted, self.hands.officer, self.at(signed, 10)))
        self.go(project_id, Stage.RUNNING, self.hands.approver, began)

    def call(self, today: date) -> int:
        """Written by the officer, published by the approver, open for three weeks more."""
        words = (
            "给小区、楼道里的街坊办一件看得见的小事。由社区、街坊会、志愿队或支部来报，写清楚帮谁、做什么、花多少。\n"
            "不收买固定资产的，不收给个人发钱的。"
        )
        opens, closes = today - timedelta(days=9), today + timedelta(days=21)
        wanted = CallDraft(ProjectKind.MICRO, f"{today.year}年第四期微创熟", words, opens, closes, 1_500_000, dict(DEFAULT_WEIGHTS))
        call_id = in_transaction(lambda: panels.draft_call(wanted, self.hands.officer, self.at(opens - timedelta(days=3), 10)))
        in_transaction(lambda: panels.publish_call(call_id, self.hands.approver, self.at(opens - timedelta(days=1), 15)))
        return call_id
