"""Freezing reports and sending them up; figures from before this site. Each is called inside a write transaction."""

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import func, insert, select

from app.accounts.deciders import deciders, nearest
from app.audit import service as audit
from app.core.clock import at_local, local_date
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.permissions import Action
from app.core.words import full_day
from app.hours import queries as hours
from app.hours.closing import closes_on, is_closed
from app.hours.rules import Period
from app.people import queries as people
from app.reports import queries
from app.reports.figure_rules import ABOUT, Figure, written
from app.reports.models import OpeningFigureEntry, OpeningWordEntry, ReportEntry, ReportSendingEntry
from app.reports.rules import content_of, digest, same_figures, span_of, span_words
from app.worklist import service as worklist

Address = Callable[[int], str]  # where a report is shown, by its id


def freeze(unit_id: int, span: Period, by_id: int | None, now: datetime) -> int:
    """The report as it is now, as the next version. Raises Conflict where the newest says the same already."""
    writing()
    known = queries.versions(unit_id, span.key)
    closed = is_closed(span.last, local_date(now), hours.closing_rules())
    content = content_of(queries.report(unit_id, span, now), now, closed=closed)
    if known and same_figures(known[0].content, content):
        raise Conflict(f"和第 {known[0].version} 版一模一样，不用再冻结。")
    version = known[0].version + 1 if known else 1
    row = {"content": content, "digest": digest(content), "cut_off_at": now, "made_by_id": by_id}
    made = insert(ReportEntry).values(unit_id=unit_id, period=span.key, version=version, **row).returning(ReportEntry.id)
    report_id = int(db.session.execute(made).scalar_one())
    audit.record(by_id, "report", "unit", unit_id, title=f"{span_words(span)}，第 {version} 版")
    return report_id


def send(report_id: int, by_id: int, note: str, now: datetime, address: Address) -> None:
    """Raises Refused for who made it, Conflict where it was sent or a newer version stands. The unit above is told."""
    writing()
    found = queries.snapshot(report_id)
    if found is None:
        raise NotFound
    if found.made_by_id == by_id:
        raise Refused("自己冻结的，要请另一位上报。")
    if found.sent_at is not None:
        raise Conflict(f"{found.sender}已经上报了。")
    if queries.versions(found.unit_id, found.period)[0].id != report_id:
        raise Conflict("后面又冻结了新的一版，请看新的那一版。")
    db.session.execute(insert(ReportSendingEntry).values(report_id=report_id, sent_at=now, sent_by_id=by_id, note=note))
    words = _words(found.period, now)
    audit.record(by_id, "report.sending", "unit", found.unit_id, title=f"{words}，第 {found.version} 版", note=note)
    above = [one for one in deciders(found.unit_id, Action.REPORT_SEND, local_date(now), but=[by_id]) if one.depth > 0]
    told = {one.person_id: f"{found.unit_name}上报了{words}报表" for one in nearest(above)} if above else {}
    worklist.notify_all(told, address(report_id))


def freeze_by_schedule(unit_id: int, span: Period, now: datetime, address: Address) -> int | None:
    """The report of a closed period, once: None where one was frozen since the close. Those who may send it are told.

    Two that run at once both try the same version; the database takes one, and the other finds it on its second run.
    """
    writing()
    since = at_local(closes_on(span.last, hours.closing_rules()))
    known = queries.versions(unit_id, span.key)
    if known and known[0].cut_off_at >= since:
        return None
    try:
        report_id = freeze(unit_id, span, None, now)
    except (Conflict, NotFound):  # the same already; or the unit did not stand yet
        return None
    who = nearest(deciders(unit_id, Action.REPORT_SEND, local_date(now)))
    name = next((unit.name for unit in [people.unit(unit_id)] if unit), "")
    worklist.notify_all({one.person_id: f"{name}{_words(span.key, now)}的报表做好了，请看一遍再上报" for one in who}, address(report_id))
    return report_id


def _words(key: str, now: datetime) -> str:
    span = span_of(key, local_date(now))
    return span_words(span) if span else key


def opening_words(figure: Figure, amount: int | None, as_of: date) -> str:
    about = ABOUT[figure]
    if amount is None:
        return f"{about.name}，收起"
    return f"{about.name} {written(about.measured, amount)} {about.unit}，截至{full_day(as_of)}"


def record_opening(figure: Figure, amount: int | None, as_of: date, source: str, by_id: int, root_id: int, now: datetime) -> int:
    """A 历史数据 as its source says it; `amount` in the figure's smallest unit, None to take back what stands. Waits for a second person.

    Raises Invalid for a day to come.
    """
    writing()
    if as_of > local_date(now):
        raise Invalid({"as_of": "不能是以后的日期"})
    values = {"figure": figure, "amount": amount, "as_of": as_of, "source": source, "recorded_at": now, "recorded_by_id": by_id}
    made = insert(OpeningFigureEntry).values(**values).returning(OpeningFigureEntry.id)
    opening_id = int(db.session.execute(made).scalar_one())
    audit.record(by_id, "opening_figure", "unit", root_id, title=opening_words(figure, amount, as_of), note=source)
    return opening_id


def decide_opening(opening_id: int, confirmed: bool, by_id: int, root_id: int, now: datetime) -> None:
    """By another person than who recorded it; once. Raises NotFound, Refused, Conflict."""
    writing()
    found = db.session.execute(select(OpeningFigureEntry).where(OpeningFigureEntry.id == opening_id)).scalar_one_or_none()
    if found is None:
        raise NotFound
    if people.who_now(found.recorded_by_id) == by_id:
        raise Refused("自己记的，要请另一位管理员确认。")
    if db.session.scalar(select(func.count()).where(OpeningWordEntry.opening_id == opening_id)):
        raise Conflict("这一条已经有人处理了。")
    db.session.execute(insert(OpeningWordEntry).values(opening_id=opening_id, confirmed=confirmed, said_at=now, said_by_id=by_id))
    action = "opening_figure.confirmation" if confirmed else "opening_figure.refusal"
    audit.record(by_id, action, "unit", root_id, title=opening_words(found.figure, found.amount, found.as_of))
