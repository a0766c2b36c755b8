"""What somebody decides about a preview, and how the staged rows follow it: numbers that changed, people without a phone, stage dates.

Called inside write transactions. A preview keeps its verdicts; they follow the decisions when writing begins (`settle`), go back when
writing fails (`unsettle`) and become the record when it ends (`seal`).
"""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, or_, select, update

from app.audit import service as audit
from app.core.db import db, writing
from app.core.errors import Conflict
from app.imports.models import ImportBatch, ImportChange, ImportQuestion, ImportRemark, ImportRow, ImportUnit
from app.imports.planning import NEW_CARD, SHARED, Answer, Ask, Field, Verdict
from app.imports.status import WAITING

R, C, Q, U = ImportRow, ImportChange, ImportQuestion, ImportUnit


def record(batch_id: int, decided: Mapping[int, Answer | None], actor_id: int | None, now: datetime) -> int:
    """Keep what somebody decided, by row; None leaves a row alone again. Only what differs is written; how many did. Raises Conflict."""
    writing()
    if db.session.scalar(select(ImportBatch.started_at).where(ImportBatch.id == batch_id)) is not None:
        raise Conflict("已经开始写入，不能再改决定了。")
    before = dict(db.session.execute(select(Q.row, Q.answer).where(Q.batch_id == batch_id)).all())
    shared = set(db.session.scalars(select(R.row).where(R.batch_id == batch_id, R.asks == Ask.SHARE)))
    differs = {
        row: answer
        for row, answer in decided.items()
        if row in before and before[row] is not answer and not (row in shared and answer is Answer.SAME)
    }
    for answer in {*differs.values()}:
        rows = [row for row, said in differs.items() if said is answer]
        values = {"answer": answer, "decided_by_id": actor_id, "decided_at": now}
        db.session.execute(update(Q).where(Q.batch_id == batch_id, Q.row.in_(rows)).values(**values))
    if differs:
        told = {str(row): answer.value if answer else None for row, answer in sorted(differs.items())}
        audit.record(actor_id, "import.answer", "import_batch", batch_id, rows=told)
    return len(differs)


def settle(batch_id: int, *, move_dates: bool, take_cards: bool, make: Collection[int] | None = None) -> int:
    """Writing begins: verdicts follow what was decided. `make`: the keys of the new units that somebody wants, None for all that resemble
    no other; rows that need another wait. How many do."""
    writing()
    rows, asked = R.batch_id == batch_id, R.asks == Ask.PHONE
    _set(rows, asked, R.row.in_(_answered(batch_id, Answer.SAME)), verdict=Verdict.CHANGED)
    _set(rows, asked, R.row.in_(_answered(batch_id, Answer.OTHER)), verdict=Verdict.NEW, person_id=None)
    _set(rows, R.asks == Ask.SHARE, R.row.in_(_answered(batch_id, Answer.OTHER)), verdict=Verdict.NEW)
    if take_cards:
        _set(rows, R.asks == Ask.CARD, verdict=Verdict.NEW)
    if move_dates:
        moves = select(C.row).where(C.batch_id == batch_id, C.field == Field.STAGE_DATE)
        _set(rows, R.row.in_(moves), R.asks.is_(None), R.verdict == Verdict.UNCHANGED, verdict=Verdict.CHANGED)
    unwanted = _unwanted(batch_id, make)
    if not unwanted:
        return 0
    needs = or_(R.home_key.in_(unwanted), R.reported_key.in_(unwanted))
    _set(rows, needs, R.verdict.in_((Verdict.NEW, Verdict.CHANGED)), verdict=Verdict.REFUSED)
    return db.session.scalar(select(func.count()).where(WAITING, rows)) or 0


def _unwanted(batch_id: int, make: Collection[int] | None) -> list[int]:
    """New units that are not to be made, with all that would stand below them."""
    planned = select(U.key, U.parent_key, U.likes).where(U.batch_id == batch_id, U.unit_id.is_(None)).order_by(U.key)
    unwanted: set[int] = set()
    for key, parent, likes in db.session.execute(planned):
        if parent in unwanted or (bool(likes) if make is None else key not in make):
            unwanted.add(key)
    return sorted(unwanted)


def unsettle(batch_id: int) -> None:
    """Writing failed: a preview again, as it was."""
    writing()
    rows = R.batch_id == batch_id
    _set(rows, R.asks == Ask.SHARE, verdict=Verdict.REFUSED, person_id=None)
    who = select(Q.person_id).where(Q.batch_id == R.batch_id, Q.row == R.row).scalar_subquery()
    _set(rows, WAITING, R.person_id.is_(None), verdict=Verdict.NEW)
    _set(rows, WAITING, verdict=Verdict.CHANGED)
    _set(rows, R.asks == Ask.PHONE, verdict=Verdict.UNCHANGED, person_id=who)
    _set(rows, R.asks == Ask.CARD, verdict=Verdict.REFUSED, person_id=None)
    more = select(C.row).where(C.batch_id == batch_id, C.field != Field.STAGE_DATE)
    _set(rows, R.asks.is_(None), R.verdict == Verdict.CHANGED, R.row.not_in(more), verdict=Verdict.UNCHANGED)


def seal(batch_id: int) -> dict[str, Any]:
    """Writing ended: what was only planned goes; the batch's figures as they came out."""
    writing()
    written = select(R.row).where(R.batch_id == batch_id, R.verdict == Verdict.CHANGED)
    moved = select(ImportBatch.move_dates).where(ImportBatch.id == batch_id).scalar_subquery()
    unwritten = or_(C.row.not_in(written), and_(C.field == Field.STAGE_DATE, ~moved))
    db.session.execute(delete(C).where(C.batch_id == batch_id, unwritten))
    for ask, words in ((Ask.CARD, NEW_CARD), (Ask.SHARE, SHARED)):
        taken = select(R.row).where(R.batch_id == batch_id, R.asks == ask, R.verdict == Verdict.NEW)
        about = (ImportRemark.batch_id == batch_id, ImportRemark.refuses, ImportRemark.row.in_(taken))
        db.session.execute(update(ImportRemark).where(*about).values(refuses=False, reason=words, raw=None))
    counted = select(R.verdict, func.count()).where(R.batch_id == batch_id).group_by(R.verdict)
    found = Counter(dict(db.session.execute(counted).all()))
    waiting = db.session.scalar(select(func.count()).where(R.batch_id == batch_id, WAITING)) or 0
    warned = select(func.count(func.distinct(ImportRemark.row))).where(ImportRemark.batch_id == batch_id, ~ImportRemark.refuses)
    return {
        "fresh": found[Verdict.NEW], "changed": found[Verdict.CHANGED], "unchanged": found[Verdict.UNCHANGED],
        "refused": found[Verdict.REFUSED] - waiting, "waiting": waiting, "warned": db.session.scalar(warned),
    }  # fmt: skip


def _answered(batch_id: int, answer: Answer) -> Any:
    return select(Q.row).where(Q.batch_id == batch_id, Q.answer == answer)


def _set(*where: Any, **values: Any) -> None:
    db.session.execute(update(R).where(*where).values(**values), execution_options={"synchronize_session": False})
