"""Demo money: a small Care Fund with invented figures, made through the same services and the same two people as real money.

The figures are the demo's own. They are not those of the newspaper and are never shown as if they were.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.core.clock import at_local
from app.core.db import in_transaction
from app.demo.fund_road import Hands, Road
from app.fund import queries
from app.fund.money_rules import ReturnAsked
from app.fund.rules import BudgetLine, DonationNoted, GrantAsked, PaymentAsked, ProjectDraft, ProjectKind, Stage, Step, months_later
from app.fund.service import money, projects, requests, steps
from app.worklist.service import read_all

Lines = tuple[tuple[str, int, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Plan:
    """A project of the demo: `months_ago` it began, `lines` with budgets in yuan and what is bought, `payments` so far."""

    kind: ProjectKind
    name: str
    summary: str
    beneficiaries: str
    months_ago: int
    lines: Lines
    payments: int
    progress: tuple[str, ...]
    service: str
    silent: bool = False  # its last progress is overdue
    midterm: str = ""  # what the look at midterm found


PLANS = (
    Plan(
        ProjectKind.CARE,
        "独居长者家里修一修",
        "给灯湖社区的独居长者修水电、装扶手、换防滑砖，党员师傅上门，材料由基金出。",
        "70 岁以上独居长者，约 60 户",
        9,
        (("材料", 36_000, ("扶手和防滑垫", "水龙头和灯具", "防滑地砖", "插座和电线")), ("安装工费", 18_000, ("安装工费", "水电改造工费"))),
        9,
        ("走访了 62 户，排出要修的清单。", "装好 21 户扶手，换了 9 户水龙头。", "又修好 14 户，防滑砖还差 6 户。"),
        "上门修缮",
        midterm="35 户已修好，用款和预算相符，第二期可以拨。",
    ),
    Plan(
        ProjectKind.CARE,
        "山区小学的书和文具",
        "给结对的两所山区小学添图书角和文具，街坊会分拣、装箱，志愿者随车送到。",
        "两所小学的学生，约 320 人",
        7,
        (("图书", 20_000, ("儿童图书第一批", "儿童图书第二批", "图书角书架")), ("文具和运费", 8_000, ("文具套装", "运费"))),
        6,
        ("和两所学校对好了书单。", "第一批 640 本书送到，图书角开了。"),
        "图书角借阅和阅读课",
    ),
    Plan(
        ProjectKind.MICRO,
        "锦园楼道安全灯",
        "在中海万锦豪园 12 个楼道装感应灯，先装长者多的楼道，街坊自己选位置。",
        "锦园 12 个楼道的住户",
        6,
        (("灯具", 12_000, ("感应灯", "应急灯", "线管")), ("安装", 6_000, ("安装费",))),
        4,
        ("装好 5 个楼道。",),
        "楼道开灯受惠住户",
        silent=True,
    ),
    Plan(
        ProjectKind.MICRO,
        "千灯湖旧物循环站",
        "每月第一个周六，把闲置的童车、书、衣服换给需要的街坊，修好再用。",
        "灯湖社区街坊",
        4,
        (("工具和货架", 9_000, ("货架", "维修工具")), ("活动物料", 6_000, ("物料和印刷", "收纳箱"))),
        4,
        ("货架到位，第一次换物来了 180 人次。", "修好 23 件小家电。"),
        "旧物交换日",
    ),
    Plan(
        ProjectKind.WISH,
        "新学期书包 100 个",
        "帮外来务工人员的孩子圆一个新书包的心愿，社区核实，街坊认领。",
        "外来务工人员子女 100 人",
        10,
        (("书包和文具", 12_000, ("书包第一批", "书包第二批", "文具套装")),),
        3,
        ("100 个书包都送到孩子手里。",),
        "送书包",
    ),
)
PAYEES = ("南庄顺达五金店", "桂城新苗书店", "平洲明亮灯饰", "海六路和记水电")


def load(rng: random.Random, hands: Hands, *, unit_id: int, activity_ids: Sequence[int], today: date) -> None:
    """Needs a subdistrict, the community `unit_id`, and people with accounts. `activity_ids` are named as sources of 服务人次."""
    Loader(rng, hands, unit_id, list(activity_ids), today).run()


class Loader:
    def __init__(self, rng: random.Random, hands: Hands, unit_id: int, activities: list[int], today: date) -> None:
        self.rng, self.hands = rng, hands
        self.officer, self.approver, self.administrator = hands.officer, hands.approver, hands.administrator
        self.unit_id, self.activities, self.today = unit_id, activities, today
        self.road = Road(hands, self.at)
        self.invoice = 2416
        self.paid: dict[tuple[int, str], date] = {}

    def run(self) -> None:
        """In the order of time as far as money goes: what is spent was given and granted before."""
        start = months_later(self.today, -10)
        for months, yuan, name in ((0, 60_000, "灯湖商会"), (3, 45_000, ""), (6, 38_500, "何先生"), (9, 12_688, "")):
            self.donate(None, yuan, months_later(start, months), name, "企业捐赠" if yuan > 40_000 else "街坊捐赠")
        first = [self.project(plan) for plan in PLANS]
        self.open_ends(first)
        self.finished(first[-1], PLANS[-1])
        in_transaction(lambda: read_all(self.officer))

    def at(self, day: date, hour: int) -> datetime:
        """Office hours of a day, never after today."""
        return at_local(min(day, self.today), time(hour, self.rng.randrange(60)))

    def donate(self, project_id: int | None, yuan: int, day: date, public_name: str, purpose: str, *, confirm: bool = True) -> int:
        noted = DonationNoted(project_id, yuan * 100, public_name or "街坊", public_name, purpose, f"回单 {self.number()}", day)
        request_id = in_transaction(lambda: requests.note_donation(noted, self.officer, self.at(day, 10)))
        if confirm:
            by = self.rng.choice((self.approver, self.administrator))
            in_transaction(lambda: steps.take(request_id, Step.APPROVED, by, self.at(day, 15)))
        return request_id

    def project(self, plan: Plan) -> int:
        began = months_later(self.today, -plan.months_ago)
        lines = tuple(BudgetLine(name, yuan * 100) for name, yuan, _ in plan.lines)
        wanted = ProjectDraft(
            plan.kind, plan.name, plan.summary, "灯湖社区", plan.beneficiaries, self.unit_id, began, months_later(began, 14), lines
        )
        project_id = self.road.approved(wanted, began)
        budget = sum(line.fen for line in lines)
        gift = 420_000 if plan.kind is ProjectKind.WISH else 0
        first = (budget - gift) * (100 if gift else 60) // 100
        self.road.begin(project_id, began, budget - gift, first)
        if gift:
            self.donate(project_id, gift // 100, began, "桂城书香读书会", "指定捐赠：书包")
        self.grant(project_id, first, "首次拨付", began)
        if plan.midterm:
            self.road.go(project_id, Stage.MIDTERM, self.approver, self.today - timedelta(days=70), plan.midterm)
            self.grant(project_id, (budget - gift - first) // 2, "第二期拨付", self.today - timedelta(days=60))
        self.spend(plan, project_id, began)
        self.results(plan, project_id, began)
        return project_id

    def grant(self, project_id: int, fen: int, purpose: str, day: date) -> None:
        asked = GrantAsked(project_id, fen, purpose)
        request_id = in_transaction(lambda: requests.ask_grant(asked, self.officer, self.at(day, 9)))
        in_transaction(lambda: steps.take(request_id, Step.APPROVED, self.approver, self.at(day, 16)))

    def spend(self, plan: Plan, project_id: int, began: date) -> None:
        days = (self.today - began).days
        for place in range(plan.payments):
            day = began + timedelta(days=6 + (days - 12) * place // max(1, plan.payments))
            line = place % len(plan.lines)
            goods = plan.lines[line][2]
            most = min(4_900, plan.lines[line][1] * len(plan.lines) * 55 // 100 // plan.payments)
            fen = self.rng.randrange(most * 60, most * 100 + 1, 10)
            self.pay(project_id, line, fen, goods[(place // len(plan.lines)) % len(goods)], day)

    def payee(self, project_id: int, day: date) -> str:
        """Whoever was paid longest ago, so that nothing adds up within the days of 本地规定."""
        chosen = min(PAYEES, key=lambda name: (self.paid.get((project_id, name), date.min), PAYEES.index(name)))
        self.paid[project_id, chosen] = day
        return chosen

    def pay(
        self, project_id: int, line: int, fen: int, purpose: str, day: date, until: Step = Step.RECONCILED, payee: str | None = None
    ) -> int:
        """Asked, approved, paid and reconciled on four days, as far as `until`."""
        line_id = queries.page(project_id).lines[line].id  # type: ignore[union-attr]  # the caller has just made the project
        asked = PaymentAsked(project_id, line_id, fen, purpose, payee or self.payee(project_id, day), f"发票 {self.number()}", "")
        request_id = in_transaction(lambda: requests.ask_payment(asked, self.officer, self.at(day, 9)))
        checker = self.rng.choice((self.approver, self.administrator))
        way = ((Step.APPROVED, self.approver, 1), (Step.PAID, self.officer, 2), (Step.RECONCILED, checker, 4))
        order = [Step.REQUESTED, *[step for step, _, _ in way]]
        for step, by, later in way[: order.index(until)]:
            self.step(request_id, step, by, day + timedelta(days=later))
        return request_id

    def step(self, request_id: int, step: Step, by: int, day: date) -> None:
        paid = step is Step.PAID
        in_transaction(
            lambda: steps.take(
                request_id,
                step,
                by,
                self.at(day, 15),
                reference=f"0619 {self.rng.randrange(1000, 9999)} {self.rng.randrange(1000, 9999)}" if paid else "",
                happened_on=min(day, self.today) if paid else None,
            )
        )

    def results(self, plan: Plan, project_id: int, began: date) -> None:
        span = (self.today - began).days
        reach = span * 4 // 10 if plan.silent else span - 9
        for place, body in enumerate(plan.progress, 1):
            self.publish(project_id, began + timedelta(days=reach * place // len(plan.progress)), body)
        for place in range(1, 5):
            activity = self.activities.pop() if self.activities and place % 2 == 0 else None
            self.serve(project_id, began + timedelta(days=span * place // 5), plan.service, activity)

    def publish(self, project_id: int, day: date, body: str) -> None:
        in_transaction(lambda: projects.add_progress(project_id, day, body, self.officer, self.at(day, 17)))

    def serve(self, project_id: int, day: date, what: str, activity_id: int | None) -> None:
        people, now = self.rng.randrange(18, 140), self.at(day, 17)
        in_transaction(lambda: projects.add_service(project_id, day, people, what, activity_id, self.officer, now))

    def open_ends(self, made: list[int]) -> None:
        """Something for each desk to do: every state a request can stand in."""
        repair, books, lamps = made[:3]
        self.pay(books, 0, 318_000, "儿童图书补充", self.today - timedelta(days=3), Step.APPROVED)
        self.pay(lamps, 0, 124_500, "感应灯，6 到 8 座", self.today - timedelta(days=4), Step.PAID)
        self.pay(repair, 0, 685_000, "卫生间防滑改造材料", self.today - timedelta(days=2), Step.APPROVED, PAYEES[0])
        self.pay(repair, 0, 286_000, "防滑地砖，最后 6 户", self.today - timedelta(days=1), Step.REQUESTED, PAYEES[0])
        self.donate(None, 2_000, self.today - timedelta(days=1), "", "街坊捐赠", confirm=False)
        wrong = self.pay(repair, 1, 96_000, "安装工费，两户", self.today - timedelta(days=40))
        why = "工费按两户付了三户的数，多付部分已退回账户，整笔冲回后按对的金额重付。"
        asked = in_transaction(lambda: requests.ask_correction(wrong, why, self.officer, self.at(self.today - timedelta(days=30), 10)))
        self.step(asked, Step.APPROVED, self.approver, self.today - timedelta(days=29))
        self.pay(repair, 1, 64_000, "安装工费，两户（更正后）", self.today - timedelta(days=27))
        self.in_review()

    def in_review(self) -> None:
        """A call that is open, and a project at each of the places where somebody has to look."""
        call = self.road.call(self.today)
        self.road.sent(
            self.wanted("童玩角", "把架空层的杂物清走，做一个下雨天也能玩的童玩角，街坊会轮值看管。", "社区里的孩子和家长", 8_300), call
        )
        scored = self.road.sent(
            self.wanted("长者智能手机课堂", "每周两次，青年党员手把手教长者用手机挂号、缴费、防诈骗。", "60 岁以上街坊", 6_000), call
        )
        self.road.in_panel(scored, self.today - timedelta(days=4), 2)
        shown = self.road.sent(
            self.wanted("楼下共享工具角", "锤子、梯子、电钻放在一处，登记借用，老师傅周末教小修小补。", "灯湖社区街坊", 4_800), call
        )
        self.road.in_panel(shown, self.today - timedelta(days=3), 3)
        self.road.go(shown, Stage.SCORED, self.officer, self.today - timedelta(days=2))
        self.road.publicise(shown, self.today - timedelta(days=1))

    def wanted(self, name: str, summary: str, beneficiaries: str, yuan: int) -> ProjectDraft:
        began, part = self.today + timedelta(days=40), yuan * 60
        lines = (BudgetLine("用具", part), BudgetLine("活动物料", yuan * 100 - part))
        ends = months_later(began, 8)
        return ProjectDraft(ProjectKind.MICRO, name, summary, "灯湖社区", beneficiaries, self.unit_id, began, ends, lines)

    def finished(self, project_id: int, plan: Plan) -> None:
        """What is left goes back to the fund; then it is closed by two people."""
        day = self.today - timedelta(days=14)
        asked = ReturnAsked(project_id, None, queries.figures_of(project_id).balance, "书包买齐，余款交回基金")
        returned = in_transaction(lambda: money.ask_return(asked, self.officer, self.at(day, 10)))
        self.step(returned, Step.APPROVED, self.approver, day)
        self.road.go(project_id, Stage.FINAL, self.hands.proposer, self.today - timedelta(days=13), plan.progress[-1])
        note = f"{plan.progress[-1]}余款 {asked.fen // 100}.{asked.fen % 100:02d} 元已交回基金。"
        self.road.go(project_id, Stage.CLOSED, self.approver, self.today - timedelta(days=12), note)

    def number(self) -> str:
        self.invoice += self.rng.randrange(3, 40)
        return f"{self.invoice:08d}"
