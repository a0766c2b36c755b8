"""What the pages of activities share: the blueprint, loading through what the reader may see, words for times."""

from datetime import datetime

from flask import Blueprint, current_app, url_for

from app.activities import queries
from app.activities.queries import ActivityRow, ShiftRow
from app.core import clock
from app.core.config import Settings
from app.core.errors import NotFound
from app.core.permissions import Action
from app.core.words import span_words, weekday
from app.webkit.guards import actor_or_none, current_actor

bp = Blueprint("activities", __name__)


def visible(activity_id: int) -> tuple[ActivityRow, bool]:
    """The activity and whether the reader manages it; a draft is a 404 for everyone else."""
    actor = actor_or_none()
    managed = queries.managed_activity(actor, activity_id) if actor else None
    row = managed or queries.activity(activity_id)
    if row is None or not (managed or row.public or reads(activity_id)):
        raise NotFound
    return row, managed is not None


def reads(activity_id: int) -> bool:
    """Whether the reader may see what those who manage it see."""
    actor = actor_or_none()
    return bool(actor and actor.may(Action.ACTIVITY_READ) and queries.readable_activity(actor, activity_id))


def shift_to_manage(shift_id: int) -> ShiftRow:
    shift = queries.shift(shift_id)
    if shift is None:
        raise NotFound
    queries.to_manage(current_actor(), shift.activity_id)
    return shift


def settings() -> Settings:
    found = current_app.config["SETTINGS"]
    assert isinstance(found, Settings)  # noqa: S101 (set by the factory)
    return found


def address_if_built(endpoint: str, activity_id: int) -> str | None:
    """The address of another feature's page, where this site has it."""
    return url_for(endpoint, activity_id=activity_id) if endpoint in current_app.view_functions else None


def absolute_when(starts_at: datetime, ends_at: datetime) -> str:
    """11月21日 周六 14:00–17:00, for texts that are read on another day."""
    day = clock.local_date(starts_at)
    return f"{day.month}月{day.day}日 {weekday(day)} {span_words(starts_at, ends_at)}"


def said(public: bool) -> tuple[str, str]:
    """What a press on 发布 led to: words and their tone."""
    if public:
        return "发布好了。把下面的群文字发出去，海报打出来。", "yes"
    return "这场面向全街道，要另一个人同意才发布。已经放进他们的待办了。", "info"
