"""Reading what boards are made of: totals, and only for single days of people the ledger. As many queries with more data."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.core import clock
from app.core.db import db
from app.hours import queries as hours
from app.hours.models import HourEntry, HourUnitTotal
from app.hours.rules import HourClass, HourKind
from app.leaderboards.eligible import counted_by_unit, eligible, eligible_team_members, exempt, team_members
from app.leaderboards.measures import Figure, Measure, twice_median
from app.leaderboards.rules import LEAST_HEADS, UNIT_KINDS, BoardKind, BoardRule, Choice, Own
from app.leaderboards.spans import Span
from app.people.models import Membership, Person, Unit, UnitAncestry
from app.people.naming import mask_name
from app.people.queries import agreed, agreed_among, agreed_at, holds_on
from app.people.rules import HOMES, ConsentKind, MembershipKind, UnitKind
from app.settings import queries as settings

Sums = dict[int, tuple[int, int]]
Tops = dict[int, tuple[int, ...]]
RULE = "boards"  # key of the setting
HIDDEN = ("已隐去", "")  # a line of a settled board whose owner took their consent back


def first_booked() -> date | None:
    """The day of the first entry of all: months before it were never closed here."""
    return db.session.scalar(select(HourEntry.booked_on).order_by(HourEntry.id).limit(1))


def rule() -> BoardRule:
    """What holds here about boards (本地规定)."""
    kept = BoardRule(**settings.value(RULE, BoardRule().as_kept()))
    return replace(kept, min_heads=max(kept.min_heads, LEAST_HEADS))


def figures(choice: Choice, held: BoardRule, by: Collection[Measure]) -> list[Figure]:
    """Everyone and every unit that the board may list, unranked, with what the measures ask for."""
    if choice.kind is BoardKind.PERSON:
        return _person_figures(choice)
    kind, day = choice.kind, choice.day
    units = _units(UNIT_KINDS[kind], day)
    ids = {row_id for row_id, _ in units}
    tops = _tops(kind, ids, day)
    sums, heads = _tally(kind, tops, choice.span, day, held)
    spreads = _spreads(kind, tops, choice.span, day, held) if {Measure.RATE, Measure.MEDIAN} & set(by) else {}
    against = choice.span.against(choice.today) if Measure.GAIN in by else None
    earlier_sums, earlier_heads = _tally(kind, _tops(kind, ids, against.last), against, against.last, held) if against else ({}, {})
    under = {} if kind is BoardKind.COMMUNITY else _communities(ids, day)
    found = []
    for unit_id, name in units:
        minutes, honour = sums.get(unit_id, (0, 0))
        many, spread = heads.get(unit_id, 0), spreads.get(unit_id, ())
        under_id, under_name = under.get(unit_id, (None, ""))
        found.append(
            Figure(
                unit_id,
                minutes,
                honour,
                many,
                short(name) if kind is BoardKind.COMMUNITY else name,
                under_name,
                under_id,
                len(spread),
                twice_median(spread, many),
                spread,
                (earlier_sums.get(unit_id, (0, 0))[0], earlier_heads.get(unit_id, 0)) if against else None,
            )
        )
    return found


def _tally(kind: BoardKind, tops: Tops, span: Span, day: date, held: BoardRule) -> tuple[Sums, dict[int, int]]:
    """Minutes by class and eligible heads of each unit, by the tree and the members of a day."""
    sums, heads = _team_sums(tops, span, day, held) if kind is BoardKind.TEAM else _home_sums(span, day, held)
    rolled: Sums = {}
    many: dict[int, int] = {}
    for unit_id, (credit, honour) in sums.items():
        for top in tops.get(unit_id, ()):
            already = rolled.get(top, (0, 0))
            rolled[top] = (already[0] + credit, already[1] + honour)
    for unit_id, one in heads.items():
        for top in tops.get(unit_id, ()):
            many[top] = many.get(top, 0) + one
    return rolled, many


def short(name: str) -> str:
    return name.replace("社区党委", "社区")


def _units(kind: UnitKind, day: date) -> list[tuple[int, str]]:
    """Units of a kind that stand on a day, by id; those with others of the same kind below them are not ranked beside them."""
    lower = aliased(Unit)
    above = (
        select(UnitAncestry.ancestor_id)
        .join(lower, lower.id == UnitAncestry.unit_id)
        .where(lower.kind == kind, UnitAncestry.depth > 0, holds_on(UnitAncestry, day), _stands(lower, day))
    )
    rows = db.session.execute(
        select(Unit.id, Unit.name).where(Unit.kind == kind, _stands(Unit, day), Unit.id.not_in(above)).order_by(Unit.id)
    )
    return [(row_id, name) for row_id, name in rows]


def _stands(unit: type[Unit], day: date) -> ColumnElement[bool]:
    return and_(unit.opened_on <= day, or_(unit.closed_on.is_(None), unit.closed_on > day))


def _by_class(rows: Iterable[tuple[int, HourClass, int]]) -> Sums:
    """Credit and honour of each, from rows by class."""
    found: Sums = {}
    for owner, hour_class, minutes in rows:
        credit, honour = found.get(owner, (0, 0))
        found[owner] = (int(minutes), honour) if hour_class is HourClass.CREDIT else (credit, int(minutes))
    return found


def _home_sums(span: Span, day: date, held: BoardRule) -> tuple[Sums, dict[int, int]]:
    """Minutes that home members of each unit itself earned, and its heads; nothing is joined, so that chosen days stay quick."""
    total = HourUnitTotal
    inside = total.period.in_(span.keys), total.kind == HourKind.SERVICE
    if len(span.keys) == 1:
        sums = select(total.unit_id, total.hour_class, total.minutes).where(*inside)
    else:
        sums = select(total.unit_id, total.hour_class, func.sum(total.minutes)).where(*inside).group_by(total.unit_id, total.hour_class)
    heads: dict[int, int] = {}
    for unit_id, many in db.session.execute(select(counted_by_unit(day, held))):
        heads[unit_id] = heads.get(unit_id, 0) + many
    return _by_class(db.session.execute(sums)), heads


def _team_sums(team_ids: Collection[int], span: Span, day: date, held: BoardRule) -> tuple[Sums, dict[int, int]]:
    """Minutes and heads of team members. People keep their home branch: teams are another board of the same hours."""
    member = team_members(team_ids, day)
    heads = select(member.c.unit_id, func.count()).where(member.c.person_id.not_in(exempt(day, held))).group_by(member.c.unit_id)
    had = hours.of_people(span.keys, HourKind.SERVICE)
    sums = (
        select(member.c.unit_id, had.c.hour_class, func.sum(had.c.minutes))
        .join(had, had.c.person_id == member.c.person_id)
        .group_by(member.c.unit_id, had.c.hour_class)
    )
    return _by_class(db.session.execute(sums)), dict(db.session.execute(heads).all())


def _spreads(kind: BoardKind, tops: Tops, span: Span, day: date, held: BoardRule) -> dict[int, tuple[int, ...]]:
    """Of each unit the scanned service minutes of its eligible members who have any, most first. At most a row a member."""
    member = eligible_team_members(tops, day, held) if kind is BoardKind.TEAM else eligible(day, held)
    homes = db.session.execute(select(member.c.person_id, member.c.unit_id)).all()
    served = {person_id: minutes for person_id, minutes in db.session.execute(_scanned(span)) if minutes > 0}
    found: dict[int, list[int]] = {}
    for person_id, unit_id in homes:
        if person_id in served:
            for top in tops.get(unit_id, ()):
                found.setdefault(top, []).append(int(served[person_id]))
    return {unit_id: tuple(sorted(many, reverse=True)) for unit_id, many in found.items()}


def _tops(kind: BoardKind, ids: Collection[int], day: date) -> Tops:
    """Of each unit those of the board at or above it; a team is its own."""
    if kind is BoardKind.TEAM:
        return {one: (one,) for one in ids}
    rows = db.session.execute(
        select(UnitAncestry.unit_id, UnitAncestry.ancestor_id)
        .join(Unit, Unit.id == UnitAncestry.ancestor_id)
        .where(Unit.kind == UNIT_KINDS[kind], holds_on(UnitAncestry, day))
    )
    found: Tops = {}
    for unit_id, top in rows:
        found[unit_id] = (*found.get(unit_id, ()), top)
    return found


def _communities(unit_ids: Collection[int], day: date) -> dict[int, tuple[int, str]]:
    """The community above each unit: id and name."""
    rows = db.session.execute(
        select(UnitAncestry.unit_id, Unit.id, Unit.name)
        .join(Unit, Unit.id == UnitAncestry.ancestor_id)
        .where(Unit.kind == UnitKind.COMMUNITY, UnitAncestry.depth > 0, holds_on(UnitAncestry, day))
        .order_by(UnitAncestry.depth.desc())
    )
    return {unit_id: (above, short(name)) for unit_id, above, name in rows if unit_id in unit_ids}


def communities(day: date) -> list[tuple[int, str]]:
    """For choosing one: id and short name."""
    return [(unit_id, short(name)) for unit_id, name in _units(UnitKind.COMMUNITY, day)]


def _listed(settled_on: date | None) -> Select[int]:
    """Who has a line on a personal board: those who agree today or, once it is settled, those who agreed as that day began."""
    if settled_on is None:
        return agreed(ConsentKind.PERSONAL_BOARD, clock.today())
    return agreed_at(ConsentKind.PERSONAL_BOARD, clock.at_local(settled_on))


def _person_figures(choice: Choice) -> list[Figure]:
    """Those listed who have hours, without names: those are read for the page that is shown."""
    listed = _listed(choice.settled_on)
    sums = _by_class(db.session.execute(_person_sums(choice.span, listed)))
    if choice.community_id is not None:
        homes = _person_communities(listed, choice.day)
        sums = {person_id: pair for person_id, pair in sums.items() if person_id in homes and homes[person_id][0] == choice.community_id}
    return [Figure(person_id, credit, honour) for person_id, (credit, honour) in sums.items()]


def _person_sums(span: Span, of: Select[int] | Collection[int]) -> Select[Any]:
    """Service minutes of these people in a span, by class."""
    had = hours.of_people(span.keys, HourKind.SERVICE)
    return (
        select(had.c.person_id, had.c.hour_class, func.sum(had.c.minutes))
        .where(had.c.person_id.in_(of))
        .group_by(had.c.person_id, had.c.hour_class)
    )


def _scanned(span: Span) -> Select[Any]:
    """Scanned service minutes of everybody in a span."""
    had = hours.of_people(span.keys, HourKind.SERVICE)
    return select(had.c.person_id, func.sum(had.c.minutes)).where(had.c.hour_class == HourClass.CREDIT).group_by(had.c.person_id)


def _person_communities(person_ids: Select[int] | Collection[int], day: date) -> dict[int, tuple[int, str]]:
    """The community each person belongs to: the home branch's, else the one they live in. Never the branch."""
    rows = db.session.execute(
        select(Membership.person_id, Unit.id, Unit.name)
        .join(UnitAncestry, and_(UnitAncestry.unit_id == Membership.unit_id, holds_on(UnitAncestry, day)))
        .join(Unit, and_(Unit.id == UnitAncestry.ancestor_id, Unit.kind == UnitKind.COMMUNITY))
        .where(
            Membership.person_id.in_(person_ids),
            Membership.kind.in_(HOMES),
            holds_on(Membership, day),
        )
        .order_by(Membership.kind == MembershipKind.HOME, UnitAncestry.depth.desc())
    )
    return {person_id: (unit_id, short(name)) for person_id, unit_id, name in rows}


