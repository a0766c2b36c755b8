"""A plan → staged rows, kept until they are written and can no longer be taken back. Called inside write transactions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, text, update

from app.audit import service as audit
from app.core.db import db, is_sqlite, writing
from app.imports.models import ImportBatch, ImportChange, ImportQuestion, ImportRemark, ImportRow, ImportUnit
from app.imports.planning import Ask, Decision, Field, Plan, Verdict
from app.imports.reading import Remark
from app.people.naming import initials
from app.sheets.batches import outlived
from app.sheets.cells import as_kept

PREVIEW_LIFE = timedelta(days=2)
EPHEMERAL = (ImportRemark, ImportRow, ImportUnit)


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
            date_moves=sum(any(change.field is Field.STAGE_DATE for change in one.changes) and not one.asks for one in plan.decisions),
            cards=plan.asking(Ask.CARD),
            questions=plan.asking(Ask.PHONE),
            shares=plan.asking(Ask.SHARE),
            unknown=list(plan.heading.unknown),
        )
        .returning(ImportBatch.id)
    ).scalar_one()
    people = {unit.key: unit.people for unit in plan.new_units()}
    named = [
        {"batch_id": batch_id, "key": unit.key, "name": unit.name, "kind": unit.kind, "parent_key": unit.parent,
         "is_new": unit.unit_id is None, "people": people.get(unit.key, 0), "unit_id": unit.unit_id,
         "likes": unit.like}
        for unit in plan.units
    ]  # fmt: skip
    db.session.execute(insert(ImportUnit), named)
    return batch_id


@dataclass(frozen=True)
class Rows:
    """Staged rows, made ready outside the write lock."""

    rows: list[dict[str, Any]]
    remarks: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    questions: list[dict[str, Any]]


def ready(batch_id: int, decisions: Sequence[Decision]) -> Rows:
    return Rows(
        [_row(batch_id, decision) for decision in decisions],
        [values for decision in decisions for values in _remarks(batch_id, decision)],
        [values for decision in decisions for values in _changes(batch_id, decision)],
        [
            {
                "batch_id": batch_id,
                "row": decision.row.row,
                "person_id": decision.holder_id or decision.person_id,
                "with_row": decision.row.beside if decision.asks is Ask.SHARE else None,
            }
            for decision in decisions
            if decision.asks in (Ask.PHONE, Ask.SHARE)
        ],
    )


def put_rows(rows: Rows) -> None:
    writing()
    for table, values in (
        (ImportRow, rows.rows), (ImportRemark, rows.remarks), (ImportChange, rows.changes), (ImportQuestion, rows.questions),
    ):  # fmt: skip
        if values:
            db.session.execute(insert(table), values)


def _row(batch_id: int, decision: Decision) -> dict[str, Any]:
    row = decision.row
    return {
        "batch_id": batch_id, "row": row.row, "verdict": decision.verdict, "person_id": decision.person_id,
        "name": row.name, "phone": row.phone, "gender": row.gender, "birth_date": row.birth_date,
        "stage": row.stage, "stage_on": row.stage_on, "note": row.note, "home_key": decision.home, "reported_key": decision.reported,
        "asks": decision.asks, "initials": initials(row.name) if _may_be_new(decision) else "",
    }  # fmt: skip


def _may_be_new(decision: Decision) -> bool:
    return decision.verdict is Verdict.NEW or decision.asks is not None


def _remarks(batch_id: int, decision: Decision) -> list[dict[str, Any]]:
    def values(remark: Remark, refuses: bool, raw: list[Any] | None) -> dict[str, Any]:
        return {
            "batch_id": batch_id, "row": remark.row, "refuses": refuses, "name": decision.row.name[:60], "column": remark.column[:60],
            "value": remark.value[:120], "reason": remark.reason[:200], "raw": raw,
        }  # fmt: skip

    raw = [as_kept(cell) for cell in decision.row.raw]
    faults = [values(fault, True, None if place else raw) for place, fault in enumerate(decision.faults)]
    return faults + [values(warning, False, None) for warning in decision.warnings if decision.verdict is not Verdict.REFUSED]


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
    if not is_sqlite():  # what has just come in is not in PostgreSQL's statistics yet, and its plans would grow with what is on record
        db.session.execute(text("SET LOCAL default_statistics_target = 10"))  # a sample of 3,000 rows, however many are staged
        db.session.execute(text("ANALYZE import_row, import_unit, import_change"))
    batch = db.session.execute(
        update(ImportBatch).where(ImportBatch.id == batch_id).values(staged_at=now).returning(ImportBatch.made_by_id, ImportBatch.refused)
    ).one()
    audit.record(batch.made_by_id, "import.preview", "import_batch", batch_id, refused=batch.refused)


def forget_old(now: datetime) -> None:
    """Staged rows are other people's data: gone once a preview is stale or a batch can no longer be taken back."""
    writing()
    stale = outlived(ImportBatch, now, PREVIEW_LIFE)
    old = select(ImportBatch.id, ImportBatch.applied_at).where(ImportBatch.cleared_at.is_(None), stale).limit(5)
    for batch_id, applied_at in db.session.execute(old).all():
        for table in EPHEMERAL if applied_at else (*EPHEMERAL, ImportChange, ImportQuestion):
            db.session.execute(delete(table).where(table.batch_id == batch_id))
        db.session.execute(update(ImportBatch).where(ImportBatch.id == batch_id).values(cleared_at=now))
