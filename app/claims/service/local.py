"""本地规定 about make-ups: until when, and from which share a unit is marked."""

from datetime import datetime

from app.claims.queries.own import SETTING
from app.claims.rules import LocalRules
from app.settings import service as settings


def set_rules(rules: LocalRules, by_id: int | None, now: datetime) -> None:
    settings.put(SETTING, {"within_days": rules.within_days, "share_percent": rules.share_percent}, by_id, now)
