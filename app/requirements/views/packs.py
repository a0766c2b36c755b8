"""凭证包: confirming, the frozen pages (screen, paper, PDF, xlsx), withdrawing. All of them are made from the frozen row alone."""

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.confirming import recently
from app.audit import service as audit
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.hours.rules import CLASS_NAMES, KIND_NAMES
from app.people import queries as people
from app.people.rules import STAGE_NAMES
from app.requirements import forms, queries, service
from app.requirements.frozen import Frozen
from app.requirements.queries import PackRow
from app.requirements.rules import WHY_WORDS, Why
from app.requirements.views import bp
from app.requirements.views.personal import known, show_person
from app.requirements.views.table import hours_cell
from app.sheets.writing import XLSX, Table, Value, xlsx
from app.webkit.files import attachment
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires, signed_in
from app.webkit.htmx import render
from app.webkit.pdf import render_pdf
from app.worklist.service import Source, WorkItem, register

PDF = "application/pdf"
GROUP = "双50"
WORDS: dict[str, Any] = {
    "why_words": WHY_WORDS,
    "kind_names": KIND_NAMES,
    "class_names": CLASS_NAMES,
    "stage_names": STAGE_NAMES,
    "Why": Why,
}


@bp.post("/people/<int:person_id>/double50/confirmations")
@requires(Action.DOUBLE50_CONFIRM)
@recently
def confirm(person_id: int) -> BaseResponse:
    """The branch says that it is met; what it saw is frozen."""
    person, actor, now = known(person_id, Action.DOUBLE50_CONFIRM), current_actor(), clock.now()
    try:
        stage, began_on, note = forms.parse_confirmation(request.form)
    except Invalid as error:
        return show_person(person, error.fields)
    own_url = url_for("requirements.mine")
    pack_id = in_transaction(lambda: service.confirm(person_id, stage, began_on, actor.person_id, note, own_url, now))
    flash(f"已确认{person.name}的双50，凭证封存好了。", "yes")
    return redirect(url_for("requirements.show_pack", pack_id=pack_id), 303)


def visible(pack_id: int) -> PackRow:
    """One's own, or that of somebody of whom the actor may know everything."""
    row, actor = queries.pack(pack_id), current_actor()
    if row is None:
        raise NotFound
    now_id = people.who_now(row.person_id)  # sealed packs stay with the record that they were confirmed for
    if now_id != actor.person_id:
        if people.sight(now_id, actor.roots(Action.PERSON_READ), clock.today()) is not people.Sight.HOME:
            raise NotFound
        in_transaction(lambda: audit.record(actor.person_id, "person.view", "person", now_id))
    return row


@bp.get("/double50/packs/<int:pack_id>")
@signed_in
def show_pack(pack_id: int) -> Response:
    """What was confirmed, whether it is still what was frozen, and what the ledger says since."""
    return _page(visible(pack_id))


def _page(row: PackRow, faults: dict[str, str] | None = None) -> Response:
    actor, today = current_actor(), clock.today()
    now_id = people.who_now(row.person_id)
    may = people.sight(now_id, actor.roots(Action.DOUBLE50_CONFIRM), today) is people.Sight.HOME
    return render(
        "requirements/pack.html",
        status=422 if faults else 200,
        row=row,
        pack=row.facts,
        difference=queries.difference(row, today) if row.stands and now_id == row.person_id else None,
        merged=now_id != row.person_id,
        now_id=now_id,
        own=now_id == actor.person_id,
        may_withdraw=may and actor.person_id not in {now_id, row.person_id, row.confirmed_by_id},
        mine=may and actor.person_id == row.confirmed_by_id,
        kept=kept(request.form),
        faults=faults or {},
        **WORDS,
    )


@bp.get("/double50/packs/<int:pack_id>/printed")
@signed_in
def print_pack(pack_id: int) -> Response:
    """On paper, with lines to sign on."""
    row = visible(pack_id)
    return render("requirements/pack_printed.html", row=row, pack=row.facts, **WORDS)


