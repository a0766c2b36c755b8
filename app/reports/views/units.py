"""A unit's report as it stands now, to read, to print and for Excel; 本月小结; and whom to visit."""

from dataclasses import asdict
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from app.audit import service as audit
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import NotFound
from app.core.permissions import Action
from app.hours import queries as hours
from app.hours.closing import closes_on, is_closed
from app.hours.rules import Period, PeriodKind, period
from app.people import queries as people
from app.people.rules import UnitKind
from app.reports import queries, rules
from app.reports.queries.unseen import unseen
from app.reports.rules import Report, span_of, span_words
from app.reports.views import bp
from app.reports.words import summary
from app.sheets.writing import XLSX, Table, Value, xlsx
from app.webkit.files import attachment
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

BRANCHES = (UnitKind.GENERAL_BRANCH, UnitKind.BRANCH, UnitKind.GROUP)
PAGE = 30


def readable(unit_id: int, action: Action = Action.BRANCH_READ) -> Actor:
    """The actor, where the unit is theirs to read. Raises NotFound."""
    actor = current_actor()
    if not people.is_below(unit_id, actor.roots(action), clock.today()):
        raise NotFound
    return actor


def asked_span() -> Period:
    """What `?period=` names; this month without one. Raises NotFound for anything else."""
    key, today = request.args.get("period"), clock.today()
    span = span_of(key, today) if key else period(PeriodKind.MONTH, today)
    if span is None:
        raise NotFound
    return span


def moves(report: Report) -> dict[str, Any]:
    """The neighbours of a period, and the other length of it."""
    today, span = clock.today(), report.span
    return {"earlier": report.earlier, "later": rules.after(span, today), "year": str(span.first.year), "month": _month_of(span)}


def _month_of(span: Period) -> str:
    """The month that stands for a period: itself, or the last one of the year that has begun."""
    return period(PeriodKind.MONTH, min(span.last, clock.today())).key


@bp.get("/reports")
@requires(Action.BRANCH_READ)
def index() -> Response:
    """Units within reach, with what was frozen and sent of a month or year."""
    actor, today = current_actor(), clock.today()
    span = asked_span() if request.args.get("period") else rules.before(period(PeriodKind.MONTH, today))
    roots = actor.roots(Action.BRANCH_READ)
    units = people.units_below(roots, today, rules.REPORTED)
    own = [unit for unit in units if unit.id in roots]
    below = [unit for unit in units if unit.id not in roots and unit.kind in {UnitKind.COMMUNITY, *BRANCHES}]
    page = max(1, request.args.get("page", 1, type=int))
    communities = [unit for unit in below if unit.kind is UnitKind.COMMUNITY]
    shown = sorted(communities or below, key=lambda unit: unit.id)
    part = shown[(page - 1) * PAGE : page * PAGE]
    later = rules.after(span, today)
    states = queries.state_of([unit.id for unit in (*own, *shown)], span.key)
    return render(
        "reports/index.html",
        span=span,
        words=span_words(span),
        earlier=rules.before(span),
        earlier_words=span_words(rules.before(span)),
        later=later,
        later_words=span_words(later) if later else "",
        own=own,
        shown=part,
        whole=len(shown),
        page_no=page,
        more=len(shown) > page * PAGE,
        states=states,
        sent=sum(unit.id in states and states[unit.id].sent_id is not None for unit in shown),
        closes=closes_on(span.last, hours.closing_rules()),
        is_year=span.kind is PeriodKind.YEAR,
    )


@bp.get("/reports/units/<int:unit_id>")
@requires(Action.BRANCH_READ)
def unit_report(unit_id: int) -> Response:
    actor, now = readable(unit_id), clock.now()
    report = queries.report(unit_id, asked_span(), now)
    versions = queries.versions(unit_id, report.span.key)
    unit = people.unit(unit_id)
    return render(
        "reports/unit.html",
        report=report,
        rules=rules,
        said=[(name, one.name, one.words) for name, one in rules.MEANINGS.items()],
        versions=versions,
        same=bool(versions) and versions[0].content["figures"] == asdict(report.figures),
        may_send=people.is_below(unit_id, actor.roots(Action.REPORT_SEND), clock.today()),
        is_branch=unit is not None and unit.kind in BRANCHES,
        may_visit=people.is_below(unit_id, actor.roots(Action.PERSON_EDIT), clock.today()),
        closed=is_closed(report.span.last, clock.today(), hours.closing_rules()),
        closes=closes_on(report.span.last, hours.closing_rules()),
        **moves(report),
    )


