"""双管理: what the community and the home branch see of a member, as pages and as a sheet; recording a report for somebody; the rule."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.audit import service as audit
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.people import queries as people
from app.people.queries import PersonRow, UnitRow, is_below
from app.people.queries.units import of_the_subdistrict
from app.people.rules import UnitKind
from app.pledges import forms, queries, service
from app.pledges.queries import Seen
from app.pledges.rules import GRADE_NAMES, OFFER_NAMES, half_of
from app.pledges.views import bp
from app.sheets.writing import XLSX, Table, Value, xlsx
from app.webkit.files import attachment
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

SHOWN = 100
HEADINGS = {
    "community": ("姓名", "组织关系所在支部", "报到日期", "认领", "两认领", "本半年反馈", "反馈内容"),
    "home": ("姓名", "所在支部", "报到社区", "报到日期", "认领", "两认领"),
}


def chosen_unit(actor: Actor) -> UnitRow | None:
    """The unit asked for; else the only one that the actor has, unless that is the whole subdistrict."""
    roots = actor.roots(Action.BRANCH_READ)
    asked = request.values.get("unit", type=int)
    if asked is None and len(roots) != 1:
        return None
    unit = people.unit(asked or min(roots))
    if unit is None or not is_below(unit.id, roots, clock.today()):
        raise NotFound
    return None if unit.kind is UnitKind.SUBDISTRICT else unit


def side_of(unit: UnitRow) -> str:
    """community: who has reported in there; home: where the unit's own members have. A community may be asked for either."""
    return "community" if unit.kind is UnitKind.COMMUNITY and request.args.get("side") != "home" else "home"


def seen_from(unit: UnitRow, side: str) -> list[Seen]:
    today, rule = clock.today(), queries.rule()
    return queries.arrivals(unit.id, today, rule, half_of(today)) if side == "community" else queries.at_home(unit.id, today, rule)


@bp.get("/pledges")
@requires(Action.BRANCH_READ)
def index() -> Response:
    actor = current_actor()
    unit = chosen_unit(actor)
    if unit is None:
        roots = actor.roots(Action.BRANCH_READ)
        units = people.units_below(roots, clock.today(), [UnitKind.COMMUNITY])
        own = [one for one in people.units_below(roots, clock.today(), [UnitKind.BRANCH, UnitKind.GENERAL_BRANCH]) if one.id in roots]
        counts = queries.counts_by_community(list(roots), clock.today())
        return render("pledges/communities.html", units=[*units, *own], counts=counts, target="pledges.index", heading="双管理")
    return page(unit)


def page(unit: UnitRow, faults: dict[str, str] | None = None) -> Response:
    side = side_of(unit)
    seen = seen_from(unit, side)
    everyone = request.args.get("all") == "1"
    return render(
        f"pledges/{side}.html",
        status=422 if faults else 200,
        unit=unit,
        seen=seen,
        shown=len(seen) if everyone else SHOWN,
        rule=queries.rule(),
        half=half_of(clock.today()),
        offer_names=OFFER_NAMES,
        grade_names=GRADE_NAMES,
        kept=kept(request.form),
        faults=faults or {},
    )


@bp.get("/pledges.xlsx")
@requires(Action.BRANCH_READ)
def sheet() -> Response:
    """The same list for Excel; the export is logged."""
    actor, now = current_actor(), clock.now()
    unit = chosen_unit(actor)
    if unit is None:
        return redirect(url_for("pledges.index"), 303)
    side = side_of(unit)
    seen = seen_from(unit, side)
    in_transaction(lambda: audit.record(actor.person_id, "pledges.export", "unit", unit.id, side=side, members=len(seen)))
    rule = "、".join(OFFER_NAMES[kind] for kind in queries.rule())
    table = Table(
        name="报到党员" if side == "community" else "报到情况",
        title=f"{unit.name}：{'报到来的党员' if side == 'community' else '党员报到和认领'}",
        note=f"导出于 {clock.local(now):%Y-%m-%d %H:%M}；两认领按本地规定：{rule}",
        heading=HEADINGS[side],
        rows=[sheet_row(one, side) for one in seen],
    )
    return attachment(xlsx(table), XLSX, f"pledges-{unit.id}-{side}.xlsx")


