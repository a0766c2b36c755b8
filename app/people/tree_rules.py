"""Both trees, of units and of places: what may hang under what, what ties to what, and their closure by dates. Pure."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from app.people.rules import UNIT_KIND_NAMES, MembershipKind, PlaceKind, UnitKind

U, P = UnitKind, PlaceKind

PLACE_KIND_NAMES = {
    P.COMMUNITY: "社区",
    P.ESTATE: "小区",
    P.BUILDING: "楼栋",
    P.STAIRWELL: "楼道",
    P.SERVICE_CENTRE: "党群服务中心（站）",
    P.STATION: "驿站、生活馆",
}

# The three-level grid; branches of offices, firms and 两新 may hang straight under the 街道党工委.
UNIT_UNDER: Mapping[UnitKind, frozenset[UnitKind]] = {
    U.SUBDISTRICT: frozenset(),
    U.COMMUNITY: frozenset({U.SUBDISTRICT}),
    U.GENERAL_BRANCH: frozenset({U.SUBDISTRICT, U.COMMUNITY}),
    U.BRANCH: frozenset({U.SUBDISTRICT, U.COMMUNITY, U.GENERAL_BRANCH}),
    U.GROUP: frozenset({U.BRANCH}),
    U.TEAM: frozenset({U.SUBDISTRICT, U.COMMUNITY, U.GENERAL_BRANCH, U.BRANCH, U.NEIGHBOURS, U.TEAM}),
    U.NEIGHBOURS: frozenset({U.SUBDISTRICT, U.COMMUNITY}),
    U.SELF_GOVERNANCE: frozenset({U.COMMUNITY, U.GENERAL_BRANCH, U.BRANCH, U.NEIGHBOURS}),
    U.SOCIETY: frozenset({U.SUBDISTRICT, U.COMMUNITY, U.NEIGHBOURS, U.TEAM}),
    U.OWNERS_COMMITTEE: frozenset({U.COMMUNITY, U.GENERAL_BRANCH, U.BRANCH}),
}
PLACE_UNDER: Mapping[PlaceKind, frozenset[PlaceKind]] = {
    P.COMMUNITY: frozenset(),
    P.ESTATE: frozenset({P.COMMUNITY}),
    P.BUILDING: frozenset({P.COMMUNITY, P.ESTATE}),
    P.STAIRWELL: frozenset({P.BUILDING}),
    P.SERVICE_CENTRE: frozenset({P.COMMUNITY, P.ESTATE}),
    P.STATION: frozenset({P.COMMUNITY, P.ESTATE, P.BUILDING, P.SERVICE_CENTRE}),
}
# 支部建在小区上，党小组建在楼道里.
TIED_TO: Mapping[UnitKind, frozenset[PlaceKind]] = {
    U.SUBDISTRICT: frozenset({P.SERVICE_CENTRE}),
    U.COMMUNITY: frozenset({P.COMMUNITY, P.SERVICE_CENTRE}),
    U.GENERAL_BRANCH: frozenset({P.ESTATE, P.SERVICE_CENTRE, P.STATION}),
    U.BRANCH: frozenset({P.ESTATE, P.BUILDING, P.SERVICE_CENTRE, P.STATION}),
    U.GROUP: frozenset({P.BUILDING, P.STAIRWELL}),
    U.TEAM: frozenset({P.COMMUNITY, P.ESTATE, P.SERVICE_CENTRE, P.STATION}),
    U.NEIGHBOURS: frozenset({P.COMMUNITY, P.ESTATE, P.STATION}),
    U.SELF_GOVERNANCE: frozenset({P.ESTATE, P.BUILDING, P.STAIRWELL}),
    U.SOCIETY: frozenset({P.COMMUNITY, P.ESTATE, P.STATION}),
    U.OWNERS_COMMITTEE: frozenset({P.ESTATE}),
}
# Whom a unit counts as its own; a party organisation its home members.
COUNTED: Mapping[UnitKind, MembershipKind] = {
    U.TEAM: MembershipKind.TEAM,
    U.SOCIETY: MembershipKind.TEAM,
    U.SELF_GOVERNANCE: MembershipKind.NEIGHBOURS,
    U.NEIGHBOURS: MembershipKind.NEIGHBOURS,
}


def counted(kind: UnitKind) -> MembershipKind:
    return COUNTED.get(kind, MembershipKind.HOME)


def unit_kinds_under(parent: UnitKind) -> list[UnitKind]:
    return [kind for kind in UnitKind if parent in UNIT_UNDER[kind]]


def place_kinds_under(parent: PlaceKind | None) -> list[PlaceKind]:
    if parent is None:
        return [kind for kind in PlaceKind if not PLACE_UNDER[kind]]
    return [kind for kind in PlaceKind if parent in PLACE_UNDER[kind]]


def unit_fault(kind: UnitKind, parent: UnitKind | None) -> str | None:
    """Why a unit of a kind may not hang there; None when it may."""
    if parent is None:
        return None if not UNIT_UNDER[kind] else f"{UNIT_KIND_NAMES[kind]}要有上级"
    if parent in UNIT_UNDER[kind]:
        return None
    return f"{UNIT_KIND_NAMES[kind]}不能直接放在{UNIT_KIND_NAMES[parent]}下面"


def place_fault(kind: PlaceKind, parent: PlaceKind | None) -> str | None:
    """Why a place of a kind may not lie there; None when it may."""
    if parent is None:
        return None if not PLACE_UNDER[kind] else f"{PLACE_KIND_NAMES[kind]}要在一个社区里"
    if parent in PLACE_UNDER[kind]:
        return None
    return f"{PLACE_KIND_NAMES[kind]}不能直接放在{PLACE_KIND_NAMES[parent]}下面"


def tie_fault(unit: UnitKind, place: PlaceKind) -> str | None:
    """Why a unit may not be tied to a place; None when it may."""
    if place in TIED_TO[unit]:
        return None
    return f"{UNIT_KIND_NAMES[unit]}不对应{PLACE_KIND_NAMES[place]}"


SIGNS = "（）()·•-–—_.、，,《》“”‘’\"'/＋+#№&:：%"


def tree_name_fault(name: str) -> str | None:
    """Why no unit or place is called so: signs and pictures that no seal has; None when it may be."""
    wrong = dict.fromkeys(char for char in name if not (char.isalnum() or char.isspace() or char in SIGNS or unicodedata.combining(char)))
    if wrong:
        return f"名称里不能有 {' '.join(list(wrong)[:4])}"
    return None if not name or any(char.isalpha() for char in name) else "名称里没有字"


@dataclass(frozen=True)
class Edge:
    """`node` lies under `parent` on the days in [since, until); an open end is None."""

    node: int
    parent: int
    since: date
    until: date | None


@dataclass(frozen=True)
class Life:
    node: int
    since: date
    until: date | None


@dataclass(frozen=True)
class Line:
    """`ancestor` stands `depth` levels above `node` (0: itself) on the days in [since, until)."""

    node: int
    ancestor: int
    depth: int
    since: date
    until: date | None


DEEPEST = 40


class Circle(Exception):
    """A node stands above itself on some day."""

    def __init__(self, node: int) -> None:
        super().__init__(node)
        self.node = node


def closure(lives: Iterable[Life], edges: Iterable[Edge]) -> set[Line]:
    """Every line of every day that the edges give, neighbouring days of one depth joined. Raises Circle."""
    parents: defaultdict[int, list[Edge]] = defaultdict(list)
    for edge in edges:
        parents[edge.node].append(edge)
    found: set[Line] = set()

    def climb(node: int, at: int, depth: int, since: date, until: date | None) -> None:
        found.add(Line(node, at, depth, since, until))
        if depth > DEEPEST:
            raise Circle(node)
        for edge in parents[at]:
            begin, end = max(since, edge.since), _earlier(until, edge.until)
            if end is None or begin < end:
                climb(node, edge.parent, depth + 1, begin, end)

    for life in lives:
        if life.until is None or life.since < life.until:
            climb(life.node, life.node, 0, life.since, life.until)
    return joined(found)


def joined(lines: Iterable[Line]) -> set[Line]:
    """Lines that hold on some day, those that follow upon each other made one."""
    rows = sorted((line for line in lines if line.until is None or line.since < line.until), key=_order)
    result: list[Line] = []
    for line in rows:
        last = result[-1] if result else None
        if last and (last.node, last.ancestor, last.depth, last.until) == (line.node, line.ancestor, line.depth, line.since):
            result[-1] = Line(last.node, last.ancestor, last.depth, last.since, line.until)
        else:
            result.append(line)
    return set(result)


def _order(line: Line) -> tuple[int, int, int, date]:
    return line.node, line.ancestor, line.depth, line.since


def _earlier(one: date | None, other: date | None) -> date | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
