"""`flask reports monthly`: once a month after the close, by cron or a timer. Running it again, or twice at once, changes nothing."""

import sys
from datetime import timedelta
from functools import partial

import click
from flask import current_app, url_for
from flask.cli import AppGroup

from app.core import clock
from app.core.db import in_transaction
from app.hours import queries as hours
from app.hours.closing import closes_on, is_closed
from app.hours.rules import Period, PeriodKind, period
from app.people import queries as people
from app.people.rules import UnitKind
from app.reports import service
from app.reports.rules import before, span_of, span_words

reports = AppGroup("reports", help="报表")


@reports.command("monthly")
@click.option("--month", help="哪个月，写成 2026-10；不写就是最近一个已经结账的月")
def monthly(month: str | None) -> None:
    """每个社区和街道的月报，结账以后各冻结一份，告诉书记；一月份也做上一年的年报。做过的不再做。"""
    now, today = clock.now(), clock.today()
    span = span_of(month, today) if month else _last_closed()
    if span is None or span.kind is not PeriodKind.MONTH:
        sys.exit("月份请写成 2026-10 这样，不能是以后的。")
    if not is_closed(span.last, today, hours.closing_rules()):
        sys.exit(f"{span_words(span)}要到 {closes_on(span.last, hours.closing_rules())} 才结账，结了账再做。")
    root = people.root_unit()
    if root is None:
        sys.exit("还没有街道，先在网站上开通。")
    units = [root, *people.units_below([root.id], today, [UnitKind.COMMUNITY])]
    spans = [span, period(PeriodKind.YEAR, span.first)] if span.first.month == 12 else [span]
    made = 0
    for one in spans:
        for unit in units:
            made += in_transaction(partial(service.freeze_by_schedule, unit.id, one, now, _address)) is not None
    click.echo(f"{span_words(span)}：冻结了 {made} 份报表" if made else f"{span_words(span)}：都做过了")


def _last_closed() -> Period:
    rules, today = hours.closing_rules(), clock.today()
    span = period(PeriodKind.MONTH, today.replace(day=1) - timedelta(days=1))
    return span if is_closed(span.last, today, rules) else before(span)


def _address(report_id: int) -> str:
    with current_app.test_request_context():
        return url_for("reports.show", report_id=report_id)


COMMANDS = (reports,)
