"""Requests: where each stands, whose turn it is, and the page of one."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import aliased

from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import NotFound
from app.core.permissions import Action
from app.fund.models import FundAccount, FundBudgetLine, FundMovementEntry, FundProject, FundRequest, FundServiceEntry
from app.fund.models import FundStepEntry as StepEntry
from app.fund.money_rules import ARRIVALS, Parts
from app.fund.queries import together
from app.fund.queries.deputies import Hat, hats
from app.fund.rules import RequestKind, Step
from app.fund.step_rules import Standing, Taken
from app.people.models import Person, Unit, UnitAncestry
from app.people.queries import below, holds_on, home_unit_on
from app.people.rules import UnitKind

SETTLED = (Step.RECONCILED, Step.RETURNED, Step.WITHDRAWN, Step.CORRECTED)


def standing(request_id: int) -> Standing:
    """Where a request stands; raises NotFound."""
    row = db.session.execute(select(FundRequest.kind, FundRequest.needs_second).where(FundRequest.id == request_id)).one_or_none()
    if row is None:
        raise NotFound
    taken = db.session.execute(
        select(StepEntry.step, StepEntry.by_id, StepEntry.for_id).where(StepEntry.request_id == request_id).order_by(StepEntry.seq)
    )
    return Standing(row.kind, row.needs_second, tuple(Taken(*step) for step in taken))


def unfinished() -> ColumnElement[bool]:
    """Still underway: neither booked and checked, nor given up."""
    payment = and_(FundRequest.kind == RequestKind.PAYMENT, FundRequest.state.not_in(SETTLED))
    return or_(FundRequest.state == Step.REQUESTED, payment)


def own_units(person_id: int, day: date) -> frozenset[int]:
    """The units from whose projects this person steps aside: their home unit and those above it, the subdistrict excepted."""
    home = home_unit_on(person_id, day)
    if home is None:
        return frozenset()
    above = (
        select(UnitAncestry.ancestor_id)
        .join(Unit, Unit.id == UnitAncestry.ancestor_id)
        .where(UnitAncestry.unit_id == home, Unit.kind != UnitKind.SUBDISTRICT, holds_on(UnitAncestry, day))
    )
    return frozenset(db.session.execute(above).scalars())


def waiting(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """Requests whose next step this actor may take, for themselves or as a deputy: the rule `step_rules.open_to` as one condition."""
    return or_(*(_waiting(hat, clock.local_date(now)) for hat in hats(actor, now)))


def _waiting(hat: Hat, day: date) -> ColumnElement[bool]:
    def mine(action: Action) -> ColumnElement[bool]:
        roots = hat.roots(action)
        return FundRequest.unit_id.in_(below(roots, day)) if roots else false()

    def touched(*where: ColumnElement[bool]) -> ColumnElement[bool]:
        """One of the hat's people took such a step, or had it taken for them."""
        hands = StepEntry.by_id.in_(hat.people) | StepEntry.for_id.in_(hat.people)
        return exists().where(StepEntry.request_id == FundRequest.id, hands, *where)

    own = [unit for person in hat.people for unit in own_units(person, day)] if hat.roots(Action.FUND_APPROVE) else []
    payment = FundRequest.kind == RequestKind.PAYMENT
    arrival = FundRequest.kind.in_(sorted(ARRIVALS))
    state = FundRequest.state
    not_theirs = FundRequest.requested_by_id.not_in(hat.people)
    return and_(
        FundRequest.last_by_id.not_in(hat.people),
        ~touched(StepEntry.seq == FundRequest.steps),
        or_(
            and_(
                mine(Action.FUND_APPROVE),
                FundRequest.unit_id.not_in(own),
                not_theirs,
                or_(and_(state == Step.REQUESTED, ~arrival), and_(payment, state == Step.APPROVED, FundRequest.needs_second)),
            ),
            and_(mine(Action.FUND_RECONCILE), not_theirs, arrival, state == Step.REQUESTED),
            and_(
                mine(Action.FUND_PAY),
                payment,
                or_(and_(state == Step.APPROVED, ~FundRequest.needs_second), state == Step.SECONDED, state == Step.MISMATCH),
            ),
            and_(mine(Action.FUND_RECONCILE), payment, state.in_((Step.PAID, Step.ANSWERED)), ~touched(StepEntry.step == Step.PAID)),
        ),
    )


@dataclass(frozen=True)
class RequestRow:
    """A line of the desk's lists; `handlers` are those who took a step, in order."""

    id: int
    number: str
    kind: RequestKind
    purpose: str
    fen: int | None
    state: Step
    needs_second: bool
    project_id: int | None
    project: str | None
    counterparty: str
    reference: str
    explanation: str
    requested_at: datetime
    requested_by: str
    changed_at: datetime
    handlers: tuple[str, ...]
    parts: Parts | None = None  # others that it may be split from; see `with_parts`


def rows(where: ColumnElement[bool], limit: int = 100) -> list[RequestRow]:
    """Newest first; two queries."""
    found = db.session.execute(
        select(
            FundRequest.id,
            FundRequest.number,
            FundRequest.kind,
            FundRequest.purpose,
            FundRequest.fen,
            FundRequest.state,
            FundRequest.needs_second,
            FundRequest.project_id,
            FundProject.name,
            FundRequest.counterparty,
            FundRequest.reference,
            FundRequest.explanation,
            FundRequest.requested_at,
            Person.name,
        )
        .join(Person, Person.id == FundRequest.requested_by_id)
        .outerjoin(FundProject, FundProject.id == FundRequest.project_id)
        .where(where)
        .order_by(FundRequest.id.desc())
        .limit(limit)
    ).all()
    steps: dict[int, list[tuple[str, datetime]]] = {}
    for request_id, name, at in db.session.execute(
        select(StepEntry.request_id, Person.name, StepEntry.at)
        .join(Person, Person.id == StepEntry.by_id)
        .where(StepEntry.request_id.in_([row.id for row in found]))
        .order_by(StepEntry.request_id, StepEntry.seq)
    ):
        steps.setdefault(request_id, []).append((name, at))

    def read(row: Any) -> RequestRow:
        handled = steps[row[0]]
        more = (handled[-1][1], tuple(dict.fromkeys(name for name, _ in handled)))
        return RequestRow(*[*row, *more])

    return [read(row) for row in found]


