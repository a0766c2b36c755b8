"""What may be downloaded: three tables, each with its columns, and as JSON in the names of 360Giving where they fit. Pure.

docs/fund-data.md tells the fields to those who use the files. Amounts are yuan, exact to the fen; days are ISO 8601.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.fund.rules import MOVEMENT_NAMES, PROJECT_KIND_NAMES, STAGE_NAMES, MovementKind, ProjectKind, Stage

Value = str | int | Decimal | date | None
FUND = "SHULIN-FUND"
FUND_NAME = "桂城关爱基金"
PAST = "历史数据·未附凭证"


class Table(StrEnum):
    PROJECTS = "projects"
    ENTRIES = "entries"
    SERVICES = "services"


class Form(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


def yuan(fen: int) -> Decimal:
    """Exact, with two places."""
    return Decimal(fen).scaleb(-2)


def number(fen: int) -> float:
    """For JSON, which has no decimals of its own: the nearest binary number, written with at most two places. Exact below 2⁵³ fen."""
    return float(yuan(fen))


@dataclass(frozen=True)
class ProjectOut:
    """A public project. `awarded_on` is the day of 立项; of the past the day it began, since no other is known; None before."""

    id: int
    number: str
    name: str
    summary: str
    kind: ProjectKind
    stage: Stage
    area: str
    beneficiaries: str
    unit_id: int
    unit: str
    source_name: str
    purpose: str
    open_call: bool
    past: bool
    starts_on: date
    ends_on: date
    awarded_on: date | None
    budget: int
    agreed: int
    opening: int
    donated: int
    granted: int
    spent: int
    returned: int
    set_aside: int
    balance: int
    people: int
    changed_at: datetime

    @property
    def received(self) -> int:
        return self.opening + self.donated + self.granted


@dataclass(frozen=True)
class EntryOut:
    """A movement. `fen` is negative where it reverses; `income` and `spent` are what it counts for in the fund's own figures."""

    voucher_no: int
    booked_on: date
    kind: MovementKind
    fen: int
    income: int
    spent: int
    memo: str
    donor: str
    source: str
    source_name: str
    target: str
    target_name: str
    line: str | None
    project: str | None
    project_name: str | None
    reverses: int | None
    reversed_by: int | None
    past: bool


@dataclass(frozen=True)
class ServiceOut:
    id: int
    served_on: date
    people: int
    what: str
    project: str
    project_name: str
    reverses: int | None
    past: bool


Column = tuple[str, Callable[[Any], Value]]
COLUMNS: dict[Table, tuple[Column, ...]] = {
    Table.PROJECTS: (
        ("编号", lambda one: one.number),
        ("名称", lambda one: one.name),
        ("内容", lambda one: one.summary),
        ("类别", lambda one: PROJECT_KIND_NAMES[one.kind]),
        ("状态", lambda one: STAGE_NAMES[one.stage]),
        ("地点", lambda one: one.area),
        ("受益的人", lambda one: one.beneficiaries),
        ("负责单位", lambda one: one.unit),
        ("资金来源", lambda one: one.source_name or FUND_NAME),
        ("限定用途", lambda one: one.purpose),
        ("开始", lambda one: one.starts_on),
        ("结束", lambda one: one.ends_on),
        ("立项", lambda one: one.awarded_on),
        ("预算（元）", lambda one: yuan(one.budget)),
        ("启用前投入（元）", lambda one: yuan(one.opening)),
        ("捐赠（元）", lambda one: yuan(one.donated)),
        ("基金拨付（元）", lambda one: yuan(one.granted)),
        ("支出（元）", lambda one: yuan(one.spent)),
        ("交回（元）", lambda one: yuan(one.returned)),
        ("转作限定用途（元）", lambda one: yuan(one.set_aside)),
        ("账上剩余（元）", lambda one: yuan(one.balance)),
        ("服务人次", lambda one: one.people),
        ("说明", lambda one: PAST if one.past else ""),
    ),
    Table.ENTRIES: (
        ("凭证号", lambda one: one.voucher_no),
        ("日期", lambda one: one.booked_on),
        ("种类", lambda one: MOVEMENT_NAMES[one.kind]),
        ("金额（元）", lambda one: yuan(one.fen)),
        ("计入收入（元）", lambda one: yuan(one.income)),
        ("计入支出（元）", lambda one: yuan(one.spent)),
        ("摘要", lambda one: one.memo),
        ("捐赠人", lambda one: one.donor),
        ("从", lambda one: one.source_name),
        ("到", lambda one: one.target_name),
        ("预算项", lambda one: one.line),
        ("项目编号", lambda one: one.project),
        ("项目", lambda one: one.project_name),
        ("更正哪张凭证", lambda one: one.reverses),
        ("被哪张凭证更正", lambda one: one.reversed_by),
        ("说明", lambda one: PAST if one.past else ""),
    ),
    Table.SERVICES: (
        ("序号", lambda one: one.id),
        ("日期", lambda one: one.served_on),
        ("服务人次", lambda one: one.people),
        ("做了什么", lambda one: one.what),
        ("项目编号", lambda one: one.project),
        ("项目", lambda one: one.project_name),
        ("更正哪一条", lambda one: one.reverses),
        ("说明", lambda one: PAST if one.past else ""),
    ),
}
NAMES = {Table.PROJECTS: "项目", Table.ENTRIES: "账目", Table.SERVICES: "服务人次"}
LISTS = {Table.PROJECTS: "grants", Table.ENTRIES: "transactions", Table.SERVICES: "services"}  # what the rows are called in JSON


