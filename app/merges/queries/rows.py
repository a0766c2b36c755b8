"""The rows of two records that a merge is about, table by table, and what becomes of each."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from app.accounts.queries import factor_of
from app.activities.models import Activity, Shift
from app.core.db import db, table
from app.merges import own_rules as own
from app.merges.own_rules import Pair
from app.merges.policies import ABOUT, REACHED, Fate, Policy, Row, Way, fates
from app.people import queries as people


@dataclass(frozen=True)
class Inside:
    """An activity at one shift of which both are signed in."""

    activity_id: int
    unit_id: int
    title: str

    @property
    def words(self) -> str:
        return f"两份档案都在《{self.title}》的同一个班次签着到，还没签退；先给其中一份签退，再合并，免得一个人签到两次"


@dataclass(frozen=True)
class Plan:
    """`fates` of all rows but those that entries stand for; `refusals` in words say why nothing is merged now."""

    fates: tuple[Fate, ...]
    refusals: tuple[str, ...]
    overlapping: tuple[int, ...]  # spells that will not count
    inside: tuple[Inside, ...] = ()


def _rows(name: str, pair: Pair, *columns: str) -> tuple[list[Row], list[Row]]:
    """Of who goes and of who stays; one query."""
    source = table(name)
    ends = [source.c[column] for column in columns]
    found = db.session.execute(select(source).where(or_(*(end.in_([pair.stays_id, pair.goes_id]) for end in ends))).order_by(source.c.id))
    rows: list[Row] = [dict(row._mapping) | {"today": pair.today} for row in found]
    going = [row for row in rows if any(row[column] == pair.goes_id for column in columns)]
    staying = [row for row in rows if any(row[column] == pair.stays_id for column in columns)]
    return going, staying


def plan(pair: Pair) -> Plan:
    """As it stands now; inside a write transaction under the locks of both persons it is what will be done."""
    ends = {"valid_to": pair.today, "withdrawn_at": pair.now}
    found: list[Fate] = []
    refusals: list[str] = []
    for name, policy in {**ABOUT, **REACHED}.items():
        if policy.way not in (Way.MOVES, Way.COMBINED, Way.REFUSED):
            continue
        table_name, column = name.split(".")
        going, staying = _rows(table_name, pair, column)
        if policy.way is Way.REFUSED:
            refusals += _refusal(policy, "不再用的那份", going)
            refusals += _refusal(policy, "留下的那份", staying) if policy.of_both else []
        else:
            found += fates(name, policy, going, staying, pair.stays_id, ends)
    held, read = _own(pair)
    inside, overlapping = _inside(*read["attendance"]), own.overlapping(*read["attendance"])
    said = (*refusals, *(one.words for one in inside), *_faults(read))
    return Plan(tuple(found + held), said, tuple(row["id"] for row in overlapping), tuple(inside))


def _refusal(policy: Policy, whose: str, rows: Sequence[Row]) -> list[str]:
    count = sum(policy.open(row) for row in rows)
    return [f"{whose}{policy.words}" + (f"（{count} 项）" if count > 1 else "")] if count else []


def _inside(going: Sequence[Row], staying: Sequence[Row]) -> list[Inside]:
    shifts = own.both_inside(going, staying)
    if not shifts:
        return []
    found = select(Activity.id, Activity.unit_id, Activity.title).join(Shift, Shift.activity_id == Activity.id).where(Shift.id.in_(shifts))
    return [Inside(*row) for row in db.session.execute(found.distinct().order_by(Activity.id))]


Read = dict[str, tuple[list[Row], list[Row]]]


def _own(pair: Pair) -> tuple[list[Fate], Read]:
    read = {
        name: _rows(name, pair, "person_id")
        for name in ("membership", "stage", "consent", "account", "activation_code", "past_hour", "signup", "attendance")
    }
    proxies = _rows("proxy", pair, "person_id", "proxy_id")
    proven = people.is_confirmed(pair.goes_id)
    going, staying = read["signup"]
    shifts = {row["shift_id"] for row in going}
    begins = dict(db.session.execute(select(Shift.id, Shift.starts_at).where(Shift.id.in_(shifts))).all()) if shifts else {}
    found = [
        *own.memberships(pair, *read["membership"]),
        *own.stages(pair, *read["stage"]),
        *own.consents(pair, *read["consent"]),
        *own.accounts(pair, *read["account"], proven=proven, sealed=_sealed(pair.goes_id)),
        *own.codes(pair, read["activation_code"][0]),
        *_particulars(pair),
        *own.earlier(pair, _rows("person", pair, "became_id")[0]),
        *own.past_hours(pair, read["past_hour"][0]),
        *own.proxies(pair, *proxies),
        *own.signups(pair, going, staying, begins),
        *own.uncounted(pair, read["attendance"][0]),
    ]
    return found, read


def _sealed(person_id: int) -> bool:
    factor = factor_of(person_id)
    return factor is not None and factor.confirmed_at is not None


def _particulars(pair: Pair) -> list[Fate]:
    source = table("person")
    found = {row.id: dict(row._mapping) for row in db.session.execute(select(source).where(source.c.id.in_([pair.stays_id, pair.goes_id])))}
    return own.particulars(pair, found[pair.goes_id], found[pair.stays_id]) if len(found) == 2 else []


def _faults(read: Read) -> list[str]:
    faults = []
    if twice := own.twice_past(*read["past_hour"]):
        faults.append(f"有 {twice} 条以前的时长两份都有（同一天、同一件事），请先更正其中一条，免得算两遍")
    return faults
