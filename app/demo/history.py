"""A year of activities with their scans, through the same services that a real day uses, on a clock set back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from uuid import UUID

from app.accounts.queries import roles_held
from app.activities import queries as activities
from app.activities import service as activity_service
from app.activities.outcomes import Report
from app.activities.rules import ActivityDraft, ActivityKind, CodeWay, ShiftDraft
from app.activities.templates import Outcome
from app.checkin import queries as checkin
from app.checkin import service as doors
from app.checkin.rules import ShownCode, Way
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.demo import claims
from app.demo.people import Cast

SERVICE = ActivityKind.SERVICE
RECURRING = (
    ("垃圾分类引导", SERVICE, "银杏二座 投放点", 150, "站桶引导，教街坊分一分。"),
    ("主题巡查：消防通道与楼道", SERVICE, "中海万锦豪园", 120, "和物管一起走一遍，看到问题当场记下。"),
    ("探访独居长者", SERVICE, "灯湖社区 各楼栋", 120, "陪老人家说说话，看看水电气。"),
    ("文明交通劝导", SERVICE, "灯湖东路口", 120, "早高峰帮孩子们过马路。"),
    ("楼道清洁日", SERVICE, "锦园 各楼道", 150, "清杂物，擦扶手。"),
)
STUDY = ("学习会：基层治理怎么做", ActivityKind.STUDY, "灯湖社区党群服务中心", 150, "先学文件，再说身边的事。")
WEEKS = range(36, 0, -1)  # back from today
PARTY_LIFE = ("组织生活会", ActivityKind.PARTY_LIFE, "灯湖社区党群服务中心", 90, "每月一次，记得带笔记本。")


@dataclass(frozen=True)
class Plan:
    title: str
    kind: ActivityKind
    place: str
    minutes: int
    text: str
    starts_at: datetime


def run(rng: Random, cast: Cast, now: datetime) -> list[int]:
    """Past activities week by week. Returns the ids of those that were service."""
    made = []
    organiser = Actor(cast.organiser, "", 0, tuple(roles_held(cast.organiser, clock.local_date(now))))
    today = clock.local_date(now)
    for week in WEEKS:
        day = today - timedelta(days=week * 7 - rng.randint(0, 5))
        hour = rng.choice([8, 9, 14, 15, 19])
        plan = Plan(*(STUDY if week % 2 == 0 else rng.choice(RECURRING)), starts_at=clock.at_local(day, time(hour)))
        crowd = _crowd(rng, cast, 18)
        held = _hold(rng, plan, cast.communities["灯湖"], organiser, crowd, close=week > 1)
        if plan.kind is SERVICE:
            made.append(held)
        if week % 4 == 1:
            evening = day + timedelta(days=hour == 19)  # nobody is at two places at once
            plan = Plan(*PARTY_LIFE, starts_at=clock.at_local(evening, time(20)) + timedelta(minutes=30))
            second = cast.members[cast.branches["锦园第二党支部"]]
            _hold(rng, plan, cast.communities["灯湖"], organiser, rng.sample(second, 34), close=True)
    return made


def _crowd(rng: Random, cast: Cast, size: int) -> list[int]:
    """Mostly people of 灯湖, some from elsewhere; the demo's volunteer nearly always."""
    near = [person for name in ("锦园第一党支部", "锦园第二党支部") for person in cast.members[cast.branches[name]]]
    keen = near[::3]
    far = [person for members in cast.members.values() for person in members if person not in near]
    people = set(rng.sample(keen, min(len(keen), size))) | set(rng.sample(near, 6)) | set(rng.sample(far, 9))
    people.discard(cast.organiser)
    if rng.random() < 0.93:
        people.add(cast.volunteer)
    return sorted(people)