@bp.get("/double50/packs/<int:pack_id>.pdf")
@signed_in
def pack_pdf(pack_id: int) -> Response:
    row = visible(pack_id)
    page = render_template("requirements/pack_pdf.html", row=row, pack=row.facts, **WORDS)
    return attachment(render_pdf(page), PDF, f"double50-{pack_id}.pdf")


@bp.get("/double50/packs/<int:pack_id>.xlsx")
@signed_in
def pack_sheet(pack_id: int) -> Response:
    row = visible(pack_id)
    pack = row.facts
    return attachment(xlsx(_summary(row, pack), _entries(pack)), XLSX, f"double50-{pack_id}.xlsx")


def _summary(row: PackRow, pack: Frozen) -> Table:
    rows: list[list[Value]] = [
        ["姓名", pack.name],
        ["志愿者编号", pack.number],
        ["组织", " · ".join(pack.unit_path) or pack.unit],
        ["发展阶段", STAGE_NAMES[pack.stage]],
        ["阶段开始", pack.began_on],
        ["达到的日子", pack.reached_on],
        ["口径", f"{pack.rule_title}：{pack.rule_note}"],
    ]
    for need in pack.needs:
        name = KIND_NAMES[need.kind]
        rows += [
            [f"{name}，要求（小时）", hours_cell(need.minutes_needed)],
            [f"{name}，补录最多计（小时）", hours_cell(need.honour_minutes)],
            [f"{name}，扫码时长计入（小时）", hours_cell(need.credit)],
            [f"{name}，补录时长计入（小时）", hours_cell(need.honour)],
            [f"{name}，期限", need.due_on or "不限"],
        ]
    rows += [
        ["阶段开始以前的记录（条），不计", pack.earlier.entries],
        ["确认人", pack.confirmed_by],
        ["确认时间", pack.confirmed_at],
        ["备注", pack.note],
        ["SHA-256", row.digest],
    ]
    note = "由确认时封存的内容做成；分钟数不往上凑，口径以组织部门为准"
    return Table(name="双50凭证", title=f"双50凭证：{pack.name}", note=note, heading=("项目", "内容"), rows=rows)


def _entries(pack: Frozen) -> Table:
    heading = ("日期", "内容", "组织", "类别", "时长类别", "分钟", "计入分钟", "为什么", "来源", "谁记的", "谁审核的", "入账日期", "编号")
    rows: list[list[Value]] = [
        [
            one.served_on,
            one.title,
            one.unit,
            KIND_NAMES[one.kind],
            CLASS_NAMES[one.hour_class],
            one.minutes,
            one.counted,
            WHY_WORDS[one.why] + (f"：{one.taken_back}" if one.taken_back else ""),
            one.source,
            one.made_by,
            one.approved_by,
            one.booked_on,
            one.id,
        ]
        for one in pack.entries
    ]
    return Table(name="逐条", heading=heading, rows=rows)


@bp.post("/double50/packs/<int:pack_id>/withdrawal")
@requires(Action.DOUBLE50_CONFIRM)
@recently
def withdraw(pack_id: int) -> BaseResponse:
    """By somebody else than who confirmed, with a reason."""
    row, actor, now = queries.pack(pack_id), current_actor(), clock.now()
    if row is None:
        raise NotFound
    known(people.who_now(row.person_id), Action.DOUBLE50_CONFIRM)
    try:
        reason = forms.parse_reason(request.form)
    except Invalid as error:
        return _page(row, error.fields)
    own_url = url_for("requirements.show_pack", pack_id=pack_id)
    in_transaction(lambda: service.withdraw(pack_id, actor.person_id, reason, own_url, now))
    flash("已撤回这份确认，原来的内容还在。", "yes")
    return redirect(url_for("requirements.show_pack", pack_id=pack_id), 303)


def _items(actor: Actor) -> list[WorkItem]:
    found = queries.waiting(actor.roots(Action.DOUBLE50_CONFIRM), actor.person_id, clock.now())
    return [WorkItem(f"double50-{one.person_id}", GROUP, one.since, "requirements/_work.html", one) for one in found]


register(Source(GROUP, lambda actor: queries.waiting_count(actor.roots(Action.DOUBLE50_CONFIRM), actor.person_id, clock.now()), _items))
