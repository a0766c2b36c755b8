"""Proposing a merge, deciding about it, and carrying it out in short steps."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import aliased

from app.accounts import helping
from app.accounts import queries as accounts
from app.accounts.sessions import end_all_sessions
from app.activities.models import Signup
from app.activities.service.seats import give_back, lock_shifts
from app.activities.service.signups import promote
from app.audit import service as audit
from app.checkin.models import Attendance
from app.checkin.service.spells import credit_waiting
from app.core.clock import local_date
from app.core.db import db, upsert, writing
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.crediting.moving import Move, Source, move, sources_of
from app.hours.rules import SourceKind
from app.merges.models import Merge, MergeSource
from app.merges.own_rules import Pair
from app.merges.policies import Fate, Row
from app.merges.queries.digest import digest
from app.merges.queries.faults import faults
from app.merges.queries.rows import Plan, plan
from app.merges.rules import STEP, Verdict
from app.merges.service import spells
from app.merges.service.notes import carry_out
from app.people.service import become, lock_persons

OWN = "这是您自己的档案，要别人来办。"
SEEN = "您看过以后，这两份档案有了变化，没有办理。请再看一遍现在的样子。"
DECIDED = "这次合并已经有人处理过了。"
OTHER_WAY = "已经反过来合并了：留下的是另一份"


@dataclass(frozen=True)
class Proposal:
    """`seen` is the digest of what the proposer saw."""

    stays_id: int
    goes_id: int
    reason: str
    seen: str


def propose(proposal: Proposal, by_id: int, now: datetime) -> int:
    """Its id. Raises Refused for one's own record, Conflict where it is not as it was seen or can not be merged now."""
    writing()
    pair = Pair(proposal.stays_id, proposal.goes_id, by_id, now, local_date(now))
    if by_id in (pair.stays_id, pair.goes_id):
        raise Refused(OWN)
    if pair.stays_id == pair.goes_id:
        raise Invalid({"stays": "要选两份不同的档案"})
    lock_persons(sorted([pair.stays_id, pair.goes_id]))
    _check(pair, proposal.seen)
    values = {"stays_id": pair.stays_id, "goes_id": pair.goes_id, "reason": proposal.reason, "seen": proposal.seen}
    adding = upsert(Merge.__table__).values(**values, proposed_by_id=by_id, proposed_at=now).on_conflict_do_nothing().returning(Merge.id)
    merge_id: int | None = db.session.execute(adding).scalar_one_or_none()
    if merge_id is None:
        raise Conflict("这份档案已经有一次合并在等确认，或者已经合并了。")
    audit.record(by_id, "merge.proposal", "merge", merge_id, stays=pair.stays_id, goes=pair.goes_id)
    return merge_id


def _check(pair: Pair, seen: str) -> Plan:
    planned = plan(pair)
    found = [*faults(pair), *planned.refusals]
    if found:
        raise Conflict("现在还不能合并：" + "；".join(found) + "。")
    if digest(pair) != seen:
        raise Conflict(SEEN)
    return planned


def known(merge_id: int) -> Merge:
    """Held against every other step of it."""
    found = db.session.scalars(select(Merge).where(Merge.id == merge_id).with_for_update().execution_options(populate_existing=True))
    merge = found.one_or_none()
    if merge is None:
        raise NotFound
    return merge


def held(merge_id: int) -> Merge:
    """Of the first statement on nobody else writes about either of the two. Raises NotFound."""
    writing()
    merge = db.session.get(Merge, merge_id)
    if merge is None:
        raise NotFound
    lock_persons(sorted([merge.stays_id, merge.goes_id]))
    return known(merge_id)


def _decide(merge_id: int, by_id: int, verdict: Verdict, answer: str, now: datetime) -> Merge:
    deciding = update(Merge).where(Merge.id == merge_id, Merge.verdict.is_(None))
    done = deciding.values(verdict=verdict, decided_by_id=by_id, decided_at=now, answer=answer).returning(Merge.id)
    if db.session.execute(done).scalar_one_or_none() is None:
        raise Conflict(DECIDED)
    return known(merge_id)


def return_(merge_id: int, by_id: int, answer: str, now: datetime) -> None:
    """Nothing is merged; the proposer reads why. Raises Conflict when somebody was faster, Refused for one's own proposal or record."""
    merge = known(merge_id)
    _another(merge, by_id)
    _decide(merge_id, by_id, Verdict.RETURNED, answer, now)
    audit.record(by_id, "merge.return", "merge", merge_id)


def withdraw(merge_id: int, by_id: int, now: datetime) -> None:
    """By its proposer. Raises NotFound for anybody else's."""
    if known(merge_id).proposed_by_id != by_id:
        raise NotFound
    _decide(merge_id, by_id, Verdict.WITHDRAWN, "", now)
    audit.record(by_id, "merge.withdrawal", "merge", merge_id)


def _another(merge: Merge, by_id: int) -> None:
    if by_id == merge.proposed_by_id:
        raise Refused("这是您自己提出的，要另一位确认。")
    if by_id in (merge.stays_id, merge.goes_id):
        raise Refused(OWN)


@dataclass(frozen=True)
class Opposite:
    """A proposal to keep the other record of the same two, and who made it."""

    id: int
    proposed_by_id: int


def approve(merge_id: int, by_id: int, seen: str, now: datetime) -> Opposite | None:
    """From now on the one record is the other; `advance` moves what was credited. `seen`: the digest of what the decider saw.

    Returns the opposite proposal, where one waited: it ends with this. Raises Conflict as `propose`, and when somebody was faster;
    Refused for one's own proposal or record.
    """
    merge = held(merge_id)
    _another(merge, by_id)
    if helping.given_by(by_id, merge.proposed_by_id, now):
        raise Refused(helping.GIVEN_BY)
    if merge.verdict is not None:
        raise Conflict(DECIDED)
    begin(merge, by_id, _check(Pair(merge.stays_id, merge.goes_id, by_id, now, local_date(now)), seen), now)
    return _end_opposite(merge_id, by_id, now)


