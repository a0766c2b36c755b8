"""The register of projects since 2009: 历史数据·未附凭证. Two people: one brings them, another approves; two again to take them back.

They enter the fund's books like every yuan (`fund.service.past_projects`) and leave by reversals; nothing is ever deleted from a ledger.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, func, select

from app.core.db import db
from app.core.words import yuan
from app.fund.models import FundBudgetLine, FundMovementEntry, FundProject, FundServiceEntry
from app.fund.queries import spent_fen
from app.fund.rules import PROJECT_KIND_NAMES, ProjectKind, Stage
from app.fund.service import past_projects
from app.fund.service.past_projects import PastProject
from app.registers.cells import clean_count, clean_yuan, named
from app.registers.models import RegisterBatch
from app.registers.rules import COLUMNS, Decision, RegisterKind, Row, RowVerdict, refusal
from app.registers.scope import Scope, unit_tree
from app.registers.staged import Job, Listing, Register, Staged
from app.registers.tree import Tree
from app.sheets.cells import BadCell, clean_date, folded, text_of
from app.sheets.reading import Cell
from app.sheets.writing import Value

KIND = named(PROJECT_KIND_NAMES)
OWN_MONEY = frozenset({"", "关爱基金", "基金", "桂城关爱基金", "街道关爱基金"})
FIRST_YEAR = 2009
AT_ONCE = 50  # one row is a dozen entries of the fund, each checked by the database
UNDONE = "导入撤销：这批历史项目整批退回"
NOT_TOLD = "历史数据里没有写"
Key = tuple[str, int, int]  # the name, its unit, the year it began


def clean_begin(cell: Cell) -> tuple[date, date | None] | None:
    """A day, or a year as 2016 or 2016年, which is that whole year."""
    if found := re.fullmatch(r"(\d{4})年?(?:度)?", text_of(cell)):
        year = int(found[1])
        if not 1900 <= year <= 2100:
            raise BadCell(f"年份 {year} 不对")
        return date(year, 1, 1), date(year, 12, 31)
    day = clean_date(cell)
    return (day, None) if day else None


@dataclass(frozen=True)
class _Read:
    """A row as it says; None or 0 where it does not."""

    row: Row
    name: str
    kind: ProjectKind | None
    unit: str
    area: str
    beneficiaries: str
    summary: str
    starts_on: date
    ends_on: date
    says_end: bool
    source: str
    budget: int
    spent: int
    people: int


@dataclass(frozen=True)
class _Known:
    """A project that stands in the books."""

    kind: ProjectKind
    ends_on: date
    source: str
    budget: int
    spent: int
    people: int

    def differs(self, read: _Read) -> Iterator[tuple[str, str]]:
        """(column, what the books say) of each thing that the row says otherwise; what it leaves open is not compared."""
        if self.spent != read.spent:
            yield "spent", f"支出 {yuan(self.spent)} 元"
        if read.people and self.people != read.people:
            yield "people", f"服务人次 {self.people:,}"
        if read.budget and self.budget != read.budget:
            yield "budget", f"预算 {yuan(self.budget)} 元"
        if read.kind not in (None, self.kind):
            yield "kind", f"类别是{PROJECT_KIND_NAMES[self.kind]}"
        if read.says_end and self.ends_on != read.ends_on:
            yield "ends", f"结束日期 {self.ends_on.isoformat()}"
        if self.source != read.source:
            yield "source", f"资金来源是{self.source or '关爱基金'}"


def _read(row: Row, today: date) -> _Read:
    begin = row.read("starts", clean_begin, None)
    faulty = {title for title, _, _ in row.faults}
    if begin is None and row.title("starts") not in faulty:
        row.fault("starts", "没有填开始日期，只知道年份就填年份")
    starts_on, year_end = begin or (today, None)
    said_end = row.day("ends") or year_end
    ends_on = said_end or date(starts_on.year, 12, 31)
    if begin and starts_on.year < FIRST_YEAR:
        row.fault("starts", f"基金从 {FIRST_YEAR} 年开始，没有更早的项目")
    if begin and ends_on <= starts_on:
        row.fault("ends", "结束要在开始之后")
    if begin and ends_on > today:
        row.fault("ends", "还没有结束的项目不是历史数据，请在基金里立项")
    spent = _amount(row, "spent")
    if spent == 0 and row.title("spent") not in {title for title, _, _ in row.faults}:
        row.fault("spent", "没有填支出，或者是 0")
    source = row.line("source", 60)
    return _Read(
        row, row.line("name", 60), row.read("kind", KIND, None), row.line("unit"), row.line("area", 60),
        row.line("beneficiaries", 120), row.line("summary", 400), starts_on, ends_on, said_end is not None,
        "" if folded(source) in OWN_MONEY else source, _amount(row, "budget"), spent, row.read("people", clean_count, None) or 0,
    )  # fmt: skip


def _amount(row: Row, key: str) -> int:
    """Fen; a heading that says 万元 counts so."""
    per = 10_000 if "万元" in row.title(key) else 1
    return row.read(key, lambda cell: clean_yuan(cell, per=per), None) or 0


@dataclass
class _Planner:
    scope: Scope
    units: Tree
    known: dict[Key, _Known]
    seen: dict[Key, int] = field(default_factory=dict)

    def decide(self, read: _Read) -> Decision:
        row = read.row
        unit, why = self.units.the_one(read.unit, "组织") if read.unit else (None, "")
        if why:
            row.fault("unit", why)
        elif unit is not None and not self.scope.holds(unit.id):
            row.fault("unit", f"“{unit.name}”不在您管的范围内，请交给管它的人")
        if row.refused or unit is None:
            return refusal(row, read.name or "（没有名称）")
        key = (folded(read.name), unit.id, read.starts_on.year)
        if (first := self.seen.setdefault(key, row.number)) != row.number:
            row.fault("name", f"与第 {first} 行重复：同一个组织、同一年、同一个名称")
        there = self.known.get(key)
        for column, books in there.differs(read) if there else ():
            row.fault(column, f"这个项目已经在账上，{books}；要改请走更正")
        if row.refused:
            return refusal(row, read.name)
        if there is not None:
            return Decision(row.number, RowVerdict.UNCHANGED, read.name)
        kind = read.kind or ProjectKind.CARE
        values = {
            "name": read.name, "kind": kind, "unit": unit.id, "area": read.area or unit.name,
            "beneficiaries": read.beneficiaries or NOT_TOLD, "summary": read.summary or NOT_TOLD, "starts": read.starts_on.isoformat(),
            "ends": read.ends_on.isoformat(), "source": read.source, "budget": read.budget or read.spent, "spent": read.spent,
            "people": read.people,
        }  # fmt: skip
        told = f"{PROJECT_KIND_NAMES[kind]}，{unit.name}，支出 {yuan(read.spent)} 元"
        told += f"，{read.people:,} 人次" if read.people else ""
        told += f"，资金来源：{read.source}（不计入基金）" if read.source else ""
        return Decision(row.number, RowVerdict.NEW, read.name, values, ((f"{read.starts_on} 至 {read.ends_on}", "", told),))


def plan(rows: list[Row], scope: Scope) -> list[Decision]:
    """In the order of their years, so that vouchers and numbers follow time."""
    reads = [_read(row, scope.today) for row in rows]
    planner = _Planner(scope, unit_tree(), _on_record())
    decided = {read.row.number: planner.decide(read) for read in reads}
    return [decided[read.row.number] for read in sorted(reads, key=lambda read: (read.starts_on, read.row.number))]


def _sums() -> tuple[ColumnElement[int], ColumnElement[int], ColumnElement[int]]:
    """What a project was to spend and spent, in fen, and whom it served."""
    p = FundProject
    spent = (
        select(func.coalesce(func.sum(spent_fen()), 0))
        .join(FundBudgetLine, FundBudgetLine.id == FundMovementEntry.budget_line_id)
        .where(FundBudgetLine.project_id == p.id)
        .scalar_subquery()
    )
    budget = select(func.coalesce(func.sum(FundBudgetLine.fen), 0)).where(FundBudgetLine.project_id == p.id).scalar_subquery()
    people = select(func.coalesce(func.sum(FundServiceEntry.people), 0)).where(FundServiceEntry.project_id == p.id).scalar_subquery()
    return budget, spent, people


def _on_record() -> dict[Key, _Known]:
    """Every project that stands; one query."""
    p = FundProject
    rows = db.session.execute(
        select(p.name, p.unit_id, p.starts_on, p.kind, p.ends_on, p.source_name, *_sums()).where(p.stage != Stage.VOIDED)
    )
    return {
        (folded(name), unit_id, starts_on.year): _Known(kind, ends_on, source, *map(int, sums))
        for name, unit_id, starts_on, kind, ends_on, source, *sums in rows
    }


def write(job: Job, rows: Sequence[Staged]) -> None:
    made_by, approved_by = _two(job.made_by_id, job.approved_by_id)
    projects = [
        PastProject(
            kind=ProjectKind(row.values["kind"]),
            name=row.values["name"],
            summary=row.values["summary"],
            area=row.values["area"],
            beneficiaries=row.values["beneficiaries"],
            unit_id=row.values["unit"],
            starts_on=date.fromisoformat(row.values["starts"]),
            ends_on=date.fromisoformat(row.values["ends"]),
            source_name=row.values["source"],
            budget=row.values["budget"],
            spent=row.values["spent"],
            people=row.values["people"],
        )
        for row in rows
    ]
    for row, id_ in zip(rows, past_projects.make(projects, job.batch_id, made_by, approved_by, job.now), strict=True):
        row.target_id = id_


def undo(job: Job, rows: Sequence[Staged]) -> None:
    """By the two who take it back; while a writing that failed is cleared away, by the two who were writing."""
    asked_by = db.session.scalar(select(RegisterBatch.undo_asked_by_id).where(RegisterBatch.id == job.batch_id))
    two = _two(asked_by, job.actor_id) if asked_by else _two(job.made_by_id, job.approved_by_id)
    past_projects.void([row.target for row in rows], UNDONE, *two, job.now)
    for row in rows:
        row.target_id = None


def _two(one: int | None, other: int | None) -> tuple[int, int]:
    if one is None or other is None:
        raise ValueError("projects of the past are brought in and taken back by people, not by the command line")
    return one, other


def in_the_way(batch_id: int) -> list[tuple[int, str, str]]:
    """Corrections that somebody asked for and nobody has decided (id, number, what): they would have nothing left to correct."""
    return past_projects.corrections_asked(db.session.scalars(select(FundProject.id).where(FundProject.past_batch_id == batch_id)).all())


def rests(batch_id: int) -> list[str]:
    waiting = in_the_way(batch_id)
    return [past_projects.first_decide(waiting)] if waiting else []


def listing(scope: Scope) -> Listing:
    """All projects of the scope's units that stand, with what they have spent and whom they served."""
    return Listing(tuple(column.title for column in COLUMNS[RegisterKind.PROJECTS]), _rows(scope))


def _rows(scope: Scope) -> Iterator[Sequence[Value]]:
    p, units = FundProject, unit_tree()
    standing = select(p, *_sums()).where(p.past_batch_id.is_not(None), p.stage != Stage.VOIDED).order_by(p.id)
    for project, budgeted, fen, served in db.session.execute(standing):
        if scope.holds(project.unit_id):
            yield (
                project.name, PROJECT_KIND_NAMES[project.kind], units.label(project.unit_id), project.area, project.beneficiaries,
                project.starts_on, project.ends_on, project.source_name or "关爱基金", int(budgeted) / 100, int(fen) / 100, int(served),
                project.summary,
            )  # fmt: skip


REGISTER = Register(RegisterKind.PROJECTS, plan, write, undo, rests, listing, AT_ONCE)