def _hold(rng: Random, plan: Plan, unit: int, organiser: Actor, crowd: Sequence[int], *, close: bool) -> int:
    """Publish, scan in, scan out (most of them), sign the rest out, close: one transaction each, on the clock of that day."""
    ends_at = plan.starts_at + timedelta(minutes=plan.minutes)
    announced = plan.starts_at - timedelta(days=6)
    draft = ActivityDraft(
        plan.title, plan.kind, unit, plan.place, plan.text, "", CodeWay.POSTER, (ShiftDraft("全程", plan.starts_at, ends_at),)
    )

    def publish() -> int:
        activity_id = activity_service.create_activity(draft, organiser, announced)
        activity_service.publish(activity_id, organiser.person_id, announced)
        return activity_id

    with clock.frozen_at(announced):
        activity_id = in_transaction(publish)
    late = set(rng.sample(list(crowd), len(crowd) // 6))

    def come_and_go() -> None:
        for person in crowd:
            came = plan.starts_at + timedelta(minutes=rng.randint(-20, 8))
            doors.record_scan(ShownCode(_id(rng), activity_id, Way.POSTER, came), person, came)
        for person in crowd:
            if person not in late:
                left = ends_at + timedelta(minutes=rng.randint(-8, 25))
                doors.record_scan(ShownCode(_id(rng), activity_id, Way.POSTER, left), person, left)

    with clock.frozen_at(ends_at):
        in_transaction(come_and_go)
    if close:
        finished = ends_at + timedelta(minutes=70)
        with clock.frozen_at(finished):
            open_spells = {row.id: ends_at for row in checkin.spells_of(activity_id) if row.out_at is None}
            in_transaction(lambda: doors.sign_out_all(activity_id, open_spells, organiser.person_id, finished))
            report = Report(rng.randint(20, 260), outcomes=_outcomes(plan, activity_id))
            in_transaction(lambda: doors.close(activity_id, report, organiser.person_id, finished))
    return activity_id


FOUND = {
    "垃圾分类引导": (Outcome.HYGIENE,),
    "主题巡查：消防通道与楼道": (Outcome.HAZARDS, Outcome.FACILITIES, Outcome.PARKING),
    "探访独居长者": (Outcome.FACILITIES, Outcome.DISPUTES),
    "文明交通劝导": (Outcome.PARKING, Outcome.PUBLIC_SAFETY),
    "楼道清洁日": (Outcome.HYGIENE, Outcome.HAZARDS),
}


def _outcomes(plan: Plan, activity_id: int) -> dict[Outcome, int]:
    """办成的事, a few each time; without the dice, so that everything else falls as before."""
    return {kind: 1 + (activity_id * 7 + place * 3) % 5 for place, kind in enumerate(FOUND.get(plan.title, ()))}


def _id(rng: Random) -> UUID:
    return UUID(int=rng.getrandbits(128), version=4)


def today_and_soon(rng: Random, cast: Cast, now: datetime) -> int:
    """邻里节 going on today with two shifts, and what comes next, with people signed up. Returns the festival's id."""
    organiser = Actor(cast.organiser, "", 0, tuple(roles_held(cast.organiser, clock.local_date(now))))
    unit, team = cast.communities["灯湖"], cast.teams["灯湖街坊会"]
    start = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    festival = ActivityDraft(
        "灯湖邻里节：童玩与旧物市集",
        SERVICE,
        team,
        "中海万锦豪园 党建广场",
        "街坊带上用不着的玩具和书来换，孩子们玩滚铁环、跳飞机。需要帮手看摊位、引导垃圾分类和收场。",
        "户外站立约 3 小时，请带水和帽子。搬摊架两人一组。心脏不适、孕期请选坐岗。",
        CodeWay.POSTER,
        (
            ShiftDraft("童玩摊位组", start, start + timedelta(hours=4), 15, 30),
            ShiftDraft("清场组", start + timedelta(hours=4), start + timedelta(hours=6), 0, 12),
        ),
    )
    festival_id = _announce(festival, organiser, now - timedelta(days=7))
    first, second = (shift.id for shift in activities.shifts_of(festival_id))
    near = [person for person in cast.members[cast.branches["锦园第一党支部"]] if person != cast.organiser]
    helpers = rng.sample(near, 22)

    def sign_up() -> None:
        for person in (cast.volunteer, *helpers):
            activity_service.take_seat(first, person, now - timedelta(days=2), risk_read=True)
        for person in rng.sample(near, 14):
            activity_service.take_seat(second, person, now - timedelta(days=2), risk_read=True)

    with clock.frozen_at(now - timedelta(days=2)):
        in_transaction(sign_up)

    def arrive() -> None:
        for person in helpers[:17]:
            came = start + timedelta(minutes=rng.randint(-15, 20))
            doors.record_scan(ShownCode(_id(rng), festival_id, Way.POSTER, came), person, came)
        for place in range(41):
            came = start + timedelta(minutes=rng.randint(0, 55))
            doors.record_visit(ShownCode(_id(rng), festival_id, Way.POSTER, came), f"demo{place:028d}", came)
        for name, phone in (("郭志明", "13900006291"), ("陆秀兰", "13900000475")):
            doors.take_in(ShownCode(_id(rng), festival_id, Way.POSTER, start + timedelta(minutes=40)), name, phone, now, "demo-walk-in")

    in_transaction(arrive)
    today = clock.local_date(now)
    for days, hour, (title, kind, place, minutes, text) in (
        (3, 19, ("银杏二座 楼道茶话会", ActivityKind.OTHER, "二座大堂", 90, "聊聊加装电梯的事，带上您的意见。")),
        (7, 9, ("南丰村小区 清洁日", SERVICE, "南丰村小区", 150, "清楼道杂物，工具由社区准备。")),
        (9, 19, STUDY),
        (14, 14, ("微心愿·探访独居长者", SERVICE, "桂园苑", 150, "两人一组，每组走访三户。")),
        (6, 19, PARTY_LIFE),
    ):
        begin = clock.at_local(today + timedelta(days=days), time(hour, 30))
        shift = ShiftDraft("全程", begin, begin + timedelta(minutes=minutes), 0, 20)
        _announce(ActivityDraft(title, kind, unit, place, text, "", CodeWay.ROTATING, (shift,)), organiser, now)
    return festival_id


def _announce(draft: ActivityDraft, organiser: Actor, at: datetime) -> int:
    def publish() -> int:
        activity_id = activity_service.create_activity(draft, organiser, at)
        activity_service.publish(activity_id, organiser.person_id, at)
        return activity_id

    with clock.frozen_at(at):
        return in_transaction(publish)


def wait_for_decisions(cast: Cast, now: datetime) -> None:
    """A list of names that the secretary made and a deputy may confirm, and a record that its owner says is not right."""
    unit, start = cast.branches["锦园第二党支部"], clock.at_local(clock.local_date(now) - timedelta(days=1), time(9))
    secretary = Actor(cast.secretary, "", 0, tuple(roles_held(cast.secretary, clock.local_date(now))))
    shift = ShiftDraft("全程", start, start + timedelta(hours=2))
    draft = ActivityDraft(
        "主题党日：走访楼道", ActivityKind.PARTY_LIFE, unit, "锦园 各楼道", "两人一组，走一遍。", "", CodeWay.POSTER, (shift,)
    )
    activity_id = _announce(draft, secretary, start - timedelta(days=3))
    (held,) = activities.shifts_of(activity_id)
    named = [person for person in cast.members[unit] if person not in (cast.secretary, cast.deputy)][:24]
    claims.load(activity_id=activity_id, shift_id=held.id, maker_id=cast.secretary, person_ids=named, now=now)
