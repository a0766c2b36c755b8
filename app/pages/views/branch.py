"""我的支部: all members with hours, points and why, 双50 and last activity; to print and to export. Every look is logged."""

from datetime import date
from typing import Any

from flask import Response, has_request_context, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.deciders import deciders, nearest
from app.audit import service as audit
from app.claims import queries as claims
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import NotFound
from app.core.permissions import Action
from app.core.words import points_words
from app.duties import queries as duties
from app.honours import queries as honours
from app.hours import queries as hours
from app.merges.queries import listing as merges
from app.pages import queries
from app.pages.queries import Branch, Member
from app.pages.views import bp
from app.pages.views.me import SHOWN
from app.pages.views.points import points_page
from app.people import queries as people
from app.people import service as people_service
from app.people.name_rules import natural
from app.people.queries import UnitRow
from app.people.rules import DEPARTURE_NAMES, MEMBERSHIP_NAMES, PARTY_MEMBERS, STAGE_NAMES, UnitKind
from app.pledges import queries as pledges
from app.pledges.rules import GRADE_NAMES, OFFER_NAMES
from app.points.rules import SchemeKind
from app.requirements import queries as requirements
from app.sheets.writing import XLSX, Table, Value, xlsx
from app.webkit.files import attachment
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render
from app.worklist import service as worklist

BRANCHES = (UnitKind.BRANCH, UnitKind.GENERAL_BRANCH, UnitKind.GROUP)
HEADING = ("名次", "姓名", "发展阶段", "扫码时长", "补录时长", "学习", "双50还差（小时）", "党员积分", "为什么", "最近一次", "最近活动")


def chosen_unit(actor: Actor) -> UnitRow | None:
    """The branch asked for, or the only one in scope; None where there are several and none was named."""
    units = people.units_below(actor.roots(Action.BRANCH_READ), clock.today(), BRANCHES)
    asked = request.args.get("unit", type=int)
    if asked is None:
        roots = actor.roots(Action.BRANCH_READ)
        own = [unit for unit in units if unit.id in roots]
        return own[0] if own else units[0] if len(units) == 1 else None
    found = next((unit for unit in units if unit.id == asked), None)
    if found is None:
        raise NotFound
    return found


def this_year() -> int:
    year = request.args.get("year", type=int) or clock.today().year
    if not 2000 <= year <= clock.today().year:
        raise NotFound
    return year


@bp.get("/branch")
@requires(Action.BRANCH_READ)
def branch() -> Response:
    """One branch, or the choice of one. Who looked at which is logged."""
    actor, now = current_actor(), clock.now()
    unit = chosen_unit(actor)
    if unit is None:
        units = people.units_below(actor.roots(Action.BRANCH_READ), clock.today(), [UnitKind.COMMUNITY, *BRANCHES])
        return render("pages/branches.html", groups=grouped(units), counts=people.member_counts(clock.today()))
    sort = request.args.get("sort", "points") if request.args.get("sort") in queries.SORTS else "points"
    table = queries.branch(unit.id, this_year(), now, sort)
    everyone = request.args.get("all") == "1"
    in_transaction(lambda: audit.record(actor.person_id, "branch.view", "unit", unit.id, year=table.year, members=len(table.members)))
    return render("pages/branch.html", unit=unit, table=table, sort=sort, shown=None if everyone else SHOWN, **left(actor, unit.id))


def left(actor: Actor, unit_id: int) -> dict[str, Any]:
    """Who left the branch these days; taking it back, and why it was, is for those who may edit its members."""
    today = clock.today()
    below = [unit.id for unit in people.units_below([unit_id], today)]
    editing = people.is_below(unit_id, actor.roots(Action.PERSON_EDIT), today)
    return {"left": people.departures_from(below, today), "editing": editing, "reasons": DEPARTURE_NAMES}


def grouped(units: list[UnitRow]) -> list[tuple[UnitRow | None, list[UnitRow]]]:
    """Branches under their communities, those without one at the end; one query for the ties."""
    above = people.communities_of([unit.id for unit in units], clock.today())
    units = sorted(units, key=lambda unit: natural(unit.name))
    communities = [unit for unit in units if unit.kind is UnitKind.COMMUNITY]
    branches = [unit for unit in units if unit.kind in BRANCHES]
    found: list[tuple[UnitRow | None, list[UnitRow]]] = [
        (community, [unit for unit in branches if above.get(unit.id) == community.id]) for community in communities
    ]
    known = {community.id for community in communities}
    rest = [unit for unit in branches if above.get(unit.id) not in known]
    return [*found, *([(None, rest)] if rest else [])]


@bp.get("/branch.xlsx")
@requires(Action.BRANCH_READ)
def branch_sheet() -> Response:
    """The branch table for Excel, as it stands now; the export is logged."""
    actor, now = current_actor(), clock.now()
    unit = chosen_unit(actor)
    if unit is None:
        raise NotFound
    table = queries.branch(unit.id, this_year(), now)
    in_transaction(lambda: audit.record(actor.person_id, "branch.export", "unit", unit.id, year=table.year, members=len(table.members)))
    sheet = Table(
        name="成员",
        title=f"{unit.name} {table.year}年",
        note=f"导出于 {clock.local(now):%Y-%m-%d %H:%M}，时长以小时计；积分方案 {table.scheme_version}，口径以组织部门为准",
        heading=HEADING,
        rows=[sheet_row(member, table) for member in table.members],
    )
    return attachment(xlsx(sheet), XLSX, f"branch-{unit.id}-{table.year}.xlsx")


