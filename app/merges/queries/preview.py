"""Two records side by side, and in words what merging them would mean."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import func, select, union_all
from sqlalchemy import literal as said

from app.claims.gauges import Gauge, gauges
from app.core.db import db, table
from app.hours.models import HourEntry
from app.hours.rules import HourClass, HourKind
from app.merges.own_rules import Pair
from app.merges.policies import ABOUT, REACHED, Fate, Way
from app.merges.queries.faults import faults
from app.merges.queries.losses import Losses, losses
from app.merges.queries.pairs import known, units_of
from app.merges.queries.rows import Inside, Plan, plan
from app.merges.rules import Known, Likeness, likeness
from app.people import queries as people
from app.people.models import Membership, Person
from app.people.rules import Origin, StageKind
from app.points.rules import SchemeKind
from app.requirements.gauges import gauges_of
from app.requirements.queries import progress_as_one

COUNTED = (  # what is on record, and which of it counts
    ("attendance", "到场", ""),
    ("signup", "报名", "withdrawn_at"),
    ("past_hour", "以前的时长", "undone_at"),
    ("certificate", "开过的证明", ""),
    ("confirmed_pack", "双50凭证", ""),
    ("honour", "荣誉", ""),
    ("role_grant", "职责", "valid_to"),
    ("account", "账号", ""),
    ("proxy", "代办", "valid_to"),
    ("member_card", "能用的卡", "revoked_at"),
)
CALLED = {
    "membership": "组织",
    "stage": "发展阶段",
    "consent": "本人的同意",
    "signup": "报名",
    "proxy": "代办",
    "attendance": "没计时长的到场",
}


HOUR_GAUGES = (  # what the first of claims.gauges are about, in their order; those of the schemes follow
    (HourKind.SERVICE, HourClass.CREDIT),
    (HourKind.SERVICE, HourClass.HONOUR),
    (HourKind.STUDY, HourClass.CREDIT),
    (HourKind.STUDY, HourClass.HONOUR),
)


@dataclass(frozen=True)
class Side:
    """One of the two. `counts` are of COUNTED, in its order."""

    known: Known
    units: tuple[str, ...]
    stage: StageKind | None
    origin: Origin
    recorded_at: datetime
    gauges: tuple[Gauge, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Moved:
    """Of rows of one kind: how many go over, and how many stay behind."""

    called: str
    over: int
    behind: int


class Figure(NamedTuple):
    """What a gauge shows of either record and afterwards; `known`: whether that could be told."""

    gauge: Gauge
    stays: int
    goes: int
    after: int
    known: bool


@dataclass(frozen=True)
class Preview:
    """`refusals` stand in the way; `notes` say what is decided how. `units`: those to which who stays belongs afterwards."""

    stays: Side
    goes: Side
    units: tuple[str, ...]
    likeness: Likeness
    refusals: tuple[str, ...]
    notes: tuple[str, ...]
    moved: tuple[Moved, ...]
    inside: tuple[Inside, ...]
    losses: Losses
    progress: tuple[Gauge, ...]

    @property
    def sums(self) -> tuple[Gauge, ...]:
        """Afterwards, reckoned without writing: hours and points are what both have, less what is lost; then `progress`, 双50."""
        lost = self.losses
        classes = [(kind, of) for kind in HourKind for of in HourClass]
        minutes = {key: sum(one.minutes for one in lost.overlaps if (one.kind, one.hour_class) == key) for key in classes}
        less = [*(minutes[kind, of] for kind, of in HOUR_GAUGES), *(lost.of_scheme(scheme) for scheme in SchemeKind)]
        both = zip(self.stays.gauges, self.goes.gauges, less, strict=False)
        return (*(replace(one, amount=one.amount + other.amount - off) for one, other, off in both), *self.progress)

    @property
    def figures(self) -> list[Figure]:
        """Of every gauge that is not 0 throughout, those of who stays first."""
        stays, goes, then = ({one.name: one for one in shown} for shown in (self.stays.gauges, self.goes.gauges, self.sums))
        found = []
        for name in dict.fromkeys([*stays, *goes, *then]):
            of = [side.get(name) for side in (stays, goes, then)]
            one, other, kept = (gauge.amount if gauge else 0 for gauge in of)
            first = next(gauge for gauge in of if gauge)
            if one or other or kept:
                found.append(Figure(first, one, other, kept, name in then))
        return found

    @property
    def lines(self) -> list[tuple[str, int, int]]:
        """(what, of who stays, of who goes), where either has any."""
        pairs = zip(COUNTED, self.stays.counts, self.goes.counts, strict=True)
        return [(called, one, other) for (_, called, _), one, other in pairs if one or other]


def preview(pair: Pair) -> Preview:
    """As it stands now; about fifty queries, however much is on record."""
    two = known([pair.stays_id, pair.goes_id], pair.today)
    names, stages = units_of(two.values()), people.stages_of(list(two), pair.today)
    rows = {row.id: row for row in db.session.execute(select(Person.id, Person.origin, Person.recorded_at).where(Person.id.in_(two)))}
    counts = _counts(list(two), pair.today)
    sides = {
        one: Side(
            two[one],
            tuple(names[unit] for unit in sorted(two[one].units)),
            stages[one].kind if one in stages else None,
            rows[one].origin,
            rows[one].recorded_at,
            tuple(gauges(one, pair.today)),
            tuple(counts[name, one] for name, _, _ in COUNTED),
        )
        for one in two
    }
    stays, goes, planned = sides[pair.stays_id], sides[pair.goes_id], plan(pair)
    gained = _gained(planned) & goes.known.units - stays.known.units
    ended = goes.known.units - stays.known.units - gained
    return Preview(
        stays,
        goes,
        (*stays.units, *(names[unit] for unit in sorted(gained))),
        likeness(stays.known, goes.known),
        (*faults(pair), *planned.refusals),
        tuple(_notes(pair, stays, goes, planned, tuple(names[unit] for unit in sorted(ended)))),
        tuple(_moved(planned.fates)),
        planned.inside,
        losses(pair, planned.overlapping),
        tuple(gauges_of(progress_as_one(pair.stays_id, pair.goes_id, planned.overlapping, pair.today))),
    )


def _gained(planned: Plan) -> set[int]:
    """Units whose memberships go over; those of a home that who stays has already end instead."""
    moving = [one.key for one in planned.fates if one.table == "membership" and "person_id" in one.after]
    return set(db.session.scalars(select(Membership.unit_id).where(Membership.id.in_(moving)))) if moving else set()


def _counts(two: Sequence[int], today: date) -> Counter[tuple[str, int]]:
    """How many rows that count; one query."""
    parts = []
    for name, _, ends in COUNTED:
        source = table(name)
        part = select(said(name), source.c.person_id, func.count()).where(source.c.person_id.in_(two)).group_by(source.c.person_id)
        if ends:
            end = source.c[ends]
            part = part.where((end.is_(None)) | (end > today) if name == "role_grant" else end.is_(None))
        parts.append(part)
    return Counter({(name, one): count for name, one, count in db.session.execute(union_all(*parts))})


def _moved(fates: Sequence[Fate]) -> list[Moved]:
    """By what the rows are called; what nobody needs to read is left out."""
    over: Counter[str] = Counter()
    behind: Counter[str] = Counter()
    for one in fates:
        ways = [
            policy.called
            for name, policy in {**ABOUT, **REACHED}.items()
            if name.startswith(f"{one.table}.") and policy.way is not Way.STAYS
        ]
        called = CALLED.get(one.table) or next((words for words in ways if words), "")
        if called:
            (over if any(column.endswith("_id") and column != "ended_by_id" for column in one.after) else behind)[called] += 1
    return [Moved(called, over[called], behind[called]) for called in dict.fromkeys([*over, *behind])]


def _notes(pair: Pair, stays: Side, goes: Side, planned: Plan, left: Sequence[str]) -> list[str]:
    """`left`: names of the units to which only who goes belongs, and nobody of the two afterwards."""
    notes = _sign_in(stays, goes, planned)
    if left:
        notes.append(f"组织以留下的那份为准，仍在{'、'.join(stays.units)}；另一份在{'、'.join(left)}的今天起结束")
    elif any(one.table == "membership" and "valid_to" in one.after for one in planned.fates):
        notes.append("两份都在的组织，以留下的那份为准；另一份的今天起结束")
    if stays.stage and goes.stage and stays.stage is not goes.stage:
        notes.append("两份的发展阶段不一样：以留下的那份为准")
    if any(one.table == "signup" and "withdrawn_at" in one.after for one in planned.fates):
        notes.append("两份报了同一个班次：留下的那份还在，另一个名额让给候补的人")
    if _count(goes, "certificate"):
        notes.append("已经开出的证明不变，编号照样查得到；以后再开，开在留下的那份")
    if _count(goes, "confirmed_pack"):
        notes.append("确认过的双50凭证留在原处；留下的那份要用，请支部再确认一次")
    if _count(goes, "honour"):
        notes.append("荣誉的登记留在原处，得的积分随人走")
    if late := _late(pair.goes_id, pair.today):
        notes.append(f"有 {late} 条在以前的月份：个人的数跟着人走，各单位已经定下的数一分不动")
    if _count(stays, "member_card") or _count(goes, "member_card"):
        notes.append("两份的卡和码都还能扫，都记在留下的那份")
    return notes


def _count(side: Side, name: str) -> int:
    return side.counts[[one for one, _, _ in COUNTED].index(name)]


def _sign_in(stays: Side, goes: Side, planned: Plan) -> list[str]:
    if not _count(goes, "account"):
        return []
    if any(one.table == "account" for one in planned.fates):
        return ["留下的那份还没有账号：以后用另一份的号码和密码登录，要重新登录一次"]
    if _count(stays, "account"):
        return ["两份都有账号：以后用留下那份的登录，另一个登不进来了"]
    if goes.known.confirmed:
        return ["另一份的账号设了登录验证码，只认那一份，不转过来；请当面给留下的那份一个激活码"]
    return ["另一份的账号是自己登记的、没核实，不能再登录；请当面给留下的那份一个激活码"]


def _late(person_id: int, today: date) -> int:
    before = HourEntry.served_on < today.replace(day=1)
    found = select(func.count()).select_from(HourEntry).where(HourEntry.person_id == person_id, HourEntry.reverses_id.is_(None), before)
    return int(db.session.scalar(found) or 0)