def names(person_ids: Collection[int], day: date) -> dict[int, tuple[str, str]]:
    """Masked name and community, for the lines of one page; HIDDEN for who does not agree any more."""
    agreeing = agreed_among(person_ids, ConsentKind.PERSONAL_BOARD, clock.today())
    homes = _person_communities(person_ids, day)
    rows = db.session.execute(select(Person.id, Person.name).where(Person.id.in_(person_ids)))
    return {person_id: (mask_name(name), homes.get(person_id, (0, ""))[1]) if person_id in agreeing else HIDDEN for person_id, name in rows}


def own(person_id: int, choice: Choice) -> Own:
    """The reader's own side, whether public or not: for nobody else's eyes."""
    if choice.kind is BoardKind.TEAM:
        return _own_team(person_id, choice.day)
    if choice.kind is not BoardKind.PERSON:
        return _own_unit(person_id, UNIT_KINDS[choice.kind], choice.day)
    rows = db.session.execute(_person_sums(choice.span, [person_id]))
    minutes, honour = _by_class(rows).get(person_id, (0, 0))
    community_id, _ = _person_communities([person_id], choice.day).get(person_id, (None, ""))
    public = person_id in agreed_among([person_id], ConsentKind.PERSONAL_BOARD, clock.today())
    listed = public
    if choice.settled_on is not None:
        listed = db.session.scalar(_listed(choice.settled_on).where(Person.id == person_id).limit(1)) is not None
    return Own(public=public, listed=listed, minutes=minutes, honour=honour, community_id=community_id)


