"""The pairs that are likely, those of one person, and two records side by side before anything is proposed."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.cards import queries as cards
from app.cards import service as card_service
from app.cards.queries import CardRow
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.permissions import Action
from app.merges import forms, service
from app.merges.own_rules import Pair
from app.merges.queries import behind as lying
from app.merges.queries import listing, pairs
from app.merges.queries.behind import Behind
from app.merges.queries.confirmers import confirmers
from app.merges.queries.digest import digest
from app.merges.queries.pairs import Likely
from app.merges.queries.preview import Preview, preview
from app.merges.rules import ORIGIN_NAMES, STATE_NAMES, UNDO_DAYS
from app.merges.views import bp
from app.merges.views.common import at_home, both, looked
from app.people import queries as people
from app.points.rules import SCHEME_NAMES
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

SHOWN = 20
LIKELY, WAITING, DONE, DIFFERENT = "likely", "waiting", "done", "different"
QUARTERS = {"Q1": "第一季度", "Q2": "第二季度", "Q3": "第三季度", "Q4": "第四季度"}
SHOWS = ((LIKELY, "可能重复"), (WAITING, "等确认"), (DONE, "办过的"), (DIFFERENT, "两个人"))


@bp.app_template_filter("cap_span")
def cap_span(key: str) -> str:
    """2026-11, 2026-Q4 and 2026 as people say them."""
    year, _, part = key.partition("-")
    return f"{year}年" + (QUARTERS.get(part) or (f"{int(part)}月" if part else ""))


@bp.get("/merges")
@requires(Action.MERGE_READ)
def index() -> Response:
    """Pairs in scope, the likeliest first; what waits; what was done; pairs that are two people."""
    actor, today, turn = current_actor(), clock.today(), max(1, request.args.get("page", 1, type=int))
    roots, start = actor.roots(Action.MERGE_READ), (turn - 1) * SHOWN
    show = next((key for key, _ in SHOWS if key == request.args.get("show")), LIKELY)
    found: list[Likely] = pairs.likely(roots, today) if show == LIKELY else []
    merges = listing.waiting(roots, today) if show == WAITING else []
    if show == DONE:
        merges = listing.done(roots, today, start=start, limit=SHOWN + 1)
    shown = found[start : start + SHOWN]
    return render(
        "merges/index.html",
        show=show,
        shows=SHOWS,
        turn=turn,
        total=len(found),
        rows=shown,
        unit_names=pairs.units_of([one for row in shown for one in (row.first, row.second)]),
        merges=merges[:SHOWN] if show == DONE else merges,
        differences=pairs.differences(pairs.in_scope(roots, today)) if show == DIFFERENT else [],
        more=len(found) > start + SHOWN or (show == DONE and len(merges) > SHOWN),
        state_names=STATE_NAMES,
    )


@bp.get("/merges/of/<int:person_id>")
@requires(Action.MERGE_READ)
def of_person(person_id: int) -> Response:
    """Which other records may be of somebody."""
    at_home(person_id, Action.MERGE_READ)
    return _of_person(person_id, "")


@bp.post("/merges/of/<int:person_id>")
@requires(Action.PERSON_MERGE)
def find(person_id: int) -> Response:
    """The same, and those found by a name or a number, which is posted so that it stands in no address."""
    at_home(person_id)
    return _of_person(person_id, request.form.get("words", "").strip()[:40])


def _of_person(person_id: int, words: str) -> Response:
    today, roots = clock.today(), current_actor().roots(Action.MERGE_READ)
    found = pairs.alike(person_id, roots, today)
    found_behind = lying.behind(person_id)
    named = people.search(words, roots, today).rows if words else []
    return render(
        "merges/of_person.html",
        person=people.person(person_id, today),
        rows=found,
        unit_names=pairs.units_of([one for row in found for one in (row.first, row.second)]),
        words=words,
        named=[one for one in named if one.id != person_id and one.sight is people.Sight.HOME],
        merged=listing.of_person(person_id),
        behind=found_behind,
        readable=_readable(found_behind),
        cards=_cards(person_id),
        kept={"words": words},
    )


def _readable(found: Behind) -> dict[str, frozenset[int]]:
    """The units whose certificates, honours and assessments the reader may open; what is not theirs is told without a link."""
    actor, today = current_actor(), clock.today()
    rights = {"certificates": Action.CERTIFICATE_READ, "honours": Action.HONOUR_READ, "assessments": Action.BRANCH_READ}
    units = {name: {one.unit_id for one in getattr(found, name)} for name in rights}
    return {name: people.within(units[name], actor.roots(action), today) for name, action in rights.items()}


def _cards(person_id: int) -> list[CardRow]:
    """What they sign in with, where a merge left them more than one record's."""
    found = cards.valid_of_all_records(person_id)
    return found if any(one.person_id != person_id for one in found) else []


