"""数读: the figures of the whole subdistrict, for everybody, and the lists behind each of them."""

from dataclasses import dataclass
from datetime import date

from flask import current_app, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.core.permissions import Action
from app.core.shelf import Shelf
from app.hours.rules import Period, PeriodKind
from app.leaderboards.stamps import stamp
from app.people import queries as people
from app.reports import figure_rules as rules
from app.reports.figure_rules import ABOUT, Figure, Group, Shown
from app.reports.queries import openings, public
from app.reports.views import bp
from app.webkit.guards import actor_or_none
from app.webkit.guards import public as for_everybody
from app.webkit.htmx import render

BY_COMMUNITY = frozenset({Figure.MEMBERS, Figure.VOLUNTEERS, Figure.SCANNED, Figure.NAMED, Figure.HEADS})
BY_ACTIVITY = frozenset({Figure.ACTIVITIES, Figure.SERVED, *rules.OUTCOMES})
OF_THE_FUND = frozenset({Figure.FUND_SPENT, Figure.FUND_PROJECTS, Figure.FUND_PEOPLE})
by_community_kept: Shelf[dict[int, int]] = Shelf(32)
kept: Shelf[tuple[dict[Figure, int], date | None]] = Shelf(16)


def known(span: Period) -> tuple[dict[Figure, int], date | None]:
    """Every figure, and since when there are records. Kept by the state of the database: everybody's page is the same."""
    now = clock.now()
    key = (str(current_app.config["SQLALCHEMY_DATABASE_URI"]), span.key, now.replace(minute=0, second=0, microsecond=0))
    return kept.get(key, stamp(db.engine, None, now).version, lambda: (public.amounts(span, now), public.first_day(clock.local_date(now))))


def by_community(figure: Figure, span: Period) -> dict[int, int]:
    """Kept likewise."""
    now = clock.now()
    key = (str(current_app.config["SQLALCHEMY_DATABASE_URI"]), figure, span.key, clock.local_date(now))
    return by_community_kept.get(key, stamp(db.engine, None, now).version, lambda: public.by_community(figure, span, now))


def behind(figure: Figure, span: Period) -> str:
    """Where the records behind a figure are listed."""
    word = {PeriodKind.YEAR: "year", PeriodKind.MONTH: "month"}.get(span.kind)
    if figure in OF_THE_FUND:
        if figure is Figure.FUND_SPENT:
            return url_for("fund.entries", way="out", year=span.first.year if word else None)
        return url_for("fund.index")
    return url_for("reports.figure", figure=figure.value, span=word if ABOUT[figure].flows else None)


@bp.get("/figures")
@for_everybody
def figures() -> Response:
    now, span = clock.now(), rules.span_of(request.args.get("span"), clock.today())
    (found, first), standing = known(span), openings.standing()
    told = span.kind is PeriodKind.ALL  # what was counted before this site belongs to no month or year of it
    groups: list[tuple[Group, list[Shown]]] = []
    for group in rules.GROUP_ORDER:
        shown = [
            Shown(one, about, found[one], standing.get(one) if told else None)
            for one, about in ABOUT.items()
            if about.group is group and (told or about.flows)
        ]
        if shown:
            groups.append((group, shown))
    actor = actor_or_none()
    dates = {one.as_of for one in standing.values()}
    return render(
        "reports/figures.html",
        groups=groups,
        rules=rules,
        span=span,
        behind=behind,
        first=first,
        told_until=dates.pop() if told and len(dates) == 1 else None,
        root=people.root_unit(),
        may_keep=actor is not None and actor.may(Action.UNIT_MANAGE),
        may_report=actor is not None and actor.may(Action.BRANCH_READ),
        at=now,
    )


@dataclass(frozen=True)
class CommunityLine:
    """`number` None: too few people to be told."""

    name: str
    number: str | None


@bp.get("/figures/<figure>")
@for_everybody
def figure(figure: str) -> Response:
    """What a figure is made of: activities, units or places by name; of people only how many each community has."""
    found = next((one for one in Figure if one.value == figure and one not in OF_THE_FUND), None)
    if found is None:
        raise NotFound
    now, span = clock.now(), rules.span_of(request.args.get("span"), clock.today())
    page, about = max(1, request.args.get("page", 1, type=int)), ABOUT[found]
    listed, lines = None, None
    if found in BY_COMMUNITY:
        lines = community_lines(found, span)
    elif found in BY_ACTIVITY:
        listed = public.activities(found, span, now, page)
    else:
        listed = public.places(clock.today(), page) if found is Figure.STATIONS else public.units(found, clock.today(), page)
    opening = openings.standing().get(found) if span.kind is PeriodKind.ALL else None
    found_of_all, first = known(span)
    return render(
        "reports/figure.html",
        shown=Shown(found, about, found_of_all[found], opening),
        overlaps=opening is not None and rules.overlaps(opening, first),
        listed=listed,
        lines=lines,
        is_activity=found in BY_ACTIVITY,
        rules=rules,
        span=span,
        first=first,
    )


def community_lines(figure: Figure, span: Period) -> list[CommunityLine]:
    """Each community's number; where it would tell of a few people, that it is not told."""
    found = by_community(figure, span)
    away: frozenset[int] = frozenset()
    if figure in {Figure.SCANNED, Figure.NAMED}:
        away = rules.hidden(by_community(Figure.VOLUNTEERS, span))
    elif figure is not Figure.HEADS:
        away = rules.hidden(found)
    names = [*public.communities(clock.today()), (0, "不在社区里的")]
    return [
        CommunityLine(name, None if unit_id in away else rules.written(ABOUT[figure].measured, found.get(unit_id, 0)))
        for unit_id, name in names
        if unit_id or found.get(0)
    ]