@bp.get("/reports/units/<int:unit_id>/report.xlsx")
@requires(Action.BRANCH_READ)
def unit_sheet(unit_id: int) -> Response:
    """As it stands now; the export is recorded."""
    actor, now = readable(unit_id), clock.now()
    report = queries.report(unit_id, asked_span(), now)
    words = span_words(report.span)
    in_transaction(lambda: audit.record(actor.person_id, "report.export", "unit", unit_id, title=words))
    return attachment(sheet(report, f"算到 {clock.local(now):%Y-%m-%d %H:%M}"), XLSX, f"report-{unit_id}-{report.span.key}.xlsx")


def sheet(report: Report, note: str) -> bytes:
    """Three sheets: the figures with their definitions, by kind of activity, and by unit. Hours are numbers, cut to two places."""
    title = f"{report.unit_name} {span_words(report.span)}"
    names = report.names
    rows: list[list[Value]] = []
    for name in names:
        about, now, then = rules.MEANINGS[name], getattr(report.figures, name), getattr(report.before, name)
        rows.append([about.name, _cell(name, now), _cell(name, then), "小时" if name in rules.MINUTES else about.unit, about.words])
        if name == "people":
            rows.append(["参加率", report.figures.share, report.before.share, "", rules.SHARE_WORDS])
    figures = Table("报表", ("数字", "这一期", "上一期", "单位", "怎么算的"), rows, title=title, note=note)
    kinds: list[list[Value]] = [[rules.kind_name(one.kind), one.held, one.came, one.served] for one in report.kinds]
    kinds += [[f"办成的事：{name}", "", "", many] for name, many in rules.outcome_lines(report.outcomes)]
    heading = ("单位", *(rules.MEANINGS[name].name for name in names), "参加率")
    below = [[one.name, *(_cell(name, getattr(one.figures, name)) for name in names), one.figures.share] for one in report.below]
    return xlsx(
        figures,
        Table("按活动", ("类别", "场次", "到场人次", "服务人次或件数"), kinds, title=title),
        Table("按单位", heading, below, title=title, note="时长以小时计，只舍不入"),
    )


def _cell(name: str, amount: int) -> Value:
    return amount * 100 // 60 / 100 if name in rules.MINUTES else amount


@bp.get("/reports/units/<int:unit_id>/summary")
@requires(Action.BRANCH_READ)
def unit_summary(unit_id: int) -> Response:
    """本月小结, ready to be pasted into the group."""
    readable(unit_id)
    report = queries.report(unit_id, asked_span(), clock.now())
    return render("reports/summary.html", report=report, words=span_words(report.span), text=summary(report), **moves(report))


@bp.get("/reports/units/<int:unit_id>/visits")
@requires(Action.PERSON_EDIT)
def visits(unit_id: int) -> Response:
    """Who has not been seen for half a year. Only for those who look after the branch; who looked is recorded."""
    actor = readable(unit_id, Action.PERSON_EDIT)
    unit = people.unit(unit_id)
    if unit is None or unit.kind not in BRANCHES:
        raise NotFound
    found = unseen(unit_id, clock.now())
    in_transaction(lambda: audit.record(actor.person_id, "visits.view", "unit", unit_id, members=len(found)))
    page = max(1, request.args.get("page", 1, type=int))
    part = found[(page - 1) * PAGE : page * PAGE]
    return render(
        "reports/visits.html",
        unit=unit,
        whole=len(found),
        found=part,
        page_no=page,
        more=len(found) > page * PAGE,
        address=_address(unit_id),
    )


def _address(unit_id: int) -> str:
    return url_for("reports.unit_report", unit_id=unit_id)
