"""Papers behind figures, before/after photos and full reports of fund projects.

What a row says never changes; triggers (migration 0047) see to that, and keep `standing` from the append-only steps. The links of
projects to activities are `app.fund.models.FundProjectActivity`, because the public figures count them.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, stored
from app.results.rules import FileForm, FileKind, FileStanding, FileStep, PhotoStanding, PhotoStep, Side

NOT_STRUCK = text("standing <> 'struck'")
STANDS = text("standing IN ('inside', 'open')")
UNDECIDED = text("published_at IS NULL AND returned_at IS NULL")


class FundFile(Base):
    """A paper of a request, or of a project as a whole. `name` is of its file (paper_files), which nobody can guess.

    `digest` is of the file as it is kept, so that the same one stands once. `has_text`: words in it could be copied out from below
    a black box, so it is never opened to the public (reports excepted).
    """

    __tablename__ = "fund_file"
    __table_args__ = (
        CheckConstraint("(request_id IS NULL) <> (project_id IS NULL)", name="of_one"),
        CheckConstraint("title <> ''", name="title"),
        CheckConstraint("size > 0 AND pages > 0", name="size"),
        CheckConstraint("form <> 'jpeg' OR (pages = 1 AND NOT has_text)", name="form"),
        Index("ix_fund_file_request", "request_id"),
        Index("ix_fund_file_project", "project_id"),
        Index("uq_fund_file_request", "request_id", "digest", unique=True, sqlite_where=NOT_STRUCK, postgresql_where=NOT_STRUCK),
        Index("uq_fund_file_project", "project_id", "digest", unique=True, sqlite_where=NOT_STRUCK, postgresql_where=NOT_STRUCK),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("fund_request.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("fund_project.id"))
    kind: Mapped[FileKind] = mapped_column(stored(FileKind, "fundfilekind"))
    form: Mapped[FileForm] = mapped_column(stored(FileForm, "fundfileform"))
    name: Mapped[str] = mapped_column(String(32), unique=True)
    title: Mapped[str] = mapped_column(String(80))
    digest: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    pages: Mapped[int]
    has_text: Mapped[bool]
    added_at: Mapped[datetime]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    standing: Mapped[FileStanding] = mapped_column(stored(FileStanding, "fundfilestanding"), default=FileStanding.KEPT)


class FundFileStepEntry(Base):
    """A file was opened to the public, taken back, or struck out. Append-only."""

    __tablename__ = "fund_file_step_entry"
    __table_args__ = (
        UniqueConstraint("file_id", "seq"),
        CheckConstraint("step = 'opened' OR note <> ''", name="note"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("fund_file.id"))
    seq: Mapped[int]
    step: Mapped[FileStep] = mapped_column(stored(FileStep, "fundfilestep"))
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str] = mapped_column(String(200), default="")


class FundPhotoPair(Base):
    """One place or thing, as it was and as it is; `caption` says what was done. Each side is a photo of its own."""

    __tablename__ = "fund_photo_pair"
    __table_args__ = (CheckConstraint("caption <> ''", name="caption"), Index("ix_fund_photo_pair_project", "project_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("fund_project.id"))
    caption: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class FundPhoto(Base):
    """One side of a pair. `name` is of its files (activities.photo_files); `alt` says in words what is on it."""

    __tablename__ = "fund_photo"
    __table_args__ = (
        CheckConstraint("alt <> ''", name="alt"),
        CheckConstraint("width BETWEEN 1 AND 1600 AND height BETWEEN 1 AND 1600", name="size"),
        Index("uq_fund_photo_side", "pair_id", "side", unique=True, sqlite_where=STANDS, postgresql_where=STANDS),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pair_id: Mapped[int] = mapped_column(ForeignKey("fund_photo_pair.id"))
    side: Mapped[Side] = mapped_column(stored(Side, "fundphotoside"))
    name: Mapped[str] = mapped_column(String(32), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    alt: Mapped[str] = mapped_column(String(80))
    taken_on: Mapped[date]
    width: Mapped[int]
    height: Mapped[int]
    added_at: Mapped[datetime]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    standing: Mapped[PhotoStanding] = mapped_column(stored(PhotoStanding, "fundphotostanding"), default=PhotoStanding.INSIDE)


class FundPhotoStepEntry(Base):
    """Consent of those on a photo: asked by whom and when, taken back; or the photo was removed. Append-only."""

    __tablename__ = "fund_photo_step_entry"
    __table_args__ = (
        UniqueConstraint("photo_id", "seq"),
        CheckConstraint("(step = 'agreed') = (asked_on IS NOT NULL) AND (step = 'agreed') = (asked_by <> '')", name="asked"),
        CheckConstraint("step NOT IN ('withdrawn', 'removed') OR note <> ''", name="note"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    photo_id: Mapped[int] = mapped_column(ForeignKey("fund_photo.id"))
    seq: Mapped[int]
    step: Mapped[PhotoStep] = mapped_column(stored(PhotoStep, "fundphotostep"))
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_by: Mapped[str] = mapped_column(String(40), default="")
    asked_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(String(200), default="")


class FundReport(Base):
    """A version of a project's full report: written by one, published by another. `frozen` are the figures of that moment.

    At most one waits to be published. A later version says in `changed` what is different, and both stay readable.
    """

    __tablename__ = "fund_report"
    __table_args__ = (
        UniqueConstraint("project_id", "version"),
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("done <> '' AND people <> '' AND leftovers <> ''", name="words"),
        CheckConstraint("(published_at IS NULL) = (published_by_id IS NULL) AND (published_at IS NULL) = (digest = '')", name="published"),
        CheckConstraint("published_by_id IS NULL OR published_by_id <> made_by_id", name="two_people"),
        CheckConstraint("(returned_at IS NULL) = (returned_by_id IS NULL) AND (returned_at IS NULL) = (return_note = '')", name="returned"),
        CheckConstraint("published_at IS NULL OR returned_at IS NULL", name="one_end"),
        Index("uq_fund_report_waiting", "project_id", unique=True, sqlite_where=UNDECIDED, postgresql_where=UNDECIDED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("fund_project.id"))
    version: Mapped[int]
    done: Mapped[str] = mapped_column(Text)
    people: Mapped[str] = mapped_column(Text)
    leftovers: Mapped[str] = mapped_column(Text)
    changed: Mapped[str] = mapped_column(String(200), default="")
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    frozen: Mapped[dict[str, Any]] = mapped_column(default=dict)
    digest: Mapped[str] = mapped_column(String(64), default="")
    returned_at: Mapped[datetime | None]
    returned_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    return_note: Mapped[str] = mapped_column(String(200), default="")
