"""代办: on one's own phone, and recorded by staff before whom both stand."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from flask import Blueprint, Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts import helping
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Action
from app.people.naming import tidy_phone
from app.proxies import forms, queries, service
from app.proxies.rules import AGREEMENT_NAMES, RELATION_NAMES
from app.webkit.forms import clean, kept
from app.webkit.guards import current_actor, requires, signed_in
from app.webkit.htmx import render

bp = Blueprint("proxies", __name__)
T = TypeVar("T")


@bp.app_template_filter("relation")
def relation_words(relation: str) -> str:
    return {key.value: words for key, words in RELATION_NAMES.items()}[str(relation)]


@bp.get("/me/proxies")
@signed_in
def mine() -> Response:
    return _mine({})


def _mine(faults: dict[str, str], status: int = 200) -> Response:
    actor, now = current_actor(), clock.now()
    asked = {"asked_of": queries.asked_of(actor.person_id, now), "asked_by": queries.asked_by(actor.person_id, now)}
    return _page("proxies/mine.html", actor.person_id, faults, status, **asked)


def _page(template: str, person_id: int, faults: dict[str, str], status: int, **more: Any) -> Response:
    """Who acts for a person, for whom they act, and the form."""
    rows = queries.of_person(person_id)
    return render(
        template,
        status=status,
        helpers=[row for row in rows if row.person_id == person_id],
        wards=[row for row in rows if row.proxy_id == person_id],
        relations=[(key.value, words) for key, words in RELATION_NAMES.items()],
        kept=kept(request.form),
        faults=faults,
        **more,
    )


@bp.post("/me/proxies")
@signed_in
def ask() -> BaseResponse:
    """The answer never says whether anybody has that number."""
    actor, now = current_actor(), clock.now()
    try:
        asked = forms.parse(request.form)
        in_transaction(lambda: service.ask(actor.person_id, *asked, now))
    except Invalid as error:
        return _mine(error.fields, 422)
    except Conflict as error:
        return _mine({"name": error.message}, 422)
    return _back(f"已经请了 {asked.name}。对方在“消息”里点同意，就可以替您签到、报名。")


def _do(step: Callable[[int, int, datetime], T], row_id: int) -> T:
    person_id, now = current_actor().person_id, clock.now()
    return in_transaction(lambda: step(row_id, person_id, now))


def _back(said: str, tone: str = "yes") -> BaseResponse:
    flash(said, tone)
    return redirect(url_for("proxies.mine"), 303)


@bp.post("/me/proxy-requests/<int:proxy_request_id>/acceptance")
@signed_in
def accept(proxy_request_id: int) -> BaseResponse:
    done = _do(service.accept, proxy_request_id)
    return _back(f"好了，您现在可以替 {done.asker} 签到、报名。")


@bp.post("/me/proxy-requests/<int:proxy_request_id>/refusal")
@signed_in
def decline(proxy_request_id: int) -> BaseResponse:
    _do(service.decline, proxy_request_id)
    return _back("没有答应。系统不会另外告诉对方，方便时您自己说一声。", "info")


@bp.post("/me/proxy-requests/<int:proxy_request_id>/withdrawal")
@signed_in
def withdraw(proxy_request_id: int) -> BaseResponse:
    _do(service.withdraw, proxy_request_id)
    return _back("已收回。")


@bp.post("/me/proxies/<int:own_proxy_id>/end")
@signed_in
def end_own(own_proxy_id: int) -> BaseResponse:
    """Either of the two ends it in one tap."""
    actor = current_actor()
    row = queries.open_proxy(own_proxy_id)
    if row is None or actor.person_id not in (row.person_id, row.proxy_id):
        raise NotFound
    _do(service.end, own_proxy_id)
    own = row.person_id == actor.person_id
    return _back(f"{row.proxy_name} 不再替您办事了，马上生效。" if own else f"您不再替 {row.person_name} 办事了，马上生效。")


def _in_scope(actor: Actor, person_id: int) -> helping.HelpRow:
    person = helping.helpable(person_id, actor.roots(Action.PROXY_RECORD), clock.today())
    if person is None:
        raise NotFound
    return person


@bp.get("/proxies")
@requires(Action.PROXY_RECORD)
def index() -> Response:
    return render("proxies/index.html", asked="", found=None)


@bp.post("/proxies/people")
@requires(Action.PROXY_RECORD)
def find() -> Response:
    """A search that is posted, so that no name and no number stands in an address."""
    asked = clean(request.form.get("asked", ""))[:40]
    digits = tidy_phone(asked)
    words = digits if digits.isdigit() else asked
    roots = current_actor().roots(Action.PROXY_RECORD)
    return render("proxies/index.html", asked=asked, found=helping.find_helpable(words, roots, clock.today()) if words else [])


@bp.get("/people/<int:person_id>/proxies")
@requires(Action.PROXY_RECORD)
def of_person(person_id: int) -> Response:
    return _of_person(_in_scope(current_actor(), person_id), {})


def _of_person(person: helping.HelpRow, faults: dict[str, str], status: int = 200) -> Response:
    return _page("proxies/person.html", person.id, faults, status, person=person, agreements=AGREEMENT_NAMES)


@bp.post("/people/<int:person_id>/proxies")
@requires(Action.PROXY_RECORD)
def record(person_id: int) -> BaseResponse:
    """Both are there and agree; never for oneself."""
    actor, now = current_actor(), clock.now()
    person = _in_scope(actor, person_id)
    try:
        asked = forms.parse_in_person(request.form)
        other = queries.who_is_meant(asked.name, asked.phone, clock.today())
        if other is None:
            raise Invalid({"phone": "没找到用这个名字和号码开通账号的人。请先帮代办人开通，或核对姓名和号码"})
        fresh = in_transaction(lambda: service.record(person_id, other, asked.relation, actor.person_id, now))
    except Invalid as error:
        return _of_person(person, error.fields, 422)
    except Conflict as error:
        return _of_person(person, {"name": error.message}, 422)
    words = f"登记好了，{asked.name} 现在可以替 {person.name} 签到、报名。" if fresh else f"{asked.name} 早就可以替 {person.name} 办了。"
    flash(words, "yes" if fresh else "info")
    return redirect(url_for("proxies.of_person", person_id=person_id), 303)


@bp.post("/people/<int:person_id>/proxies/<int:own_proxy_id>/end")
@requires(Action.PROXY_RECORD)
def end(person_id: int, own_proxy_id: int) -> BaseResponse:
    """Staff end it when the person says so, in one tap."""
    person, row = _in_scope(current_actor(), person_id), queries.open_proxy(own_proxy_id)
    if row is None or row.person_id != person.id:
        raise NotFound
    _do(service.end, own_proxy_id)
    flash(f"{row.proxy_name} 不再替 {person.name} 办事了，马上生效。", "yes")
    return redirect(url_for("proxies.of_person", person_id=person_id), 303)
