"""`flask wishes tidy`: once a day, by cron or a timer."""

import click
from flask import current_app
from flask.cli import AppGroup

from app.activities import photo_files
from app.activities.outcomes import REMOVED_FOR
from app.core import clock
from app.core.config import Settings
from app.core.db import in_transaction, let_go_of_the_log
from app.wishes.queries.tidying import removed_photos
from app.wishes.service import claims, tidying

wishes = AppGroup("wishes", help="微心愿")


@wishes.command("tidy")
def tidy() -> None:
    """过期没联系上的认领记下来、告诉两边；办完够日子的，抹去原话和联系人；撤下满 30 天的照片从磁盘上删掉。可以每天跑，多跑几次也一样。"""
    now = clock.now()
    lapsed = in_transaction(lambda: claims.settle(now))
    erased = in_transaction(lambda: tidying.erase(now))
    let_go_of_the_log()  # every day, for erasures too that met somebody who read there
    settings: Settings = current_app.config["SETTINGS"]
    for name in removed_photos(now - REMOVED_FOR):
        photo_files.discard(settings.uploads_dir, name)
    click.echo(f"过期放回 {lapsed} 个，抹去联系人 {erased} 个")


COMMANDS = (wishes,)
