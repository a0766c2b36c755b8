"""One assessment: its figures, what is different since, its steps, and whoever's turn the next one is; in the work list too."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts.confirming import recently
from app.accounts.deciders import Risen, risen
from app.assessments import forms, queries, service
from app.assessments.queries import Figures, Row
from app.assessments.rules import EXEMPT_NAMES, STEP_NAMES, WAITS_FOR, Step, changes, span_of, span_words, step_fault
from app.assessments.views import bp
from app.audit import service as audit
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.hours import queries as hours
from app.hours.closing import closes_on
from app.people.queries import is_below
from app.publicity import queries as publicity
from app.publicity.queries import PublicityRow
from app.publicity.rules import State, SubjectKind
from app.sheets.writing import XLSX, Table, Value, xlsx
from app.webkit.files import attachment
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render
from app.worklist.service import Source, WorkItem, register

GROUP = "党员考核"


def readable(assessment_id: int) -> tuple[Row, Actor]:
    row, actor = queries.assessment(assessment_id), current_actor()
    if row is None or not is_below(row.unit_id, actor.roots(Action.BRANCH_READ), clock.today()):
        raise NotFound
    return row, actor


def steppable(assessment_id: int, *, committee: bool = False) -> tuple[Row, Actor]:
    """For who may take a step of the branch, or of the committee above it."""
    row, actor = queries.assessment(assessment_id), current_actor()
    if row is None or not is_below(row.committee_id if committee else row.unit_id, actor.roots(Action.ASSESS), clock.today()):
        raise NotFound
    return row, actor


def due_steps(row: Row, shown: PublicityRow | None, *, fresh: bool) -> tuple[Step, ...]:
    """What can be done now, the usual one first. Where the ledger has moved on (not `fresh`), the committee can only send it back."""
    if row.step is Step.PUBLICISED:
        if shown is None or shown.open or shown.upheld:
            return (Step.RETRACTED,)
        return (Step.LOCKED, Step.RETRACTED) if shown.state(clock.today()) is State.SETTLED else (Step.RETRACTED,)
    if row.step in (Step.REVIEWED, Step.APPROVED) and not fresh:
        return (Step.RETURNED,)
    after = {Step.REVIEWED: (Step.APPROVED, Step.RETURNED), Step.APPROVED: (Step.PUBLICISED, Step.RETURNED), Step.LOCKED: ()}
    return after.get(row.step, (Step.REVIEWED,))


def open_to(row: Row, actor: Actor, figures: Figures, due: tuple[Step, ...]) -> tuple[list[Step], str | None]:
    """Of the steps that are due those that this actor may take; where the usual one is somebody else's, why."""
    able, why = [], None
    for step in due:
        above = step in (Step.APPROVED, Step.RETURNED, Step.LOCKED)
        if not is_below(row.committee_id if above else row.unit_id, actor.roots(Action.ASSESS), clock.today()):
            continue
        fault = step_fault(step, row.step, row.step_by_id, actor.person_id, figures.people)
        if fault is None:
            able.append(step)
        elif not able and why is None:
            why = fault
    return able, why


def _page(row: Row, actor: Actor, faults: dict[str, str] | None = None) -> Response:
    figures = queries.figures(row)
    shown = publicity.standing(SubjectKind.ASSESSMENT, [row.id]).get(row.id)
    now = queries.take([row.unit_id], row.span, clock.today())[row.unit_id]
    fresh = now.digest == figures.digest
    due = due_steps(row, shown, fresh=fresh)
    able, why = open_to(row, actor, figures, due)
    others = service.turn(row, due[0], figures.people, clock.now()) if due else []
    closes = closes_on(span_of(row.span).last, hours.closing_rules())
    return render(
        "assessments/show.html",
        status=422 if faults else 200,
        row=row,
        span_words=span_words(row.span),
        figures=figures,
        whole=figures.whole(row.unit_id, row.span),
        differences=changes(figures.lines, now.lines),
        stale=not fresh and row.step in (Step.REVIEWED, Step.APPROVED),
        names=figures.names | queries.names_of({line.person_id for line in now.lines} - figures.names.keys()),
        steps=queries.steps(row.id),
        step_names=STEP_NAMES,
        waits=WAITS_FOR[row.step],
        remarks=queries.remarks(row.id),
        shown=shown,
        able=[step.value for step in able],
        why=why,
        others=[one.name for one in others],
        exempt_names=EXEMPT_NAMES,
        closes=closes if clock.today() < closes else None,
        retakes=row.step.value in ("collected", "returned", "retracted")
        and is_below(row.unit_id, actor.roots(Action.ASSESS), clock.today()),
        kept=kept(request.form),
        faults=faults or {},
    )


