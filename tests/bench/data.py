"""A subdistrict of full size, written set-wise straight into the tables of a private database in well under a minute.

14,000 people in 663 branches of 45 communities, 549 teams, 200,000 hour entries over two years. Invented, and the same each time.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import event, insert, text

from app.accounts.models import Account, AccountSession
from app.accounts.queries import token_digest
from app.accounts.rules import SecretKind
from app.core import clock
from app.core.db import Base, db, in_transaction, is_sqlite
from app.hours.models import HourEntry
from app.hours.rules import HourClass, HourKind, SourceKind
from app.hours.totals import PERSON_TOTALS, UNIT_TOTALS
from app.people.models import Consent, Membership, Person, Phone, Unit, UnitAncestry, UnitParent
from app.people.naming import initials
from app.people.rules import ConsentKind, MembershipKind, Origin, UnitKind

LONG_AGO = date(2020, 1, 1)
TOKEN = "a reader who is signed in"
FAMILY = "陈李黄梁何吴林张谢郑罗冯曾邓叶苏卢蔡潘杜欧区冼黎霍"
GIVEN = "志嘉文丽美国小秀伟建明珍芳玲欣豪静怡强辉燕华英杰"


@dataclass(frozen=True)
class Size:
    communities: int = 45
    branches: int = 663
    teams: int = 549
    people: int = 14_000
    public: int = 3_000
    entries: int = 200_000


def fill(size: Size = Size()) -> None:
    """Fill the empty, migrated database of the current application. Person 1 is signed in with TOKEN."""
    chance = random.Random(50)
    today, now = clock.today(), clock.now()
    if is_sqlite():
        db.engine.dispose()
        event.listen(db.engine, "connect", _careless)
    in_transaction(lambda: _units(size))
    in_transaction(lambda: _people(size, chance, now))
    in_transaction(lambda: _hours(size, chance, today, now))
    for totals, owners in ((UNIT_TOTALS, _branches(size)), (PERSON_TOTALS, range(1, size.people + 1))):
        for start in range(0, len(owners), 2000):
            in_transaction(lambda totals=totals, chunk=list(owners[start : start + 2000]): totals.rebuild(chunk))  # type: ignore[misc]
    db.session.execute(text("ANALYZE"))
    db.session.remove()
    if is_sqlite():
        event.remove(db.engine, "connect", _careless)
        db.engine.dispose()


def _careless(connection: Any, _record: object) -> None:
    """While filling nothing needs to survive a power cut."""
    for pragma in ("synchronous=OFF", "cache_size=-200000", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")


def _put(table: type[Base], rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), 20_000):
        db.session.execute(insert(table.__table__), rows[start : start + 20_000])  # type: ignore[arg-type]
    if rows and "id" in rows[0] and not is_sqlite():
        name = table.__tablename__
        db.session.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {rows[-1]['id']})"))


def _branches(size: Size) -> range:
    first = 2 + size.communities
    return range(first, first + size.branches)


def _teams(size: Size) -> range:
    """Behind the branches stands the 志愿服务队 that all teams belong to."""
    first = 3 + size.communities + size.branches
    return range(first, first + size.teams)


def _tree(size: Size) -> Iterator[tuple[int, UnitKind, str, list[int]]]:
    """Id, kind, name and what is above, nearest first."""
    yield 1, UnitKind.SUBDISTRICT, "桂城街道党工委", []
    communities = range(2, 2 + size.communities)
    for nth, unit_id in enumerate(communities):
        yield unit_id, UnitKind.COMMUNITY, f"{'灯雅南园翠江花同'[nth % 8]}湖第{nth + 1}社区党委", [1]
    for nth, unit_id in enumerate(_branches(size)):
        yield unit_id, UnitKind.BRANCH, f"锦园第{nth + 1}党支部", [1] if nth % 10 == 9 else [communities[nth % len(communities)], 1]
    all_teams = _teams(size).start - 1
    yield all_teams, UnitKind.TEAM, "桂城党员志愿服务队", [1]
    for nth, unit_id in enumerate(_teams(size)):
        yield unit_id, UnitKind.TEAM, f"志愿服务第{nth + 1}分队", [all_teams, 1]


def _nth_branch(person: int, branches: int) -> int:
    """Some branches are large, some small, a few below five."""
    return min(person * 7919 % branches, (person * 104_729 + person // 3) % branches)


def _units(size: Size) -> None:
    tree = list(_tree(size))
    _put(Unit, [{"id": unit_id, "kind": kind, "name": name, "opened_on": LONG_AGO} for unit_id, kind, name, _ in tree])
    _put(UnitParent, [{"unit_id": unit_id, "parent_id": above[0], "valid_from": LONG_AGO} for unit_id, _, _, above in tree if above])
    lines = [
        {"unit_id": unit_id, "ancestor_id": ancestor, "depth": depth, "valid_from": LONG_AGO}
        for unit_id, _, _, above in tree
        for depth, ancestor in enumerate([unit_id, *above])
    ]
    _put(UnitAncestry, lines)


def _people(size: Size, chance: random.Random, now: datetime) -> None:
    everyone = range(1, size.people + 1)
    branches, teams = _branches(size), _teams(size)
    person = {"origin": Origin.ROSTER, "recorded_at": now, "confirmed_at": now, "note": ""}
    names = {one: chance.choice(FAMILY) + "".join(chance.sample(GIVEN, 2)) for one in everyone}
    _put(Person, [{"id": one, "name": name, "initials": initials(name), **person} for one, name in names.items()])
    _put(Phone, [{"person_id": one, "number": f"139{one:08d}", "valid_from": LONG_AGO} for one in everyone])
    home = [
        {"person_id": one, "unit_id": branches[_nth_branch(one, len(branches))], "kind": MembershipKind.HOME, "valid_from": LONG_AGO}
        for one in everyone
    ]
    joined = [
        {"person_id": one, "unit_id": teams[one % len(teams)], "kind": MembershipKind.TEAM, "valid_from": LONG_AGO} for one in everyone[::3]
    ]
    _put(Membership, home + joined)
    public = chance.sample(everyone, size.public)
    _put(Consent, [{"person_id": one, "kind": ConsentKind.PERSONAL_BOARD, "given_at": now} for one in sorted(public)])
    _put(
        Account,
        [
            {
                "id": one,
                "person_id": one,
                "login_phone": f"139{one:08d}",
                "secret_hash": "-",
                "secret_kind": SecretKind.PIN,
                "created_at": now,
            }
            for one in everyone
        ],
    )
    session = {"created_at": now, "confirmed_at": now, "expires_at": now + timedelta(days=400), "device": "bench"}
    _put(
        AccountSession,
        [
            {"id": one, "account_id": one, "token_hash": token_digest(TOKEN if one == 1 else f"{TOKEN} {one}"), **session}
            for one in everyone
        ],
    )


def _hours(size: Size, chance: random.Random, today: date, now: datetime) -> None:
    branches = _branches(size)
    rows = []
    for nth in range(1, size.entries + 1):
        person = chance.randint(1, size.people)
        served_on = today - timedelta(days=chance.randint(0, 730))
        rows.append(
            {
                "id": nth,
                "person_id": person,
                "home_unit_id": branches[_nth_branch(person, len(branches))],
                "organising_unit_id": 1,
                "served_on": served_on,
                "booked_on": served_on,
                "booked_at": now,
                "hour_class": HourClass.HONOUR if nth % 10 == 0 else HourClass.CREDIT,
                "kind": HourKind.STUDY if nth % 7 == 0 else HourKind.SERVICE,
                "minutes": chance.randint(15, 480),
                "source_kind": SourceKind.ATTENDANCE,
                "source_id": nth,
                "generation": 0,
                "rule_version": "bench",
                "reason": "",
            }
        )
    _put(HourEntry, rows)
