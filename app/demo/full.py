"""The whole subdistrict, written set-wise: 45 communities, 663 branches, 549 teams, 14,000 people. Invented, and the same each time.

Twelve years of what they did follow in `app.demo.years`. Nothing here goes through the services: at their pace it would take a day.
What the services keep beside the facts is made afterwards, by the same code that `flask totals rebuild` calls.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import func, insert, select, text

from app.core.db import Base, db, in_transaction, is_sqlite, table_of
from app.people.models import Consent, Membership, Person, Phone, Stage, Unit, UnitAncestry, UnitParent
from app.people.naming import initials
from app.people.rules import ConsentKind, MembershipKind, Origin, StageKind, UnitKind

LONG_AGO = date(2012, 1, 1)
AGREED = datetime(2012, 1, 2, tzinfo=UTC)
FAMILY = "陈李黄梁何吴林张谢郑罗冯曾邓叶苏卢蔡潘杜欧区冼黎霍"
GIVEN = "志嘉文丽美国小秀伟建明珍芳玲欣豪静怡强辉燕华英杰"
AT_ONCE = 20_000  # rows of one statement


@dataclass(frozen=True)
class Size:
    """How many there are in all, those of the small demo among them."""

    communities: int = 45
    branches: int = 663
    teams: int = 549
    people: int = 14_000
    public: int = 3_000  # who agreed to stand on the personal board
    years: int = 12
    activities: int = 57_000
    entries: int = 3_500_000


@dataclass(frozen=True)
class Made:
    """What was added; ids throughout."""

    root: int
    communities: list[int]
    branches: list[int]
    teams: list[int]
    people: list[int]


def put(model: type[Base], made: Iterable[dict[str, Any]]) -> None:
    """Rows with ids of their own; PostgreSQL counts on behind them."""
    rows, table = list(made), table_of(model)
    for start in range(0, len(rows), AT_ONCE):
        db.session.execute(insert(table), rows[start : start + AT_ONCE])
    if rows and "id" in rows[0] and not is_sqlite():
        db.session.execute(text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {rows[-1]['id']})"))


def free_ids(model: type[Base]) -> int:
    """The first id behind all that are there."""
    ids = table_of(model).c.id
    return (db.session.scalar(select(func.max(ids))) or 0) + 1


def town(root: int, size: Size, now: datetime) -> Made:
    """Everybody and every unit that is missing under `root` for the size, in a few transactions."""
    chance = Random(50)
    communities, branches, teams = in_transaction(lambda: _units(root, size))
    people = in_transaction(lambda: _people(branches, teams, size, chance, now))
    return Made(root, communities, branches, teams, people)


def branch_name(nth: int) -> str:
    return f"锦园第{nth + 1}党支部"


def _standing(kind: UnitKind) -> list[int]:
    return list(db.session.scalars(select(Unit.id).where(Unit.kind == kind).order_by(Unit.id)))


def _units(root: int, size: Size) -> tuple[list[int], list[int], list[int]]:
    """Ids of all communities, of the branches and of the teams that were added. One branch in ten hangs under the subdistrict itself."""
    lines: list[tuple[int, UnitKind, str, list[int]]] = []
    first = free_ids(Unit)

    def add(kind: UnitKind, name: str, above: Sequence[int]) -> int:
        lines.append((first + len(lines), kind, name, list(above)))
        return lines[-1][0]

    communities = _standing(UnitKind.COMMUNITY)
    for nth in range(len(communities), size.communities):
        communities.append(add(UnitKind.COMMUNITY, f"{'灯雅南园翠江花同'[nth % 8]}湖第{nth + 1}社区党委", [root]))
    standing = len(_standing(UnitKind.BRANCH))
    branches = [
        add(UnitKind.BRANCH, branch_name(nth), [root] if nth % 10 == 9 else [communities[nth % len(communities)], root])
        for nth in range(size.branches - standing)
    ]
    here = len(_standing(UnitKind.TEAM))
    all_teams = add(UnitKind.TEAM, "桂城党员志愿服务队", [root])
    teams = [add(UnitKind.TEAM, f"志愿服务第{nth + 1}分队", [all_teams, root]) for nth in range(size.teams - here)]
    put(Unit, [{"id": unit, "kind": kind, "name": name, "opened_on": LONG_AGO} for unit, kind, name, _ in lines])
    put(UnitParent, [{"unit_id": unit, "parent_id": above[0], "valid_from": LONG_AGO} for unit, _, _, above in lines])
    put(
        UnitAncestry,
        [
            {"unit_id": unit, "ancestor_id": ancestor, "depth": depth, "valid_from": LONG_AGO}
            for unit, _, _, above in lines
            for depth, ancestor in enumerate([unit, *above])
        ],
    )
    return communities, branches, teams


def nth_branch(person: int, branches: int) -> int:
    """Some branches are large, some small, a few below five."""
    return min(person * 7919 % branches, (person * 104_729 + person // 3) % branches)


def _people(branches: list[int], teams: list[int], size: Size, chance: Random, now: datetime) -> list[int]:
    """Members of the new branches, one in three of a team; one in thirty is being developed."""
    first = free_ids(Person)
    people = range(first, size.people + 1)
    about = {"origin": Origin.ROSTER, "recorded_at": now, "confirmed_at": now, "note": ""}
    names = {one: chance.choice(FAMILY) + "".join(chance.sample(GIVEN, 2)) for one in people}
    put(
        Person,
        [
            {
                "id": one,
                "name": name,
                "initials": initials(name),
                "birth_date": date(1940 + one * 7 % 62, 1 + one % 12, 1 + one % 28),
                **about,
            }
            for one, name in names.items()
        ],
    )
    put(Phone, [{"person_id": one, "number": f"139{one:08d}", "valid_from": LONG_AGO} for one in people])
    since = {"valid_from": LONG_AGO}
    put(
        Membership,
        [{"person_id": one, "unit_id": branches[nth_branch(one, len(branches))], "kind": MembershipKind.HOME, **since} for one in people],
    )
    put(Membership, [{"person_id": one, "unit_id": teams[one % len(teams)], "kind": MembershipKind.TEAM, **since} for one in people[::3]])
    put(Stage, [stage for one in people for stage in _stages(one, now)])
    public = chance.sample(people, min(size.public, len(people)))
    put(Consent, [{"person_id": one, "kind": ConsentKind.PERSONAL_BOARD, "given_at": AGREED} for one in sorted(public)])
    return list(people)


DEVELOPING = (StageKind.APPLICANT, StageKind.ACTIVIST, StageKind.CANDIDATE, StageKind.PROBATIONARY)


def _stages(person: int, now: datetime) -> list[dict[str, Any]]:
    if person % 30:
        return [{"person_id": person, "kind": StageKind.MEMBER, "began_on": date(1990 + person % 22, 1 + person % 12, 1)}]
    reached = DEVELOPING[: 1 + person // 30 % len(DEVELOPING)]
    began = now.date() - timedelta(days=person % 300 + 20)
    return [
        {"person_id": person, "kind": kind, "began_on": began - timedelta(days=370 * (len(reached) - nth - 1))}
        for nth, kind in enumerate(reached)
    ]
