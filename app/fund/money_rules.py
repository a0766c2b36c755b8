"""The ways that money may go, and what is asked for each. Pure; money is integer fen. The database holds the same ways (migration 0045)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.fund.rules import MovementKind, RequestKind


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


@dataclass(frozen=True)
class Away:
    """Who is away, who stands in for them, the first day and the last."""

    from_id: int
    to_id: int
    first_on: date
    last_on: date
    reason: str
