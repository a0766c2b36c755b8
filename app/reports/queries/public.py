"""What 数读 shows: sums of the whole site, and the lists behind them. Nothing of a person."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, String, Subquery, and_, case, func, literal, or_, select, type_coerce
from sqlalchemy.orm import aliased

from app.activities.models import Activity, ActivityOutcome, Shift
from app.core import clock
from app.core.db import db
from app.duties.models import Post, PostTerm
from app.duties.rules import HEADS
from app.fund.models import FundMovementEntry, FundProject, FundServiceEntry
from app.fund.queries import own_money, spent_fen
from app.fund.rules import PUBLIC_STAGES
from app.hours.models import HourPersonTotal, HourUnitTotal
from app.hours.rules import HourClass, HourKind, Period
from app.people.models import Membership, Place, Stage, Unit, UnitAncestry
from app.people.queries import holds_on
from app.people.rules import HOMES, PARTY_MEMBERS, STAGE_ORDER, MembershipKind, UnitKind
from app.reports.figure_rules import OUTCOMES, PLACE_KINDS, UNIT_KINDS, Figure
from app.reports.queries.held import ended_in, was_held

PAGE = 30


def amounts(span: Period, now: datetime) -> dict[Figure, int]:
    """Every figure: those that flow of the period, the others as they stand today. A constant number of queries."""
    today = clock.local_date(now)
    found = dict.fromkeys(Figure, 0)
    kinds = dict(db.session.execute(select(Unit.kind, func.count()).where(_open(Unit, today)).group_by(Unit.kind)).all())
    for figure, of in UNIT_KINDS.items():
        found[figure] = sum(kinds.get(kind, 0) for kind in of)
    places = select(func.count()).select_from(Place).where(Place.kind.in_(PLACE_KINDS), _open(Place, today))
    found[Figure.STATIONS] = db.session.scalar(places) or 0
    found[Figure.HEADS] = db.session.scalar(select(func.count(PostTerm.person_id.distinct())).join(Post, _heads(today))) or 0
    found[Figure.MEMBERS] = db.session.scalar(select(func.count()).select_from(_party_members(today))) or 0
    return found | _flows(span, now)


def _flows(span: Period, now: datetime) -> dict[Figure, int]:
    found: dict[Figure, int] = {}
    ended = ended_in(span, now)
    held = select(func.count(), func.sum(Activity.served_count)).join(ended, ended.c.activity_id == Activity.id).where(was_held())
    number, served = db.session.execute(held).one()
    found[Figure.ACTIVITIES], found[Figure.SERVED] = int(number), int(served or 0)
    outcomes = (
        select(ActivityOutcome.kind, func.sum(ActivityOutcome.count))
        .join(ended, ended.c.activity_id == ActivityOutcome.activity_id)
        .group_by(ActivityOutcome.kind)
    )
    found |= {Figure(kind.value): int(many) for kind, many in db.session.execute(outcomes)}
    total = HourPersonTotal
    found[Figure.VOLUNTEERS] = db.session.scalar(select(func.count()).select_from(_volunteers(span))) or 0
    sums = select(total.hour_class, func.sum(total.minutes)).where(total.period == span.key, total.kind == HourKind.SERVICE)
    minutes = dict(db.session.execute(sums.group_by(total.hour_class)).all())
    found[Figure.SCANNED], found[Figure.NAMED] = (int(minutes.get(one, 0)) for one in (HourClass.CREDIT, HourClass.HONOUR))
    spent = select(func.sum(spent_fen())).where(own_money(), FundMovementEntry.booked_on.between(span.first, span.last))
    found[Figure.FUND_SPENT] = int(db.session.scalar(spent) or 0)
    projects = select(func.count()).select_from(FundProject).where(FundProject.stage.in_(PUBLIC_STAGES))
    found[Figure.FUND_PROJECTS] = db.session.scalar(projects) or 0
    helped = select(func.sum(FundServiceEntry.people)).where(FundServiceEntry.served_on.between(span.first, span.last))
    found[Figure.FUND_PEOPLE] = int(db.session.scalar(helped) or 0)
    return found


def first_day(today: date) -> date | None:
    """Since when this site has records: the first activity, or the first month with hours. Three queries over indexes."""
    start = db.session.scalar(select(func.min(Shift.ends_at)).join(Activity, Activity.id == Shift.activity_id).where(was_held()))
    year = _first_key([str(year) for year in range(2000, today.year + 1)])
    month = _first_key([f"{year}-{number:02d}" for number in range(1, 13)]) if year else None
    days = [clock.local_date(start)] if start else []
    days += [date.fromisoformat(f"{month}-01")] if month else []
    return min(days, default=None)


def _first_key(keys: list[str]) -> str | None:
    return db.session.scalar(select(func.min(HourUnitTotal.period)).where(HourUnitTotal.period.in_(keys)))


def _open(table: type[Unit] | type[Place], day: date) -> ColumnElement[bool]:
    return and_(table.opened_on <= day, or_(table.closed_on.is_(None), table.closed_on > day))


def _heads(day: date) -> ColumnElement[bool]:
    """Terms of 楼长, 巷长 and 街长 that hold on a day, with their posts."""
    term = PostTerm
    return and_(Post.id == term.post_id, Post.kind.in_(HEADS), term.valid_from <= day, or_(term.valid_to.is_(None), term.valid_to > day))


def _party_members(day: date) -> Subquery:
    """Home members whose stage on that day is of the party."""
    order = case({kind.value: place for kind, place in STAGE_ORDER.items()}, value=type_coerce(Stage.kind, String))
    nth = func.row_number().over(partition_by=Stage.person_id, order_by=(Stage.began_on.desc(), order.desc()))
    latest = select(Stage.person_id, Stage.kind, nth.label("nth")).where(Stage.began_on <= day).subquery()
    return (
        select(Membership.person_id)
        .join(latest, and_(latest.c.person_id == Membership.person_id, latest.c.nth == 1, latest.c.kind.in_(PARTY_MEMBERS)))
        .where(Membership.kind == MembershipKind.HOME, holds_on(Membership, day))
        .subquery()
    )


def _volunteers(span: Period) -> Subquery:
    """Everybody with minutes of service in a period."""
    total = HourPersonTotal
    people = select(total.person_id).where(total.period == span.key, total.kind == HourKind.SERVICE)
    return people.group_by(total.person_id).having(func.sum(total.minutes) > 0).subquery()


def _communities(day: date) -> Subquery:
    """Every unit on a day with the community that it lies in, the nearest one."""
    nth = func.row_number().over(partition_by=UnitAncestry.unit_id, order_by=UnitAncestry.depth)
    above = (
        select(UnitAncestry.unit_id, Unit.id.label("community_id"), nth.label("nth"))
        .join(Unit, and_(Unit.id == UnitAncestry.ancestor_id, Unit.kind == UnitKind.COMMUNITY))
        .where(holds_on(UnitAncestry, day))
        .subquery()
    )
    return select(above.c.unit_id, above.c.community_id).where(above.c.nth == 1).subquery()


def by_community(figure: Figure, span: Period, now: datetime) -> dict[int, int]:
    """People or minutes of each community, 0 for what belongs to none of them."""
    day = clock.local_date(now)
    under = _communities(day)
    if figure in {Figure.SCANNED, Figure.NAMED}:
        hour_class = HourClass.CREDIT if figure is Figure.SCANNED else HourClass.HONOUR
        total = HourUnitTotal
        query = (
            select(under.c.community_id, func.sum(total.minutes))
            .select_from(total)
            .outerjoin(under, under.c.unit_id == total.unit_id)
            .where(total.period == span.key, total.kind == HourKind.SERVICE, total.hour_class == hour_class)
        )
    elif figure is Figure.HEADS:
        query = (
            select(under.c.community_id, func.count(PostTerm.person_id.distinct()))
            .select_from(PostTerm)
            .join(Post, _heads(day))
            .outerjoin(under, under.c.unit_id == Post.unit_id)
        )
    else:
        people = _party_members(day) if figure is Figure.MEMBERS else _volunteers(span)
        home = _homes(day)
        query = (
            select(under.c.community_id, func.count())
            .select_from(people)
            .outerjoin(home, home.c.person_id == people.c.person_id)
            .outerjoin(under, under.c.unit_id == home.c.unit_id)
        )
    return {community_id or 0: int(many) for community_id, many in db.session.execute(query.group_by(under.c.community_id))}


def _homes(day: date) -> Subquery:
    """Where each person belongs on a day, once: the home branch, else a community they live in."""
    order = func.row_number().over(partition_by=Membership.person_id, order_by=(Membership.kind, Membership.id))  # "home" before "resident"
    ties = (
        select(Membership.person_id, Membership.unit_id, order.label("nth"))
        .where(Membership.kind.in_(HOMES), holds_on(Membership, day))
        .subquery()
    )
    return select(ties.c.person_id, ties.c.unit_id).where(ties.c.nth == 1).subquery()


def communities(day: date) -> list[tuple[int, str]]:
    rows = db.session.execute(select(Unit.id, Unit.name).where(Unit.kind == UnitKind.COMMUNITY, _open(Unit, day)).order_by(Unit.id))
    return [(row_id, name.replace("社区党委", "社区")) for row_id, name in rows]


@dataclass(frozen=True)
class Listed:
    """A line of the list behind a figure: an activity, a unit or a place. `number` is what it adds to the figure, None where it is 1."""

    id: int
    name: str
    under: str
    on: date | None
    number: int | None = None


@dataclass(frozen=True)
class Lines:
    rows: tuple[Listed, ...]
    page: int
    more: bool


def activities(figure: Figure, span: Period, now: datetime, page: int) -> Lines:
    """The activities behind 场次, 服务人次 or an outcome, the last to end first. One query."""
    ended, outcome = ended_in(span, now), OUTCOMES.get(figure)
    number: Any = Activity.served_count if figure is Figure.SERVED else literal(None)
    query = (
        select(Activity.id, Activity.title, Unit.name, ended.c.last, ActivityOutcome.count if outcome else number)
        .join(ended, ended.c.activity_id == Activity.id)
        .join(Unit, Unit.id == Activity.unit_id)
        .where(was_held())
        .order_by(ended.c.last.desc(), Activity.id.desc())
    )
    if outcome:
        query = query.join(ActivityOutcome, and_(ActivityOutcome.activity_id == Activity.id, ActivityOutcome.kind == outcome))
    elif figure is Figure.SERVED:
        query = query.where(Activity.served_count > 0)
    found = db.session.execute(query.limit(PAGE + 1).offset((page - 1) * PAGE)).all()
    rows = [Listed(row_id, title, unit, clock.local_date(last), many) for row_id, title, unit, last, many in found]
    return Lines(tuple(rows[:PAGE]), page, len(rows) > PAGE)


def units(figure: Figure, day: date, page: int) -> Lines:
    """Units of a kind that stand on a day, each with its community. One query."""
    under, community = _communities(day), aliased(Unit)
    query = (
        select(Unit.id, Unit.name, func.coalesce(community.name, ""), Unit.opened_on)
        .outerjoin(under, and_(under.c.unit_id == Unit.id, under.c.community_id != Unit.id))
        .outerjoin(community, community.id == under.c.community_id)
        .where(Unit.kind.in_(UNIT_KINDS[figure]), _open(Unit, day))
        .order_by(func.coalesce(community.id, 0), Unit.id)
    )
    found = db.session.execute(query.limit(PAGE + 1).offset((page - 1) * PAGE)).all()
    rows = [Listed(row_id, name, above.replace("社区党委", "社区"), since) for row_id, name, above, since in found]
    return Lines(tuple(rows[:PAGE]), page, len(rows) > PAGE)


def places(day: date, page: int) -> Lines:
    query = select(Place.id, Place.name, literal(""), Place.opened_on).where(Place.kind.in_(PLACE_KINDS), _open(Place, day))
    found = db.session.execute(query.order_by(Place.name, Place.id).limit(PAGE + 1).offset((page - 1) * PAGE)).all()
    rows = [Listed(*row) for row in found]
    return Lines(tuple(rows[:PAGE]), page, len(rows) > PAGE)
