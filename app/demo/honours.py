"""A medal that was granted, one that waits for a second person, and a correction that waits for one too."""

from datetime import datetime, time, timedelta
from uuid import UUID, uuid5

from app.accounts.deciders import deciders
from app.accounts.queries import roles_held
from app.activities import service as activities
from app.activities.outcomes import Report
from app.activities.rules import ActivityDraft, ActivityKind, CodeWay, ShiftDraft
from app.checkin import queries as checkin
from app.checkin import service as doors
from app.checkin.rules import ShownCode, Way
from app.claims.correction_rules import Change, Proposal
from app.claims.queries import correctable as records
from app.claims.service import corrections
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.permissions import Action
from app.demo.people import Cast
from app.honours import queries, service
from app.people.queries import home_unit_on

NAMESPACE = UUID("5d3c0b7e-2f1a-4d6a-9b1e-0a33c0ffee33")  # of the scans made here, so that they are the same each time
WORK = "/work"
URL, SHOWN = "/honours/{}".format, "/publicity/{}".format


def load(cast: Cast, now: datetime) -> None:
    """Where nobody else could decide, that part is left out."""
    _granted(cast.volunteer, now - timedelta(days=75), now - timedelta(days=60))
    branch = cast.branches["锦园第二党支部"]
    chosen = [person for person in cast.members[branch] if person not in (cast.secretary, cast.deputy)][3]
    kind = next(one for one in queries.kinds() if one.name == "星级志愿者")
    reason = "连续三年参加独居长者探访，街坊都认得他。"
    in_transaction(lambda: service.propose(kind, chosen, reason, cast.secretary, URL, now))
    _correction(cast, now)


def _granted(person_id: int, proposed: datetime, settled: datetime) -> None:
    home = home_unit_on(person_id, clock.local_date(proposed))
    who = deciders(home, Action.HONOUR_GIVE, clock.local_date(proposed), {person_id}) if home else []
    if len(who) < 2:
        return
    maker, other = who[0].person_id, who[1].person_id
    kind = next(one for one in queries.kinds() if one.name == "创熟标兵")
    with clock.frozen_at(proposed):
        made = in_transaction(lambda: service.propose(kind, person_id, "组织楼道夜间巡查，一年 46 次没有缺过。", maker, URL, proposed))
        in_transaction(lambda: service.approve(made, other, SHOWN, URL, proposed))
    with clock.frozen_at(settled):
        in_transaction(lambda: service.settle(made, "/me/honours", URL, settled))


def _correction(cast: Cast, now: datetime) -> None:
    """A small activity of the branch, closed; somebody left half an hour before their phone said so."""
    branch, begins = cast.branches["锦园第二党支部"], clock.at_local(clock.local_date(now) - timedelta(days=6), time(9))
    ends, today = begins + timedelta(hours=2), clock.local_date(now)
    secretary = Actor(cast.secretary, "", 0, tuple(roles_held(cast.secretary, today)))
    shift = ShiftDraft("全程", begins, ends)
    draft = ActivityDraft("为长者理发", ActivityKind.SERVICE, branch, "锦园 架空层", "自带剪子，喷壶备好了。", "", CodeWay.POSTER, (shift,))
    came = [person for person in cast.members[branch] if person not in (cast.secretary, cast.deputy)][6:9]

    def hold() -> int:
        activity_id = activities.create_activity(draft, secretary, begins - timedelta(days=3))
        activities.publish(activity_id, cast.secretary, begins - timedelta(days=3))
        for minutes in (0, 120):
            for person in came:
                at = begins + timedelta(minutes=minutes)
                doors.record_scan(ShownCode(uuid5(NAMESPACE, f"{person}-{minutes}"), activity_id, Way.POSTER, at), person, at)
        doors.close(activity_id, Report(served=18), cast.secretary, ends + timedelta(hours=2))
        return activity_id

    with clock.frozen_at(ends + timedelta(hours=2)):
        activity_id = in_transaction(hold)
    spell = next(one for one in checkin.spells_of(activity_id) if one.person_id == came[0])
    subject = records.attendance_subject(spell.id)
    if subject is None or not subject.minutes:
        return
    proposal = Proposal(Change.TIMES, "理发师傅说他提早半小时走了，签退是收摊时补扫的", spell.in_at, ends - timedelta(minutes=30))
    in_transaction(lambda: corrections.propose(subject, proposal, cast.secretary, WORK, now))