@bp.get("/assessments/<int:assessment_id>")
@requires(Action.BRANCH_READ)
def show(assessment_id: int) -> Response:
    row, actor = readable(assessment_id)
    in_transaction(lambda: audit.record(actor.person_id, "assessment.view", "assessment", row.id, unit=row.unit_id))
    return _page(row, actor)


@bp.post("/assessments/<int:assessment_id>/figures")
@requires(Action.ASSESS)
def retake(assessment_id: int) -> Response:
    row, actor = steppable(assessment_id)
    again = in_transaction(lambda: service.retake(row.id, actor.person_id, clock.now()))
    flash("重新取数了，下面是现在的数字。" if again else "数字没有变，不用重新取。", "yes" if again else "info")
    return _back(row)


def _back(row: Row) -> Response:
    return redirect(url_for("assessments.show", assessment_id=row.id), 303)


@bp.post("/assessments/<int:assessment_id>/review")
@requires(Action.ASSESS)
@recently
def review(assessment_id: int) -> Response:
    row, actor = steppable(assessment_id)
    now, work_url, seen = clock.now(), url_for("worklist.index"), forms.parse_seen(request.form)
    try:
        remarks = forms.parse_remarks(request.form, [line.person_id for line in queries.figures(row).lines])
        reason = forms.parse_reason(request.form, required=False)
    except Invalid as error:
        return _page(row, actor, error.fields)
    in_transaction(lambda: service.review(row.id, actor.person_id, reason, remarks, work_url, now, seen))
    flash("支部审好了，等党委审核。", "yes")
    return _back(row)


@bp.post("/assessments/<int:assessment_id>/approval")
@requires(Action.ASSESS)
@recently
def approve(assessment_id: int) -> Response:
    row, actor = steppable(assessment_id, committee=True)
    now, work_url, seen = clock.now(), url_for("worklist.index"), forms.parse_seen(request.form)
    in_transaction(lambda: service.approve(row.id, actor.person_id, "", work_url, now, seen))
    flash("审过了，支部可以公示。", "yes")
    return _back(row)


@bp.post("/assessments/<int:assessment_id>/return")
@requires(Action.ASSESS)
@recently
def send_back(assessment_id: int) -> Response:
    row, actor = steppable(assessment_id, committee=True)
    now, work_url, seen = clock.now(), url_for("worklist.index"), forms.parse_seen(request.form)
    try:
        reason = forms.parse_reason(request.form, required=True)
    except Invalid as error:
        return _page(row, actor, error.fields)
    in_transaction(lambda: service.send_back(row.id, actor.person_id, reason, work_url, now, seen))
    flash("退回了，支部会看到原因。", "yes")
    return _back(row)


@bp.post("/assessments/<int:assessment_id>/publication")
@requires(Action.ASSESS)
@recently
def publicise(assessment_id: int) -> Response:
    row, actor = steppable(assessment_id)
    now, seen = clock.now(), forms.parse_seen(request.form)
    try:
        address = forms.parse_address(request.form)
    except Invalid as error:
        return _page(row, actor, error.fields)
    publicity_id = in_transaction(
        lambda: service.publicise(row.id, actor.person_id, address, lambda one: url_for("publicity.show", publicity_id=one), now, seen)
    )
    flash("开始公示了。请把公告印出来，贴在支部墙上。", "yes")
    return redirect(url_for("publicity.show", publicity_id=publicity_id), 303)


