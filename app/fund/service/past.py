"""Projects of the past, booked like all others: asked by who imports, approved by another, each entry with its voucher.

Set-wise, since an import has hundreds of them. The caller has made the projects, their lines and accounts, and their first stage
(`archived`), and has checked that the two people may.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, insert, select
from sqlalchemy.orm import aliased

from app.audit import service as audit
from app.core import clock
from app.core.db import db, upsert, writing
from app.core.errors import Conflict, Refused
from app.fund.models import FundAccount, FundCounter, FundMovementEntry, FundProject, FundRequest, FundServiceEntry, FundStepEntry
from app.fund.money_rules import BOOKED_AS, PastEntry
from app.fund.rules import OPENING, OTHER_IN, OTHER_OUT, PAYEES, AccountKind, RequestKind, Step
from app.fund.service.ledger import next_number
from app.fund.service.limits import live

Row = dict[str, Any]
MANY = 500  # rows a statement


def post_past(entries: Sequence[PastEntry], made_by_id: int, approved_by_id: int, now: datetime) -> int:
    """Book what projects of the past were given and spent, in this order for each; returns the first voucher's number.

    An entry without a line is the project's opening (at most one a project), one with a line its spending. No project may spend more
    than it was given. `booked_on` is the day in the past; the vouchers are today's.
    """
    _two(made_by_id, approved_by_id)
    accounts = _accounts({entry.project_id for entry in entries})
    ordered = sorted(entries, key=lambda entry: (entry.project_id, entry.line_id is not None, entry.booked_on))
    outside = _outside()
    asked: list[Row] = []
    for entry in ordered:
        account = accounts[entry.project_id]
        other = account["kind"] is AccountKind.OTHER
        source, target = outside[OTHER_IN if other else OPENING], outside[OTHER_OUT if other else PAYEES]
        spends = entry.line_id is not None
        asked.append(
            {
                "kind": RequestKind.PAST_SPENDING if spends else RequestKind.OPENING,
                "project_id": entry.project_id,
                "unit_id": account["unit_id"],
                "from_account_id": account["id"] if spends else source,
                "to_account_id": target if spends else account["id"],
                "budget_line_id": entry.line_id,
                "fen": entry.fen,
                "purpose": entry.memo[:80],
                "happened_on": entry.booked_on,
            }
        )
    return _book(asked, accounts, made_by_id, approved_by_id, now, lambda row: row["happened_on"])


def reverse_past(project_ids: Collection[int], explanation: str, made_by_id: int, approved_by_id: int, now: datetime) -> int:
    """Reverse every entry of these projects of the past that still stands, spending first; returns how many there were.

    Afterwards their accounts are empty and every public figure is what it would be without them.
    """
    _two(made_by_id, approved_by_id)
    accounts = _accounts(set(project_ids))
    found = db.session.execute(
        select(
            FundMovementEntry.id,
            FundMovementEntry.kind,
            FundMovementEntry.from_account_id,
            FundMovementEntry.to_account_id,
            FundMovementEntry.fen,
            FundMovementEntry.budget_line_id,
            FundMovementEntry.booked_on,
            FundRequest.id.label("request_id"),
            FundRequest.project_id,
            FundRequest.purpose,
            FundRequest.steps,
        )
        .join(FundRequest, FundRequest.id == FundMovementEntry.request_id)
        .where(FundRequest.project_id.in_(accounts), FundRequest.kind != RequestKind.CORRECTION, live())
        .order_by(FundRequest.kind.desc(), FundMovementEntry.id.desc())
    ).all()
    asked: list[Row] = [
        {
            "kind": RequestKind.CORRECTION,
            "project_id": row.project_id,
            "unit_id": accounts[row.project_id]["unit_id"],
            "from_account_id": row.to_account_id,
            "to_account_id": row.from_account_id,
            "budget_line_id": None,
            "fen": row.fen,
            "purpose": f"更正：{row.purpose}"[:80],
            "explanation": explanation,
            "corrects_id": row.request_id,
            "entry": {"kind": row.kind, "budget_line_id": row.budget_line_id, "reverses_id": row.id, "booked_on": row.booked_on},
        }
        for row in found
    ]
    if asked:
        _book(asked, accounts, made_by_id, approved_by_id, now, lambda row: row["entry"]["booked_on"])
        numbers = dict(db.session.execute(select(FundRequest.corrects_id, FundRequest.number).where(_corrects(asked))).all())
        steps = [
            _step(row.request_id, row.steps + 1, Step.CORRECTED, approved_by_id, now, reference=numbers[row.request_id], note=explanation)
            for row in found
        ]
        _insert(FundStepEntry, steps)
    return len(asked)


def reverse_figures(project_ids: Collection[int], explanation: str, made_by_id: int, approved_by_id: int, now: datetime) -> int:
    """Take back every 服务人次 of these projects that still stands, each by a request of its own; returns how many there were."""
    _two(made_by_id, approved_by_id)
    accounts = _accounts(set(project_ids))
    reversal = aliased(FundServiceEntry)
    standing = (
        select(FundServiceEntry)
        .outerjoin(reversal, reversal.reverses_id == FundServiceEntry.id)
        .where(FundServiceEntry.project_id.in_(accounts), FundServiceEntry.reverses_id.is_(None), reversal.id.is_(None))
        .order_by(FundServiceEntry.id)
    )
    found = db.session.scalars(standing).all()
    asked: list[Row] = [
        {
            "kind": RequestKind.FIGURE,
            "project_id": one.project_id,
            "unit_id": accounts[one.project_id]["unit_id"],
            "purpose": f"更正人次：{one.people} 人次"[:80],
            "explanation": explanation,
            "service_id": one.id,
        }
        for one in found
    ]
    if not asked:
        return 0
    order = _ask(asked, accounts, made_by_id, approved_by_id, now)
    entries = [
        {
            "project_id": one.project_id,
            "served_on": one.served_on,
            "people": -one.people,
            "what": explanation,
            "activity_id": one.activity_id,
            "booked_at": now,
            "made_by_id": made_by_id,
            "approved_by_id": approved_by_id,
            "reverses_id": one.id,
        }
        for one in found
    ]
    _insert(FundServiceEntry, entries)
    audit.record(approved_by_id, "fund.past", "fund_request", order[0], count=len(order), stands_for=None, made_by=made_by_id)
    return len(order)


def _book(
    asked: list[Row], accounts: Mapping[int, Row], made_by_id: int, approved_by_id: int, now: datetime, day: Callable[[Row], date]
) -> int:
    """Requests, their two steps, and one voucher each, in this order."""
    order = _ask(asked, accounts, made_by_id, approved_by_id, now)
    last = next_number("voucher", len(asked))
    first = last - len(asked) + 1
    entries = [
        {
            "kind": BOOKED_AS.get(row["kind"]),
            "budget_line_id": row["budget_line_id"],
            "reverses_id": None,
            **row.get("entry", {}),
            "voucher_no": first + place,
            "line_no": 1,
            "from_account_id": row["from_account_id"],
            "to_account_id": row["to_account_id"],
            "fen": row["fen"],
            "request_id": order[place],
            "booked_on": day(row),
            "booked_at": now,
            "memo": row.get("explanation") or row["purpose"],
            "made_by_id": made_by_id,
            "approved_by_id": approved_by_id,
        }
        for place, row in enumerate(asked)
    ]
    _insert(FundMovementEntry, entries)
    audit.record(approved_by_id, "fund.past", "fund_request", order[0], count=len(order), stands_for=None, made_by=made_by_id)
    return first


def _ask(asked: list[Row], accounts: Mapping[int, Row], made_by_id: int, approved_by_id: int, now: datetime) -> list[int]:
    """Requests and their two steps; their ids, in this order."""
    numbers = _numbers(asked, accounts)
    rows = [
        {
            "explanation": "",
            "corrects_id": None,
            "happened_on": None,
            **{key: value for key, value in row.items() if key != "entry"},
            "number": number,
            "requested_by_id": made_by_id,
            "requested_at": now,
            "steps": 0,
        }
        for row, number in zip(asked, numbers, strict=True)
    ]
    _insert(FundRequest, rows)
    ids: dict[str, int] = {}
    for part in _parts(numbers):
        ids |= dict(db.session.execute(select(FundRequest.number, FundRequest.id).where(FundRequest.number.in_(part))).all())
    order = [ids[number] for number in numbers]
    _insert(FundStepEntry, [_step(request_id, 1, Step.REQUESTED, made_by_id, now) for request_id in order])
    _insert(FundStepEntry, [_step(request_id, 2, Step.APPROVED, approved_by_id, now) for request_id in order])
    return order


def _numbers(asked: list[Row], accounts: Mapping[int, Row]) -> list[str]:
    """Request numbers of each project, going on from its last."""
    series = {project_id: f"request-{project_id}" for project_id in {row["project_id"] for row in asked}}
    last: dict[str, int] = {}
    for part in _parts(sorted(series.values())):
        last |= dict(db.session.execute(select(FundCounter.series, FundCounter.last).where(FundCounter.series.in_(part))).all())
    numbers = []
    for row in asked:
        name = series[row["project_id"]]
        last[name] = last.get(name, 0) + 1
        numbers.append(f"{accounts[row['project_id']]['number']}-{last[name]:02d}")
    statement = upsert(FundCounter)
    taken = [{"series": name, "last": last[name]} for name in sorted(series.values())]
    db.session.execute(statement.on_conflict_do_update(index_elements=["series"], set_={"last": statement.excluded.last}), taken)
    return numbers


def _accounts(project_ids: Collection[int]) -> dict[int, Row]:
    writing()
    found: dict[int, Row] = {}
    for part in _parts(sorted(project_ids)):
        rows = db.session.execute(
            select(FundProject.id, FundProject.number, FundProject.unit_id, FundAccount.id.label("account_id"), FundAccount.kind)
            .join(FundAccount, FundAccount.project_id == FundProject.id)
            .where(FundProject.id.in_(part))
        )
        found |= {row.id: {"id": row.account_id, "kind": row.kind, "number": row.number, "unit_id": row.unit_id} for row in rows}
    if len(found) != len(set(project_ids)):
        raise Conflict("有的项目还没有账户，没有办理。")
    return found


def _outside() -> dict[str, int]:
    return dict(db.session.execute(select(FundAccount.code, FundAccount.id).where(FundAccount.kind == AccountKind.OUTSIDE)).all())


def _corrects(asked: list[Row]) -> Any:
    return FundRequest.corrects_id.in_([row["corrects_id"] for row in asked]) & (FundRequest.state == Step.APPROVED)


def _two(made_by_id: int, approved_by_id: int) -> None:
    if made_by_id == approved_by_id:
        raise Refused("历史数据要由两个人办：一位导入，另一位同意。")


def _step(request_id: int, seq: int, step: Step, by_id: int, now: datetime, *, reference: str = "", note: str = "") -> Row:
    return {
        "request_id": request_id,
        "seq": seq,
        "step": step,
        "at": now,
        "happened_on": clock.local_date(now),
        "by_id": by_id,
        "reference": reference,
        "note": note,
    }


def _insert(model: Any, rows: list[Row]) -> None:
    for part in _parts(rows):
        db.session.execute(insert(model.__table__), list(part))  # rows of one kind: in one statement, also where some say None


def _parts(rows: Sequence[Any]) -> list[Sequence[Any]]:
    return [rows[start : start + MANY] for start in range(0, len(rows), MANY)]


def has_entries(project_ids: Collection[int]) -> bool:
    """Whether any entry of these projects still stands."""
    mine = FundMovementEntry.request_id == FundRequest.id
    return bool(db.session.scalar(select(exists().where(FundRequest.project_id.in_(project_ids), mine, live()))))
