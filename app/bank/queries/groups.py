"""Groups: lines and requests that are the same only together; and what there is to put into one."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from app.bank.models import BankGroup, BankGroupLine, BankGroupRequest
from app.bank.queries import lines as seen
from app.bank.queries.lines import LineRow, RequestSeen
from app.bank.rules import Candidate
from app.core.db import db
from app.people.models import Person
from app.sheets.cells import folded

G = BankGroup
MOST_SHOWN = 60  # of each side, on the form


@dataclass(frozen=True)
class Group:
    """One group with all that is in it; `for_name` whom a deputy stood in for."""

    id: int
    fen: int
    made_at: datetime
    made_by: str
    for_name: str | None
    ended_at: datetime | None
    ended_by: str | None
    end_reason: str
    lines: tuple[LineRow, ...]
    requests: tuple[RequestSeen, ...]


def groups(*where: ColumnElement[bool]) -> list[Group]:
    """The oldest first; five queries however many."""
    ender, principal = aliased(Person), aliased(Person)
    rows = db.session.execute(
        select(G.id, G.fen, G.made_at, Person.name, principal.name, G.ended_at, ender.name, G.end_reason)
        .join(Person, Person.id == G.made_by_id)
        .outerjoin(principal, principal.id == G.for_id)
        .outerjoin(ender, ender.id == G.ended_by_id)
        .where(*where)
        .order_by(G.id)
    ).all()
    ids = [row[0] for row in rows]
    lines = _members(BankGroupLine.group_id, BankGroupLine.line_id, ids)
    requests = _members(BankGroupRequest.group_id, BankGroupRequest.request_id, ids)
    of_line = {line.id: line for line in lines_of({one for some in lines.values() for one in some})}
    of_request = seen.requests_seen({one for some in requests.values() for one in some})
    return [
        Group(*row, tuple(of_line[one] for one in lines.get(row[0], ())), tuple(of_request[one] for one in requests.get(row[0], ())))
        for row in rows
    ]


def _members(group: Any, member: Any, ids: Collection[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    if ids:
        for group_id, member_id in db.session.execute(select(group, member).where(group.in_(ids)).order_by(group, member)):
            found.setdefault(group_id, []).append(member_id)
    return found


def lines_of(ids: Collection[int]) -> list[LineRow]:
    return seen.lines(seen.L.id.in_(ids), size=len(ids)) if ids else []


def of_line(line_id: int) -> list[Group]:
    return groups(G.id.in_(select(BankGroupLine.group_id).where(BankGroupLine.line_id == line_id)))


def of_request(request_id: int) -> list[Group]:
    return groups(G.id.in_(select(BankGroupRequest.group_id).where(BankGroupRequest.request_id == request_id)))


def group(group_id: int) -> Group | None:
    return next(iter(groups(G.id == group_id)), None)


@dataclass(frozen=True)
class Choice:
    """What the form offers: ticked ones first, then the nearest in days. `more_*` fit the words but are not shown."""

    lines: list[LineRow]
    requests: list[tuple[Candidate, RequestSeen]]
    more_lines: int
    more_requests: int


def choice(line_ids: Collection[int], request_ids: Collection[int], words: str, today: date) -> Choice:
    """Everything that is still free; near to what is ticked, or to today where nothing is."""
    lines, asked = seen.free_lines(), seen.candidates()
    days = [line.booked_on for line in lines if line.id in line_ids] or [one.day for one in asked if one.id in request_ids] or [today]
    named = seen.requests_seen(one.id for one in asked)

    def fits(*texts: str) -> bool:
        return not words or folded(words) in folded(" ".join(texts))

    free = [line for line in lines if line.id in line_ids or fits(line.party, line.reference, _yuan(line.fen))]
    free.sort(key=lambda line: (line.id not in line_ids, _apart(line.booked_on, days), line.booked_on, line.id))
    open_ = [
        one
        for one in asked
        if one.id in request_ids or fits(one.party, one.reference, named[one.id].number, named[one.id].purpose, _yuan(one.fen))
    ]
    open_.sort(key=lambda one: (one.id not in request_ids, _apart(one.day, days), one.day, one.id))
    some = max(MOST_SHOWN, len(line_ids)), max(MOST_SHOWN, len(request_ids))
    shown = {line.id: line for line in lines_of([line.id for line in free[: some[0]]])}
    return Choice(
        [shown[line.id] for line in free[: some[0]]],
        [(one, named[one.id]) for one in open_[: some[1]]],
        max(0, len(free) - some[0]),
        max(0, len(open_) - some[1]),
    )


def _apart(day: date, days: Iterable[date]) -> int:
    return min(abs((day - one).days) for one in days)


def _yuan(fen: int) -> str:
    return f"{abs(fen) // 100}.{abs(fen) % 100:02d}"