def sheet_row(member: Member, table: Branch) -> list[Value]:
    sums = member.sums
    return [
        member.place,
        member.name,
        STAGE_NAMES[member.stage] if member.stage else "",
        sheet_hours(sums.service_credit),
        sheet_hours(sums.service_honour),
        sheet_hours(sums.study_credit + sums.study_honour),
        sheet_hours(member.missing) if member.progress else "",
        member.points / 100 if member.points is not None else "",
        why_words(member, table),
        clock.local_date(member.last_at) if member.last_at else None,
        member.last_title,
    ]


def sheet_hours(minutes: int) -> float:
    """Hours as a number that Excel can add up: cut to two places, never rounded up."""
    return minutes * 100 // 60 / 100


def why_words(member: Member, table: Branch) -> str:
    """底分 60.0·服务 30.0（到顶）·学习 7.0."""
    if member.points is None:
        return "不参加考核"
    parts = [f"{name.split('，')[0]} {points_words(given)}{'（到顶）' if full else ''}" for name, given, full in member.why]
    return "·".join([f"底分 {points_words(table.base)}", *parts])


@bp.app_template_filter("why_words")
def why_filter(member: Member, table: Branch) -> str:
    return why_words(member, table)


@bp.get("/branch/people/<int:person_id>")
@requires(Action.PERSON_READ)
def member_page(person_id: int) -> BaseResponse:
    """One member's hours, points and why, 双50 and records; of who only reported in or is of a team here, name and hours.

    Who looked is logged, and shown to the member (/me/looks).
    """
    actor, now, today = current_actor(), clock.now(), clock.today()
    seen = people.sight(person_id, actor.roots(Action.PERSON_READ), today)
    person = people.person(person_id, today)
    now_id = people.who_now(person_id) if seen is None else person_id
    if now_id != person_id and people.sight(now_id, actor.roots(Action.PERSON_READ), today) is not None:
        return redirect(url_for("pages.member_page", person_id=now_id), 302)  # merged: the record that went leads to the one that stays
    if person is None or seen is None:
        raise NotFound
    in_transaction(lambda: audit.record(actor.person_id, "person.view", "person", person_id))
    sums, ties = hours.sums(person_id), people.ties_of([person_id], today).get(person_id, ())
    if seen is people.Sight.GUEST:
        here = people.within({tie.unit_id for tie in ties}, actor.roots(Action.PERSON_READ), today)
        return render(
            "pages/guest.html", person=person, sums=sums, ties=[tie for tie in ties if tie.unit_id in here], names=MEMBERSHIP_NAMES
        )
    stage = people.stage_on(person_id, today)
    assessed = stage is not None and stage.kind in PARTY_MEMBERS
    records = queries.records(person_id, now)[:SHOWN]
    return render(
        "pages/member.html",
        person=person,
        stage=stage,
        phones=people.phones(person_id, today),
        ties=ties,
        tie_names=MEMBERSHIP_NAMES,
        age=people.minor(person_id, today),
        editable=people.sight(person_id, actor.roots(Action.PERSON_EDIT), today) is people.Sight.HOME,
        sums=sums,
        progress=requirements.progress_of([person_id], today).get(person_id, []),
        sealed=requirements.has_packs(person_id),
        records=records,
        correctable=correctable(actor, person_id, {one.unit_id for one in records if one.unit_id}),
        star=hours.star_of(sums),
        medals=honours.medals(person_id),
        proposable=actor.person_id != person_id and people.sight(person_id, actor.roots(Action.HONOUR_GIVE), today) is people.Sight.HOME,
        disputes=claims.disputes_of(person_id),
        past_disputes=claims.disputes_of_entries(person_id),
        assessed=assessed,
        duties=duties.of_person(person_id, today),
        reported=pledges.of_person(person_id, today),
        offer_names=OFFER_NAMES,
        grade_names=GRADE_NAMES,
        merged=merges.of_person(person_id),
        own=False,
        **points_page(person_id, SchemeKind.MEMBER if assessed else SchemeKind.VOLUNTEER),
    )


def correctable(actor: Actor, person_id: int, unit_ids: set[int]) -> frozenset[int]:
    """Of these units, those whose records of this person the reader may propose to correct."""
    return frozenset() if actor.person_id == person_id else people.within(unit_ids, actor.roots(Action.RECORD_CORRECT), clock.today())


def tell_the_branch(person_id: int, from_id: int | None, to_id: int, on: date) -> None:
    """Whoever decides in the branch that somebody was transferred to gets a notice; nobody is told of their own doing."""
    found, came_from = people.person(person_id, on), people.unit(from_id) if from_id else None
    who = nearest(deciders(to_id, Action.PERSON_EDIT, clock.today(), but=[person_id]))
    said = f"{found.name if found else '一位同志'}的组织关系{f'从{came_from.name}' if came_from else ''}转来了，{on.month}月{on.day}日起"
    address = url_for("pages.member_page", person_id=person_id) if has_request_context() else f"/branch/people/{person_id}"
    worklist.notify_all({one.person_id: said for one in who}, address)


def tell_of_return(person_id: int, from_id: int, to_id: int, on: date) -> None:
    """A transfer was taken back: who decides where it had led to reads that nobody came."""
    found, home = people.person(person_id, on), people.unit(to_id)
    who = nearest(deciders(from_id, Action.PERSON_EDIT, on, but=[person_id]))
    said = f"{found.name if found else '一位同志'}的组织关系撤回了{f'，还在{home.name}' if home else ''}"
    worklist.notify_all({one.person_id: said for one in who}, "/people")


people_service.when_moved(tell_the_branch)
people_service.when_taken_back(tell_of_return)
