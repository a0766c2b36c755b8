"""`flask activity close-overdue` and `flask activity sweep-photos`: once a day, by cron or a timer. Running them again changes nothing."""

from functools import partial

import click
from flask import current_app, url_for
from flask.cli import AppGroup

from app.activities import photo_files, queries
from app.activities.outcomes import CLOSES_AFTER, REMOVED_FOR
from app.checkin import service
from app.claims import queries as claims
from app.core import clock
from app.core.config import Settings
from app.core.db import in_transaction
from app.core.errors import Conflict
from app.results.queries import photos as fund_photos

activity = AppGroup("activity", help="活动")


@activity.command("close-overdue")
def close_overdue() -> None:
    """结束满 7 天还没收场的活动，自动收场。没核实的时长照样待核实，先不计。"""
    now, closed = clock.now(), 0
    for activity_id in queries.overdue(now - CLOSES_AFTER):
        with current_app.test_request_context():
            url = url_for("checkin.closing", activity_id=activity_id)
        try:
            in_transaction(partial(service.close_by_itself, activity_id, url, now))
            closed += 1
        except Conflict:
            continue  # somebody closed or cancelled it meanwhile
    click.echo(f"自动收场 {closed} 场")


@activity.command("sweep-photos")
def sweep_photos() -> None:
    """撤下满 30 天的活动照片，和撤回满 30 天的补录的照片，从磁盘上删掉；基金项目撤下的照片当时就删，漏下的这里补删。"""
    settings: Settings = current_app.config["SETTINGS"]
    before = clock.now() - REMOVED_FOR
    names = [*queries.removed_before(before), *claims.removed_photos(before), *fund_photos.gone()]
    gone = [name for name in names if photo_files.path(settings.uploads_dir, name).exists()]
    for name in gone:
        photo_files.discard(settings.uploads_dir, name)
    click.echo(f"删掉 {len(gone)} 张撤下的照片")


COMMANDS = (activity,)
