"""The list of services in large print that any 党群服务中心 hangs on its door: public, on A4."""

from datetime import timedelta
from itertools import groupby

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.activities.queries.printing import printed
from app.activities.rules import SERVICE_PHONES
from app.activities.views.common import bp, settings
from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Action
from app.people import queries as people
from app.people.rules import UnitKind
from app.settings import queries as setting_queries
from app.settings import service as setting_service
from app.webkit.forms import clean
from app.webkit.guards import current_actor, public, requires
from app.webkit.htmx import render

WEEKS = (1, 2, 4)


def _communities() -> list[people.UnitRow]:
    root = people.root_unit()
    return people.units_below([root.id], clock.today(), {UnitKind.COMMUNITY}) if root else []


def centre(name: str) -> str:
    """灯湖社区党委 → 灯湖社区."""
    return name.removesuffix("党委")


@bp.get("/activities/print")
@public
def printable() -> Response:
    """The next weeks by day in 20 pt and more. `community` narrows; the number printed is an office's, never a person's."""
    communities, today = _communities(), clock.today()
    chosen = next((one for one in communities if str(one.id) == request.args.get("community")), None)
    weeks = next((number for number in WEEKS if str(number) == request.args.get("weeks")), 2)
    until = today + timedelta(days=7 * weeks)
    rows = printed(today, until, chosen.id if chosen else None)
    return render(
        "activities/printed.html",
        days=[(day, list(entries)) for day, entries in groupby(rows, key=lambda row: row.day)],
        communities=communities,
        centres={one.id: centre(one.name) for one in communities},
        chosen=chosen,
        weeks=weeks,
        choices=WEEKS,
        last=until - timedelta(days=1),
        phones=setting_queries.value(SERVICE_PHONES, {}),
        address=settings().public_url + url_for("activities.index", unit=chosen.id if chosen else None),
    )


@bp.post("/activities/print/phones")
@requires(Action.UNIT_MANAGE)
def set_phone() -> Response:
    """The number of a 党群服务中心, to be printed on its lists; an empty one takes it away."""
    actor = current_actor()
    found = next((one for one in _communities() if str(one.id) == request.form.get("community")), None)
    number = clean(request.form.get("phone", ""))[:20]
    if found is None or not people.is_below(found.id, actor.roots(Action.UNIT_MANAGE), clock.today()):
        flash("请先选一个社区，再填它的电话。", "warn")
        return redirect(url_for("activities.printable"), 303)
    phones = {key: value for key, value in setting_queries.value(SERVICE_PHONES, {}).items() if key != str(found.id)}
    if number:
        phones[str(found.id)] = number
    in_transaction(lambda: setting_service.put(SERVICE_PHONES, phones, actor.person_id, clock.now()))
    flash(f"{centre(found.name)}党群服务中心的电话{'记好了' if number else '去掉了'}，下次打印就用。", "yes")
    return redirect(url_for("activities.printable", community=found.id), 303)
