"""Lines, the requests they may be, and what is open on either side."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.bank.models import BankAccount, BankAside, BankGroup, BankGroupLine, BankGroupRequest, BankLineEntry, BankMatch, BankStatement
from app.bank.queries.statements import matched, stands
from app.bank.rules import NEAR, Candidate, LineSeen
from app.core.db import db
from app.fund.models import FundProject, FundRequest, FundStepEntry
from app.fund.money_rules import Verdict
from app.fund.rules import RequestKind, Step
from app.people.models import Person
from app.people.queries import being

L, S, R = BankLineEntry, BankStatement, FundRequest
OUT = RequestKind.PAYMENT
IN = (RequestKind.DONATION, RequestKind.REFUND)
MATCHABLE = or_(
    and_(R.kind == OUT, R.state.in_((Step.PAID, Step.ANSWERED, Step.RECONCILED))),
    and_(R.kind.in_(IN), R.state.in_((Step.REQUESTED, Step.APPROVED))),
)


def free() -> ColumnElement[bool]:
    """Of a statement that holds, neither matched nor set aside nor about to be."""
    return and_(S.voided_at.is_(None), ~matched(), ~exists().where(BankAside.line_id == L.id, stands()).correlate(L))


def _seen() -> Select[*tuple[Any, ...]]:
    return select(L.id, L.booked_on, L.fen, L.party, L.reference, being(S.made_by_id)).join(S, S.id == L.statement_id)


def free_line(line_id: int) -> LineSeen | None:
    row = db.session.execute(_seen().where(L.id == line_id, free())).one_or_none()
    return LineSeen(*row) if row else None


def free_lines(*where: ColumnElement[bool], most: int | None = None) -> list[LineSeen]:
    return [LineSeen(*row) for row in db.session.execute(_seen().where(free(), *where).order_by(L.booked_on, L.id).limit(most))]


def first_day() -> date | None:
    """From when on the bank is known: requests before that are nobody's to match."""
    return db.session.scalar(select(func.min(S.first_on)).where(S.voided_at.is_(None)))


def _candidates(where: Iterable[ColumnElement[bool]]) -> list[Candidate]:
    """Requests in a state that a line may be said to be, and no line is yet; two queries."""
    paid = aliased(FundStepEntry)
    day = case((R.kind == OUT, paid.happened_on), else_=R.happened_on)
    number = case((R.kind == OUT, paid.reference), else_=R.reference)
    signed = case((R.kind == OUT, -R.fen), else_=R.fen)
    found = db.session.execute(
        select(R.id, signed, day, R.counterparty, number)
        .outerjoin(paid, and_(paid.request_id == R.id, paid.step == Step.PAID))
        .where(
            MATCHABLE,
            ~exists().where(BankMatch.request_id == R.id, BankMatch.ended_at.is_(None)),
            ~exists().where(BankGroupRequest.request_id == R.id, ~BankGroupRequest.ended),
            *where,
        )
        .order_by(R.id)
    ).all()
    hands: dict[int, set[int]] = {}
    step = case((R.kind == OUT, Step.PAID.value), else_=Step.REQUESTED.value)
    for request_id, by_id, for_id in db.session.execute(
        select(FundStepEntry.request_id, being(FundStepEntry.by_id), being(FundStepEntry.for_id))
        .join(R, R.id == FundStepEntry.request_id)
        .where(FundStepEntry.step == step, FundStepEntry.request_id.in_([row[0] for row in found]))
    ):
        hands.setdefault(request_id, set()).update({by_id} if for_id is None else {by_id, for_id})
    return [
        Candidate(request_id, int(fen), on, party, reference, frozenset(hands.get(request_id, ())))
        for request_id, fen, on, party, reference in found
        if on is not None
    ]


def candidate(request_id: int) -> Candidate | None:
    return next(iter(_candidates([R.id == request_id])), None)


def candidates_of(ids: Collection[int]) -> list[Candidate]:
    return _candidates([R.id.in_(ids)])


def candidates(fen: int | None = None) -> list[Candidate]:
    """From shortly before the first statement on; `fen` as the bank would show it."""
    since = first_day()
    if since is None:
        return []
    found = _candidates([R.fen == abs(fen)] if fen is not None else [])
    return [one for one in found if one.day >= since - timedelta(days=NEAR) and (fen is None or one.fen == fen)]


def every_candidate(since: date) -> list[Candidate]:
    """From a day on, whether the bank is known or not."""
    return [one for one in _candidates([]) if one.day >= since]


@dataclass(frozen=True)
class RequestSeen:
    id: int
    number: str
    kind: RequestKind
    purpose: str
    project: str | None
    state: Step
    fen: int


def requests_seen(ids: Iterable[int]) -> dict[int, RequestSeen]:
    found = select(R.id, R.number, R.kind, R.purpose, FundProject.name, R.state, R.fen).outerjoin(
        FundProject, FundProject.id == R.project_id
    )
    rows: Any = db.session.execute(found.where(R.id.in_(list(ids))))
    return {row[0]: RequestSeen(*row) for row in rows}


