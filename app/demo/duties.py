"""Demo posts, household contacts, reports and offers: 锦园第二党支部 and 灯湖社区, through the same services as real ones."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random

from app.core import clock
from app.core.db import in_transaction
from app.demo.people import Cast
from app.duties import queries as posts
from app.duties import service as duties
from app.duties.rules import PostDraft, PostKind
from app.people import queries as people
from app.people.rules import PARTY_MEMBERS
from app.pledges import service as pledges
from app.pledges.rules import FeedbackLine, Grade, OfferDraft, OfferKind, half_of

POSTS = (
    ("政策宣传岗", "把新政策讲给街坊听，收集大家的问题。", 2, 2),
    ("环境卫生监督岗", "每周走一遍楼道，看到杂物拍照报给支部。", 2, 1),
    ("民情收集岗", "听街坊说什么，每月交一份小结。", 1, 1),
    ("邻里调解岗", "邻居有小矛盾，先去坐一坐、劝一劝。", 1, 0),
)
OFFERS = (
    (OfferKind.POST, "楼道安全员", "每周看一次消防通道和楼道灯，有事报给社区。", 6),
    (OfferKind.POST, "文明养犬劝导员", "早晚遛狗的时候提醒一声。", 4),
    (OfferKind.PROJECT, "周末陪读", "周六上午在党群服务中心陪孩子们读书写作业。", None),
    (OfferKind.PROJECT, "独居长者探访", "两人一组，每月探访三户。", 24),
    (OfferKind.WISH, "给长者换一盏灯", "三楼的长者想把客厅的灯换亮一点。", 1),
    (OfferKind.WISH, "教街坊用手机挂号", "想学会自己在手机上挂号，半小时就好。", 2),
)
SAID = ("周末陪读几乎每次都来，孩子们喜欢。", "楼道的灯坏了都是他先报。", "工作忙，来得少，答应的都做到了。", "")


def load(rng: Random, cast: Cast, now: datetime) -> None:
    branch, community = cast.branches["锦园第二党支部"], cast.communities["灯湖"]
    today = clock.local_date(now)
    members = [one for one in cast.members[branch] if one not in (cast.secretary, cast.deputy, cast.volunteer)]
    holders = iter(rng.sample(members, 20))
    by = cast.secretary
    for title, words, seats, held in POSTS:
        post = _post(branch, PostDraft(PostKind.DUTY, title, words, seats, None), by, now)
        for place in range(held):
            ends = today + timedelta(days=12 if title == "民情收集岗" else 400 + 30 * place)
            _appoint(post, next(holders), date(2025, 3, 1), ends, by, now)
    _heads(community, holders, cast.administrator, today, now)
    near = posts.places_near(branch, today)
    buildings = [one for one in near if "座" in one.words]
    for place, person in enumerate([cast.volunteer, *rng.sample(members, 6)]):
        flat = f"{rng.randint(3, 28)}0{place % 4 + 1}"
        _touch(person, buildings[place % len(buildings)].id, flat, person if place == 0 else by, now)
    _community(rng, cast, community, now)


def _post(unit: int, draft: PostDraft, by: int, now: datetime) -> int:
    return in_transaction(lambda: duties.create_post(unit, draft, by, now))


def _appoint(post: int, person: int, since: date, due: date | None, by: int, now: datetime) -> int:
    return in_transaction(lambda: duties.appoint(post, person, since, due, by, now))


def _touch(person: int, place: int, words: str, by: int, now: datetime) -> None:
    in_transaction(lambda: duties.keep_in_touch(person, place, words, by, now))


def _heads(community: int, holders: Iterator[int], by: int, today: date, now: datetime) -> None:
    """楼长 of three buildings, one of them free; one was handed over."""
    for place in posts.places_near(community, today):
        if "座" not in place.words:
            continue
        title = f"{place.words.split('·')[-1]}楼长"
        post = _post(community, PostDraft(PostKind.BUILDING_HEAD, title, "认得每一户，有事上门说一声。", 1, place.id), by, now)
        if "紫荆" in title:
            continue
        term = _appoint(post, next(holders), date(2023, 5, 1), today + timedelta(days=200), by, now)
        if "二座" in title:
            successor = next(holders)
            note = "钥匙 3 把，独居长者名单 1 份。"
            in_transaction(partial(duties.hand_over, term, successor, today + timedelta(days=700), note, by, now))


def _community(rng: Random, cast: Cast, community: int, now: datetime) -> None:
    """Members of other branches live in 灯湖: they reported in, most took something on; the last half-year has its words."""
    today, by = clock.local_date(now), cast.administrator
    drafts = [OfferDraft(community, kind, title, words, seats, today - timedelta(days=150), None) for kind, title, words, seats in OFFERS]
    offers = [in_transaction(partial(pledges.create_offer, one, by, now)) for one in drafts]
    half = half_of(today).before
    arrived = clock.at_local(half.first + timedelta(days=20), time(10))
    near = rng.sample(cast.members[cast.branches["锦园第二党支部"]], 18)
    far = [one for name in ("千灯湖一号党支部", "翠苑党支部") for one in rng.sample(cast.members[cast.branches[name]], 6)]
    stages = people.stages_of([*near, *far, cast.secretary], clock.local_date(arrived))
    reported = [one for one in dict.fromkeys([*near, *far, cast.secretary]) if one in stages and stages[one].kind in PARTY_MEMBERS]
    with clock.frozen_at(arrived):
        for person in reported:
            in_transaction(partial(pledges.report_in, person, community, person, arrived))
    for place, person in enumerate(reported):
        for offer in (offers[:1] if place < 5 else []) + (offers[2:4] if place % 3 else []):
            in_transaction(partial(pledges.pledge, offer, person, person, now))
    lines = [
        FeedbackLine(person, (Grade.GOOD, Grade.FAIR, Grade.GOOD, Grade.PLAIN)[place % 4], SAID[place % 4])
        for place, person in enumerate(reported)
    ]
    written = clock.at_local(half.last - timedelta(days=4), time(15))
    with clock.frozen_at(written):
        in_transaction(lambda: pledges.give_feedback(community, half, lines, by, written))
