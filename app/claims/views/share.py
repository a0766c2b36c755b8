"""补录占比 by unit and period, its sheet for Excel, and the local rules about make-ups."""

from dataclasses import dataclass
from datetime import date

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.audit import service as audit
from app.claims import own_forms, queries, service
from app.claims.rules import Share
from app.claims.views import bp
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Invalid
from app.core.permissions import Action
from app.hours.rules import Period, PeriodKind, period
from app.people import queries as people
from app.people.name_rules import natural
from app.people.queries.units import of_the_subdistrict
from app.people.rules import UnitKind
from app.sheets.writing import XLSX, Table, xlsx
from app.webkit.files import attachment
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

SHOWN = 100
SPANS = {"month": PeriodKind.MONTH, "quarter": PeriodKind.QUARTER, "year": PeriodKind.YEAR}
LEVELS = {
    "community": (UnitKind.COMMUNITY,),
    "branch": (UnitKind.BRANCH, UnitKind.GENERAL_BRANCH),
}
SORTS = ("share", "honour", "credit", "name")


@dataclass(frozen=True)
class Asked:
    """What the address asks for; anything unknown is the first choice."""

    span: str
    period: Period
    level: str
    levels: tuple[str, ...]
    sort: str

    @property
    def before(self) -> str:
        """A day of the period before."""
        return date.fromordinal(self.period.first.toordinal() - 1).isoformat()

    @property
    def after(self) -> str | None:
        """A day of the next period; None where that has not begun."""
        first = date.fromordinal(self.period.last.toordinal() + 1)
        return first.isoformat() if first <= clock.today() else None


def asked(actor: Actor) -> Asked:
    today = clock.today()
    span = request.args.get("span", "quarter")
    span = span if span in SPANS else "quarter"
    try:
        day = min(date.fromisoformat(request.args.get("day", "")), today)
    except ValueError:
        day = today
    roots = actor.roots(Action.CLAIM_READ)
    levels = tuple(level for level, kinds in LEVELS.items() if people.units_below(roots, today, kinds))
    level = request.args.get("level", "")
    sort = request.args.get("sort", "share")
    return Asked(
        span,
        period(SPANS[span], max(day, date(2000, 1, 1))),
        level if level in levels else (levels or ("branch",))[0],
        levels,
        sort if sort in SORTS else "share",
    )


def rows_of(actor: Actor, wanted: Asked) -> list[Share]:
    """By the tree at the end of the period, or as it stands today."""
    day = min(wanted.period.last, clock.today())
    found = queries.shares(actor.roots(Action.CLAIM_READ), LEVELS[wanted.level], wanted.period.key, day)
    found.sort(key=lambda one: natural(one.name))
    if wanted.sort == "share":
        found.sort(key=lambda one: (-one.permille, -one.honour, one.total <= 0))
    elif wanted.sort != "name":
        found.sort(key=lambda one: -(one.honour if wanted.sort == "honour" else one.credit))
    return found


@bp.get("/claims/share")
@requires(Action.CLAIM_READ)
def share() -> BaseResponse:
    """A branch's secretary sees their own, the community and the subdistrict all below."""
    actor = current_actor()
    wanted, rules = asked(actor), queries.local_rules()
    rows = rows_of(actor, wanted)
    everyone = request.args.get("all") == "1"
    return render(
        "claims/share.html",
        rows=rows if everyone else rows[:SHOWN],
        total=len(rows),
        high=sum(one.above(rules.share_percent) for one in rows),
        credit=sum(one.credit for one in rows),
        honour=sum(one.honour for one in rows),
        asked=wanted,
        rules=rules,
    )


@bp.get("/claims/share.xlsx")
@requires(Action.CLAIM_READ)
def share_sheet() -> BaseResponse:
    actor, now = current_actor(), clock.now()
    wanted, rules = asked(actor), queries.local_rules()
    rows = rows_of(actor, wanted)
    in_transaction(lambda: audit.record(actor.person_id, "claim_share.export", "setting", None, period=wanted.period.key, units=len(rows)))
    when, limit = f"{clock.local(now):%Y-%m-%d %H:%M}", rules.share_percent
    table = Table(
        name="补录占比",
        title=f"补录占比 {wanted.period.key}",
        note=f"导出于 {when}，服务时长以小时计，按人员所在支部；超过 {limit}% 标为偏高，口径以组织部门为准",
        heading=("组织", "扫码时长", "补录时长", "补录占比（%）", "标记"),
        rows=[
            (one.name, one.credit * 100 // 60 / 100, one.honour * 100 // 60 / 100, one.permille / 10, "偏高" if one.above(limit) else "")
            for one in rows
        ],
    )
    return attachment(xlsx(table), XLSX, f"claims-{wanted.period.key}.xlsx")


@bp.get("/claims/rules")
@requires(Action.RULES_READ)
def rules() -> BaseResponse:
    of_the_subdistrict(current_actor(), Action.RULES_READ)
    return _rules_page({})


def _rules_page(faults: dict[str, str]) -> BaseResponse:
    return render("claims/rules.html", status=422 if faults else 200, rules=queries.local_rules(), kept=kept(request.form), faults=faults)


@bp.post("/claims/rules")
@requires(Action.UNIT_MANAGE)
def set_rules() -> BaseResponse:
    actor = of_the_subdistrict(current_actor(), Action.UNIT_MANAGE)
    try:
        wanted = own_forms.parse_rules(request.form)
    except Invalid as error:
        return _rules_page(error.fields)
    in_transaction(lambda: service.set_rules(wanted, actor.person_id, clock.now()))
    flash("改好了，从现在起按新的算。", "yes")
    return redirect(url_for("claims.rules"), 303)
