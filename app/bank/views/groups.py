"""Lines and requests that are the same only together: ticked on one page, looked at, taken back."""

from collections.abc import Mapping

from flask import Response, flash, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.confirming import recently
from app.bank import forms, rules
from app.bank.queries import groups as found
from app.bank.service import groups as service
from app.bank.views.shared import bp, for_the_whole, matchers, matching, reconciles
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.permissions import Action
from app.fund import rules as fund_rules
from app.webkit.forms import kept
from app.webkit.guards import requires
from app.webkit.htmx import render


def _form(values: MultiDict[str, str], fault: str) -> Response:
    """With what is ticked; who handled a request reads why it is not theirs to tick."""
    actor = for_the_whole(Action.FUND_READ)
    tried = matchers(actor)
    if not tried:
        raise NotFound
    ticked = forms.group(values)
    choice = found.choice(*ticked, forms.words(values), clock.today())
    lines = [line for line in choice.lines if line.id in ticked[0]]
    asked = [one for one, _ in choice.requests if one.id in ticked[1]]
    return render(
        "bank/group_form.html",
        status=422 if fault else 200,
        choice=choice,
        ticked=ticked,
        bank=sum(line.fen for line in lines),
        books=sum(one.fen for one in asked),
        words=forms.words(values),
        fault=fault,
        own={one.id for one, _ in choice.requests if one.hands.intersection(*(hat.people for hat in tried))},
        most=rules.MOST_TOGETHER,
        fund_rules=fund_rules,
    )


@bp.get("/fund/bank/groups/new")
@requires(Action.FUND_STEP)
def new_group() -> BaseResponse:
    if not matchers(for_the_whole(Action.FUND_READ)):
        flash("对账由审批人或管理员来办，您现在没有在替谁代办。", "info")
        return redirect(url_for("bank.index"))
    return _form(request.args, "")


@bp.post("/fund/bank/groups")
@requires(Action.FUND_STEP)
@recently
def tie() -> BaseResponse:
    for_the_whole(Action.FUND_READ)
    now = clock.now()
    lines, asked = forms.group(request.form)
    try:
        group_id = matching(lambda by_id, for_id: service.tie(lines, asked, by_id, now, for_id))
    except (Invalid, Conflict, Refused) as error:
        return _form(request.form, next(iter(error.fields.values()), "") if isinstance(error, Invalid) else error.message)
    flash(f"对上了：银行 {len(lines)} 行，账上 {len(asked)} 笔。", "yes")
    return redirect(url_for("bank.show_group", bank_group_id=group_id), 303)


def _page(group_id: int, values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    actor = for_the_whole(Action.FUND_READ)
    one = found.group(group_id)
    if one is None:
        raise NotFound
    status = 422 if faults else 200
    return render("bank/group.html", status=status, one=one, may=reconciles(actor), kept=values, faults=faults, fund_rules=fund_rules)


@bp.get("/fund/bank/groups/<int:bank_group_id>")
@requires(Action.FUND_READ)
def show_group(bank_group_id: int) -> Response:
    return _page(bank_group_id, {}, {})


@bp.post("/fund/bank/groups/<int:bank_group_id>/ending")
@requires(Action.FUND_RECONCILE)
@recently
def untie(bank_group_id: int) -> BaseResponse:
    by_id, now = for_the_whole(Action.FUND_RECONCILE).person_id, clock.now()
    if found.group(bank_group_id) is None:
        raise NotFound
    try:
        reason = forms.reason(request.form)
        in_transaction(lambda: service.untie(bank_group_id, reason, by_id, now))
    except Invalid as error:
        return _page(bank_group_id, kept(request.form), error.fields)
    except Conflict as error:
        flash(error.message, "warn")
    else:
        flash("已撤销，每一行、每一笔都等着重新对。", "yes")
    return redirect(url_for("bank.show_group", bank_group_id=bank_group_id), 303)
