"""The boards of the last quarter and month that are settled: frozen as the command would, the quarter's published."""

from datetime import datetime

from app.core.clock import local_date
from app.core.db import in_transaction
from app.demo.people import Cast
from app.leaderboards import service
from app.leaderboards.spans import Length


def load(cast: Cast, now: datetime) -> None:
    today, newest = local_date(now), {}
    for kind, span in service.due(today):  # oldest first
        if span.length in (Length.MONTH, Length.QUARTER):
            newest[kind, span.length] = span
    for (kind, length), span in newest.items():
        settled = service.settle(kind, span, today)
        board_id = in_transaction(lambda settled=settled: service.freeze(settled, None, now))  # type: ignore[misc]
        if board_id and length is Length.QUARTER:
            in_transaction(lambda board_id=board_id: service.publish(board_id, cast.administrator, now))  # type: ignore[misc]
