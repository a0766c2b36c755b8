"""What people set for themselves: devices, secret, consents, looks."""

from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.accounts import forms, login, queries, service, sessions
from app.accounts import looks as looking
from app.accounts.blueprint import bp
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import DomainError, Invalid, NotFound, TooMany
from app.people import queries as people
from app.people import service as people_service
from app.people.rules import CONSENT_NAMES, ConsentKind
from app.webkit.guards import current_actor, local_path, signed_in
from app.webkit.htmx import render

CONSENT_WORDS = {
    ConsentKind.PERSONAL_BOARD: "个人排行里出现您打码的名字（如 何*怡）、社区和服务时长，不显示支部。"
    "收回后马上不再出现；已经定榜的时段里，这一行写“已隐去”，别人的名次不变。",
    ConsentKind.NAMED_CREDIT: "您参加的服务活动收场后，结果和发到群里的文字里写您打码的名字（如 何*怡）。没同意的只算人数；"
    "组织生活和学习不写任何人。收回后活动页上马上不再写，已经发到群里的文字收不回来。",
    ConsentKind.BIG_SCREEN: "您签到时，现场大屏上显示“何*怡 到了”，只显示最近到的几位。没同意的不显示；组织生活和学习的现场不显示任何人。",
    ConsentKind.CONTACT: "您报了名的活动，组织者看得到您的手机号，用来联系您。",
}


@dataclass(frozen=True)
class ConsentLine:
    """One use of one's data; `since` is when the consent that stands was given."""

    kind: ConsentKind
    name: str
    words: str
    since: datetime | None


@bp.get("/me/settings")
@signed_in
def settings() -> Response:
    actor = current_actor()
    devices = len(queries.devices(actor.person_id, clock.now()))
    return render("accounts/settings.html", devices=devices, needs_factor=queries.needs_factor(actor.person_id, clock.today()))


@bp.get("/me/devices")
@signed_in
def devices() -> Response:
    actor = current_actor()
    return render("accounts/devices.html", devices=queries.devices(actor.person_id, clock.now()))


@bp.post("/me/devices/<int:session_id>/revocation")
@signed_in
def revoke_device(session_id: int) -> Response:
    actor = current_actor()
    in_transaction(lambda: sessions.revoke_device(actor.person_id, session_id, clock.now()))
    flash("那台设备已经退出。", "yes")
    return redirect(url_for("accounts.devices"), 303)


@bp.post("/me/devices/revocation")
@signed_in
def revoke_others() -> Response:
    actor = current_actor()
    in_transaction(lambda: sessions.revoke_others(actor.person_id, actor.session_id, clock.now()))
    flash("其他设备都已退出，只留下这一台。", "yes")
    return redirect(url_for("accounts.devices"), 303)


@bp.post("/me/devices/departure")
@signed_in
def revoke_all() -> Response:
    """Everywhere, here too."""
    actor = current_actor()
    in_transaction(lambda: sessions.revoke_all(actor.person_id, clock.now()))
    login.end()
    flash("所有设备都已退出，这一台也是。您的记录都还在。", "info")
    return redirect(url_for("accounts.sign_in"), 303)


@bp.get("/me/secret")
@signed_in
def secret() -> Response:
    return _secret_page()


@bp.post("/me/secret")
@signed_in
def change_secret() -> Response:
    """A new PIN or password: all other devices sign out, this one goes on under a new token."""
    account = _own_account()
    phone = queries.sign_in_phone(account)
    has_role = queries.holds_role(account.person_id, clock.today())
    try:
        given = forms.change(request.form, phone, has_role=has_role)
        if not login.proves(account, given.current):
            raise Invalid({"current_password": "现在的密码不对。忘了的话，可以请支部书记或现场人员当面给一个新码。"})
        login.count_try(phone)
        if login.taken(phone, given.secret, account.person_id):
            raise Invalid({"password": forms.TAKEN_FAULT})
    except (Invalid, TooMany) as fault:
        return _secret_page(fault)
    hashed = service.hash_secret(given.secret)
    in_transaction(lambda: service.set_secret(account.id, hashed, given.secret, clock.now(), by_id=account.person_id))
    login.begin(account.id, account.person_id)
    flash("密码已换好，其他设备要重新登录。", "yes")
    return redirect(local_path(request.form.get("next")) or url_for("accounts.settings"), 303)


@bp.get("/me/consents")
@signed_in
def consents() -> Response:
    """Each by itself, with what it means, since when, and everything that was said before."""
    actor = current_actor()
    past = people.consent_history(actor.person_id)
    since = {fact.kind: fact.given_at for fact in past if fact.withdrawn_at is None}
    rows = [ConsentLine(kind, CONSENT_NAMES[kind], CONSENT_WORDS[kind], since.get(kind)) for kind in ConsentKind]
    waits = bool(people.needs_guardian([actor.person_id], clock.today()))
    return render("accounts/consents.html", rows=rows, past=past, names=CONSENT_NAMES, waits=waits)


@bp.get("/me/looks")
@signed_in
def looks() -> Response:
    """谁看过我的资料."""
    return render("accounts/looks.html", looks=looking.looks(current_actor().person_id))


@bp.post("/me/consents/<kind>")
@signed_in
def give_consent(kind: str) -> Response:
    actor, chosen = current_actor(), _consent(kind)
    in_transaction(lambda: people_service.give_consent(actor.person_id, chosen, clock.now()))
    flash(f"已同意：{CONSENT_NAMES[chosen]}。随时可以收回。", "yes")
    return redirect(url_for("accounts.consents"), 303)


@bp.post("/me/consents/<kind>/withdrawal")
@signed_in
def withdraw_consent(kind: str) -> Response:
    actor, chosen = current_actor(), _consent(kind)
    in_transaction(lambda: people_service.withdraw_consent(actor.person_id, chosen, clock.now()))
    flash(f"已收回：{CONSENT_NAMES[chosen]}。马上生效。", "yes")
    return redirect(url_for("accounts.consents"), 303)


def _consent(kind: str) -> ConsentKind:
    try:
        return ConsentKind(kind)
    except ValueError as error:
        raise NotFound from error


def _own_account() -> queries.AccountRow:
    account = queries.account_of(current_actor().person_id)
    if account is None:
        raise NotFound
    return account


def _secret_page(fault: DomainError | None = None) -> Response:
    faults = fault.fields if isinstance(fault, Invalid) else {"current_password": fault.message} if fault else {}
    account = _own_account()
    response = render(
        "accounts/secret.html",
        status=fault.status if fault else 200,
        faults=faults,
        has_role=queries.holds_role(account.person_id, clock.today()),
        kind=account.secret_kind,
        onward=local_path(request.values.get("next")),
    )
    if isinstance(fault, TooMany):
        response.headers["Retry-After"] = str(fault.retry_after)
    return response
