"""Holding the seals against the tables: every difference is named, by day, table and row.

What each way of tampering comes to:
a value changed, a row deleted, a row put in among sealed ones, two rows swapped: named by row;
a day's seal made anew: it does not follow the one before, or the next does not follow it;
seals cut off the end or the beginning, or out of the middle: the days, the chain or what the audit tells of sealing say so.
Somebody who rewrites the whole chain and the audit with it is found by a seal that is kept elsewhere: see exports.py.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import groupby, pairwise, zip_longest

from app.core.clock import local_date
from app.core.words import full_day
from app.seals import queries, rules
from app.seals.coverage import NEVER_DATED_BACK, By, Sealed, sealed_tables
from app.seals.queries import PartRow, SealRow

MOST_NAMED = 20  # rows of one day and table and kind; then how many there are
OVERDUE = 2  # days that are over and not sealed, before it is a fault


def disagreements(now: datetime) -> list[str]:
    """Empty where everything is as it was sealed, and where nothing was sealed yet."""
    chain, told, last = dict(queries.chain(date.max)), queries.recorded(), queries.last_seal()
    if last is None:
        return [_missing(day, number) for number, day, _ in told if day]
    found: list[str] = []
    overdue = _overdue(last, min(now, queries.last_act() or now))
    for looked in (_chain(queries.in_order()), _told(chain, told), overdue, rows(queries.in_order())):
        try:
            for fault in looked:
                found.append(fault)  # noqa: PERF402 (those before it broke are kept)
        except (*queries.MALFORMED, OverflowError) as error:
            found.append(f"封存或它的明细里有读不出来的内容（{type(error).__name__}），后面的没有核对完：有人直接改过数据库")
    return found


def _chain(seals: Iterable[SealRow]) -> Iterator[str]:
    links: list[tuple[date, str, str]] = []
    for one in seals:
        if not links and one.previous != rules.BEGINNING:
            yield f"封存 {full_day(one.day)}：它前面还有封存，被删掉了"
        if rules.seal_digest(one.day, one.sealed_at, one.previous, one.content) != one.digest:
            yield f"封存 {full_day(one.day)}：封存本身被改过，内容与它的摘要不符"
        links.append((one.day, one.previous, one.digest))
    for (before, _, digest), (day, previous, _) in pairwise(links):
        if (day - before).days > 1:
            yield f"封存 {full_day(day)}：与前一份（{full_day(before)}）之间缺 {(day - before).days - 1} 天的封存，被删掉了"
        elif previous != digest:
            yield f"封存 {full_day(before)}：被重新做过，{full_day(day)}的封存接的不是现在这一份"


def _missing(day: str, number: int) -> str:
    return f"封存 {full_day(date.fromisoformat(day))}：不见了，操作记录 {number} 号记着封存过"


def _told(chain: Mapping[date, str], told: list[tuple[int, str, str]]) -> Iterator[str]:
    """What the audit, itself sealed, tells of each sealing."""
    there = {day.isoformat(): digest for day, digest in chain.items()}
    recorded = {day for _, day, _ in told}
    for number, day, digest in told:
        if not day:
            yield f"操作记录 {number} 号（做封存的记录）被改过，看不出是哪一天的"
        elif day not in there:
            yield _missing(day, number)
        elif there[day] != digest:
            yield f"封存 {full_day(date.fromisoformat(day))}：不是当时那一份，操作记录 {number} 号记着的摘要是 {digest[:8]}…"
    for day_there in chain:
        if day_there.isoformat() not in recorded:
            yield f"封存 {full_day(day_there)}：操作记录里没有做过这份封存"


def _overdue(last: SealRow, alive: datetime) -> Iterator[str]:
    """Until the last act on record: a site that stood still, or came back from an older backup, had nothing to seal."""
    days = (rules.last_day_over(alive) - last.day).days
    if days >= OVERDUE:
        yield f"{full_day(last.day)}以后有 {days} 天没有封存：封存被删掉了，或者定时任务 flask seal day 没有跑"


def never_sealed(now: datetime) -> str | None:
    """What to look at where days are over and no seal is there: nobody can tell from inside whether there ever was one."""
    since = queries.first_act()
    if since is None or queries.last_seal() is not None or (rules.last_day_over(now) - local_date(since)).days < OVERDUE:
        return None
    return (
        f"从{full_day(local_date(since))}用起，一天也没有封存过。刚升级上来的，今夜会自动封存；"
        "早就封存过的，是封存被整个删掉了，请拿在别处保管的那一份核对（flask --app app ledger verify --against 文件）"
    )


def rows(seals: Iterable[SealRow]) -> Iterator[str]:
    """Reads every sealed row again, part by part. Also what was put in among sealed rows.

    What is held in memory does not grow with the rows: a few parts at a time, and the rows that are not what they were.
    """
    known, late = sealed_tables(), queries.late_keys()
    moved: dict[str, set[str]] = {name: set() for name in known}
    days: list[date] = []
    last: SealRow | None = None
    for seal in seals:
        yield from _parts_missing(seal)
        for name, parts in groupby(queries.parts(seal.day), key=lambda part: part.table):
            if name in known:
                yield from _table(seal.day, known[name], parts, moved[name])
            else:
                yield f"封存 {full_day(seal.day)}：{name} 这张表没有了"
        days.append(seal.day)
        last = seal
    for name, one in known.items() if last else ():
        if one.by is By.NUMBER and last:
            yield from _numbers_put_in(one, _upto(last, name), late.get(name, set()))
            yield from _dated_back(one, last)
        elif one.by is By.TIME:
            yield from _times_put_in(one, days, late.get(name, set()) | moved[name])


def _parts_missing(seal: SealRow) -> Iterator[str]:
    """The parts are what the seal was made of: their digests come to the one that it has."""
    kept = queries.parts_in_short(seal.day)
    for name in sorted(seal.content.keys() | kept.keys()):
        told, parts = seal.content.get(name, {}), kept.get(name, [])
        if rules.table_digest(part.digest for part in parts) != told.get("digest", rules.table_digest([])):
            figures = f"封存时 {told.get('parts', 0)} 份，现在 {len(parts)} 份"
            yield f"封存 {full_day(seal.day)}：{_called(name)}的封存明细被改过、删过或加过（{figures}）"


def _called(name: str) -> str:
    one = sealed_tables().get(name)
    return f"{one.called}（{name}）" if one else name


def _table(day: date, one: Sealed, parts: Iterable[PartRow], moved: set[str]) -> Iterator[str]:
    """`moved` collects the rows that are not what they were: they are not told again as put in elsewhere."""
    changed: list[str] = []
    gone: list[str] = []
    swapped: list[tuple[str, str]] = []
    where = f"封存 {full_day(day)}：{_called(one.name)}"
    for part in parts:
        marks = rules.read_marks(part.marks)
        try:
            found = queries.digests(one, list(marks), part.columns)
        except LookupError:
            yield f"{where}有一列没有了：{part.columns}"
            continue
        except (ValueError, OverflowError):  # keys that are none
            yield f"{where}第 {part.seq} 份封存明细被改过"
            continue
        if rules.part_digest(one.name, part.columns, found) == part.digest:
            if rules.marks(found) != part.marks:
                yield f"{where}第 {part.seq} 份封存明细被改过，行没有变"
            continue
        differs = rules.difference(marks, found)
        if not differs:
            yield f"{where}第 {part.seq} 份封存明细被改过"
        changed.extend(differs.changed)
        gone.extend(differs.gone)
        swapped.extend(differs.swapped)
    moved.update(changed, gone, (key for pair in swapped for key in pair))
    yield from _named(where, changed, "的内容被改过")
    yield from _named(where, gone, "被删掉了")
    for pair in swapped[:MOST_NAMED]:
        yield f"{where} {pair[0]} 号与 {pair[1]} 号被对调了"


def _named(where: str, keys: Iterable[str], what: str) -> Iterator[str]:
    more = 0
    for number, key in enumerate(keys):
        if number < MOST_NAMED:
            yield f"{where} {key} 号{what}"
        else:
            more += 1
    if more:
        yield f"{where}另有 {more} 行{what}"


def _numbers_put_in(one: Sealed, upto: int, late: set[str]) -> Iterator[str]:
    """Rows among sealed ones that no seal has. Of tables without numbers and times nobody could tell them from new ones."""
    extra = (key for key in _unsealed_numbers(one, upto) if key not in late)
    yield from _named(_called(one.name), extra, "没有封存过，却排在封存过的行里：是后来插进去的")


def _dated_back(one: Sealed, seal: SealRow, upto: int | None = None) -> Iterator[str]:
    """Rows behind a seal that say they are of a day that it covers: whoever appends one, the database gives it the next number."""
    if one.name in NEVER_DATED_BACK:
        extra = queries.dated_before(one, _upto(seal, one.name), upto, rules.end_of(seal.day) - rules.SLOWEST)
        yield from _named(_called(one.name), extra, f"写的时间在封存过的日子（{full_day(seal.day)}或更早），却是封存以后才添的")


def _upto(seal: SealRow, table: str) -> int:
    """The highest number that a seal and those before it cover."""
    upto = str(seal.content.get(table, {}).get("upto") or 0)
    return int(upto) if upto.isdecimal() else 0


def _times_put_in(one: Sealed, days: list[date], known: set[str]) -> Iterator[str]:
    since = None
    for day in days:
        until = rules.end_of(day)
        extra = (key for key in _unsealed_times(one, day, since, until) if key not in known)
        yield from _named(f"封存 {full_day(day)}：{_called(one.name)}", extra, "没有封存过，时间却在封存过的这一天：是后来插进去的")
        since = until


def _unsealed_times(one: Sealed, day: date, since: datetime | None, until: datetime) -> Iterator[str]:
    """Rows and marks stand in the same order, so each finds its other soon: only those without one are held."""
    rows: dict[str, None] = {}
    marks: set[str] = set()
    sealed = (rules.read_marks(part.marks) for part in queries.parts(day, one.name))
    for keys, part in zip_longest(queries.in_time(one, since, until), sealed, fillvalue=()):
        for key in keys:
            if key in marks:
                marks.discard(key)
            else:
                rows[key] = None
        for key in part:
            if key in rows:
                del rows[key]
            else:
                marks.add(key)
    yield from rows


def _unsealed_numbers(one: Sealed, upto: int) -> Iterator[str]:
    """Both in the order of numbers, so that neither is held in memory whole: what is in the table and in no part."""
    start: int | None = None
    for keys in queries.marks_of(one.name, late=False):
        mine = {key for key in keys if key.isdecimal()}
        highest = max(map(int, mine), default=start or 0)
        yield from (key for key in queries.numbered(one, start, highest) if key not in mine)
        start = highest if start is None else max(start, highest)
    yield from queries.numbered(one, start, upto)


def late_rows(seals: Iterable[SealRow]) -> list[str]:
    """What is no fault and should be looked at: rows that came when their day was sealed already."""
    known = sealed_tables()
    said: list[str] = []
    before: SealRow | None = None
    for seal in seals:
        before = before or queries.seal_before(seal.day)
        if before is not None:
            for name in NEVER_DATED_BACK & known.keys():
                said.extend(
                    f"封存 {full_day(seal.day)}：{one}，请核实是谁写的" for one in _dated_back(known[name], before, _upto(seal, name))
                )
        before = seal
        if not seal.late:
            continue
        for part in queries.parts(seal.day):
            if part.late:
                called = known[part.table].called if part.table in known else part.table
                keys = list(rules.read_marks(part.marks))
                told = "、".join(keys[:MOST_NAMED]) + (f" 等 {len(keys)} 行" if len(keys) > MOST_NAMED else "")
                said.append(f"封存 {full_day(seal.day)}：{called}（{part.table}）{told} 号在前一次封存之后才出现，请核实是谁写的")
    return said
