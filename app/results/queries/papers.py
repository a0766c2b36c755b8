"""Papers: of a request, of a project with all its requests, and how many there are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, exists, func, or_, select, true
from sqlalchemy.orm import aliased

from app.core.db import db
from app.fund.models import FundBudgetLine, FundMovementEntry, FundProject, FundRequest, FundStageEntry
from app.fund.queries import signed_fen
from app.fund.rules import PUBLIC_STAGES, MovementKind, Stage
from app.people.models import Person
from app.results.models import FundFile, FundFileStepEntry
from app.results.rules import FileForm, FileKind, FileStanding, FileStep


@dataclass(frozen=True)
class FileRow:
    """`project_id` is also that of its request, None where money of the fund as a whole moved; `unit_id` is whose people read it."""

    id: int
    kind: FileKind
    form: FileForm
    title: str
    name: str
    digest: str
    size: int
    pages: int
    has_text: bool
    standing: FileStanding
    added_at: datetime
    added_by: str
    request_id: int | None
    request_number: str | None
    purpose: str | None
    project_id: int | None
    project: str | None
    unit_id: int
    voucher_no: int | None
    stage: Stage | None

    @property
    def open(self) -> bool:
        return self.standing is FileStanding.OPEN

    @property
    def public(self) -> bool:
        """Whether everybody may read it: opened, and of something that everybody may see."""
        return self.open and (self.voucher_no is not None if self.request_id else self.stage in PUBLIC_STAGES)

    @property
    def struck(self) -> bool:
        return self.standing is FileStanding.STRUCK


@dataclass(frozen=True)
class FileStepRow:
    step: FileStep
    at: datetime
    by: str
    note: str


def _rows(where: ColumnElement[bool]) -> list[FileRow]:
    project_id = func.coalesce(FundFile.project_id, FundRequest.project_id)
    found = db.session.execute(
        select(
            FundFile.id,
            FundFile.kind,
            FundFile.form,
            FundFile.title,
            FundFile.name,
            FundFile.digest,
            FundFile.size,
            FundFile.pages,
            FundFile.has_text,
            FundFile.standing,
            FundFile.added_at,
            Person.name,
            FundFile.request_id,
            FundRequest.number,
            FundRequest.purpose,
            FundProject.id,
            FundProject.name,
            func.coalesce(FundRequest.unit_id, FundProject.unit_id),
            FundMovementEntry.voucher_no,
            FundProject.stage,
        )
        .join(Person, Person.id == FundFile.added_by_id)
        .outerjoin(FundRequest, FundRequest.id == FundFile.request_id)
        .outerjoin(FundProject, FundProject.id == project_id)
        .outerjoin(FundMovementEntry, FundMovementEntry.request_id == FundFile.request_id)
        .where(where)
        .order_by(FundFile.id)
    )
    return [FileRow(*list(row)) for row in found]


def file(file_id: int) -> FileRow | None:
    return next(iter(_rows(FundFile.id == file_id)), None)


def of_request(request_id: int) -> list[FileRow]:
    """In the order they came; struck ones too."""
    return _rows(FundFile.request_id == request_id)


def of_project(project_id: int) -> list[FileRow]:
    """Those of the project as a whole and those of its requests; one query."""
    return _rows(or_(FundFile.project_id == project_id, FundRequest.project_id == project_id))


def open_of_project(project_id: int) -> list[FileRow]:
    """公开件: what everybody may read."""
    return [row for row in of_project(project_id) if row.public]


def kept() -> list[FileRow]:
    """Every paper that was ever added, struck ones too."""
    return _rows(true())


def steps(file_id: int) -> list[FileStepRow]:
    entry = FundFileStepEntry
    found = select(entry.step, entry.at, Person.name, entry.note).join(Person, Person.id == entry.by_id).where(entry.file_id == file_id)
    return [FileStepRow(*row) for row in db.session.execute(found.order_by(entry.seq))]


def counts(request_ids: Collection[int], *, public: bool) -> dict[int, int]:
    """How many papers stand behind each request, of those that the reader may see; one query."""
    if not request_ids:
        return {}
    seen = FundFile.standing == FileStanding.OPEN if public else FundFile.standing != FileStanding.STRUCK
    found = select(FundFile.request_id, func.count()).where(FundFile.request_id.in_(request_ids), seen).group_by(FundFile.request_id)
    return {int(request_id or 0): count for request_id, count in db.session.execute(found)}


def voucher_counts(voucher_numbers: Collection[int], *, public: bool) -> dict[int, int]:
    """The same by the numbers of vouchers, as lists of entries show them."""
    if not voucher_numbers:
        return {}
    seen = FundFile.standing == FileStanding.OPEN if public else FundFile.standing != FileStanding.STRUCK
    found = (
        select(FundMovementEntry.voucher_no, func.count())
        .join(FundFile, FundFile.request_id == FundMovementEntry.request_id)
        .where(FundMovementEntry.voucher_no.in_(voucher_numbers), seen)
        .group_by(FundMovementEntry.voucher_no)
    )
    return dict(db.session.execute(found).all())


@dataclass(frozen=True)
class Voucher:
    """One entry of the books as everybody may see it; `request_id` and `unit_id` are for those who may see more."""

    voucher_no: int
    kind: MovementKind
    booked_on: date
    fen: int
    memo: str
    donor: str
    line: str | None
    project_id: int | None
    project: str | None
    stage: Stage | None
    past: bool
    reverses: int | None
    reversed_by: int | None
    request_id: int
    unit_id: int


def voucher(number: int) -> Voucher | None:
    entry, origin, back, first = FundMovementEntry, aliased(FundMovementEntry), aliased(FundMovementEntry), FundStageEntry
    found = (
        select(
            entry.voucher_no,
            entry.kind,
            entry.booked_on,
            signed_fen(),
            entry.memo,
            FundRequest.public_name,
            FundBudgetLine.name,
            FundProject.id,
            FundProject.name,
            FundProject.stage,
            exists().where(first.project_id == FundProject.id, first.seq == 1, first.stage == Stage.ARCHIVED),
            origin.voucher_no,
            back.voucher_no,
            FundRequest.id,
            FundRequest.unit_id,
        )
        .join(FundRequest, FundRequest.id == entry.request_id)
        .outerjoin(FundBudgetLine, FundBudgetLine.id == entry.budget_line_id)
        .outerjoin(FundProject, FundProject.id == FundRequest.project_id)
        .outerjoin(origin, origin.id == entry.reverses_id)
        .outerjoin(back, back.reverses_id == entry.id)
        .where(entry.voucher_no == number)
        .order_by(entry.line_no)
    )
    row = db.session.execute(found).first()
    return Voucher(*list(row)) if row else None
