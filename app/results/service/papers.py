"""Papers behind figures: added, opened to the public, taken back, struck out. The files are the caller's, see paper_files."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from app.audit import service as audit
from app.core.db import db, upsert, writing
from app.core.errors import Conflict, Invalid, NotFound
from app.fund.models import FundRequest
from app.fund.rules import Step
from app.fund.service.steps import require
from app.results.models import FundFile, FundFileStepEntry
from app.results.paper_files import Paper
from app.results.rules import FILE_STEP_NAMES, FileKind, FileStanding, FileStep, file_steps, may_be_open

BY_THE_MINUTE = frozenset({Step.APPROVED, Step.SECONDED, Step.PAID})
BEFORE_APPROVAL = (Step.REQUESTED, Step.RETURNED, Step.WITHDRAWN)


@dataclass(frozen=True)
class About:
    """What a paper belongs to: a request, or a project as a whole."""

    request_id: int | None = None
    project_id: int | None = None

    @property
    def subject(self) -> tuple[str, int]:
        """For the audit."""
        return ("fund_request", self.request_id) if self.request_id else ("fund_project", self.project_id or 0)


@dataclass(frozen=True)
class Added:
    """`fresh` is False when this very paper is there already: nothing was added, and its file is not needed."""

    file_id: int
    fresh: bool


def add(about: About, kind: FileKind, title: str, name: str, paper: Paper, by_id: int, now: datetime) -> Added:
    """A paper for the fund's people. The same one, as it is kept, stands once."""
    writing()
    columns = {"request_id": about.request_id, "project_id": about.project_id}
    made = upsert(FundFile).values(
        **columns,
        kind=kind,
        form=paper.form,
        name=name,
        title=title,
        digest=paper.digest,
        size=len(paper.data),
        pages=paper.pages,
        has_text=paper.has_text,
        added_at=now,
        added_by_id=by_id,
        standing=FileStanding.KEPT,
    )
    file_id = db.session.execute(made.on_conflict_do_nothing().returning(FundFile.id)).scalar_one_or_none()
    if file_id is None:
        there = [getattr(FundFile, column) == value for column, value in columns.items() if value is not None]
        known = select(FundFile.id).where(*there, FundFile.digest == paper.digest, FundFile.standing != FileStanding.STRUCK)
        return Added(int(db.session.execute(known).scalar_one()), fresh=False)
    audit.record(by_id, "fund.file", *about.subject, file=int(file_id), kind=kind.value, digest=paper.digest)
    return Added(int(file_id), fresh=True)


def open_up(file_id: int, by_id: int, now: datetime) -> None:
    """公开件: everybody may read it from now on. Whoever opens it has said that nothing in it concerns a person."""
    file = _file(file_id)
    if not may_be_open(file.kind, file.has_text):
        raise Conflict("这份 PDF 里的字还能选中、复制，盖的黑块挡不住，不能公开。请打印出来涂黑，再拍照或扫描成图片上传。")
    _step(file, FileStep.OPENED, by_id, now)
    audit.record(by_id, "fund.file_opening", *_about(file).subject, file=file_id)


def take_back(file_id: int, note: str, by_id: int, now: datetime) -> None:
    """No longer public, with the reason."""
    file = _file(file_id)
    _step(file, FileStep.CLOSED, by_id, now, note)
    audit.record(by_id, "fund.file_closing", *_about(file).subject, file=file_id, note=note)


def strike(file_id: int, note: str, by_id: int, now: datetime) -> None:
    """作废: a wrong paper stays and says why. The only minute of what was approved because of it is not struck: put the right one first."""
    file = _file(file_id)
    if file.kind is FileKind.MINUTE and file.request_id and _needed(file.request_id) and not _another_minute(file):
        raise Conflict("这一笔是凭这份会议纪要核准的。请先上传对的那一份，再作废这一份。")
    _step(file, FileStep.STRUCK, by_id, now, note)
    audit.record(by_id, "fund.file_striking", *_about(file).subject, file=file_id, note=note)


def _file(file_id: int) -> FundFile:
    writing()
    file = db.session.execute(
        select(FundFile).where(FundFile.id == file_id).with_for_update().execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if file is None:
        raise NotFound
    return file


def _about(file: FundFile) -> About:
    return About(file.request_id, file.project_id)


def _step(file: FundFile, step: FileStep, by_id: int, now: datetime, note: str = "") -> None:
    if step not in file_steps(file.standing):
        raise Conflict(f"这份文件现在不能“{FILE_STEP_NAMES[step]}”，请刷新看最新情况。")
    if step is not FileStep.OPENED and not note:
        raise Invalid({"note": "请写明原因"})
    last = db.session.scalars(select(FundFileStepEntry.seq).where(FundFileStepEntry.file_id == file.id)).all()
    db.session.execute(
        insert(FundFileStepEntry).values(file_id=file.id, seq=max(last, default=0) + 1, step=step, at=now, by_id=by_id, note=note)
    )


def _needed(request_id: int) -> bool:
    approved = FundRequest.id == request_id, FundRequest.needs_minute, FundRequest.state.not_in(BEFORE_APPROVAL)
    return db.session.scalar(select(FundRequest.id).where(*approved)) is not None


def _another_minute(file: FundFile) -> bool:
    others = FundFile.request_id == file.request_id, FundFile.id != file.id, FundFile.kind == FileKind.MINUTE
    return db.session.scalar(select(FundFile.id).where(*others, FundFile.standing != FileStanding.STRUCK).limit(1)) is not None


def minute_fault(asked: FundRequest, step: Step) -> str | None:
    """Why a request above the limit can not be approved or paid yet; None when its minute lies beside it, or none is needed."""
    if step not in BY_THE_MINUTE or not asked.needs_minute:
        return None
    there = FundFile.request_id == asked.id, FundFile.kind == FileKind.MINUTE, FundFile.standing != FileStanding.STRUCK
    if db.session.scalar(select(FundFile.id).where(*there).limit(1)) is not None:
        return None
    return "这一笔要先附上会议纪要。请经办人在“凭证文件”里上传，再核准。"


require("results-minute", minute_fault)
