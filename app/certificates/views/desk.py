"""The unit's desk: what waits, what was issued in a year, and the list of it as a sheet."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.audit import service as audit
from app.certificates import queries, service
from app.certificates.queries import CertificateRow
from app.certificates.rules import STATE_NAMES, STEP_NAMES, Content, State
from app.certificates.views.common import bp
from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Action
from app.people.queries import below
from app.people.queries.units import of_the_subdistrict
from app.sheets.writing import XLSX, Table, Value, xlsx
from app.webkit.files import attachment
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

A_PAGE = 50
HEADING = (
    *("编号", "状态", "姓名", "志愿者编号", "开始", "结束", "用途", "信用时数（分钟）", "荣誉时数（分钟）", "场次"),
    *("出具单位", "经办人", "负责人", "出具日期", "换发自", "校验码"),
)


def _year() -> int:
    return request.args.get("year", clock.today().year, type=int)


@bp.get("/certificates")
@requires(Action.CERTIFICATE_READ)
def index() -> Response:
    actor, today, year = current_actor(), clock.today(), _year()
    units = below(actor.roots(Action.CERTIFICATE_READ), today)
    turn = min(max(1, request.args.get("page", 1, type=int)), 10_000)
    total = queries.count_of_units(units, year)
    return render(
        "certificates/desk.html",
        waiting=queries.open_requests(units, limit=A_PAGE),
        open=queries.count_open(units),
        batches=queries.batches_of(units),
        rows=queries.latest_of_units(units, year, limit=A_PAGE, start=(turn - 1) * A_PAGE),
        total=total,
        turn=turn,
        more=total > turn * A_PAGE,
        year=year,
        years=sorted({*queries.years(units), today.year}, reverse=True),
        state_names=STATE_NAMES,
        step_names=STEP_NAMES,
        publicises=queries.publicises(),
    )


@bp.get("/certificates.xlsx")
@requires(Action.CERTIFICATE_READ)
def list_sheet() -> Response:
    """The year's register: what 149号 asks a unit to keep."""
    actor, year = current_actor(), _year()
    rows = queries.issued_by_units(below(actor.roots(Action.CERTIFICATE_READ), clock.today()), year)
    in_transaction(lambda: audit.record(actor.person_id, "certificate.export", "certificate", None, year=year, rows=len(rows)))
    table = Table(
        f"证明登记 {year}",
        HEADING,
        (_line(row) for row in rows),
        title=f"{year} 年志愿服务记录证明登记",
        note="两类时数分列，不合计。证件号码不登记。",
    )
    return attachment(xlsx(table), XLSX, f"certificates-{year}.xlsx")


def _line(row: CertificateRow) -> list[Value]:
    if row.state is State.BROKEN:
        return [row.number, STATE_NAMES[row.state]]
    said: Content = row.content
    period: list[Value] = [said.day("since"), said.day("until")]
    who: list[Value] = [row.number, STATE_NAMES[row.state], said.name, said.volunteer_number, *period, said.purpose]
    return [
        *who,
        *(said.credit, said.honour, said.times, said.unit, said.handler, said.responsible),
        *(said.day("issued_on"), said.replaces, row.digest[:16].upper()),
    ]


@bp.post("/certificates/rule")
@requires(Action.UNIT_MANAGE)
def rule() -> Response:
    """本地规定: whether what is issued is publicised among the unit's members."""
    actor = of_the_subdistrict(current_actor(), Action.UNIT_MANAGE)
    now, wanted = clock.now(), request.form.get("publicise") == "yes"
    in_transaction(lambda: service.set_rule(publicise=wanted, by_id=actor.person_id, now=now))
    flash("出具以后在本组织公示。" if wanted else "出具以后不再公示。", "yes")
    return redirect(url_for("certificates.index") + "#rule", 303)
