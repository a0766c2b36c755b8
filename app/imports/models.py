"""A file that was read, row by row, before anything is written; and what writing it changed, so that it can be taken back."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, stored
from app.imports.planning import Answer, Ask, Field, Verdict
from app.imports.rules import Column
from app.people.rules import Gender, StageKind, UnitKind


class ImportBatch(Base):
    """One upload. `running` is 1 while somebody writes or takes back, unique, so there is one writer; `beat_at` says it is alive.

    preview: `started_at` NULL · half written: `started_at` without `applied_at` · written: `applied_at` · taken back: `undone_at`.
    """

    __tablename__ = "import_batch"
    __table_args__ = (
        UniqueConstraint("running"),
        CheckConstraint("running IS NULL OR running = 1", name="running"),
        CheckConstraint("applied_at IS NULL OR started_at IS NOT NULL", name="started"),
        CheckConstraint("undone_at IS NULL OR applied_at IS NOT NULL", name="applied"),
        Index("ix_import_batch_unit", "unit_id", "made_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))  # everything lies below it; NULL: the file brings the subdistrict
    file_name: Mapped[str] = mapped_column(String(120))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # NULL: the command line
    made_at: Mapped[datetime]
    staged_at: Mapped[datetime | None]  # all rows are in; before that nobody sees it
    titles: Mapped[list[Any]]  # the sheet's heading, for the correction sheet
    notes: Mapped[list[Any]]  # about the file as a whole
    fresh: Mapped[int]
    changed: Mapped[int]
    unchanged: Mapped[int]
    blank: Mapped[int]
    refused: Mapped[int]
    warned: Mapped[int]
    date_moves: Mapped[int]  # rows whose stage date differs from the record
    cards: Mapped[int] = mapped_column(default=0, server_default="0")  # of the refused: new people without a phone
    shares: Mapped[int] = mapped_column(default=0, server_default="0")  # of the refused: on a number that is somebody else's too
    waiting: Mapped[int] = mapped_column(default=0, server_default="0")  # once written: rows whose new unit nobody wanted
    questions: Mapped[int] = mapped_column(default=0, server_default="0")  # of the unchanged: likely changes of number
    unknown: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")  # headings that nobody knows yet
    move_dates: Mapped[bool] = mapped_column(default=False)
    take_cards: Mapped[bool] = mapped_column(default=False, server_default=false())
    running: Mapped[int | None]
    beat_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    applied_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    cleared_at: Mapped[datetime | None]  # its rows are gone
    last_person_id: Mapped[int | None]  # the highest id it gave; never given again, even after it was taken back


class ImportUnit(Base):
    """A unit that the file names; `is_new` when writing creates it. `parent_key` is another row of the same batch."""

    __tablename__ = "import_unit"

    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"), primary_key=True)
    key: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[UnitKind]
    parent_key: Mapped[int | None]
    is_new: Mapped[bool]
    likes: Mapped[str] = mapped_column(String(80), default="", server_default="")  # a neighbour on record with nearly this name
    people: Mapped[int]
    unit_id: Mapped[int | None]  # no foreign key: staging outlives what was taken back


class ImportRow(Base):
    """One cleaned row, by the sheet's own number. `person_id` is the person on record or, once written, the new one.

    No foreign keys to people: staging must not stand in the way of taking a batch back.
    """

    __tablename__ = "import_row"
    __table_args__ = (
        ForeignKeyConstraint(["batch_id", "home_key"], ["import_unit.batch_id", "import_unit.key"], name="fk_import_row_home"),
        ForeignKeyConstraint(["batch_id", "reported_key"], ["import_unit.batch_id", "import_unit.key"], name="fk_import_row_reported"),
        Index("ix_import_row_verdict", "batch_id", "verdict", "row"),
        Index("ix_import_row_person", "person_id"),
    )

    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"), primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    verdict: Mapped[Verdict]
    person_id: Mapped[int | None]
    name: Mapped[str] = mapped_column(String(40))
    initials: Mapped[str] = mapped_column(String(40), default="", server_default="")
    phone: Mapped[str] = mapped_column(String(20))
    gender: Mapped[Gender | None]
    birth_date: Mapped[date | None]
    stage: Mapped[StageKind | None]
    stage_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(String(200))
    home_key: Mapped[int | None]
    reported_key: Mapped[int | None]
    asks: Mapped[Ask | None]  # what somebody decides before writing; the verdict follows the decision when writing begins
    written_at: Mapped[datetime | None]


class ImportQuestion(Base):
    """Without an answer the row is left alone. Kept for good.

    疑似换号: the row looks like the person, who is on record with another phone. 合用一个号码: its number is also the person's, or that
    of another row of the sheet.
    """

    __tablename__ = "import_question"
    __table_args__ = (CheckConstraint("answer IS NULL OR decided_at IS NOT NULL", name="decided"),)

    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"), primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[int | None]  # who it may be, or who has the number; no foreign key, as in import_row
    with_row: Mapped[int | None]
    answer: Mapped[Answer | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    decided_at: Mapped[datetime | None]


class ImportHeading(Base):
    """本单位的表头: what a heading word means in the files of one office. `means` NULL: a column that is not used."""

    __tablename__ = "import_heading"
    __table_args__ = (UniqueConstraint("unit_id", "word"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    word: Mapped[str] = mapped_column(String(60))
    means: Mapped[Column | None] = mapped_column(stored(Column, "rostercolumn"))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime]


class ImportRemark(Base):
    """Why a row is refused (the first of its faults leads), or what to look at."""

    __tablename__ = "import_remark"
    __table_args__ = (Index("ix_import_remark_batch", "batch_id", "refuses", "row"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"))
    row: Mapped[int]
    refuses: Mapped[bool]
    name: Mapped[str] = mapped_column(String(60))
    column: Mapped[str] = mapped_column("column_title", String(60))
    value: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(String(200))
    raw: Mapped[list[Any] | None]  # the whole row as sent, on the first fault of a refused row


class ImportEnding(Base):
    """What somebody held in the branch that a written batch moved them from: a role, a post. `until` is its end as it was before."""

    __tablename__ = "import_ending"
    __table_args__ = (UniqueConstraint("batch_id", "holding", "held_id"), Index("ix_import_ending_batch", "batch_id", "row"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"))
    row: Mapped[int]
    person_id: Mapped[int]
    holding: Mapped[str] = mapped_column(String(20))  # people.service.leaving.Holding.name
    held_id: Mapped[int]
    words: Mapped[str] = mapped_column(String(200))
    until: Mapped[date | None]


class ImportChange(Base):
    """One field of one person: what was and what is. Kept for good, as the record of the change."""

    __tablename__ = "import_change"
    __table_args__ = (Index("ix_import_change_batch", "batch_id", "field", "row"), Index("ix_import_change_person", "person_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"))
    row: Mapped[int]
    person_id: Mapped[int]
    field: Mapped[Field] = mapped_column(stored(Field, "changefield"))
    before: Mapped[str] = mapped_column("before_text", String(200))
    after: Mapped[str] = mapped_column("after_text", String(200))
    before_on: Mapped[date | None]
    after_on: Mapped[date | None]
    target_id: Mapped[int | None]
    unit_key: Mapped[int | None]  # the home or reported unit, in import_unit
