"""The ways that money may go, and what is asked for each. Pure; money is integer fen. The database holds the same ways (migration 0045)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.fund.rules import MovementKind, Policy, RequestKind


class Verdict(StrEnum):
    """Of what one proposed and another decides."""

    APPROVED = "approved"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


VERDICT_NAMES = {Verdict.APPROVED: "已同意", Verdict.RETURNED: "已退回", Verdict.WITHDRAWN: "已撤回"}
BOOKED_AS = {
    RequestKind.OPENING: MovementKind.OPENING,
    RequestKind.DONATION: MovementKind.DONATION,
    RequestKind.GRANT: MovementKind.GRANT,
    RequestKind.PAYMENT: MovementKind.SPENDING,
    RequestKind.REFUND: MovementKind.REFUND,
    RequestKind.RETURN: MovementKind.RETURN,
    RequestKind.TRANSFER: MovementKind.TRANSFER,
    RequestKind.PAST_SPENDING: MovementKind.SPENDING,
}
ARRIVALS = frozenset({RequestKind.DONATION, RequestKind.REFUND})  # what came in is checked against the bank, not decided about
LONGEST_AWAY = 92  # days of one 代办
LOOKED_AT = 30  # days within which payments may be parts of one, where 本地规定 does not add them up


@dataclass(frozen=True)
class OpeningNoted:
    """What an account held before its books were begun: the fund as a whole, or a restricted purpose. Once an account."""

    purpose_id: int | None
    fen: int
    as_of: date
    reference: str
    purpose: str = "期初结余"
    form_key: str | None = None


@dataclass(frozen=True)
class RefundNoted:
    """Money of one payment that came back from the payee."""

    payment_id: int
    fen: int
    reason: str
    receipt: str
    arrived_on: date
    form_key: str | None = None


@dataclass(frozen=True)
class ReturnAsked:
    """What a project does not need goes back to where its grants came from; of money that is not the fund's, to its source."""

    project_id: int
    purpose_id: int | None  # whose grants; None: those of the fund as a whole
    fen: int
    reason: str
    form_key: str | None = None


@dataclass(frozen=True)
class TransferAsked:
    """Set aside for a purpose by a meeting's minute: from the fund as a whole, or gifts that a project did not use. Published with why."""

    project_id: int | None
    purpose_id: int
    fen: int
    explanation: str
    minute_ref: str
    form_key: str | None = None


@dataclass(frozen=True)
class PastEntry:
    """One entry of a project of the past: with a line what it spent, without one what it was given for that."""

    project_id: int
    line_id: int | None
    fen: int
    booked_on: date
    memo: str


@dataclass(frozen=True)
class PolicyWanted:
    valid_from: date
    second_above: int
    minute_above: int
    how_to_give: str
    reason: str
    sum_days: int = 30
    sum_lines: bool = False


@dataclass(frozen=True)
class Payment:
    """A payment that was asked for and not given up; `id` 0 is about to be."""

    id: int
    number: str
    purpose: str
    fen: int
    payee: str
    project_id: int
    line_id: int
    day: date


@dataclass(frozen=True)
class Parts:
    """A payment with others of its project near in time. `counted` in fen is what the limits are held against, itself included.

    `above` is the highest limit that it passes with `others` and does not reach alone; `payee` says that they go to one payee, else they
    are on one line; `total` is what they come to.
    """

    counted: int
    others: tuple[Payment, ...] = ()
    total: int = 0
    above: int | None = None
    payee: bool = True
    days: int = LOOKED_AT
    adds_up: bool = False  # 本地规定 counts them together


def same_payee(one: str, other: str) -> bool:
    """Two spellings of one payee: equal without blanks, or one holds the other, four characters at least."""
    a, b = ("".join(name.split()).casefold() for name in (one, other))
    shorter, longer = sorted((a, b), key=len)
    return a == b or (len(shorter) >= 4 and shorter in longer)


def parts_of(asked: Payment, others: Iterable[Payment], policy: Policy, *, later: bool = False) -> Parts:
    """What belongs together with a payment; `later`: also what was asked for after it, for who is to approve it."""
    known = [one for one in others if one.project_id == asked.project_id and one.id != asked.id]
    payees = [one for one in known if same_payee(one.payee, asked.payee)]
    lines = [one for one in known if one.line_id == asked.line_id]
    before = [one for one in known if one.day <= asked.day and (asked.id == 0 or one.id < asked.id)]
    counted = asked.fen
    for alike, counts in ((payees, policy.sum_days > 0), (lines, policy.sum_lines)):
        near = [one for one in alike if one in before and (asked.day - one.day).days < policy.sum_days]
        counted = max(counted, asked.fen + sum(one.fen for one in near) if counts else 0)
    days = policy.sum_days or LOOKED_AT
    for alike, is_payee, adds_up in ((payees, True, policy.sum_days > 0), (lines, False, policy.sum_lines)):
        near = [one for one in alike if abs((asked.day - one.day).days) < days and (later or one in before)]
        total = asked.fen + sum(one.fen for one in near)
        above = next((limit for limit in (policy.minute_above, policy.second_above) if asked.fen <= limit < total), None)
        if above is not None:
            return Parts(counted, tuple(near), total, above, is_payee, days, adds_up)
    return Parts(counted)


@dataclass(frozen=True)
class Away:
    """Who is away, who stands in for them, the first day and the last."""

    from_id: int
    to_id: int
    first_on: date
    last_on: date
    reason: str
