"""An uploaded table on its way: read into a preview, written in steps, taken back within its days. Knows no feature.

What a feature's own batches share: `table` is its table of them, with the columns named below.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from app.core import clock
from app.core.db import db
from app.core.errors import Conflict, NotFound

UNDO_DAYS = timedelta(days=30)
STALE = timedelta(seconds=20)  # a writer that has not been heard of for so long has died; each step says so, and takes less than one
MOST_ROWS = 50_000


@dataclass(frozen=True, kw_only=True)
class Batch:
    """How many rows of each verdict, and how far it is."""

    id: int
    unit_id: int | None
    unit_name: str | None
    file_name: str
    made_at: datetime
    made_by: str | None
    fresh: int
    changed: int
    unchanged: int
    blank: int
    refused: int
    titles: tuple[str, ...]
    running: bool
    stopped: bool  # whoever was at it died
    beat_at: datetime | None
    started_at: datetime | None
    applied_at: datetime | None
    undone_at: datetime | None
    cleared_at: datetime | None

    @property
    def rows(self) -> int:
        return self.fresh + self.changed + self.unchanged + self.blank + self.refused

    @property
    def is_preview(self) -> bool:
        return self.started_at is None

    @property
    def is_half(self) -> bool:
        """Writing began and has not ended; when nobody is at it any more it wants going on or taking back."""
        return self.started_at is not None and self.applied_at is None

    def undo_until(self) -> datetime | None:
        return self.applied_at + UNDO_DAYS if self.applied_at and not self.undone_at else None


B = TypeVar("B", bound=Batch)
T = TypeVar("T")


def columns(table: Any) -> tuple[Any, ...]:
    """What `Batch` holds, but for the two names, which the feature joins."""
    alive = and_(table.running.is_not(None), table.beat_at > clock.now() - STALE)
    return (
        table.id, table.unit_id, table.file_name, table.made_at, table.fresh, table.changed, table.unchanged, table.blank, table.refused,
        table.titles, alive.label("running"), died(table).label("stopped"), table.beat_at,
        table.started_at, table.applied_at, table.undone_at, table.cleared_at,
    )  # fmt: skip


def died(table: Any) -> ColumnElement[bool]:
    """Somebody was at it and has not been heard of since."""
    return and_(table.running.is_not(None), table.beat_at <= clock.now() - STALE)


@dataclass(frozen=True)
class Batches(Generic[B]):
    """Reading them, newest first. `query` selects the fields of `kind` by name; a batch whose rows are still coming in is not seen."""

    table: Any
    kind: type[B]
    query: Callable[[], Select[*tuple[Any, ...]]]

    def found(self, *conditions: ColumnElement[bool], most: int | None = None) -> list[B]:
        query = self.query().where(self.table.staged_at.is_not(None), *conditions).order_by(self.table.id.desc()).limit(most)
        return [self._batch(row) for row in db.session.execute(query)]

    def _batch(self, row: Any) -> B:
        values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row._asdict().items()}
        return self.kind(**values | {"running": bool(values["running"]), "stopped": bool(values["stopped"])})

    def one(self, batch_id: int) -> B:
        [batch] = self.found(self.table.id == batch_id)
        return batch

    def in_scope(self, batch_id: int, units: Select[int]) -> B | None:
        return next(iter(self.found(self.table.id == batch_id, self.table.unit_id.in_(units))), None)

    def stopped(self, units: Select[int]) -> list[B]:
        """Those that somebody has to go on with."""
        return self.found(self.table.unit_id.in_(units), died(self.table))

    def recent(self, units: Select[int], most: int = 30) -> list[B]:
        """Previews that were cleared are left out."""
        kept = or_(self.table.cleared_at.is_(None), self.table.applied_at.is_not(None))
        return self.found(self.table.unit_id.in_(units), kept, most=most)


def outlived(table: Any, now: datetime, preview_life: timedelta) -> ColumnElement[bool]:
    """Staged rows are other people's data: to go once a preview is stale or a batch can no longer be taken back."""
    return or_(
        table.started_at.is_(None) & (table.made_at < now - preview_life),
        table.applied_at < now - UNDO_DAYS - timedelta(days=1),
        table.undone_at < now - preview_life,
    )


def for_writing(table: type[T], batch_id: int, now: datetime, word: str) -> T:
    """The batch that is to be written, or written on, by its one writer; detached. `word` names it: 名册. Raises Conflict or NotFound."""
    batch = _free(table, batch_id, now, word)
    if batch.applied_at or batch.undone_at:
        raise Conflict(f"这份{word}已经写过了。")
    if batch.cleared_at:
        raise Conflict("这份预览放得太久，已经清掉了，请重新上传。")
    return cast(T, batch)


def for_undo(table: type[T], batch_id: int, now: datetime, word: str) -> tuple[T, date]:
    """The batch that is to be taken back, as for writing, and the day it was written for."""
    batch = _free(table, batch_id, now, word)
    if batch.started_at is None or batch.undone_at:
        raise Conflict(f"这份{word}没有写入，或已经退回了。")
    if batch.applied_at and now > batch.applied_at + UNDO_DAYS:
        raise Conflict("写入已经超过 30 天，不能整批退回了；有错请逐个更正。")
    return cast(T, batch), clock.local_date(batch.started_at)


def busy(word: str) -> Conflict:
    return Conflict(f"正在写入或退回一份{word}，请等它完成再试。")


def _free(table: Any, batch_id: int, now: datetime, word: str) -> Any:
    if db.session.scalar(select(exists().where(table.running == 1, table.beat_at > now - STALE))):
        raise busy(word)
    if db.session.scalar(select(exists().where(table.running == 1, table.id != batch_id))):
        raise Conflict(f"有一份{word}写到一半停下了，请先到它的页面继续或退回。")
    batch = db.session.get(table, batch_id, populate_existing=True)
    if batch is None or batch.staged_at is None:
        raise NotFound
    db.session.expunge(batch)
    return batch
