"""The A4 poster."""

from flask import url_for
from werkzeug.wrappers import Response

from app.activities import queries
from app.activities.queries import ActivityRow
from app.activities.rules import CodeWay
from app.activities.views.common import bp, settings
from app.core.errors import Conflict
from app.core.permissions import Action
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

SIZES = (("l", 12), ("m", 24), ("s", 40), ("xs", 60))  # letters that fit, largest type first
ROOM_FOR_LEAD, SHORT_PLACE = 12, 40  # letters of the title and of the place beside which the sheet has room for it
LEAD = 50
A_LINE = 6


def lead(description: str) -> str:
    """The first sentences of the description, as far as they can be read in passing; nothing rather than half a sentence."""
    text = " ".join(description.split())
    end = max((text.rfind(mark, 0, LEAD) for mark in "。；！？"), default=-1)
    return text if len(text) <= LEAD else text[: end + 1]


def title_lines(title: str) -> tuple[str, ...]:
    """童玩与／旧物市集: in large type a title without marks breaks after its "and", where both halves fit a line."""
    if title.isalnum() and len(title) > A_LINE:
        for place, letter in enumerate(title, start=1):
            if letter in "与和暨" and place <= A_LINE and len(title) - place <= A_LINE:
                return title[:place], title[place:]
    return (title,)


@bp.get("/activities/<int:activity_id>/poster")
@requires(Action.ACTIVITY_MANAGE)
def poster(activity_id: int) -> Response:
    """One sheet. Its code checks people in; where the screen does that, it leads to the activity's page instead."""
    row = queries.to_manage(current_actor(), activity_id)
    return show_poster(row, f"{settings().public_url}/c/{row.code}")


def show_poster(row: ActivityRow, address: str, gate: str = "") -> Response:
    """`address` checks in, perhaps at one `gate`, which the sheet names. What is closed or called off says so in its place."""
    if row.starts_at is None:
        raise Conflict("还没有班次，海报上没有时间可写。请先加班次。")
    signs_in = row.code_way is CodeWay.POSTER
    kick, _, rest = row.title.partition("：")
    title = rest.strip() or kick
    return render(
        "activities/poster.html",
        row=row,
        kick=kick if rest.strip() else row.unit_name,
        title_lines=title_lines(title),
        title_size=next(size for size, longest in SIZES if len(title) <= longest),
        address=address if signs_in else settings().public_url + url_for("activities.show", activity_id=row.id),
        signs_in=signs_in,
        over="cancelled" if row.cancelled_at else "closed" if row.closed_at else "",
        site=settings().public_url.partition("://")[2],
        gate=gate,
        lead=lead(row.description) if len(title) <= ROOM_FOR_LEAD and len(row.place_text) <= SHORT_PLACE else "",
    )
