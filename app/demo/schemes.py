"""Points by hand that wait for a second person, and a draft of next year's scheme."""

from datetime import datetime, timedelta

from app.core.clock import local_date
from app.core.db import in_transaction
from app.demo.people import Cast
from app.people import queries as people
from app.people.rules import PARTY_MEMBERS
from app.points.rules import CapPeriod, Per, SchemeKind
from app.schemes.queries import drafts as queries
from app.schemes.rules import DraftRule, Exempts, Proposal
from app.schemes.service import drafts, proposals

WORK = "/work?group=积分"
MEMBER = SchemeKind.MEMBER


def load(cast: Cast, now: datetime) -> None:
    """The secretary proposed two things that the deputy may decide; an administrator is at work on a draft."""
    branch, today = cast.branches["锦园第二党支部"], local_date(now)
    stages = people.stages_of(cast.members[branch], today)
    chosen = [one for one, stage in stages.items() if stage.kind in PARTY_MEMBERS and one != cast.secretary][:2]
    said = (
        Proposal(chosen[0], MEMBER, today - timedelta(days=2), "台风后连续三天带人清障", rule_code="bonus"),
        Proposal(chosen[1], MEMBER, today, "在外地带孙子，明年春天回来", exempts=Exempts.AWAY, until=today + timedelta(days=120)),
    )
    for one in said:
        in_transaction(lambda one=one: proposals.propose(one, cast.secretary, WORK, now))  # type: ignore[misc]
    draft_id = in_transaction(lambda: drafts.begin(MEMBER, cast.administrator, now))
    row = queries.draft(draft_id)
    known = {rule.code: rule.id for rule in row.version.rules} if row else {}
    carry = DraftRule("上年结转", Per.CARRY, 500, cap=500, cap_period=CapPeriod.YEAR, note="多做的不白做")
    hour = DraftRule("服务，每小时", Per.HOUR, 120, None, "service", True, 3000, CapPeriod.YEAR)
    for rule_id, rule in ((known.get("service_hour"), hour), (None, carry)):
        in_transaction(lambda r=rule_id, d=rule: drafts.put_rule(draft_id, r, d, cast.administrator))  # type: ignore[misc]
