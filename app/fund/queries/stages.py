"""Where a project stands on its road, its contract and its instalments."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, exists, func, select, true

from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.fund.models import FundAccount, FundBudgetLine, FundDraftEntry, FundProject, FundRequest, FundStageEntry
from app.fund.models_road import FundCall, FundContract, FundInstalment
from app.fund.queries.amendments import agreed, amended_on
from app.fund.queries.requests import unfinished
from app.fund.rules import MoneySource, ProjectKind, RequestKind, Stage, Step
from app.fund.stage_rules import AFTER_STAGE, After, Change, Road
from app.people.models import Unit
from app.people.queries import being, below
from app.publicity import queries as publicity
from app.publicity.rules import SubjectKind

LIVE = (Step.REQUESTED, Step.APPROVED)  # of a grant: neither given up nor reversed


@dataclass(frozen=True)
class PanelFacts:
    """What the panel of a project comes to. `words` are for the public, once all scores are in: “评审 86.67 分”. `by` scored it."""

    named: bool = False
    scored: bool = False
    words: str = ""
    by: frozenset[int] = frozenset()


_panel: list[Callable[[int], PanelFacts]] = []


def register_panel(load: Callable[[int], PanelFacts]) -> None:
    """Called when the panels' queries are imported: they know the scores, the fund does not."""
    _panel[:] = [load]


def panel_of(project_id: int) -> PanelFacts:
    return _panel[0](project_id) if _panel else PanelFacts()


@dataclass(frozen=True)
class InstalmentRow:
    """`granted` counts what waits for approval too."""

    id: int
    place: int
    fen: int
    due_on: date
    after: After
    words: str
    granted: int

    @property
    def left(self) -> int:
        return self.fen - self.granted


@dataclass(frozen=True)
class ContractRow:
    """`fen` is what was agreed on last, see amendments; the rest is of the first signature."""

    number: str
    signed_on: date
    party: str
    fen: int
    made_by_id: int
    amended_on: date | None  # when the last amendment was signed
    instalments: tuple[InstalmentRow, ...]

    @property
    def next(self) -> InstalmentRow | None:
        """The one whose turn it is: the first that still has something to give."""
        return next((row for row in self.instalments if row.left > 0), None)


def contract(project_id: int) -> ContractRow | None:
    """Two queries."""
    row = db.session.execute(
        select(FundContract.number, FundContract.signed_on, FundContract.party, agreed(), FundContract.made_by_id, amended_on()).where(
            FundContract.project_id == project_id
        )
    ).one_or_none()
    return ContractRow(*row, instalments(project_id)) if row else None


def instalments(project_id: int, *, dropped: bool = False) -> tuple[InstalmentRow, ...]:
    """Those that hold; with `dropped` also those that an amendment left out."""
    granted = (
        select(func.coalesce(func.sum(FundRequest.fen), 0))
        .where(FundRequest.instalment_id == FundInstalment.id, FundRequest.kind == RequestKind.GRANT, FundRequest.state.in_(LIVE))
        .correlate(FundInstalment)
        .scalar_subquery()
    )
    part = FundInstalment
    rows = db.session.execute(
        select(part.id, part.place, part.fen, part.due_on, part.after, part.words, granted)
        .where(part.project_id == project_id, true() if dropped else part.dropped_by_id.is_(None))
        .order_by(part.place)
    )
    return tuple(InstalmentRow(row[0], row[1], row[2], row[3], row[4], row[5], int(row[6])) for row in rows)


def has_come_to(project_id: int, after: After) -> bool:
    """Whether the stage that an instalment waits for was ever reached."""
    return bool(
        db.session.scalar(select(exists().where(FundStageEntry.project_id == project_id, FundStageEntry.stage == AFTER_STAGE[after])))
    )


def came_on(project_id: int) -> date:
    """The day on which a project came to the stage where it stands."""
    at = select(FundStageEntry.at).where(FundStageEntry.project_id == project_id).order_by(FundStageEntry.seq.desc()).limit(1)
    return clock.local_date(db.session.execute(at).scalar_one())


