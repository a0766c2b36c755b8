"""The fund's people and a running project, for the tests of this folder."""

from dataclasses import dataclass
from datetime import date

from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Role
from app.fund import queries
from app.fund.rules import BudgetLine, DonationNoted, GrantAsked, PaymentAsked, ProjectDraft, ProjectKind, Stage, Step
from app.fund.service import contracts, projects, requests, steps
from app.fund.stage_rules import After, ContractDraft, Instalment
from app.people.rules import UnitKind
from app.results.rules import FileKind
from tests.factories import Factory
from tests.results.examples import attach

YUAN = 100


@dataclass
class House:
    """A subdistrict with an officer, two approvers, an administrator and an auditor. `neighbour` approves, but is of the projects' unit."""

    make: Factory
    root: int
    community: int
    officer: int
    approver: int
    second: int
    administrator: int
    auditor: int
    neighbour: int = 0

    def project(self, name: str = "独居长者家里修一修", lines: tuple[tuple[str, int], ...] = (("材料", 40_000), ("工费", 30_000))) -> int:
        """Running, with its budget in yuan, all of which may be granted at once."""
        project_id = self.approved(name, lines)
        self.sign(project_id, sum(fen for _, fen in lines))
        self.advance(project_id, Stage.RUNNING, self.approver)
        return project_id

    def approved(self, name: str = "独居长者家里修一修", lines: tuple[tuple[str, int], ...] = (("材料", 40_000), ("工费", 30_000))) -> int:
        """Sent by the officer, checked by one approver, approved by the other; no contract yet."""
        project_id = self.draft(name, lines)
        in_transaction(lambda: projects.send(project_id, self.officer, clock.now()))
        self.advance(project_id, Stage.CHECKED, self.approver)
        self.advance(project_id, Stage.APPROVED, self.second)
        return project_id

    def advance(self, project_id: int, stage: Stage, by: int, note: str = "照规定办") -> None:
        in_transaction(lambda: projects.advance(project_id, stage, by, clock.now(), note))

    def sign(self, project_id: int, *yuan: int, by: int | None = None) -> None:
        """A contract of so many instalments, each to be granted from the start on."""
        parts = tuple(Instalment(one * YUAN, clock.today(), After.START) for one in yuan)
        wanted = ContractDraft(f"协议-{project_id}", clock.today(), "灯湖社区居民委员会", sum(yuan) * YUAN, parts)
        in_transaction(lambda: contracts.sign(project_id, wanted, by or self.officer, clock.now()))

    def close(self, project_id: int, note: str = "都修好了") -> None:
        """The officer asks for the closing, an approver agrees."""
        self.advance(project_id, Stage.FINAL, self.officer, note)
        self.advance(project_id, Stage.CLOSED, self.approver, note)

    def draft(
        self,
        name: str = "独居长者家里修一修",
        lines: tuple[tuple[str, int], ...] = (("材料", 40_000), ("工费", 30_000)),
        kind: ProjectKind = ProjectKind.WISH,
    ) -> int:
        """Of a kind without a panel, unless said otherwise."""
        wanted = self.wanted(name, lines, kind)
        return in_transaction(lambda: projects.draft(wanted, self.officer, clock.now()))

    def wanted(self, name: str, lines: tuple[tuple[str, int], ...], kind: ProjectKind) -> ProjectDraft:
        return ProjectDraft(
            kind,
            name,
            "给独居长者修水电、装扶手。",
            "灯湖社区",
            "70 岁以上独居长者",
            self.community,
            date(2026, 3, 1),
            date(2027, 2, 28),
            tuple(BudgetLine(line, fen * YUAN) for line, fen in lines),
        )

    def donate(self, yuan: int, project_id: int | None = None, public_name: str = "") -> int:
        noted = DonationNoted(project_id, yuan * YUAN, "何先生", public_name, "街坊捐赠", "回单 1", clock.today())
        request_id = in_transaction(lambda: requests.note_donation(noted, self.officer, clock.now()))
        self.step(request_id, Step.APPROVED, self.approver)
        return request_id

    def ask_grant(self, project_id: int, yuan: int) -> int:
        asked = GrantAsked(project_id, yuan * YUAN, "首次拨付")
        return in_transaction(lambda: requests.ask_grant(asked, self.officer, clock.now()))

    def grant(self, project_id: int, yuan: int) -> int:
        request_id = self.ask_grant(project_id, yuan)
        self.step(request_id, Step.APPROVED, self.approver)
        return request_id

    def ask(self, project_id: int, yuan: int, line: int = 0, minute: str = "", purpose: str = "扶手材料", by: int | None = None) -> int:
        line_id = queries.page(project_id).lines[line].id
        asked = PaymentAsked(project_id, line_id, yuan * YUAN, purpose, "南庄顺达五金店", "发票 0001", minute)
        return in_transaction(lambda: requests.ask_payment(asked, by or self.officer, clock.now()))

    def minute(self, request_id: int) -> int:
        """The meeting's minute, attached: above the limit nothing is approved or paid without it."""
        return attach(request_id, self.officer, FileKind.MINUTE)

    def pay(self, project_id: int, yuan: int, line: int = 0) -> int:
        """The whole way, up to 已付."""
        request_id = self.ask(project_id, yuan, line)
        self.step(request_id, Step.APPROVED, self.approver)
        if yuan > 5_000:
            self.step(request_id, Step.SECONDED, self.second)
        self.step(request_id, Step.PAID, self.officer)
        return request_id

    def step(self, request_id: int, step: Step, by: int, note: str = "", reference: str = "0619 2284 7731") -> int:
        paid_on = clock.today() if step is Step.PAID else None
        return in_transaction(
            lambda: steps.take(
                request_id,
                step,
                by,
                clock.now(),
                note=note,
                reference=reference if step is Step.PAID else "",
                happened_on=paid_on,
            )
        )

    def correct(self, request_id: int, why: str = "金额记错，重新记") -> int:
        asked = in_transaction(lambda: requests.ask_correction(request_id, why, self.officer, clock.now()))
        self.step(asked, Step.APPROVED, self.approver)
        return asked


def build(make: Factory) -> House:
    root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    community = make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=root)
    office = make.unit("街道机关党支部", parent=root)
    officer, approver, second, administrator, auditor = (
        make.person(name, home=office) for name in ("邓淑芬", "罗国栋", "关绮华", "李志明", "区慧敏")
    )
    neighbour = make.person("麦惠珍", home=make.unit("锦园第一党支部", parent=community))
    for person, role in (
        (officer, Role.FUND_OFFICER),
        (approver, Role.FUND_APPROVER),
        (second, Role.FUND_APPROVER),
        (administrator, Role.ADMINISTRATOR),
        (auditor, Role.AUDITOR),
        (neighbour, Role.FUND_APPROVER),
    ):
        make.grant(person, role, root)
    return House(make, root, community, officer, approver, second, administrator, auditor, neighbour)


def reviewers(house: House, number: int = 3) -> list[int]:
    """People of another community, with accounts."""
    make = house.make
    community = make.unit("怡海社区党委", UnitKind.COMMUNITY, parent=house.root)
    branch = make.unit("金御华府党支部", parent=community)
    found = []
    for name in ("陈国强", "黄丽芳", "冯志远", "谭玉珍", "邝家明")[:number]:
        person = make.person(name, home=branch)
        make.account(person)
        found.append(person)
    return found
