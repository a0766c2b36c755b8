"""Whose phone this is: somebody who is signed in, or the walk-ins that this browser wrote down, perhaps more than one."""

from collections.abc import Callable
from uuid import UUID

from flask import g, session, url_for

from app.checkin import queries
from app.checkin.queries import ScanView
from app.checkin.queries.foreseeing import Standing, standing
from app.checkin.rules import Way
from app.checkin.views import bp
from app.people import queries as people
from app.proxies import queries as proxies
from app.webkit.guards import actor_or_none

MOST = 5  # walk-ins that one phone is remembered to have written down


def who() -> int | None:
    """The signed-in person, or the walk-in whom this browser wrote down last."""
    actor = actor_or_none()
    if actor:
        return actor.person_id
    walk_in = session.get("walk_in")
    return people.who_now(walk_in) if walk_in else None


def walk_ins() -> list[int]:
    """All walk-ins of this browser, the last one first; none where somebody is signed in."""
    if actor_or_none() is not None:
        return []
    newest = session.get("walk_in")
    said = [newest, *session.get("walk_ins", [])] if newest else []
    return list(dict.fromkeys(people.who_now(one) for one in dict.fromkeys(said)))


def remember(person_id: int) -> None:
    """A walk-in who was written down on this browser a moment ago."""
    before = session.get("walk_in")
    session["walk_ins"] = [one for one in dict.fromkeys([person_id, before, *session.get("walk_ins", [])]) if one][:MOST]
    session["walk_in"] = person_id


def owner_of(scan_id: UUID) -> tuple[int | None, int | None]:
    """Whom a scan is about, and who acts for them (None: themselves), as far as this phone may say."""
    person_id, actor = who(), actor_or_none()
    if person_id is not None and scan_id.hex in session.get("scans", []):  # made on this phone, perhaps for somebody else
        view = queries.scan_view(scan_id)
        if view is not None and view.person_id is not None and view.person_id != person_id:
            if actor is not None:
                return view.person_id, actor.person_id
            if people.who_now(view.person_id) in walk_ins():
                return people.who_now(view.person_id), None
    return person_id, None


def again(view: ScanView) -> str | None:
    """Where one who acts for others goes on to the next name."""
    actor = actor_or_none()
    if actor is None or not proxies.wards(actor.person_id):
        return None
    held = session.get("ticket")
    said, _, number = held[0].partition("/") if held else (view.code, "", "")
    return url_for("checkin.code", code=said, gate=number or None)


def another(view: ScanView, held: list[str] | None = None) -> str | None:
    """Where somebody else signs in on a phone on which nobody is signed in. `held`: the code that this phone opened."""
    if view.person_id is None or view.way not in {Way.POSTER, Way.ROTATING, Way.TYPED_CODE, Way.BUTTON} or actor_or_none() is not None:
        return None
    held = held or session.get("ticket")
    code = held[0].partition("/")[0] if held else view.code
    return url_for("checkin.new_volunteer", code=code) if code else None


@bp.app_context_processor
def for_pages() -> dict[str, Callable[[int], Standing | None]]:
    """`standing_at(activity_id)`: whether the reader is in or has left, for the activity's own page; asked once a request."""
    return {"standing_at": _standing_at}


def _standing_at(activity_id: int) -> Standing | None:
    actor = actor_or_none()
    if actor is None:
        return None
    known: dict[int, Standing | None] = g.setdefault("standing_at", {})
    if activity_id not in known:
        known[activity_id] = standing(activity_id, actor.person_id)
    return known[activity_id]
