"""What the tests of the rarer ways of money share: each asked for by the officer and, unless said otherwise, approved by another."""

import secrets
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.fund.models import FundAccount
from app.fund.money_rules import Away, OpeningNoted, RefundNoted, ReturnAsked, TransferAsked, Verdict
from app.fund.rules import BudgetLine, DonationNoted, GrantAsked, MoneySource, ProjectDraft, ProjectKind, Stage, Step
from app.fund.service import deputies, money, projects, purposes, requests
from app.results.models import FundFile
from app.results.rules import FileForm, FileKind
from tests.fund.houses import YUAN, House


@dataclass
class Ways:
    house: House

    def purpose(self, name: str = "困境儿童助学") -> int:
        now = clock.now()
        purpose_id = in_transaction(lambda: purposes.ask_purpose(name, "给困境儿童买书、交学费", self.house.officer, now))
        in_transaction(lambda: purposes.decide_purpose(purpose_id, Verdict.APPROVED, "", self.house.approver, now))
        return purpose_id

    def project(self, purpose_id: int | None = None, source_name: str = "", yuan: int = 70_000) -> int:
        """Running, for a purpose or with other money."""
        house, now = self.house, clock.now()
        wanted = ProjectDraft(
            ProjectKind.WISH,
            "助学包",
            "给孩子的书和文具。",
            "灯湖社区",
            "困境儿童",
            house.community,
            date(2026, 3, 1),
            date(2027, 2, 28),
            (BudgetLine("书", yuan * YUAN),),
            source=MoneySource.OTHER if source_name else MoneySource.FUND,
            source_name=source_name,
            purpose_id=purpose_id,
        )
        project_id = in_transaction(lambda: projects.draft(wanted, house.officer, now))
        in_transaction(lambda: projects.send(project_id, house.officer, now))
        house.advance(project_id, Stage.CHECKED, house.approver)
        house.advance(project_id, Stage.APPROVED, house.second)
        house.sign(project_id, yuan)
        house.advance(project_id, Stage.RUNNING, house.approver)
        return project_id

    def approve(self, request_id: int, by: int | None = None) -> int:
        self.house.step(request_id, Step.APPROVED, by or self.house.approver)
        return request_id

    def note_opening(self, yuan: int, purpose_id: int | None = None, by: int | None = None) -> int:
        noted = OpeningNoted(purpose_id, yuan * YUAN, date(2025, 12, 31), "2025 年审计报告")
        return in_transaction(lambda: money.note_opening(noted, by or self.house.officer, clock.now()))

    def opening(self, yuan: int, purpose_id: int | None = None) -> int:
        return self.approve(self.note_opening(yuan, purpose_id))

    def donate(self, yuan: int, purpose_id: int | None = None) -> int:
        noted = DonationNoted(None, yuan * YUAN, "何先生", "", "街坊捐赠", "回单 1", clock.today(), None, purpose_id)
        return self.approve(in_transaction(lambda: requests.note_donation(noted, self.house.officer, clock.now())))

    def ask_grant(self, project_id: int, yuan: int, purpose_id: int | None = None) -> int:
        asked = GrantAsked(project_id, yuan * YUAN, "拨付", None, purpose_id)
        return in_transaction(lambda: requests.ask_grant(asked, self.house.officer, clock.now()))

    def note_refund(self, payment_id: int, yuan: int, by: int | None = None) -> int:
        noted = RefundNoted(payment_id, yuan * YUAN, "多付了", "回单 9", clock.today())
        return in_transaction(lambda: money.note_refund(noted, by or self.house.officer, clock.now()))

    def ask_return(self, project_id: int, yuan: int, purpose_id: int | None = None, by: int | None = None) -> int:
        asked = ReturnAsked(project_id, purpose_id, yuan * YUAN, "项目剩余交回")
        return in_transaction(lambda: money.ask_return(asked, by or self.house.officer, clock.now()))

    def ask_transfer(self, purpose_id: int, yuan: int, project_id: int | None = None, by: int | None = None) -> int:
        asked = TransferAsked(project_id, purpose_id, yuan * YUAN, "孩子毕业了，留给同类的孩子", "纪要 2026-11")
        return in_transaction(lambda: money.ask_transfer(asked, by or self.house.officer, clock.now()))

    def transfer(self, purpose_id: int, yuan: int, project_id: int | None = None) -> int:
        request_id = self.ask_transfer(purpose_id, yuan, project_id)
        self.minute(request_id)
        return self.approve(request_id)

    def minute(self, request_id: int) -> None:
        """A meeting's minute lies beside the request."""
        facts = {"kind": FileKind.MINUTE, "form": FileForm.PDF, "title": "会议纪要", "size": 9, "pages": 1, "has_text": False}
        name, digest = secrets.token_hex(16), secrets.token_hex(32)
        self.house.make._add(
            FundFile, request_id=request_id, name=name, digest=digest, added_at=clock.now(), added_by_id=self.house.officer, **facts
        )

    def second_officer(self) -> int:
        """冯少珍, of another branch, who approves nothing themselves."""
        branch = self.house.make.unit("街道办第二党支部", parent=self.house.root)
        person = self.house.make.person("冯少珍", home=branch)
        self.house.make.grant(person, Role.FUND_OFFICER, self.house.root)
        return person

    def stand_in(self, away: int, deputy: int, last: date | None = None) -> int:
        """From today, accepted."""
        now, today = clock.now(), clock.today()
        wanted = Away(away, deputy, today, last or today, "年假")
        delegation_id = in_transaction(lambda: deputies.appoint(wanted, away, now, administrator=False))
        in_transaction(lambda: deputies.accept(delegation_id, deputy, now))
        return delegation_id

    def balance(self, *, code: str = "", project_id: int | None = None, purpose_id: int | None = None) -> int:
        """In yuan."""
        where = (
            FundAccount.code == code
            if code
            else FundAccount.project_id == project_id
            if project_id
            else FundAccount.purpose_id == purpose_id
        )
        fen = db.session.execute(select(FundAccount.balance).where(where)).scalar_one()
        assert fen % YUAN == 0
        return fen // YUAN
