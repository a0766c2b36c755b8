"""An activity of yesterday that its organiser still has to look through: one phone for four people, ends that nobody made."""

from datetime import datetime, time, timedelta
from random import Random
from uuid import UUID

from app.accounts.queries import roles_held
from app.activities import service as activities
from app.activities.rules import ActivityDraft, ActivityKind, CodeWay, ShiftDraft
from app.checkin import service as doors
from app.checkin.rules import ShownCode, Way
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.demo.people import Cast

PHONE, COUPLE = "demo-one-phone", "demo-couple"


def load(rng: Random, cast: Cast, now: datetime) -> int:
    """Returns the activity's id. The organiser is among those on the one phone: theirs waits for the subdistrict."""
    today = clock.local_date(now)
    start = clock.at_local(today - timedelta(days=1), time(8))
    end = start + timedelta(hours=10)
    organiser = Actor(cast.organiser, "", 0, tuple(roles_held(cast.organiser, today)))
    draft = ActivityDraft(
        "街心花园 浇灌和清理",
        ActivityKind.SERVICE,
        cast.communities["灯湖"],
        "千灯湖 街心花园",
        "浇花、拔草、捡落叶，累了就歇。",
        "",
        CodeWay.POSTER,
        (ShiftDraft("全程", start, end),),
    )

    def publish() -> int:
        activity_id = activities.create_activity(draft, organiser, start - timedelta(days=4))
        activities.publish(activity_id, organiser.person_id, start - timedelta(days=4))
        return activity_id

    with clock.frozen_at(start - timedelta(days=4)):
        activity_id = in_transaction(publish)
    members = cast.members[cast.branches["锦园第一党支部"]]
    elders = [one for one in members if one not in (cast.organiser, cast.volunteer)][-12:]

    def scan(person: int, minutes: int, device: str | None = None, received: int | None = None, leaves: bool = False) -> None:
        at = start + timedelta(minutes=minutes)
        shown = ShownCode(UUID(int=rng.getrandbits(128), version=4), activity_id, Way.POSTER, at)
        view = doors.record_scan(shown, person, start + timedelta(minutes=received or minutes), device)
        if leaves:
            doors.depart(view.scan_id, person, at)

    def come_and_go() -> None:
        for person in (*elders[:4], cast.organiser):
            scan(person, 3, PHONE)
        for person in (elders[4], elders[5]):
            scan(person, 12, COUPLE)
        scan(elders[6], 15, received=62)
        for person in (elders[7], elders[8], elders[9]):
            scan(person, 20)
        scan(elders[10], 0)
        for person in (*elders[:4], cast.organiser):
            scan(person, 182, PHONE, leaves=True)
        for person in (elders[4], elders[5]):
            scan(person, 190, COUPLE, leaves=True)
        scan(elders[6], 200, leaves=True)
        scan(elders[10], 598)

    with clock.frozen_at(end):
        in_transaction(come_and_go)
    return activity_id