def _own_unit(person_id: int, kind: UnitKind, day: date) -> Own:
    """The nearest unit of a kind at or above the reader's home unit."""
    row = db.session.execute(
        select(Unit.id, Unit.name)
        .join(UnitAncestry, and_(UnitAncestry.ancestor_id == Unit.id, holds_on(UnitAncestry, day)))
        .join(Membership, and_(Membership.unit_id == UnitAncestry.unit_id, holds_on(Membership, day)))
        .where(Membership.person_id == person_id, Membership.kind.in_(HOMES), Unit.kind == kind)
        .order_by(Membership.kind, UnitAncestry.depth)  # "home" before "resident"
        .limit(1)
    ).one_or_none()
    if row is None:
        return Own()
    return Own(row[0], short(row[1]) if kind is UnitKind.COMMUNITY else row[1])


def _own_team(person_id: int, day: date) -> Own:
    ranked = [unit_id for unit_id, _ in _units(UnitKind.TEAM, day)]
    row = db.session.execute(
        select(Unit.id, Unit.name)
        .join(Membership, Membership.unit_id == Unit.id)
        .where(Membership.person_id == person_id, Membership.kind == MembershipKind.TEAM, holds_on(Membership, day), Unit.id.in_(ranked))
        .order_by(Membership.valid_from, Membership.id)
        .limit(1)
    ).one_or_none()
    return Own(row[0], row[1]) if row else Own()
