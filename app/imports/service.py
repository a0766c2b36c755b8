"""A file → a plan → staging; and the claims that let one writer at a time turn staging into people, or take it back.

Called inside write transactions, except `plan_file`, which only reads. The set-wise writing itself is in `writing`.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, insert, or_, select, update

from app.audit import service as audit
from app.core import clock
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, NotFound
from app.imports import queries, rules
from app.imports.models import ImportBatch, ImportChange, ImportRemark, ImportRow, ImportUnit
from app.imports.planning import Decision, Field, Plan, Planner, Verdict
from app.imports.reading import Remark, read_sheet
from app.imports.rules import Cell
from app.imports.units import UnitPlan
from app.people import queries as people
from app.sheets.reading import Sheet

UNDO_DAYS = timedelta(days=30)
PREVIEW_LIFE = timedelta(days=2)
STALE = timedelta(seconds=90)  # a writer that has not been heard of for so long has died
MOST_ROWS = 50_000


def plan_file(sheets: Sequence[Sheet], root_id: int | None, reach_all: bool, today: date) -> Plan:
    """What the file would do below `root_id` (None: there is no unit yet). Writes nothing. Raises Invalid (field `file`)."""
    found = [(sheet, heading) for sheet in sheets if (heading := rules.find_heading(sheet.rows))]
    if not found:
        raise _no("没有找到表头。前 20 行里要有一行写着姓名、手机号码、所属党支部。")
    sheet, heading = max(found, key=lambda pair: len(pair[1].columns))
    if missing := rules.missing_columns(heading):
        raise _no(f"表头在第 {heading.row + 1} 行，少了{'、'.join(missing)}，没有读。")
    if len(sheet.rows) > MOST_ROWS:
        raise _no(f"一次最多 {MOST_ROWS:,} 行，请分开导入。")
    read = read_sheet(sheet.rows, heading, today)
    if not read.rows:
        raise _no("表头下面没有人员，没有读。")
    facts = queries.units_in_reach(root_id, today) if root_id is not None else []
    units = UnitPlan(facts, root_id, _root_name(read.title))
    planner = Planner(heading, units, None if reach_all else units.ids())
    decisions = planner.decide_all(read.rows, queries.candidates(read.rows))
    others = [other.name for other, _ in found if other is not sheet]
    notes = (f"只读了工作表“{sheet.name}”；还有{'、'.join(f'“{name}”' for name in others)}没有读，请另存后单独上传。",) if others else ()
    return Plan(heading, decisions, tuple(units.units), read.blank, notes)


def _no(message: str) -> Invalid:
    return Invalid({"file": message}, message)


def _root_name(title: str) -> str:
    found = re.search(r"[\u4e00-\u9fff]{2,6}?(街道|镇|乡)", title)
    return f"{found[0]}党工委" if found else "街道党工委"


def open_batch(plan: Plan, root_id: int | None, file_name: str, actor_id: int | None, now: datetime) -> int:
    """The batch and its units; its rows follow in small commits (`stage_rows`)."""
    writing()
    warned = sum(bool(decision.warnings) and decision.verdict is not Verdict.REFUSED for decision in plan.decisions)
    batch_id: int = db.session.execute(
        insert(ImportBatch)
        .values(
            unit_id=root_id,
            file_name=file_name[-120:],
            made_by_id=actor_id,
            made_at=now,
            titles=list(plan.heading.titles),
            notes=list(plan.notes),
            fresh=plan.count(Verdict.NEW),
            changed=plan.count(Verdict.CHANGED),
            unchanged=plan.count(Verdict.UNCHANGED),
            blank=plan.blank,
            refused=plan.count(Verdict.REFUSED),
            warned=warned,
            date_moves=sum(any(change.field is Field.STAGE_DATE for change in decision.changes) for decision in plan.decisions),
            move_dates=False,
        )
        .returning(ImportBatch.id)
    ).scalar_one()
    named = [
        {"batch_id": batch_id, "key": unit.key, "name": unit.name, "kind": unit.kind, "parent_key": unit.parent,
         "is_new": unit.unit_id is None, "people": unit.people, "unit_id": unit.unit_id}
        for unit in plan.units
    ]  # fmt: skip
    db.session.execute(insert(ImportUnit), named)
    return batch_id


def stage_rows(batch_id: int, decisions: Sequence[Decision]) -> None:
    writing()
    db.session.execute(insert(ImportRow), [_row(batch_id, decision) for decision in decisions])
    remarks = [values for decision in decisions for values in _remarks(batch_id, decision)]
    if remarks:
        db.session.execute(insert(ImportRemark), remarks)
    changes = [values for decision in decisions for values in _changes(batch_id, decision)]
    if changes:
        db.session.execute(insert(ImportChange), changes)


def _row(batch_id: int, decision: Decision) -> dict[str, Any]:
    row = decision.row
    return {
        "batch_id": batch_id, "row": row.row, "verdict": decision.verdict, "person_id": decision.person_id,
        "name": row.name, "phone": row.phone, "gender": row.gender, "birth_date": row.birth_date,
        "stage": row.stage, "stage_on": row.stage_on, "note": row.note, "home_key": decision.home, "reported_key": decision.reported,
    }  # fmt: skip


def _remarks(batch_id: int, decision: Decision) -> list[dict[str, Any]]:
    def values(remark: Remark, refuses: bool, raw: list[Any] | None) -> dict[str, Any]:
        return {
            "batch_id": batch_id, "row": remark.row, "refuses": refuses, "name": decision.row.name[:60], "column": remark.column[:60],
            "value": remark.value[:120], "reason": remark.reason[:200], "raw": raw,
        }  # fmt: skip

    raw = [_plain(cell) for cell in decision.row.raw]
    faults = [values(fault, True, None if place else raw) for place, fault in enumerate(decision.faults)]
    return faults + [values(warning, False, None) for warning in decision.warnings if decision.verdict is not Verdict.REFUSED]


def _plain(cell: Cell) -> str | int | float | None:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return int(cell)
    return cell if isinstance(cell, int | float | None) else rules.as_sent(cell)


def _changes(batch_id: int, decision: Decision) -> list[dict[str, Any]]:
    keys = {Field.HOME: decision.home, Field.REPORTED: decision.reported}
    return [
        {
            "batch_id": batch_id, "row": decision.row.row, "person_id": decision.person_id, "field": change.field,
            "before": change.before, "after": change.after, "before_on": change.before_on, "after_on": change.after_on,
            "target_id": change.target_id, "unit_key": keys.get(change.field),
        }
        for change in decision.changes
    ]  # fmt: skip


def close_staging(batch_id: int, now: datetime) -> None:
    """All rows are in: the preview may be seen."""
    writing()
    batch = db.session.execute(
        update(ImportBatch).where(ImportBatch.id == batch_id).values(staged_at=now).returning(ImportBatch.made_by_id, ImportBatch.refused)
    ).one()
    audit.record(batch.made_by_id, "import.preview", "import_batch", batch_id, refused=batch.refused)


def claim_writing(batch_id: int, move_dates: bool, now: datetime) -> date:
    """Become the one writer of a previewed or half-written batch. Returns the day from which its ties hold."""
    writing()
    batch = _claim(batch_id, now)
    if batch.applied_at or batch.undone_at:
        raise Conflict("这份名册已经写过了。")
    if batch.cleared_at:
        raise Conflict("这份预览放得太久，已经清掉了，请重新上传。")
    since = exists().where(or_(ImportBatch.applied_at > batch.made_at, ImportBatch.undone_at > batch.made_at))
    if batch.started_at is None:
        if db.session.scalar(select(since)):
            raise Conflict("预览之后名册又有改动，请重新上传这个文件，再看一遍。")
        _settle_dates(batch_id, move_dates)
    started = batch.started_at or now
    db.session.execute(
        update(ImportBatch).where(ImportBatch.id == batch_id).values(started_at=started, running=1, beat_at=now, move_dates=move_dates)
    )
    return clock.local_date(started)


def _settle_dates(batch_id: int, move_dates: bool) -> None:
    """The tick about stage dates, made once: with it those rows are changes, without it those changes are forgotten."""
    moves = select(ImportChange.row).where(ImportChange.batch_id == batch_id, ImportChange.field == Field.STAGE_DATE)
    if move_dates:
        rows = (ImportRow.batch_id == batch_id, ImportRow.row.in_(moves), ImportRow.verdict == Verdict.UNCHANGED)
        db.session.execute(update(ImportRow).where(*rows).values(verdict=Verdict.CHANGED))
    else:
        db.session.execute(delete(ImportChange).where(ImportChange.batch_id == batch_id, ImportChange.field == Field.STAGE_DATE))


def claim_undo(batch_id: int, now: datetime) -> date:
    """Become the one who takes a batch back. Returns the day it was written for."""
    writing()
    batch = _claim(batch_id, now)
    if batch.started_at is None or batch.undone_at:
        raise Conflict("这份名册没有写入，或已经退回了。")
    if batch.applied_at and now > batch.applied_at + UNDO_DAYS:
        raise Conflict("写入已经超过 30 天，不能整批退回了；有错请逐个更正。")
    db.session.execute(update(ImportBatch).where(ImportBatch.id == batch_id).values(running=1, beat_at=now))
    return clock.local_date(batch.started_at)


def _claim(batch_id: int, now: datetime) -> ImportBatch:
    busy = exists().where(ImportBatch.running == 1, ImportBatch.beat_at > now - STALE)
    if db.session.scalar(select(busy)):
        raise Conflict("正在写入或退回一份名册，请等它完成再试。")
    half = exists().where(ImportBatch.running == 1, ImportBatch.id != batch_id)
    if db.session.scalar(select(half)):
        raise Conflict("有一份名册写到一半停下了，请先到它的页面继续或退回。")
    batch = db.session.get(ImportBatch, batch_id, populate_existing=True)
    if batch is None or batch.staged_at is None:
        raise NotFound
    db.session.expunge(batch)
    return batch


def beat(batch_id: int, now: datetime) -> None:
    """Still at work."""
    writing()
    db.session.execute(update(ImportBatch).where(ImportBatch.id == batch_id).values(beat_at=now))


def finish_writing(batch_id: int, actor_id: int | None, now: datetime) -> None:
    writing()
    root = select(ImportUnit.unit_id).where(ImportUnit.batch_id == batch_id, ImportUnit.key == 0).scalar_subquery()
    batch = db.session.execute(
        update(ImportBatch)
        .where(ImportBatch.id == batch_id)
        .values(applied_at=now, running=None, last_person_id=_highest_id(batch_id), unit_id=db.func.coalesce(ImportBatch.unit_id, root))
        .returning(ImportBatch.fresh, ImportBatch.changed, ImportBatch.refused, ImportBatch.move_dates)
    ).one()
    figures = {"new": batch.fresh, "changed": batch.changed, "refused": batch.refused, "move_dates": batch.move_dates}
    audit.record(actor_id, "import.application", "import_batch", batch_id, **figures)


def _highest_id(batch_id: int) -> int | None:
    given = select(db.func.max(ImportRow.person_id)).where(ImportRow.batch_id == batch_id, ImportRow.verdict == Verdict.NEW)
    return db.session.scalar(given)


def give_up(batch_id: int) -> None:
    """Writing failed and everything was taken back: a preview again."""
    writing()
    db.session.execute(update(ImportBatch).where(ImportBatch.id == batch_id).values(running=None, started_at=None))


def let_go(batch_id: int) -> None:
    """Taking back failed and everything is written again."""
    writing()
    db.session.execute(update(ImportBatch).where(ImportBatch.id == batch_id).values(running=None))


def finish_undo(batch_id: int, actor_id: int | None, now: datetime) -> None:
    """A half-written batch becomes a preview that can not be used again; a written one is taken back."""
    writing()
    db.session.execute(
        update(ImportBatch)
        .where(ImportBatch.id == batch_id)
        .values(
            undone_at=now,
            undone_by_id=actor_id,
            running=None,
            applied_at=db.func.coalesce(ImportBatch.applied_at, now),
            last_person_id=_highest_id(batch_id),
        )
    )
    audit.record(actor_id, "import.undo", "import_batch", batch_id)


def forget_old(now: datetime) -> None:
    """Staged rows are other people's data: gone once a preview is stale or a batch can no longer be taken back."""
    writing()
    stale = or_(
        ImportBatch.started_at.is_(None) & (ImportBatch.made_at < now - PREVIEW_LIFE),
        ImportBatch.applied_at < now - UNDO_DAYS - timedelta(days=1),
        ImportBatch.undone_at < now - PREVIEW_LIFE,
    )
    old = select(ImportBatch.id, ImportBatch.applied_at).where(ImportBatch.cleared_at.is_(None), stale).limit(5)
    for batch_id, applied_at in db.session.execute(old).all():
        for table in (ImportRemark, ImportRow, ImportUnit) if applied_at else (ImportRemark, ImportRow, ImportUnit, ImportChange):
            db.session.execute(delete(table).where(table.batch_id == batch_id))
        db.session.execute(update(ImportBatch).where(ImportBatch.id == batch_id).values(cleared_at=now))


def root_of(roots: frozenset[int], day: date) -> int | None:
    """The unit below which an importer works: the highest they hold (the lowest id of equals); None without any."""
    return next((root for root in sorted(roots) if not people.is_below(root, roots - {root}, day)), None)