@bp.post("/assessments/<int:assessment_id>/retraction")
@requires(Action.ASSESS)
@recently
def retract(assessment_id: int) -> Response:
    row, actor = steppable(assessment_id)
    now, work_url, seen = clock.now(), url_for("worklist.index"), forms.parse_seen(request.form)
    try:
        reason = forms.parse_reason(request.form, required=True)
    except Invalid as error:
        return _page(row, actor, error.fields)
    in_transaction(lambda: service.retract(row.id, actor.person_id, reason, work_url, now, seen))
    flash("公示撤回了。改好了再审、再公示。", "yes")
    return _back(row)


@bp.post("/assessments/<int:assessment_id>/lock")
@requires(Action.ASSESS)
@recently
def lock(assessment_id: int) -> Response:
    row, actor = steppable(assessment_id, committee=True)
    now, own_url, seen = clock.now(), url_for("assessments.mine"), forms.parse_seen(request.form)
    in_transaction(lambda: service.lock(row.id, actor.person_id, own_url, now, seen))
    flash("锁定了，以后不再变。每个人都收到了自己的结果。", "yes")
    return _back(row)


@bp.get("/assessments/<int:assessment_id>/printed")
@requires(Action.BRANCH_READ)
def printed(assessment_id: int) -> str:
    """名册和等次, with a column to sign."""
    row, actor = readable(assessment_id)
    in_transaction(lambda: audit.record(actor.person_id, "assessment.print", "assessment", row.id, unit=row.unit_id))
    return render_template("assessments/printed.html", row=row, span_words=span_words(row.span), **_content(row))


def _content(row: Row) -> dict[str, Any]:
    return {
        "figures": queries.figures(row),
        "remarks": queries.remarks(row.id),
        "waits": WAITS_FOR[row.step],
        "exempt_names": EXEMPT_NAMES,
    }


HEADING = ("序号", "姓名", "底分", "上年结转", "得分", "扣分", "结账后补记", "合计", "等次", "备注")


@bp.get("/assessments/<int:assessment_id>.xlsx")
@requires(Action.BRANCH_READ)
def sheet(assessment_id: int) -> Response:
    row, actor = readable(assessment_id)
    figures, remarks = queries.figures(row), queries.remarks(row.id)
    in_transaction(lambda: audit.record(actor.person_id, "assessment.export", "assessment", row.id, unit=row.unit_id))
    rows: list[list[Value]] = [
        [
            place,
            figures.names[line.person_id],
            *(amount / 100 for amount in (line.base, line.carried, line.earned, -line.deducted, line.late, line.total)),
            line.grade or f"不参加（{EXEMPT_NAMES.get(line.exempt or '', '')}）",
            "，".join(one for one in ("一票否决" if line.vetoed else "", remarks.get(line.person_id, "")) if one),
        ]
        for place, line in enumerate(figures.lines, 1)
    ]
    table = Table(
        name="考核",
        title=f"{row.unit_name} {span_words(row.span)}党员积分考核（{WAITS_FOR[row.step]}）",
        note=f"方案 {figures.scheme_version}，取数于 {clock.local(figures.taken_at):%Y-%m-%d %H:%M}，校验码 {figures.digest[:12]}",
        heading=HEADING,
        rows=rows,
    )
    return attachment(xlsx(table), XLSX, f"assessment-{row.unit_id}-{row.span}.xlsx")


def _items(actor: Actor) -> list[WorkItem]:
    now = clock.now()
    found = queries.waiting(actor, now)
    old = [Risen(f"assessment-{row.id}", row.unit_id, row.step_at, frozenset({row.step_by_id})) for row in found]
    words = risen(old, Action.ASSESS, actor.roots(Action.ASSESS), now)
    items = []
    for row in found:
        key, subject = f"assessment-{row.id}", (row, span_words(row.span), WAITS_FOR[row.step])
        items.append(WorkItem(key, GROUP, row.step_at, "assessments/_work.html", subject, words.get(key, "")))
    return items


register(Source(GROUP, lambda actor: queries.waiting_count(actor, clock.now()), _items, stated=True))