def _end_opposite(merge_id: int, by_id: int, now: datetime) -> Opposite | None:
    """It can not be carried out any more, and would hold up whatever asks for nothing open. Sent back, or withdrawn by its own maker."""
    carried_out, m = aliased(Merge), Merge
    same = select(m.id, m.proposed_by_id).join(carried_out, (carried_out.goes_id == m.stays_id) & (carried_out.stays_id == m.goes_id))
    found = db.session.execute(same.where(carried_out.id == merge_id, m.verdict.is_(None)).with_for_update(of=m)).one_or_none()
    if found is None:
        return None
    mine = found.proposed_by_id == by_id
    verdict, answer = (Verdict.WITHDRAWN, "") if mine else (Verdict.RETURNED, OTHER_WAY)
    _decide(found.id, by_id, verdict, answer, now)
    audit.record(by_id, "merge.withdrawal" if mine else "merge.return", "merge", found.id)
    return Opposite(found.id, found.proposed_by_id)


def begin(merge: Merge, by_id: int, planned: Plan, now: datetime) -> None:
    """All but the ledgers. The persons are locked."""
    pair, merge_id = Pair(merge.stays_id, merge.goes_id, by_id, now, local_date(now)), merge.id
    _decide(merge_id, by_id, Verdict.APPROVED, "", now)
    shifts = _seats(planned.fates)
    lock_shifts(*sorted(shifts))
    account = accounts.account_of(pair.goes_id)
    carry_out(merge_id, planned.fates)
    become(pair.goes_id, pair.stays_id)
    if account:
        end_all_sessions(account.id, now)
    for shift_id, position_id, seated in shifts.values():
        if seated:
            give_back(shift_id, position_id)
        promote(shift_id, now)
    audit.record(by_id, "merge.approval", "merge", merge_id, stays=pair.stays_id, goes=pair.goes_id)


def _seats(fates: Collection[Fate]) -> dict[int, tuple[int, int | None, bool]]:
    """shift → (itself, position, seated) of the sign-ups that are withdrawn."""
    keys = [one.key for one in fates if one.table == "signup" and "withdrawn_at" in one.after]
    if not keys:
        return {}
    found = db.session.execute(select(Signup.shift_id, Signup.position_id, Signup.seated_at).where(Signup.id.in_(keys)))
    return {shift_id: (shift_id, position_id, seated_at is not None) for shift_id, position_id, seated_at in found}


def advance(merge_id: int, now: datetime, step: int = STEP) -> bool:
    """Move the next entries; whether there may be more. Doing it once more than needed changes nothing."""
    merge = held(merge_id)
    if merge.verdict is not Verdict.APPROVED or merge.merged_at is not None:
        return False
    assert merge.decided_by_id is not None  # noqa: S101 (the database sees to it)
    sources = sources_of(merge.goes_id, step)
    if sources:
        _move(merge, sources, now)
    if len(sources) == step:
        return True
    _spells_without_entries(merge, now)
    db.session.execute(update(Merge).where(Merge.id == merge_id).values(merged_at=now))
    credit_waiting(merge.stays_id, now)
    audit.record(merge.decided_by_id, "merge", "person", merge.stays_id, goes=merge.goes_id)
    return False


def _pair(merge: Merge, now: datetime) -> Pair:
    return Pair(merge.stays_id, merge.goes_id, merge.decided_by_id or 0, now, local_date(now))


def _move(merge: Merge, sources: list[Source], now: datetime) -> None:
    ids = [one.id for one in sources if one.kind is SourceKind.ATTENDANCE]
    left_out = _spells(merge, ids, now)
    uncounted = [Source(SourceKind.ATTENDANCE, one) for one in left_out]
    said = Move(merge.goes_id, merge.stays_id, f"合并档案，{merge.id} 号", merge.proposed_by_id, merge.decided_by_id)
    move(said, sources, now, uncounted=uncounted)
    rows = [{"merge_id": merge.id, "source_kind": one.kind, "source_id": one.id, "uncounted": one in uncounted} for one in sources]
    db.session.execute(insert(MergeSource), rows)


def _spells(merge: Merge, ids: list[int], now: datetime) -> set[int]:
    """Spells go with their entries. Those that overlap with one that counts already are left out; which, is returned."""
    going = spells.of(merge.goes_id, ids)
    clashing = spells.overlapping(going, merge.stays_id)
    carry_out(merge.id, [_spell(merge, row, now, clashing=row["id"] in clashing) for row in going])
    return clashing


def _spell(merge: Merge, row: Row, now: datetime, *, clashing: bool) -> Fate:
    after: dict[str, object] = {"person_id": merge.stays_id}
    if clashing:
        after |= {"credited_from": None, "credited_to": None, "excluded_at": now, "excluded_by_id": merge.decided_by_id}
    return Fate("attendance", int(str(row["id"])), {key: row[key] for key in after}, after)


def _spells_without_entries(merge: Merge, now: datetime) -> None:
    """Of activities that give neither hours nor points."""
    ids = list(
        db.session.scalars(select(Attendance.id).where(Attendance.person_id == merge.goes_id, Attendance.credited_from.is_not(None)))
    )
    if ids:
        _spells(merge, ids, now)


def totals_moved(merge_id: int) -> int:
    """How many sources it moved."""
    return int(db.session.scalar(select(func.count()).select_from(MergeSource).where(MergeSource.merge_id == merge_id)) or 0)