@dataclass(frozen=True)
class LineRow:
    """A line on a list. `request_*` of its live match, `group_*` of the live group it is in.

    `aside` why it is set aside, `aside_waits` while that waits for a second person.
    """

    id: int
    statement_id: int
    account: str
    booked_on: date
    fen: int
    balance: int
    party: str
    reference: str
    memo: str
    request_id: int | None
    request_number: str | None
    aside: str | None
    aside_waits: bool
    group_id: int | None
    group_lines: int | None
    group_requests: int | None

    @property
    def state(self) -> str:
        if self.request_id is not None or self.group_id is not None:
            return "matched"
        return "open" if self.aside is None else "asked" if self.aside_waits else "aside"

    @property
    def words(self) -> str:
        return "，".join(part for part in (self.party, self.memo) if part) or "（没有户名和摘要）"


def lines(*where: ColumnElement[bool], page: int = 1, size: int = 100) -> list[LineRow]:
    """In the order of the bank; one query."""
    live = and_(BankMatch.line_id == L.id, BankMatch.ended_at.is_(None))
    found = db.session.execute(
        select(
            L.id,
            L.statement_id,
            BankAccount.name,
            L.booked_on,
            L.fen,
            L.balance,
            L.party,
            L.reference,
            L.memo,
            R.id,
            R.number,
            BankAside.reason,
            and_(BankAside.id.is_not(None), BankAside.verdict.is_(None)),
            BankGroup.id,
            BankGroup.lines,
            BankGroup.requests,
        )
        .join(S, S.id == L.statement_id)
        .join(BankAccount, BankAccount.id == S.account_id)
        .outerjoin(BankMatch, live)
        .outerjoin(R, R.id == BankMatch.request_id)
        .outerjoin(BankAside, and_(BankAside.line_id == L.id, stands()))
        .outerjoin(BankGroupLine, and_(BankGroupLine.line_id == L.id, ~BankGroupLine.ended))
        .outerjoin(BankGroup, BankGroup.id == BankGroupLine.group_id)
        .where(*where)
        .order_by(L.booked_on, L.statement_id, L.seq)
        .limit(size)
        .offset((page - 1) * size)
    )
    return [LineRow(*tuple(row)) for row in found]


def line(line_id: int) -> LineRow | None:
    return next(iter(lines(L.id == line_id)), None)


def lines_of_request(request_id: int) -> list[LineRow]:
    """The line that a request is by itself, if it is one."""
    return lines(BankMatch.request_id == request_id)


def _open() -> ColumnElement[bool]:
    settled = exists().where(BankAside.line_id == L.id, BankAside.verdict == Verdict.APPROVED, BankAside.ended_at.is_(None)).correlate(L)
    return and_(S.voided_at.is_(None), ~matched(), ~settled)


def open_lines(size: int = 50_000) -> list[LineRow]:
    """What the bank did and no request is said to be: to be matched, noted or set aside. Oldest first."""
    return lines(_open(), size=size)


def count_open() -> int:
    return db.session.scalar(select(func.count()).select_from(L).join(S, S.id == L.statement_id).where(_open())) or 0


@dataclass(frozen=True)
class Matched:
    """How a line came to be matched; the live one, or one that ended."""

    id: int
    request_id: int
    number: str
    purpose: str
    made_at: datetime
    made_by: str
    ended_at: datetime | None
    end_reason: str
    for_name: str | None  # whom a deputy stood in for


def matches_of(line_id: int) -> list[Matched]:
    away = aliased(Person)
    found: Any = db.session.execute(
        select(BankMatch.id, R.id, R.number, R.purpose, BankMatch.made_at, Person.name, BankMatch.ended_at, BankMatch.end_reason, away.name)
        .join(R, R.id == BankMatch.request_id)
        .join(Person, Person.id == BankMatch.made_by_id)
        .outerjoin(away, away.id == BankMatch.for_id)
        .where(BankMatch.line_id == line_id)
        .order_by(BankMatch.id)
    )
    return [Matched(*row) for row in found]


@dataclass(frozen=True)
class AsideRow:
    id: int
    line_id: int
    booked_on: date
    fen: int
    party: str
    memo: str
    reason: str
    asked_by_id: int
    asked_by: str
    asked_at: datetime
    verdict: Verdict | None
    decided_by: str | None
    answer: str
    ended_at: datetime | None
    end_reason: str


def asides(*where: ColumnElement[bool]) -> list[AsideRow]:
    """Oldest first; one query."""
    other, a = aliased(Person), BankAside
    found = db.session.execute(
        select(
            a.id,
            a.line_id,
            L.booked_on,
            L.fen,
            L.party,
            L.memo,
            a.reason,
            a.asked_by_id,
            Person.name,
            a.asked_at,
            a.verdict,
            other.name,
            a.answer,
            a.ended_at,
            a.end_reason,
        )
        .join(L, L.id == a.line_id)
        .join(Person, Person.id == a.asked_by_id)
        .outerjoin(other, other.id == a.decided_by_id)
        .where(*where)
        .order_by(a.id)
    )
    return [AsideRow(*tuple(row)) for row in found]


def waiting_asides(person_id: int) -> ColumnElement[bool]:
    """Of others, for this person to decide."""
    return and_(BankAside.verdict.is_(None), BankAside.asked_by_id != person_id)
