"""收回署名: on the page of a gift, for who handles it."""

from dataclasses import dataclass

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.permissions import Action
from app.fund.blueprint import bp
from app.fund.queries import donors
from app.fund.queries.requests import RequestPage
from app.fund.rules import RequestKind
from app.fund.sections import RequestSection, register_for_requests
from app.fund.service import naming
from app.fund.views.shared import request_for
from app.people.queries import is_below
from app.webkit.guards import current_actor, requires


@dataclass(frozen=True)
class Named:
    id: int
    name: str
    gifts: int


def named(asked: RequestPage, actor: Actor) -> Named | None:
    if asked.row.kind is not RequestKind.DONATION or not asked.public_name:
        return None
    if not is_below(asked.unit_id, actor.roots(Action.FUND_MANAGE), clock.today()):
        return None
    return Named(asked.row.id, asked.public_name, donors.gifts_named_alike(asked.row.id))


register_for_requests(RequestSection("fund-named", "fund/_named.html", named))


@bp.post("/fund/requests/<int:request_id>/public-name/removal")
@requires(Action.FUND_MANAGE)
def take_name_back(request_id: int) -> Response:
    request_for(request_id, Action.FUND_MANAGE)
    by_id = current_actor().person_id
    many = in_transaction(lambda: naming.take_name_back(request_id, by_id))
    flash(f"{many} 笔不再署名，公开页和下载的表里都写“爱心人士”了。" if many else "这一笔没有署名。", "yes" if many else "info")
    return redirect(url_for("fund.show_request", request_id=request_id), 303)
