"""A house whose unit's people apply, with three reviewers of another community."""

from dataclasses import dataclass
from datetime import timedelta

from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Role
from app.fund.rules import ProjectKind, Stage
from app.fund.service import projects
from app.fund.stage_rules import DEFAULT_WEIGHTS, Criterion
from app.panels import service as panels
from app.panels.rules import CallDraft, Sheet
from tests.fund.houses import House, reviewers

SHOWN = timedelta(days=9)  # five working days and both weekends


@dataclass
class Panel:
    """`proposer` organises for the community; `reviewers` are three, of another one."""

    house: House
    proposer: int
    reviewers: list[int]

    def sent(self, name: str = "楼下共享工具角", kind: ProjectKind = ProjectKind.MICRO, call_id: int | None = None) -> int:
        wanted = self.house.wanted(name, (("用具", 3_000), ("物料", 1_800)), kind)
        now = clock.now() - SHOWN - timedelta(days=9)
        project_id = in_transaction(lambda: projects.draft(wanted, self.proposer, now, call_id))
        in_transaction(lambda: projects.send(project_id, self.proposer, clock.now() if call_id else now))
        return project_id

    def checked(self, name: str = "楼下共享工具角", call_id: int | None = None) -> int:
        project_id = self.sent(name, call_id=call_id)
        self.house.advance(project_id, Stage.CHECKED, self.house.officer)
        return project_id

    def seated(self, name: str = "楼下共享工具角", call_id: int | None = None) -> int:
        project_id = self.checked(name, call_id)
        self.name(project_id, self.reviewers)
        return project_id

    def name(self, project_id: int, people: list[int], by: int | None = None) -> None:
        in_transaction(lambda: panels.name(project_id, people, by or self.house.officer, clock.now()))

    def score(self, project_id: int, person: int, mark: int = 80, words: str = "街坊等了很久", **marks: int) -> None:
        sheet = Sheet({one: marks.get(one.value, mark) for one in Criterion}, words)
        in_transaction(lambda: panels.score(project_id, person, sheet, clock.now()))

    def scored(self, name: str = "楼下共享工具角", mark: int = 80) -> int:
        """已评审."""
        project_id = self.seated(name)
        for person in self.reviewers:
            self.score(project_id, person, mark)
        in_transaction(lambda: panels.conclude(project_id, self.house.officer, clock.now()))
        return project_id

    def publicised(self, name: str = "楼下共享工具角") -> int:
        """Its 公示 past its last day."""
        project_id = self.scored(name)
        before = clock.now() - SHOWN
        in_transaction(
            lambda: projects.advance(project_id, Stage.PUBLICISED, self.house.officer, before, phone="0757-86230000", place="党群服务中心")
        )
        return project_id

    def running(self, name: str = "楼下共享工具角", *yuan: int) -> int:
        project_id = self.publicised(name)
        self.house.advance(project_id, Stage.APPROVED, self.house.approver)
        self.house.sign(project_id, *(yuan or (4_800,)))
        self.house.advance(project_id, Stage.RUNNING, self.house.approver)
        return project_id

    def call(self, opens: int = -5, closes: int = 10, cap: int | None = 1_500_000, publish: bool = True) -> int:
        today = clock.today()
        wanted = CallDraft(
            ProjectKind.MICRO,
            "第四期微创熟",
            "给小区里的街坊办一件小事。",
            today + timedelta(days=opens),
            today + timedelta(days=closes),
            cap,
            dict(DEFAULT_WEIGHTS),
        )
        call_id = in_transaction(lambda: panels.draft_call(wanted, self.house.officer, clock.now()))
        if publish:
            in_transaction(lambda: panels.publish_call(call_id, self.house.approver, clock.now()))
        return call_id


def build(house: House) -> Panel:
    proposer = house.make.person("霍静雯", home=house.make.unit("锦园第二党支部", parent=house.community))
    house.make.grant(proposer, Role.ORGANISER, house.community)
    return Panel(house, proposer, reviewers(house))