def with_parts(found: list[RequestRow]) -> list[RequestRow]:
    """The same, payments with those that they may be parts of one with; no query where there are none."""
    known = together.of_requests([row.id for row in found if row.kind is RequestKind.PAYMENT])
    return [replace(row, parts=known.get(row.id)) for row in found] if known else found


def of_project(project_id: int) -> list[RequestRow]:
    """Its newest requests."""
    return rows(FundRequest.project_id == project_id, 6)


def in_scope(roots: Collection[int], day: date) -> ColumnElement[bool]:
    return FundRequest.unit_id.in_(below(roots, day))


def counting(where: ColumnElement[bool]) -> Select[int]:
    return select(func.count()).select_from(FundRequest).where(where)


def count(where: ColumnElement[bool]) -> int:
    return db.session.scalar(counting(where)) or 0


@dataclass(frozen=True)
class StepRow:
    step: Step
    by_id: int
    name: str
    at: datetime
    happened_on: date
    reference: str
    note: str
    for_name: str | None  # whom a deputy stood in for


@dataclass(frozen=True)
class RequestPage:
    """`voucher_no` once it is booked; `available` is what the account it comes from holds now."""

    row: RequestRow
    unit_id: int
    requested_by_id: int
    needs_minute: bool
    minute_ref: str
    public_name: str
    happened_on: date | None
    line: str | None
    line_id: int | None
    voucher_no: int | None
    source: str | None
    source_outside: bool
    available: int
    target: str | None
    corrects_id: int | None
    corrected_by_id: int | None
    refunds_id: int | None
    refunds: tuple[tuple[int, str, int, Step], ...]  # id, number, fen and state of what came back of it
    figure: tuple[date, int, str] | None
    steps: tuple[StepRow, ...]


def request_page(request_id: int) -> RequestPage | None:
    found = rows(FundRequest.id == request_id)
    if not found:
        return None
    asked = db.session.get_one(FundRequest, request_id, populate_existing=True)
    accounts = {
        account_id: (name, kind, balance)
        for account_id, name, kind, balance in db.session.execute(
            select(FundAccount.id, FundAccount.name, FundAccount.kind, FundAccount.balance).where(
                FundAccount.id.in_([asked.from_account_id or 0, asked.to_account_id or 0])
            )
        )
    }
    source = accounts.get(asked.from_account_id or 0)
    target = accounts.get(asked.to_account_id or 0)
    correction = select(FundRequest.id).where(FundRequest.corrects_id == request_id, FundRequest.state.in_((Step.REQUESTED, Step.APPROVED)))
    figure = db.session.execute(
        select(FundServiceEntry.served_on, FundServiceEntry.people, FundServiceEntry.what).where(FundServiceEntry.id == asked.service_id)
    ).one_or_none()
    return RequestPage(
        row=found[0],
        unit_id=asked.unit_id,
        requested_by_id=asked.requested_by_id,
        needs_minute=asked.needs_minute,
        minute_ref=asked.minute_ref,
        public_name=asked.public_name,
        happened_on=asked.happened_on,
        line=db.session.scalar(select(FundBudgetLine.name).where(FundBudgetLine.id == asked.budget_line_id)),
        line_id=asked.budget_line_id,
        voucher_no=db.session.scalar(select(FundMovementEntry.voucher_no).where(FundMovementEntry.request_id == request_id)),
        source=source[0] if source else None,
        source_outside=source is not None and source[1].value == "outside",
        available=source[2] if source else 0,
        target=target[0] if target else None,
        corrects_id=asked.corrects_id,
        corrected_by_id=db.session.scalar(correction.limit(1)),
        refunds_id=asked.refunds_id,
        refunds=_refunds(request_id) if asked.kind is RequestKind.PAYMENT else (),
        figure=(figure[0], figure[1], figure[2]) if figure else None,
        steps=_steps(request_id),
    )


def _steps(request_id: int) -> tuple[StepRow, ...]:
    away = aliased(Person)
    found = db.session.execute(
        select(
            StepEntry.step,
            StepEntry.by_id,
            Person.name,
            StepEntry.at,
            StepEntry.happened_on,
            StepEntry.reference,
            StepEntry.note,
            away.name,
        )
        .join(Person, Person.id == StepEntry.by_id)
        .outerjoin(away, away.id == StepEntry.for_id)
        .where(StepEntry.request_id == request_id)
        .order_by(StepEntry.seq)
    )
    return tuple(StepRow(*step) for step in found)


def _refunds(payment_id: int) -> tuple[tuple[int, str, int, Step], ...]:
    columns = FundRequest.id, FundRequest.number, FundRequest.fen, FundRequest.state
    found = db.session.execute(select(*columns).where(FundRequest.refunds_id == payment_id).order_by(FundRequest.id))
    return tuple((row[0], row[1], row[2] or 0, row[3] or Step.REQUESTED) for row in found)
