"""A file → a plan; and the claims that let one writer at a time turn staged rows into people, or take them back.

Called inside write transactions, except `plan_file`, which only reads. The set-wise writing itself is in `writing`.
"""

import re
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, or_, select, text, update

from app.audit import service as audit
from app.core import clock
from app.core.db import db, is_sqlite, writing
from app.core.errors import Conflict, Invalid
from app.imports import answers, queries, rules, status
from app.imports.deciding import Planner
from app.imports.models import ImportBatch, ImportRow, ImportUnit
from app.imports.planning import Plan, Verdict
from app.imports.reading import read_sheet
from app.imports.rules import Heading, OwnWords
from app.imports.units import UnitPlan
from app.people import queries as people
from app.sheets import batches
from app.sheets.batches import MOST_ROWS
from app.sheets.reading import Sheet

WORD = "名册"


class Unread(Invalid):
    """Columns that are needed are not among those recognised; perhaps they are among those that are not (`heading.unknown`)."""

    def __init__(self, heading: Heading) -> None:
        self.heading = heading
        message = f"表头在第 {heading.row + 1} 行，少了{'、'.join(rules.missing_columns(heading))}，没有读。"
        super().__init__({"file": message}, message)


def plan_file(
    sheets: Sequence[Sheet], root_id: int | None, reach_all: bool, today: date, said: OwnWords | None = None, *, by: int | None = None
) -> Plan:
    """What the file would do below `root_id` (None: there is no unit yet). Writes nothing. Raises Invalid (field `file`) or Unread.

    Headings mean what they mean everywhere, what the unit has said before, and what is `said` now.
    `by` is the importer's person (None: the command line); their own branch and stage are left alone.
    """
    own = {one.word: one.means for one in queries.own_words(root_id)} | dict(said or {})
    found = [(sheet, heading) for sheet in sheets if (heading := rules.find_heading(sheet.rows, own))]
    if not found:
        likely = [heading for sheet in sheets if (heading := rules.likely_heading(sheet.rows, own))]
        if likely:
            raise Unread(max(likely, key=lambda heading: len(heading.columns)))
        raise _no("没有找到表头。前 20 行里要有一行写着姓名、手机号码、所属党支部。")
    sheet, heading = max(found, key=lambda pair: len(pair[1].columns))
    if rules.missing_columns(heading):
        raise Unread(heading)
    if len(sheet.rows) > MOST_ROWS:
        raise _no(f"一次最多 {MOST_ROWS:,} 行，请分开导入。")
    read = read_sheet(sheet.rows, heading, today)
    if not read.rows:
        raise _no("表头下面没有人员，没有读。")
    facts = queries.units_in_reach(root_id, today) if root_id is not None else []
    units = UnitPlan(facts, root_id, _root_name(read.title))
    planner = Planner(heading, units, None if reach_all else units.ids(), by)
    decisions = planner.decide_all(read.rows, queries.candidates(read.rows))
    others = [other.name for other, _ in found if other is not sheet]
    notes = (f"只读了工作表“{sheet.name}”；还有{'、'.join(f'“{name}”' for name in others)}没有读，请另存后单独上传。",) if others else ()
    return Plan(heading, decisions, tuple(units.units), read.blank, (*_own_note(heading), *notes))


def _own_note(heading: Heading) -> tuple[str, ...]:
    return (f"按本单位的表头认出：{'、'.join(heading.own)}。",) if heading.own else ()


def _no(message: str) -> Invalid:
    return Invalid({"file": message}, message)


def _root_name(title: str) -> str:
    found = re.search(r"[\u4e00-\u9fff]{2,6}?(街道|镇|乡)", title)
    return f"{found[0]}党工委" if found else "街道党工委"


def claim_writing(batch_id: int, move_dates: bool, take_cards: bool, now: datetime, make: Collection[int] | None = None) -> date:
    """Become the one writer of a previewed or half-written batch. Returns the day from which its ties hold."""
    writing()
    batch = batches.for_writing(ImportBatch, batch_id, now, WORD)
    since = exists().where(or_(ImportBatch.applied_at > batch.made_at, ImportBatch.undone_at > batch.made_at))
    taking: dict[str, Any] = {}
    if batch.started_at is None:
        if db.session.scalar(select(since)):
            raise Conflict("预览之后名册又有改动，请重新上传这个文件，再看一遍。")
        waiting = answers.settle(batch_id, move_dates=move_dates, take_cards=take_cards, make=make)
        if waiting and not status.progress(batch_id).whole:
            raise Conflict(f"没有写入任何东西：{waiting:,} 行要等新单位。请先勾选要新建的单位。")
        taking = {"move_dates": move_dates, "take_cards": take_cards}
    if not is_sqlite():  # its plans go by how many people it last counted, which may be none
        db.session.execute(text("ANALYZE person, phone"))
    started = batch.started_at or now
    db.session.execute(update(ImportBatch).where(ImportBatch.id == batch_id).values(started_at=started, running=1, beat_at=now, **taking))
    return clock.local_date(started)


def claim_undo(batch_id: int, now: datetime) -> date:
    """Become the one who takes a batch back. Returns the day it was written for."""
    writing()
    _, day = batches.for_undo(ImportBatch, batch_id, now, WORD)
    db.session.execute(update(ImportBatch).where(ImportBatch.id == batch_id).values(running=1, beat_at=now))
    return day


def maker(batch_id: int) -> int | None:
    """Who uploaded it; None: the command line."""
    return db.session.scalar(select(ImportBatch.made_by_id).where(ImportBatch.id == batch_id))


def beat(batch_id: int, now: datetime) -> None:
    """Still at work."""
    writing()
    db.session.execute(update(ImportBatch).where(ImportBatch.id == batch_id).values(beat_at=now))


def finish_writing(batch_id: int, actor_id: int | None, now: datetime) -> None:
    """From here on the batch's figures are what was written."""
    writing()
    figures = answers.seal(batch_id)
    root = select(ImportUnit.unit_id).where(ImportUnit.batch_id == batch_id, ImportUnit.key == 0).scalar_subquery()
    batch = db.session.execute(
        update(ImportBatch)
        .where(ImportBatch.id == batch_id)
        .values(
            applied_at=now,
            running=None,
            last_person_id=_highest_id(batch_id),
            unit_id=db.func.coalesce(ImportBatch.unit_id, root),
            **figures,
        )
        .returning(ImportBatch.fresh, ImportBatch.changed, ImportBatch.refused, ImportBatch.move_dates, ImportBatch.take_cards)
    ).one()
    told = {"new": batch.fresh, "changed": batch.changed, "refused": batch.refused, "move_dates": batch.move_dates}
    audit.record(actor_id, "import.application", "import_batch", batch_id, **told, take_cards=batch.take_cards)


def _highest_id(batch_id: int) -> int | None:
    given = select(db.func.max(ImportRow.person_id)).where(ImportRow.batch_id == batch_id, ImportRow.verdict == Verdict.NEW)
    return db.session.scalar(given)


def give_up(batch_id: int) -> None:
    """Writing failed and everything was taken back: a preview again."""
    writing()
    given = {"last_person_id": _highest_id(batch_id)}
    answers.unsettle(batch_id)
    db.session.execute(update(ImportBatch).where(ImportBatch.id == batch_id).values(running=None, started_at=None, **given))


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


def root_of(roots: frozenset[int], day: date) -> int | None:
    """The unit below which an importer works: the highest they hold (the lowest id of equals); None without any."""
    return next((root for root in sorted(roots) if not people.is_below(root, roots - {root}, day)), None)
