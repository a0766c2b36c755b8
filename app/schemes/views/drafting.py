"""The versions of both schemes, and a draft of the next one, edited rule by rule."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.activities.rules import KIND_NAMES as ACTIVITY_NAMES
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.hours.rules import KIND_NAMES as HOUR_NAMES
from app.people.queries.units import of_the_subdistrict
from app.points.rules import PER_NAMES, SCHEME_NAMES, Per, Rule, SchemeKind
from app.points.standings import CAP_PERIOD_NAMES, rule_words
from app.schemes import forms
from app.schemes.queries import drafts as queries
from app.schemes.queries.drafts import DraftRow
from app.schemes.rules import may_begin
from app.schemes.service import drafts as service
from app.schemes.views import bp
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

WORDS: dict[str, Any] = {"scheme_names": SCHEME_NAMES, "per_names": PER_NAMES, "rule_words": rule_words, "Per": Per}


@bp.app_template_filter("scheme_name")
def scheme_name(kind: SchemeKind) -> str:
    return SCHEME_NAMES[kind]


def reader() -> Actor:
    return of_the_subdistrict(current_actor(), Action.RULES_READ)


def manager() -> Actor:
    return of_the_subdistrict(current_actor(), Action.UNIT_MANAGE)


def found(draft_id: int) -> DraftRow:
    row = queries.draft(draft_id)
    if row is None:
        raise NotFound
    return row


@bp.get("/schemes")
@requires(Action.RULES_READ)
def index() -> BaseResponse:
    """Both schemes: what holds, what will, what did."""
    reader()
    rows, drafts = queries.versions(clock.today()), queries.open_drafts()
    kinds = [(kind, [row for row in rows if row.kind is kind], drafts.get(kind)) for kind in (SchemeKind.MEMBER, SchemeKind.VOLUNTEER)]
    return render("schemes/index.html", kinds=kinds, unfinished=service.unfinished(), **WORDS)


@bp.post("/schemes/<kind>/drafts")
@requires(Action.UNIT_MANAGE)
def begin(kind: str) -> BaseResponse:
    """A copy of the newest version; the open draft where there is one."""
    actor, now = manager(), clock.now()
    if kind not in set(SchemeKind):
        raise NotFound
    draft_id = in_transaction(lambda: service.begin(SchemeKind(kind), actor.person_id, now))
    return redirect(url_for("schemes.draft", draft_id=draft_id), 303)


@bp.get("/schemes/drafts/<int:draft_id>")
@requires(Action.RULES_READ)
def draft(draft_id: int) -> BaseResponse:
    reader()
    return page(found(draft_id))


def page(row: DraftRow, faults: dict[str, str] | None = None) -> BaseResponse:
    """The draft, with what is wrong about it: of its basics, its rules, or the reason that was typed to return it."""
    based = next((one for one in queries.versions(clock.today()) if one.kind is row.kind and one.version == row.based_on), None)
    before = {one.code: one for one in based.rules} if based else {}
    codes = {one.code for one in row.version.rules}
    return render(
        "schemes/draft.html",
        status=422 if faults else 200,
        row=row,
        mine=row.maker_id == current_actor().person_id,
        rules=[(one, _changed(one, before.get(one.code))) for one in row.version.rules],
        gone=[one for code, one in before.items() if code not in codes],
        kept=kept(request.form),
        faults=faults or {},
        **WORDS,
    )


def _changed(rule: Rule, before: Rule | None) -> str:
    """新加的; 原来 每小时 1.0 分; nothing where it is as it was."""
    if before is None:
        return "新加的"
    same = (rule.name, rule.note, rule.activity_kind, rule.hour_kind) == (before.name, before.note, before.activity_kind, before.hour_kind)
    if rule_words(rule) != rule_words(before):
        return f"原来{rule_words(before)}"
    return "" if same else f"原来是“{before.name}”"


@bp.route("/schemes/drafts/<int:draft_id>/basics/form", methods=["GET", "POST"])
@requires(Action.UNIT_MANAGE)
def basics(draft_id: int) -> BaseResponse:
    actor, row, today = manager(), found(draft_id), clock.today()
    first_safe = queries.first_safe(today)
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            read = forms.basics(request.form)
            if fault := may_begin(read.valid_from, today, queries.first_open(today), first_safe):
                raise Invalid({"valid_from": fault})
            in_transaction(lambda: service.edit(draft_id, read, actor.person_id))
            flash("改好了。", "yes")
            return redirect(url_for("schemes.draft", draft_id=draft_id), 303)
        except Invalid as error:
            faults = error.fields
    values = kept(request.form)
    return render("schemes/basics.html", status=422 if faults else 200, row=row, first_safe=first_safe, kept=values, faults=faults, **WORDS)


@bp.route("/schemes/drafts/<int:draft_id>/rules/new", methods=["GET", "POST"], defaults={"rule_id": None})
@bp.route("/schemes/drafts/<int:draft_id>/rules/<int:rule_id>/form", methods=["GET", "POST"])
@requires(Action.UNIT_MANAGE)
def rule(draft_id: int, rule_id: int | None) -> BaseResponse:
    """One rule, or another one; all kinds of rules by one form."""
    actor, row = manager(), found(draft_id)
    one = next((known for known in row.version.rules if known.id == rule_id), None)
    if rule_id is not None and one is None:
        raise NotFound
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            read = forms.rule(request.form)
            in_transaction(lambda: service.put_rule(draft_id, rule_id, read, actor.person_id))
            flash("记下了，发布以后才用。", "yes")
            return redirect(url_for("schemes.draft", draft_id=draft_id), 303)
        except Invalid as error:
            faults = error.fields
    return render(
        "schemes/rule.html",
        status=422 if faults else 200,
        row=row,
        one=one,
        pers=forms.PER_CHOICES,
        activities=[("", "不管哪一类"), *((kind.value, name) for kind, name in ACTIVITY_NAMES.items())],
        hours=[("", "服务和学习都算"), *((kind.value, name) for kind, name in HOUR_NAMES.items())],
        caps=[(kind.value, name) for kind, name in CAP_PERIOD_NAMES.items()],
        kept=kept(request.form),
        faults=faults,
        **WORDS,
    )


@bp.post("/schemes/drafts/<int:draft_id>/rules/<int:rule_id>/removal")
@requires(Action.UNIT_MANAGE)
def drop_rule(draft_id: int, rule_id: int) -> BaseResponse:
    actor = manager()
    in_transaction(lambda: service.drop_rule(draft_id, rule_id, actor.person_id))
    flash("去掉了这一条。", "yes")
    return redirect(url_for("schemes.draft", draft_id=draft_id), 303)


@bp.post("/schemes/drafts/<int:draft_id>/withdrawal")
@requires(Action.UNIT_MANAGE)
def drop(draft_id: int) -> BaseResponse:
    actor, now = manager(), clock.now()
    in_transaction(lambda: service.drop(draft_id, actor.person_id, now))
    flash("这份草稿不要了，照旧用原来的方案。", "yes")
    return redirect(url_for("schemes.index"), 303)
