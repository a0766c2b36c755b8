"""Cards of some elders, and who acts for whom."""

from datetime import datetime
from random import Random

from app.activities.rules import SERVICE_PHONES
from app.cards import service as cards
from app.core.db import in_transaction
from app.demo.people import Cast
from app.proxies import service as proxies
from app.proxies.rules import Relation
from app.settings import service as settings


def load(rng: Random, cast: Cast, now: datetime) -> None:
    """A few members of 锦园第二党支部 hold cards; 何嘉怡 acts for two of them; the office of 灯湖社区 has a number."""
    elders = [one for one in cast.members[cast.branches["锦园第二党支部"]] if one not in (cast.volunteer, cast.secretary, cast.deputy)]
    holders = rng.sample(elders, 8)

    def work() -> None:
        cards.issue(holders, cast.secretary, now)
        proxies.record(holders[0], cast.volunteer, Relation.FAMILY, cast.secretary, now)
        proxies.record(holders[1], cast.volunteer, Relation.NEIGHBOUR, cast.secretary, now)
        settings.put(SERVICE_PHONES, {str(cast.communities["灯湖"]): "0757-8630 0000"}, cast.administrator, now)

    in_transaction(work)
