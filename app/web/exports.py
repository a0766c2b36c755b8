"""Files that are made when they are asked for (tables, papers, packs) take the processor: so many in ten minutes for one person.

One place for all of them: whatever address ends as such a file does, or says /export. Pictures, and files that only stand on the
disk, are not counted.
"""

from datetime import timedelta

from flask import Flask, request

from app.core import clock, limits
from app.core.errors import TooMany
from app.core.limits import Limit
from app.webkit.guards import actor_or_none
from app.webkit.peer import peer

ENDINGS = (".xlsx", ".pdf", ".csv", ".zip", "/export")
OF_A_PERSON = Limit("exports", 120, timedelta(minutes=10), lets_through=True)
OF_AN_ADDRESS = Limit("public-files", 120, timedelta(minutes=10), lets_through=True)  # who is not signed in


def install(app: Flask) -> None:
    app.before_request(pace)


def pace() -> None:
    """Raises TooMany. Whether somebody may have the file is not asked here: a refused request counts as well."""
    if request.url_rule is None or request.method == "OPTIONS" or not request.url_rule.rule.endswith(ENDINGS):
        return
    actor = actor_or_none()
    limit, who = (OF_A_PERSON, str(actor.person_id)) if actor else (OF_AN_ADDRESS, peer())
    if wait := limits.wait_for(limit, who, clock.now()):
        raise TooMany("短时间里导出得太多了，请过几分钟再来。已经下载的都还能用。", wait)
