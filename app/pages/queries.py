"""Read models that put several features side by side: one's own records, and the branch table."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.activities import queries as activities
from app.checkin import queries as checkin
from app.checkin.queries import SpellRow
from app.checkin.rules import WAY_NAMES, count
from app.claims.queries import corrections
from app.claims.queries.corrections import CorrectionRow
from app.core import clock
from app.hours import queries as hours
from app.hours.queries import Standing, Sums
from app.hours.rules import HourClass, HourKind, SourceKind
from app.people import queries as people
from app.people.rules import PARTY_MEMBERS, STAGE_ORDER, StageKind
from app.points import queries as points
from app.points.rules import SchemeKind, places
from app.points.standings import Score
from app.registers import past
from app.requirements import queries as requirements
from app.requirements.rules import Progress
from app.schemes.queries import scores

UNSEEN = timedelta(days=182)


@dataclass(frozen=True)
class Record:
    """One line of 我的记录. `state` is counted, waiting, short, held, excluded, unconfirmed, here or taken_back."""

    attendance_id: int | None
    activity_id: int | None
    title: str
    shift_name: str
    served_on: date
    in_at: datetime | None
    out_at: datetime | None
    source: str
    state: str
    minutes: int
    kind: HourKind | None
    hour_class: HourClass | None
    by: str = ""  # who acts for them and scanned the poster in their stead
    unit_id: int | None = None  # whose record it is: who corrects it
    entry_id: int | None = None  # of hours from before this system, while they stand
    past_entry_id: int | None = None  # of hours from before this system, also where they were taken back
    counted_on: date | None = None  # where the month of the service was closed when it was booked
    corrections: tuple[CorrectionRow, ...] = ()  # that were approved, and one that waits


def records(person_id: int, now: datetime) -> list[Record]:
    """All spells and all other credits of one person, the newest first; a constant number of queries."""
    spells = checkin.spells_of_person(person_id)
    entries = hours.entries(person_id)
    by_spell = {
        entry.source_id: entry for entry in reversed(entries) if entry.source_kind is SourceKind.ATTENDANCE and not entry.reversed_reason
    }
    shifts = checkin.activities_of_shifts({row.shift_id for row in spells})
    proxied = checkin.proxied([row.id for row in spells])
    changed = corrections.history_of(person_id)
    named = corrections.ends_named(changed.of_attendance.keys())
    others = [entry for entry in entries if entry.source_kind is not SourceKind.ATTENDANCE]
    known = set(shifts.values()) | {entry.activity_id for entry in others if entry.activity_id}
    rows = activities.activities_by_id(known)
    imported = past.told([entry.source_id for entry in others if entry.source_kind is SourceKind.IMPORT])
    lasting = _lasting(others)
    found = []
    for row in spells:
        entry = by_spell.get(row.id)
        activity = rows.get(shifts[row.shift_id])
        found.append(
            Record(
                attendance_id=row.id,
                activity_id=activity.id if activity else None,
                title=activity.title if activity else "活动",
                shift_name=row.shift_name,
                served_on=clock.local_date(row.in_at),
                in_at=row.in_at,
                out_at=row.out_at,
                source=corrections.NAMED if "in" in named.get(row.id, ()) else WAY_NAMES[row.in_way],
                state=state_of(row, entry is not None, now),
                minutes=entry.minutes if entry else _estimate(row),
                kind=entry.kind if entry else None,
                hour_class=entry.hour_class if entry else None,
                by=proxied.get(row.id, ""),
                unit_id=activity.unit_id if activity else None,
                counted_on=entry.counted_on if entry else None,
                corrections=tuple(changed.of_attendance.get(row.id, ())),
            )
        )
    for entry in others:
        activity = rows.get(entry.activity_id or 0)
        words, source = imported.get(entry.source_id, ("", "")) if entry.source_kind is SourceKind.IMPORT else ("", "")
        found.append(
            Record(
                attendance_id=None,
                activity_id=entry.activity_id,
                title=activity.title if activity else words or "以前的服务",
                shift_name="",
                served_on=entry.served_on,
                in_at=None,
                out_at=None,
                source=f"历史导入，{source}" if source else "补录",
                state="taken_back" if entry.reversed_reason else "counted",
                minutes=entry.minutes,
                kind=entry.kind,
                hour_class=entry.hour_class,
                unit_id=entry.organising_unit_id,
                entry_id=None if entry.reversed_reason or entry.source_kind is not SourceKind.IMPORT else entry.id,
                past_entry_id=entry.id if entry.id in lasting else None,
                counted_on=entry.counted_on,
                corrections=() if entry.reversed_reason else tuple(changed.of_entry.get(entry.id, ())),
            )
        )
    return sorted(found, key=lambda record: (record.served_on, record.attendance_id or 0), reverse=True)


def _lasting(entries: list[Standing]) -> set[int]:
    """Of what registers brought, one entry of each line: the one that stands, else the last that was taken back."""
    last: dict[int, Standing] = {}
    for entry in sorted(entries, key=lambda one: (one.reversed_reason is None, one.id)):
        if entry.source_kind is SourceKind.IMPORT:
            last[entry.source_id] = entry
    return {entry.id for entry in last.values()}


def state_of(row: SpellRow, credited: bool, now: datetime) -> str:
    """`credited`: an entry of it stands."""
    if row.excluded:
        return "excluded"
    if row.out_at is None:
        return "waiting" if row.waits(now) else "here"
    if row.held:
        return "held"
    if credited or row.credited:
        return "counted"
    if not row.confirmed:
        return "unconfirmed"
    return "short"


def _estimate(row: SpellRow) -> int:
    """约 2 小时 30 分, to the planned end: shown as 待核实, counted 0."""
    return count(row.shift, row.in_at, row.out_at or row.shift.last_end).minutes


@dataclass(frozen=True)
class Member:
    """One line of the branch table. `points` (hundredths, base included) and `place` are None for those not assessed."""

    person_id: int
    name: str
    stage: StageKind | None
    sums: Sums
    progress: list[Progress]
    points: int | None
    place: int | None
    why: list[tuple[str, int, bool]]
    last_at: datetime | None
    last_title: str
    unseen: bool

    @property
    def missing(self) -> int:
        return sum(one.missing for one in self.progress)


@dataclass(frozen=True)
class Branch:
    """The table and its figures. Points are of `year`; hours of `year` too."""

    year: int
    members: list[Member]
    base: int
    scheme_version: str
    quarter_credit: int
    quarter_honour: int

    @property
    def developing(self) -> list[Member]:
        return [member for member in self.members if member.progress]

    @property
    def unseen(self) -> int:
        return sum(member.unseen for member in self.members)


SORTS = ("points", "hours", "double50")


def branch(unit_id: int, year: int, now: datetime, sort: str = "points") -> Branch:
    """All home members below a unit with hours, points and why, 双50, last activity. A constant number of queries."""
    today = clock.local_date(now)
    unit_ids = [row.id for row in people.units_below([unit_id], today)]
    rows = people.members(unit_ids, today)
    ids = [row.person_id for row in rows]
    sums, progress, seen = hours.sums_of(ids, str(year)), requirements.progress_of(ids, today), checkin.last_seen(ids)
    why = points.totals_by_rule(ids, SchemeKind.MEMBER, str(year))
    scheme = points.schemes_on(min(today, date(year, 12, 31)))[SchemeKind.MEMBER]
    assessed = [row.person_id for row in rows if row.stage in PARTY_MEMBERS]
    standings = {one.person_id: one for one in scores(SchemeKind.MEMBER, year, person_ids=assessed, day=today)}
    score = {one: standing.total for one, standing in standings.items()}
    ranked = [one for one, standing in standings.items() if not standing.exempt]
    place = dict(zip(ranked, places([score[one] for one in ranked]), strict=True))
    for one, standing in standings.items():
        why[one] = [*why.get(one, []), *_besides(standing)]
    members = [
        Member(
            person_id=row.person_id,
            name=row.name,
            stage=row.stage,
            sums=sums.get(row.person_id, Sums()),
            progress=progress.get(row.person_id, []),
            points=score.get(row.person_id),
            place=place.get(row.person_id),
            why=why.get(row.person_id, []),
            last_at=seen[row.person_id][0] if row.person_id in seen else None,
            last_title=seen[row.person_id][1] if row.person_id in seen else "",
            unseen=row.person_id not in seen or now - seen[row.person_id][0] > UNSEEN,
        )
        for row in rows
    ]
    quarter = hours.sums_of(ids, f"{today.year}-Q{(today.month + 2) // 3}").values()
    return Branch(
        year=year,
        members=sorted(members, key=lambda member: _order(member, sort)),
        base=scheme.base,
        scheme_version=scheme.version,
        quarter_credit=sum(one.service_credit for one in quarter),
        quarter_honour=sum(one.service_honour for one in quarter),
    )


def _besides(standing: Score) -> list[tuple[str, int, bool]]:
    """What the ledger does not say by itself: the share carried over, and a veto."""
    found = [("上年结转", standing.carried, False)] if standing.carried else []
    return [*found, ("一票否决，计", standing.total, False)] if standing.vetoed else found


def _order(member: Member, sort: str) -> tuple[int, int, int, str, int]:
    stage = -STAGE_ORDER[member.stage] if member.stage else 1
    if sort == "hours":
        first = (0, -member.sums.service_credit)
    elif sort == "double50":
        first = (0, -member.missing) if member.progress else (1, 0)
    else:
        first = (0, -member.points) if member.points is not None else (1, 0)
    return (*first, stage, member.name, member.person_id)