@bp.post("/merges/of/<int:person_id>/cards/<int:card_id>/revocation")
@requires(Action.CARD_PRINT)
def revoke_card(person_id: int, card_id: int) -> Response:
    """Of two cards the one that is lost, or no longer needed; the gate refuses it from now on."""
    at_home(person_id, Action.CARD_PRINT)
    actor, now = current_actor(), clock.now()
    if card_id not in {one.id for one in cards.valid_of_all_records(person_id)}:
        raise NotFound("这张卡已经作废了。")
    in_transaction(lambda: card_service.revoke_one(card_id, actor.person_id, now))
    flash("作废了，马上生效，别人捡到也签不了。", "yes")
    return redirect(url_for("merges.of_person", person_id=person_id) + "#cards", 303)


@bp.get("/merges/of/<int:person_id>/and/<int:other_id>")
@requires(Action.MERGE_READ)
def compare(person_id: int, other_id: int) -> Response:
    """Both side by side, and what would stand afterwards. `person_id` stays, `other_id` goes."""
    return _compare(both(person_id, other_id, Action.MERGE_READ), {})


@bp.post("/merges/of/<int:person_id>/and/<int:other_id>")
@requires(Action.PERSON_MERGE)
def propose(person_id: int, other_id: int) -> Response:
    pair = both(person_id, other_id)
    try:
        proposal = service.Proposal(person_id, other_id, forms.words(request.form, "reason", "写一句凭什么说是同一个人"), seen())
        merge_id = in_transaction(lambda: service.propose(proposal, pair.by_id, pair.now))
    except Invalid as error:
        return _compare(pair, error.fields)
    except (Conflict, Refused) as error:
        return _compare(pair, {"reason": error.message})
    flash("已提出，另一位确认以后才合并。", "yes")
    return redirect(url_for("merges.merge", merge_id=merge_id), 303)


def _compare(pair: Pair, faults: dict[str, str]) -> Response:
    looked(pair.stays_id, pair.goes_id)
    return render(
        "merges/compare.html",
        status=422 if faults else 200,
        **told(pair, preview(pair)),
        origin_names=ORIGIN_NAMES,
        undo_days=UNDO_DAYS,
        own=pair.by_id in (pair.stays_id, pair.goes_id),
        others=confirmers(pair, pair.by_id),
        kept=kept(request.form),
        faults=faults,
    )


def seen() -> str:
    """The digest that the form brought back."""
    return request.form.get("seen", "")[:64]


def told(pair: Pair, shown: Preview, merge_id: int | None = None) -> dict[str, Any]:
    """What the page of two records shows. `merge_id`: of one that waits."""
    actor = current_actor()
    return {
        "shown": shown,
        "standing": listing.standing(pair.goes_id) if merge_id is None else None,
        "figures": shown.figures,
        "seen": digest(pair),
        "scheme_names": SCHEME_NAMES,
        "sign_outs": [one for one in shown.inside if people.is_below(one.unit_id, actor.roots(Action.ACTIVITY_MANAGE), pair.today)],
    }


@bp.post("/merges/differences")
@requires(Action.PERSON_MERGE)
def differ() -> Response:
    """不是同一个人."""
    actor, now = current_actor(), clock.now()
    one, other = forms.number(request.form, "one"), forms.number(request.form, "other")
    pair = both(one, other)
    try:
        why = forms.how_known(request.form)
    except Invalid as error:
        return _compare(pair, error.fields)
    in_transaction(lambda: service.say_different(one, other, why, actor.person_id, now))
    flash("记下了：不是同一个人，以后不再列出来。", "yes")
    return redirect(url_for("merges.index"), 303)


@bp.post("/merges/differences/<int:difference_id>/end")
@requires(Action.PERSON_MERGE)
def end_difference(difference_id: int) -> Response:
    """It was wrong: the pair is listed again."""
    actor, now, today = current_actor(), clock.now(), clock.today()
    ours = pairs.differences(pairs.in_scope(actor.roots(Action.PERSON_MERGE), today))
    known = next((row for row in ours if row.id == difference_id), None)
    in_transaction(lambda: service.end_difference(known.id if known else 0, actor.person_id, now))
    flash("已取消，这两份档案会再列出来。", "yes")
    return redirect(url_for("merges.index", show=DIFFERENT), 303)
