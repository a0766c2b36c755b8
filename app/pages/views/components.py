"""Every component in every state, for whoever changes a template or a style sheet. On demo sites only."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from flask import Response, current_app

from app.checkin.queries import ScanView
from app.checkin.rules import Outcome, Way
from app.core import clock
from app.core.errors import NotFound
from app.hours.rules import HourClass
from app.pages.views import bp
from app.webkit.guards import public
from app.webkit.htmx import render

FAULTS = {"wrong": "手机号要 11 位，现在是 10 位", "wrong_day": "请选一天", "wrong_kind": "请选一个", "wrong_words": "请写明原因"}
KEPT = {"wrong": "1380013800", "plain": "何嘉怡", "words": "带好饮用水。"}
PLACES = (
    (1, "锦园第一党支部", 960, True),
    (1, "锦园第二党支部", 960, True),
    (3, "灯湖机关支部", 720, False),
    (4, "创熟园区支部", 315, False),
)


@bp.get("/components")
@public
def components() -> Response:
    """Names and sums are invented."""
    if not current_app.config["SETTINGS"].demo:
        raise NotFound
    return render("pages/components.html", verdicts=verdicts(clock.now()), lit=7, faults=FAULTS, kept=KEPT, places=PLACES)


def verdicts(now: datetime) -> list[tuple[str, ScanView]]:
    """Everything that a scan can come to, as the page of a scan shows it."""
    numbers = count(1)
    began, hour = now - timedelta(minutes=155), timedelta(hours=1)
    shift = {"shift_name": "童玩摊位组", "starts_at": began, "ends_at": now + hour, "opens_at": began - hour}
    came = {**shift, "person_id": 1, "person_name": "何嘉怡", "in_at": began}
    left: dict[str, Any] = {**came, "out_at": now, "hour_class": HourClass.CREDIT}

    def scan(outcome: Outcome, **values: Any) -> ScanView:
        return ScanView(UUID(int=next(numbers)), outcome, Way.POSTER, now, 1, "灯湖邻里节", "8F2K", **values)

    return [
        ("签到", scan(Outcome.IN, **came)),
        ("还没核实是谁", scan(Outcome.PENDING, **{**came, "confirmed": False})),
        ("又扫了一次", scan(Outcome.ALREADY_IN, **came)),
        ("签退", scan(Outcome.OUT, **left, minutes=155)),
        ("时间太短", scan(Outcome.OUT, **left, minutes=0)),
        ("和另一场重叠", scan(Outcome.OUT, **left, minutes=155, review=True)),
        ("没核实就走了", scan(Outcome.OUT, **{**left, "confirmed": False})),
        ("撤销签退", scan(Outcome.UNDONE, **came)),
        ("来逛逛", scan(Outcome.VISITOR)),
        ("码旧了", scan(Outcome.STALE_CODE)),
        ("扫错了地方", scan(Outcome.WRONG_WAY)),
        ("太早", scan(Outcome.TOO_EARLY, **{**shift, "opens_at": now + hour})),
        ("太晚", scan(Outcome.TOO_LATE, **shift)),
        ("签退的时间过了", scan(Outcome.TOO_LATE, **came)),
        ("进出太多次", scan(Outcome.TOO_MANY, **shift)),
        ("没签到就签退", scan(Outcome.NOT_IN, **shift)),
        ("活动结束或取消", scan(Outcome.NOT_OPEN)),
        ("认不出的码", scan(Outcome.FORGED)),
    ]
