"""The branches of a community or of the subdistrict: where each stands, who is late, beginning them all; as a sheet too."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.accounts.deciders import risen_before
from app.assessments import forms, queries, service
from app.assessments.queries import ASSESSED, Row
from app.assessments.rules import STEP_NAMES, WAITS_FOR, Step, span_of, span_words
from app.assessments.views import bp
from app.audit import service as audit
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.hours import queries as hours
from app.hours.closing import closes_on
from app.people import queries as people
from app.people.name_rules import natural
from app.people.queries import UnitRow
from app.publicity import queries as publicity
from app.publicity.queries import PublicityRow
from app.publicity.rules import SubjectKind
from app.sheets.writing import XLSX, Table, xlsx
from app.webkit.files import attachment
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

PAGE = 60
AT_ONCE = 160  # branches that one press begins: a few seconds
YEARS = 5
FILTERS = {"": "全部", "late": "超期的", "none": "没开始", "open": "在办的", "locked": "锁定了"}


@dataclass(frozen=True)
class Branch:
    """One line of the table. `late`: nobody took the next step for some working days, or it has not begun though it could."""

    unit: UnitRow
    community: str
    row: Row | None
    shown: PublicityRow | None
    late: bool

    @property
    def words(self) -> str:
        if self.row is None:
            return "没开始"
        if self.row.step is Step.PUBLICISED and self.shown:
            return "异议成立，等撤回" if self.shown.upheld else "公示中" if clock.today() <= self.shown.ends_on else after(self.shown)
        return WAITS_FOR[self.row.step]


def after(shown: PublicityRow) -> str:
    return f"公示到期，{shown.open} 条异议待答复" if shown.open else "公示到期，等锁定"


def last_year(today: date) -> str:
    return str(today.year - 1)


def asked_span() -> str:
    return forms.parse_span(request.values.get("span", ""), last_year(clock.today()))


def spans(today: date) -> list[str]:
    """The years and quarters that have ended, the newest first."""
    keys = [f"{year}{part}" for year in range(today.year, today.year - YEARS, -1) for part in ("", "-Q4", "-Q3", "-Q2", "-Q1")]
    return [key for key in keys if span_of(key).last < today]


def branches(actor: Actor, span: str, now: datetime) -> list[Branch]:
    """Every branch in scope by community; five queries, however many."""
    today = clock.local_date(now)
    units = people.units_below(actor.roots(Action.BRANCH_READ), today, ASSESSED)
    ids = [unit.id for unit in units]
    known = queries.of_units(ids, span)
    above = people.communities_of(ids, today)
    names = {unit.id: unit.name for unit in people.units_below(actor.roots(Action.BRANCH_READ), today)}
    names |= {one: community.name for one in {*above.values()} - names.keys() if (community := people.unit(one))}
    shown = publicity.standing(SubjectKind.ASSESSMENT, [row.id for row in known.values() if row.step is Step.PUBLICISED])
    waited, due = risen_before(now), today >= closes_on(span_of(span).last, hours.closing_rules())
    found: list[Branch] = []
    for unit in units:
        row = known.get(unit.id)
        one = shown.get(row.id) if row else None
        late = due if row is None else is_late(row, one, waited, today)
        found.append(Branch(unit, names.get(above.get(unit.id, 0), ""), row, one, late))
    return sorted(found, key=lambda one: [natural(one.community or "～"), natural(one.unit.name)])


def is_late(row: Row, shown: PublicityRow | None, waited: datetime, today: date) -> bool:
    if row.step is Step.LOCKED or (row.step is Step.PUBLICISED and shown and today <= shown.ends_on):
        return False
    return row.step_at < waited


KEEP: dict[str, Callable[[Branch], bool]] = {
    "late": lambda one: one.late,
    "none": lambda one: one.row is None,
    "open": lambda one: one.row is not None and one.row.step is not Step.LOCKED,
    "locked": lambda one: one.row is not None and one.row.step is Step.LOCKED,
}


def chosen(found: list[Branch], which: str) -> list[Branch]:
    return [one for one in found if KEEP[which](one)] if which in KEEP else found


@bp.get("/assessments")
@requires(Action.BRANCH_READ)
def index() -> Response:
    return _page({})


def _page(faults: dict[str, str]) -> Response:
    actor, now, span = current_actor(), clock.now(), asked_span()
    found = branches(actor, span, now)
    which = request.args.get("which", "")
    rows = chosen(found, which)
    page = max(0, request.args.get("page", 0, type=int))
    counts = {key: len(chosen(found, key)) for key in FILTERS}
    return render(
        "assessments/index.html",
        status=422 if faults else 200,
        span=span,
        span_words=span_words(span),
        spans=[(key, span_words(key)) for key in spans(clock.today())],
        rows=rows[page * PAGE : page * PAGE + PAGE],
        single=len(found) == 1,
        total=len(rows),
        at=page,
        pages=-(-len(rows) // PAGE),
        which=which if which in FILTERS else "",
        filters=[(key, name, counts[key]) for key, name in FILTERS.items() if counts[key] or not key],
        counts=counts,
        begins=actor.may(Action.ASSESS),
        ended=span_of(span).last < clock.today(),
        closes=closes_on(span_of(span).last, hours.closing_rules()),
        step_names=STEP_NAMES,
        faults=faults,
    )


@bp.post("/assessments")
@requires(Action.ASSESS)
def start() -> Response:
    """Begin what has not begun, of one branch or of all in scope, in short steps."""
    actor, now, span, work_url = current_actor(), clock.now(), asked_span(), url_for("worklist.index")
    units = [unit.id for unit in people.units_below(actor.roots(Action.ASSESS), clock.today(), ASSESSED)]
    asked = request.form.get("unit", type=int)
    if asked is not None:
        units = [one for one in units if one == asked]
        if not units:
            raise NotFound
    known, begun = queries.of_units(units, span), 0
    fresh = [one for one in units if one not in known]
    try:
        for first in range(0, min(len(fresh), AT_ONCE), service.TOGETHER):
            some = fresh[first : first + service.TOGETHER]
            taken = queries.take(some, span, clock.today())
            begun += len(in_transaction(partial(service.start, some, span, actor.person_id, work_url, now, taken)))
    except Invalid as error:
        return _page(error.fields)
    if len(fresh) > AT_ONCE:
        flash(f"{begun} 个支部的考核开始了，还有 {len(fresh) - AT_ONCE} 个，请再按一次。", "yes")
        return redirect(url_for("assessments.index", span=span), 303)
    left = len(fresh) - begun
    rest = f"{left} 个支部没有要考核的人，或没有上级，没开始。" if left else ""
    flash(f"{begun} 个支部的考核开始了，等支部审核。{rest}" if begun else f"没有新开始的。{rest}", "yes" if begun else "info")
    return redirect(url_for("assessments.index", span=span), 303)


@bp.get("/assessments.xlsx")
@requires(Action.BRANCH_READ)
def progress_sheet() -> Response:
    actor, now, span = current_actor(), clock.now(), asked_span()
    found = branches(actor, span, now)
    in_transaction(lambda: audit.record(actor.person_id, "assessment.export", "unit", min(actor.roots(Action.BRANCH_READ)), span=span))
    table = Table(
        name="考核进度",
        title=f"{span_words(span)}党员积分考核进度",
        note=f"导出于 {clock.local(now):%Y-%m-%d %H:%M}，口径以组织部门为准",
        heading=("社区", "支部", "到哪一步", "从哪天起", "超期没有", "上一步谁办的"),
        rows=[
            [
                one.community,
                one.unit.name,
                one.words,
                clock.local_date(one.row.step_at) if one.row else None,
                "超期" if one.late else "",
                one.row.step_by if one.row else "",
            ]
            for one in found
        ],
    )
    return attachment(xlsx(table), XLSX, f"assessments-{span}.xlsx")
