"""Payments of one project that belong together: to one payee, or on one line of its budget, within the days of 本地规定."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from app.core import clock
from app.core.db import db
from app.fund.models import FundRequest
from app.fund.models_office import FundPolicy
from app.fund.money_rules import LOOKED_AT, Parts, Payment, parts_of
from app.fund.rules import Policy, RequestKind, Step

GIVEN_UP = (Step.RETURNED, Step.WITHDRAWN, Step.CORRECTED)
R = FundRequest


def _payments(*where: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    columns = R.id, R.number, R.purpose, R.fen, R.counterparty, R.project_id, R.budget_line_id, R.requested_at
    return select(*columns).where(R.kind == RequestKind.PAYMENT, R.state.not_in(GIVEN_UP), *where).order_by(R.id)


def _read(statement: Select[*tuple[Any, ...]]) -> list[Payment]:
    rows = db.session.execute(statement)
    return [Payment(row[0], row[1], row[2], row[3], row[4], row[5], row[6], clock.local_date(row[7])) for row in rows]


def of_new(project_id: int, line_id: int, payee: str, fen: int, policy: Policy, today: date) -> Parts:
    """Of a payment that is about to be asked for; under the lock of the project's request numbers. One query."""
    since = clock.at_local(today - timedelta(days=max(policy.sum_days, LOOKED_AT)))
    others = _read(_payments(R.project_id == project_id, R.requested_at >= since))
    return parts_of(Payment(0, "", "", fen, payee, project_id, line_id, today), others, policy)


def of_requests(ids: Collection[int]) -> dict[int, Parts]:
    """Those of these payments that may be parts of something bigger: a sum above a limit that each of them is below. Three queries."""
    asked = _read(_payments(R.id.in_(ids))) if ids else []
    if not asked:
        return {}
    policies = _policies()
    span = timedelta(days=max(LOOKED_AT, *(policy.sum_days for _, policy in policies)) + 1)
    first, last = (clock.at_local(day) for day in (min(one.day for one in asked) - span, max(one.day for one in asked) + span))
    others = _read(_payments(R.project_id.in_({one.project_id for one in asked}), R.requested_at.between(first, last)))
    found = {one.id: parts_of(one, others, _on(policies, one.day), later=True) for one in asked}
    return {request_id: parts for request_id, parts in found.items() if parts.above is not None}


def _policies() -> Sequence[tuple[date, Policy]]:
    """The latest first."""
    columns = FundPolicy.second_above, FundPolicy.minute_above, FundPolicy.how_to_give, FundPolicy.sum_days, FundPolicy.sum_lines
    rows = db.session.execute(select(FundPolicy.valid_from, *columns).order_by(FundPolicy.valid_from.desc()))
    return [(row[0], Policy(*row[1:])) for row in rows]


def _on(policies: Sequence[tuple[date, Policy]], day: date) -> Policy:
    return next(policy for valid_from, policy in policies if valid_from <= day)