def heading(table: Table) -> list[str]:
    return [title for title, _ in COLUMNS[table]]


def row(table: Table, one: object) -> list[Value]:
    return [value(one) for _, value in COLUMNS[table]]


def grant(one: ProjectOut, address: str) -> dict[str, Any]:
    """A project as a 360Giving grant; what the standard has no field for stands under `shulin`. Needs `awarded_on`."""
    dated = {"startDate": one.starts_on.isoformat(), "endDate": one.ends_on.isoformat()}
    return {
        "id": f"SHULIN-{one.number}",
        "title": one.name,
        "description": one.summary,
        "currency": "CNY",
        "amountAppliedFor": number(one.budget),
        "amountAwarded": number(one.agreed),
        "amountDisbursed": number(one.received),
        "awardDate": one.awarded_on.isoformat() if one.awarded_on else None,
        "url": address,
        "plannedDates": [dated],
        "recipientOrganization": [{"id": f"SHULIN-UNIT-{one.unit_id}", "name": one.unit}],
        "fundingOrganization": [{"id": "SHULIN-OTHER", "name": one.source_name} if one.source_name else {"id": FUND, "name": FUND_NAME}],
        "beneficiaryLocation": [{"name": one.area, "countryCode": "CN"}],
        "grantProgramme": [{"code": one.kind.value, "title": PROJECT_KIND_NAMES[one.kind]}],
        "fromOpenCall": "Yes" if one.open_call else "No",
        "dateModified": f"{one.changed_at:%Y-%m-%dT%H:%M:%SZ}",
        "shulin": {
            "stage": one.stage.value,
            "beneficiaries": one.beneficiaries,
            "purpose": one.purpose,
            "fundMoney": not one.source_name,
            "opening": number(one.opening),
            "donated": number(one.donated),
            "granted": number(one.granted),
            "spent": number(one.spent),
            "returned": number(one.returned),
            "setAside": number(one.set_aside),
            "balance": number(one.balance),
            "personTimes": one.people,
            "note": PAST if one.past else "",
        },
    }


def transaction(one: EntryOut, address: str) -> dict[str, Any]:
    """A movement as a 360Giving transaction; `provider` and `recipient` are codes of the fund's accounts."""
    return {
        "id": f"SHULIN-VOUCHER-{one.voucher_no}",
        "transactionDate": one.booked_on.isoformat(),
        "currency": "CNY",
        "value": number(one.fen),
        "description": one.memo,
        "provider": one.source,
        "recipient": one.target,
        "shulin": {
            "url": address,
            "kind": one.kind.value,
            "income": number(one.income),
            "spent": number(one.spent),
            "donor": one.donor,
            "budgetLine": one.line or "",
            "project": f"SHULIN-{one.project}" if one.project else None,
            "reverses": one.reverses,
            "reversedBy": one.reversed_by,
            "note": PAST if one.past else "",
        },
    }


def service(one: ServiceOut, address: str) -> dict[str, Any]:
    """服务人次 have no place in 360Giving: names of our own."""
    return {
        "id": one.id,
        "date": one.served_on.isoformat(),
        "personTimes": one.people,
        "description": one.what,
        "project": f"SHULIN-{one.project}",
        "url": address,
        "reverses": one.reverses,
        "note": PAST if one.past else "",
    }