def road(project_id: int) -> Road:
    """People as who they are now, whichever record they acted under. Raises NotFound. Eight queries."""
    row = db.session.execute(
        select(
            *(FundProject.kind, FundProject.past_batch_id),
            *(being(FundProject.created_by_id).label("created_by_id"), being(FundProject.applicant_id).label("applicant_id")),
        ).where(FundProject.id == project_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    entry = FundStageEntry
    found = select(entry.stage, being(entry.by_id), being(entry.for_id), entry.by_id).where(entry.project_id == project_id)
    steps = db.session.execute(found.order_by(entry.seq)).all()
    changes = tuple(Change(*step[:3]) for step in steps)
    drafted = db.session.scalars(select(being(FundDraftEntry.by_id)).where(FundDraftEntry.project_id == project_id))
    sent = {change.by_id for change in changes if change.stage is Stage.APPLIED}
    shown = publicity.standing(SubjectKind.PROJECT, [project_id]).get(project_id)
    panel = panel_of(project_id)
    return Road(
        kind=row.kind,
        past=row.past_batch_id is not None,
        makers=frozenset({row.created_by_id, row.applicant_id, *drafted, *sent} - {None}),
        changes=changes,
        sent_as=next((step[3] for step in reversed(steps) if step[0] is Stage.APPLIED), None),
        contract_by=_signed_by(project_id),
        panel=panel.named,
        scored=panel.scored,
        shown=shown is not None,
        cleared=shown is not None and shown.concluded_on is not None and not shown.upheld,
        idle=not db.session.scalar(select(exists().where(FundRequest.project_id == project_id, unfinished()))),
        empty=not db.session.scalar(select(exists().where(FundAccount.project_id == project_id, FundAccount.balance != 0))),
    )


def _signed_by(project_id: int) -> int | None:
    """Who recorded a contract whose instalments add up to it, within the budget."""
    parts = select(func.sum(FundInstalment.fen)).where(FundInstalment.project_id == project_id).scalar_subquery()
    budget = select(func.sum(FundBudgetLine.fen)).where(FundBudgetLine.project_id == project_id).scalar_subquery()
    whole = and_(FundContract.project_id == project_id, FundContract.fen == parts, FundContract.fen <= budget)
    return db.session.scalar(select(being(FundContract.made_by_id)).where(whole))


@dataclass(frozen=True)
class CallRow:
    id: int
    kind: ProjectKind
    title: str
    opens_on: date
    closes_on: date
    cap: int | None
    withdrawn_at: datetime | None = None


CALL = (FundCall.id, FundCall.kind, FundCall.title, FundCall.opens_on, FundCall.closes_on, FundCall.cap, FundCall.withdrawn_at)


def open_calls(day: date) -> list[CallRow]:
    """The published 征集 that take projects on a day, or will later; the one that closes first comes first."""
    standing = FundCall.published_at.is_not(None), FundCall.withdrawn_at.is_(None)
    found = select(*CALL).where(*standing, FundCall.closes_on >= day).order_by(FundCall.closes_on, FundCall.id)
    return [CallRow(*row) for row in db.session.execute(found)]


def call_of(project_id: int) -> CallRow | None:
    """The published 征集 that a project answers."""
    row = db.session.execute(
        select(*CALL)
        .join(FundProject, FundProject.call_id == FundCall.id)
        .where(FundProject.id == project_id, FundCall.published_at.is_not(None))
    ).one_or_none()
    return CallRow(*row) if row else None


def money_of(project_id: int) -> tuple[MoneySource, str, int | None]:
    """Whose money a project uses: the source, its name where it is not the fund's, the restricted purpose."""
    of_project = select(FundProject.source, FundProject.source_name, FundProject.purpose_id).where(FundProject.id == project_id)
    row = db.session.execute(of_project).one()
    return row.source, row.source_name, row.purpose_id


def typed(project_id: int) -> dict[str, str]:
    """The call, the source and the purpose of a draft, as its form has them."""
    row = db.session.execute(
        select(FundProject.call_id, FundProject.source, FundProject.source_name, FundProject.purpose_id).where(FundProject.id == project_id)
    ).one()
    return {
        "call_id": str(row.call_id or 0),
        "source": row.source.value,
        "source_name": row.source_name,
        "purpose_id": str(row.purpose_id or 0),
    }


@dataclass(frozen=True)
class Application:
    id: int
    number: str
    name: str
    unit_name: str
    stage: Stage
    since: datetime
    note: str


def applications(roots: Collection[int], day: date, limit: int = 100) -> list[Application]:
    """Projects of these units and those below, imports aside, with their last change; the newest change first. One query."""
    last = select(func.max(FundStageEntry.seq)).where(FundStageEntry.project_id == FundProject.id).correlate(FundProject).scalar_subquery()
    rows = db.session.execute(
        select(
            FundProject.id,
            FundProject.number,
            FundProject.name,
            Unit.name,
            FundProject.stage,
            FundStageEntry.at,
            FundStageEntry.note,
        )
        .join(Unit, Unit.id == FundProject.unit_id)
        .join(FundStageEntry, and_(FundStageEntry.project_id == FundProject.id, FundStageEntry.seq == last))
        .where(FundProject.unit_id.in_(below(roots, day)), FundProject.past_batch_id.is_(None))
        .order_by(FundStageEntry.at.desc(), FundProject.id.desc())
        .limit(limit)
    )
    return [Application(*row) for row in rows]
