"""Honours (创熟标兵, 优秀共产党员 …): proposed, approved by another, publicised, granted; taken back by two people. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.points.rules import SchemeKind
from app.publicity.rules import Reach
from app.publicity.rules import State as Shown

LONGEST_NAME, LONGEST_WORDS, LONGEST_REASON, LONGEST_ANSWER = 30, 200, 300, 200


class Giver(StrEnum):
    """Who may propose somebody for a kind."""

    BRANCH = "branch"  # whoever may for the person's unit
    SUBDISTRICT = "subdistrict"  # only whose right reaches the whole subdistrict


GIVER_NAMES = {Giver.BRANCH: "支部、社区、街道都可以", Giver.SUBDISTRICT: "只由街道推荐"}
REACH_NAMES = {Reach.PUBLIC: "可以，本人同意才显示，名字打码", Reach.BRANCH: "不可以，只有本人和组织里看得到"}


class Verdict(StrEnum):
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class State(StrEnum):
    PROPOSED = "proposed"
    PUBLICISED = "publicised"
    HEARING = "hearing"  # ended, with an objection that nobody has answered
    DUE = "due"  # ended, and nothing stands in its way
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"  # an objection was upheld
    REVOKED = "revoked"


STATE_NAMES = {
    State.PROPOSED: "待同意",
    State.PUBLICISED: "公示中",
    State.HEARING: "公示到期，有异议待答复",
    State.DUE: "公示到期，待授予",
    State.GRANTED: "已授予",
    State.REFUSED: "没有同意",
    State.WITHDRAWN: "已撤回",
    State.STOPPED: "异议成立，没有授予",
    State.REVOKED: "已撤销",
}


@dataclass(frozen=True)
class KindDraft:
    """A kind of honour. `rule_code` names the rule of that scheme which gives its points, None for no points.

    `reach` PUBLIC: may stand on the public page. What tells of the party never may.
    """

    name: str
    words: str
    giver: Giver
    reach: Reach
    scheme_kind: SchemeKind | None = None
    rule_code: str | None = None


def state(verdict: Verdict | None, granted_on: date | None, revoked_on: date | None, ended: bool, shown: Shown | None) -> State:
    """How far an honour is; `shown` is the state of its publicity."""
    if revoked_on is not None:
        return State.REVOKED
    if granted_on is not None:
        return State.GRANTED
    if verdict is Verdict.REFUSED:
        return State.REFUSED
    if verdict is Verdict.WITHDRAWN:
        return State.WITHDRAWN
    if ended:
        return State.STOPPED
    if verdict is None:
        return State.PROPOSED
    if shown is Shown.HEARING:
        return State.HEARING
    return State.DUE if shown in {Shown.SETTLED, Shown.CONCLUDED} else State.PUBLICISED


def reach_fault(name: str, reach: Reach, scheme_kind: SchemeKind | None, before: Reach | None, *, given: bool) -> str | None:
    """Why a kind may not be so public: what tells of the party never may, nor what was given as not public (`before`) afterwards."""
    if reach is not Reach.PUBLIC:
        return None
    if scheme_kind is SchemeKind.MEMBER or "党" in name:
        return "党内的荣誉会让人看出谁是党员，不能在网上公开"
    if before is Reach.BRANCH and given:
        return "已经有人得了这种荣誉，当时说好不公开。要公开的，请另设一种"
    return None


def decision_fault(decider_id: int, maker_id: int, person_id: int) -> str | None:
    """Why this person may not decide: never the maker, never about oneself."""
    if decider_id == maker_id:
        return "这是您提出的，要由另一位来定"
    return "这说的是您自己，要由另一位来定" if decider_id == person_id else None