def sheet_row(one: Seen, side: str) -> list[Value]:
    held = "；".join(f"{OFFER_NAMES[pledge.kind]}：{pledge.title}{'（完成）' if pledge.done_at else ''}" for pledge in one.held)
    both: Value = "是" if one.both else "否"
    since = one.report.since if one.report else None
    if side == "community":
        word = one.word
        return [one.name, one.home_name or "", since, held, both, GRADE_NAMES[word.grade] if word else "", word.words if word else ""]
    return [one.name, one.home_name or "", one.report.unit_name if one.report else "还没报到", since, held, both]


@bp.post("/pledges/arrivals")
@requires(Action.PERSON_EDIT)
def record_arrival() -> Response:
    """替人报到, by the community: somebody came to the counter, told by name and the last four digits."""
    actor, now = current_actor(), clock.now()
    unit = people.unit(request.form.get("unit", 0, type=int))
    in_scope = unit is not None and unit.kind is UnitKind.COMMUNITY
    if unit is None or not in_scope or not is_below(unit.id, actor.roots(Action.PERSON_EDIT), clock.today()):
        raise NotFound
    try:
        person_id = forms.somebody(request.form, clock.today())
        moving = request.form.get("moving") == "1"
        fresh = in_transaction(lambda: service.report_in(person_id, unit.id, actor.person_id, now, moving=moving))
    except Invalid as error:
        return page(unit, {"name": forms.NOBODY} if "unit" in error.fields else error.fields)
    flash("替他报到好了，也告诉了本人和他的支部。" if fresh else "这位已经在这里报到了。", "yes" if fresh else "info")
    return redirect(url_for("pledges.index", unit=unit.id), 303)


def own_member(person_id: int) -> PersonRow:
    """Somebody at home in a unit where the actor edits people."""
    person = people.person(person_id, clock.today())
    roots = current_actor().roots(Action.PERSON_EDIT)
    if person is None or person.home_id is None or not is_below(person.home_id, roots, clock.today()):
        raise NotFound
    return person


@bp.get("/branch/people/<int:person_id>/report-in")
@requires(Action.PERSON_EDIT)
def report_for(person_id: int) -> Response:
    """替人报到, by the home branch."""
    return report_for_page(own_member(person_id))


def report_for_page(person: PersonRow, faults: dict[str, str] | None = None) -> Response:
    today = clock.today()
    return render(
        "pledges/report_for.html",
        status=422 if faults else 200,
        person=person,
        reported=queries.of_person(person.id, today),
        member=queries.is_party_member(person.id, today),
        communities=queries.communities(),
        offer_names=OFFER_NAMES,
        grade_names=GRADE_NAMES,
        kept=kept(request.form),
        faults=faults or {},
    )


@bp.post("/branch/people/<int:person_id>/report-in")
@requires(Action.PERSON_EDIT)
def do_report_for(person_id: int) -> Response:
    person, actor, now = own_member(person_id), current_actor(), clock.now()
    try:
        unit_id = forms.community(request.form, [one.id for one in queries.communities()])
        fresh = in_transaction(lambda: service.report_in(person_id, unit_id, actor.person_id, now))
    except Invalid as error:
        return report_for_page(person, error.fields)
    flash(f"替{person.name}报到好了。" if fresh else f"{person.name}已经在这里报到了。", "yes" if fresh else "info")
    return redirect(url_for("pledges.index", unit=person.home_id), 303)


@bp.get("/pledges/rule")
@requires(Action.RULES_READ)
def rule() -> Response:
    of_the_subdistrict(current_actor(), Action.RULES_READ)
    return rule_page()


def rule_page(faults: dict[str, str] | None = None) -> Response:
    chosen = set(request.form.getlist("kinds")) if faults else {kind.value for kind in queries.rule()}
    return render("pledges/rule.html", status=422 if faults else 200, chosen=chosen, offer_names=OFFER_NAMES, faults=faults or {})


@bp.post("/pledges/rule")
@requires(Action.UNIT_MANAGE)
def set_rule() -> Response:
    actor, now = of_the_subdistrict(current_actor(), Action.UNIT_MANAGE), clock.now()
    try:
        kinds = forms.two_kinds(request.form)
    except Invalid as error:
        return rule_page(error.fields)
    in_transaction(lambda: service.set_rule(kinds, actor.person_id, now))
    flash("两认领的口径改好了，各处马上按新的算。", "yes")
    return redirect(url_for("pledges.rule"), 303)
