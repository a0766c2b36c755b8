"""Units, persons and their dated ties: the vocabulary, and pure decisions over it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.core.words import full_day


class UnitKind(StrEnum):
    SUBDISTRICT = "subdistrict"  # 街道党工委
    COMMUNITY = "community"  # 社区党委
    GENERAL_BRANCH = "general_branch"  # 党总支
    BRANCH = "branch"  # 党支部
    GROUP = "group"  # 党小组
    TEAM = "team"  # 志愿服务队、分队
    NEIGHBOURS = "neighbours"  # 街坊会
    SELF_GOVERNANCE = "self_governance"  # 自治小组
    SOCIETY = "society"  # 社团
    OWNERS_COMMITTEE = "owners_committee"  # 红色业委会


UNIT_KIND_NAMES = {
    UnitKind.SUBDISTRICT: "街道党工委",
    UnitKind.COMMUNITY: "社区党委",
    UnitKind.GENERAL_BRANCH: "党总支",
    UnitKind.BRANCH: "党支部",
    UnitKind.GROUP: "党小组",
    UnitKind.TEAM: "志愿服务队",
    UnitKind.NEIGHBOURS: "街坊会",
    UnitKind.SELF_GOVERNANCE: "自治小组",
    UnitKind.SOCIETY: "社团",
    UnitKind.OWNERS_COMMITTEE: "红色业委会",
}


class PlaceKind(StrEnum):
    COMMUNITY = "community"  # 社区
    ESTATE = "estate"  # 小区
    BUILDING = "building"  # 楼栋
    STAIRWELL = "stairwell"  # 楼道
    SERVICE_CENTRE = "service_centre"  # 党群服务中心、服务站
    STATION = "station"  # 初心驿站、组织生活馆、创熟加油站


class Gender(StrEnum):
    MALE = "male"
    FEMALE = "female"


class Origin(StrEnum):
    """How a person came to be recorded."""

    ROSTER = "roster"
    SELF = "self"  # registered by themselves, or 我来服务 at a door
    STAFF = "staff"  # entered by an administrator


class MembershipKind(StrEnum):
    HOME = "home"  # 组织关系
    REPORTED = "reported"  # 党员报到
    TEAM = "team"  # 志愿队员
    NEIGHBOURS = "neighbours"  # 街坊会成员
    RESIDENT = "resident"  # 住在这个社区，未入党


HOMES = (MembershipKind.HOME, MembershipKind.RESIDENT)  # either is where somebody belongs


class DepartureReason(StrEnum):
    """Why somebody belongs to no branch of the subdistrict any more. Known inside the branch only."""

    MOVED = "moved"  # 组织关系转出街道
    DIED = "died"
    LEFT_PARTY = "left_party"


DEPARTURE_NAMES = {
    DepartureReason.MOVED: "组织关系转出街道",
    DepartureReason.DIED: "去世",
    DepartureReason.LEFT_PARTY: "退党、除名或开除党籍",
}
# What else of somebody ends with it; MOVED people may go on living and serving here.
ENDS_TOO = {
    DepartureReason.MOVED: frozenset[MembershipKind](),
    DepartureReason.LEFT_PARTY: frozenset({MembershipKind.REPORTED}),
    DepartureReason.DIED: frozenset(MembershipKind) - {MembershipKind.HOME},
}
TAKEN_BACK_WITHIN, LISTED_FOR = 1, 14  # days after it was recorded


class StageKind(StrEnum):
    """发展阶段, in their order."""

    MASSES = "masses"
    APPLICANT = "applicant"
    ACTIVIST = "activist"
    CANDIDATE = "candidate"
    PROBATIONARY = "probationary"
    MEMBER = "member"


STAGE_NAMES = {
    StageKind.MASSES: "群众",
    StageKind.APPLICANT: "入党申请人",
    StageKind.ACTIVIST: "入党积极分子",
    StageKind.CANDIDATE: "发展对象",
    StageKind.PROBATIONARY: "预备党员",
    StageKind.MEMBER: "正式党员",
}
STAGE_ORDER = {kind: place for place, kind in enumerate(StageKind)}
PARTY_MEMBERS = frozenset({StageKind.PROBATIONARY, StageKind.MEMBER})


class ConsentKind(StrEnum):
    """Each is given and withdrawn by itself, never bundled (个人信息保护法 Art. 14, 25)."""

    PERSONAL_BOARD = "personal_board"
    NAMED_CREDIT = "named_credit"
    BIG_SCREEN = "big_screen"
    CONTACT = "contact"


CONSENT_NAMES = {
    ConsentKind.PERSONAL_BOARD: "参加个人排行",
    ConsentKind.NAMED_CREDIT: "活动报道里署名",
    ConsentKind.BIG_SCREEN: "现场大屏显示",
    ConsentKind.CONTACT: "组织者可以联系我",
}


ADULT_ENOUGH = 14  # 个人信息保护法 Art. 31: below that age the guardian agrees, not the child


class Relation(StrEnum):
    """Who the guardian is to the child."""

    MOTHER = "mother"
    FATHER = "father"
    GRANDPARENT = "grandparent"
    OTHER = "other"


RELATION_NAMES = {
    Relation.MOTHER: "妈妈",
    Relation.FATHER: "爸爸",
    Relation.GRANDPARENT: "祖父母、外祖父母",
    Relation.OTHER: "其他监护人",
}


class GivenHow(StrEnum):
    """How a guardian's consent was given."""

    IN_PERSON = "in_person"
    ON_PAPER = "on_paper"
    BY_ACCOUNT = "by_account"  # the guardian was signed in and said so


GIVEN_HOW_NAMES = {GivenHow.IN_PERSON: "当面", GivenHow.ON_PAPER: "签了纸质同意书", GivenHow.BY_ACCOUNT: "用自己的账号"}


def born_before(day: date) -> date:
    """Who was born after this date is under 14 on `day`."""
    year = day.year - ADULT_ENOUGH
    return date(year, 2, 28) if (day.month, day.day) == (2, 29) and year % 4 else day.replace(year=year)


def minor_until(birth_year: int) -> date:
    """Of someone known only by the year of birth: until when they count as under 14, the latest day that it can be."""
    return date(birth_year + ADULT_ENOUGH, 12, 31)


def is_minor(birth_date: date | None, until: date | None, day: date) -> bool:
    return birth_date > born_before(day) if birth_date else until is not None and until > day


@dataclass(frozen=True)
class StageFact:
    kind: StageKind
    began_on: date


def current_stage(stages: list[StageFact], on: date) -> StageFact | None:
    """The stage that holds on a day: the latest begun; of two begun the same day, the later in order."""
    begun = [stage for stage in stages if stage.began_on <= on]
    return max(begun, key=lambda stage: (stage.began_on, STAGE_ORDER[stage.kind]), default=None)


def age_on(birth: date, day: date) -> int:
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


MEMBERSHIP_NAMES = {
    MembershipKind.HOME: "组织关系",
    MembershipKind.REPORTED: "党员报到",
    MembershipKind.TEAM: "志愿队",
    MembershipKind.NEIGHBOURS: "街坊会",
    MembershipKind.RESIDENT: "住在",
}
BRANCH_KINDS = frozenset({UnitKind.BRANCH, UnitKind.GENERAL_BRANCH, UnitKind.GROUP})
UNIT_KINDS_OF = {
    MembershipKind.HOME: BRANCH_KINDS,
    MembershipKind.REPORTED: frozenset({UnitKind.COMMUNITY}),
    MembershipKind.TEAM: frozenset({UnitKind.TEAM}),
    MembershipKind.NEIGHBOURS: frozenset({UnitKind.NEIGHBOURS}),
    MembershipKind.RESIDENT: frozenset({UnitKind.COMMUNITY}),
}
A_YEAR = {StageKind.CANDIDATE: "入党积极分子要培养一年以上", StageKind.MEMBER: "预备期是一年"}  # 党章第七条；发展党员工作细则


def stage_fault(known: list[StageFact], began_on: date, today: date) -> str | None:
    """Why a stage can not begin on that day, after those that are known; None when it can."""
    if began_on > today:
        return "还没到这一天，到了再记"
    latest = max((fact.began_on for fact in known), default=None)
    if latest and began_on < latest:
        return f"不能早于上一个阶段（{full_day(latest)}）。要改的是以前的日期，请用“改日期”"
    return None


def stage_doubt(known: list[StageFact], kind: StageKind, began_on: date) -> str | None:
    """What is unusual about a new stage, for the secretary to say yes to; None when nothing is."""
    last = max(known, key=lambda fact: (fact.began_on, STAGE_ORDER[fact.kind]), default=None)
    if last is None:
        return None
    if kind is last.kind:
        return f"现在已经是{STAGE_NAMES[kind]}"
    step = STAGE_ORDER[kind] - STAGE_ORDER[last.kind]
    if step < 0:
        return f"从{STAGE_NAMES[last.kind]}退回{STAGE_NAMES[kind]}"
    if step > 1:
        return f"从{STAGE_NAMES[last.kind]}直接到{STAGE_NAMES[kind]}，中间跳过了 {step - 1} 个阶段"
    if kind in A_YEAR and (began_on - last.began_on).days < 365:
        return f"离{STAGE_NAMES[last.kind]}才 {(began_on - last.began_on).days} 天，{A_YEAR[kind]}"
    return None


def birth_fault(birth: date, stages: list[StageFact]) -> str | None:
    """Why somebody with these stages was not born then; 群众 is no stage that asks for an age."""
    for stage in stages:
        least = 18 if stage.kind in PARTY_MEMBERS else ADULT_ENOUGH
        if stage.kind is not StageKind.MASSES and age_on(birth, stage.began_on) < least:
            since = f"{full_day(stage.began_on)}起是{STAGE_NAMES[stage.kind]}"
            return f"{since}，{'那时还没出生' if stage.began_on < birth else f'那时不满 {least} 岁'}。请核对，或先改阶段的日期"
    return None


def corrected_fault(before: date | None, after: date | None, began_on: date, today: date) -> str | None:
    """Why a stage's day can not be moved there, between the stages before and after it."""
    if began_on > today:
        return "不能是以后的日期"
    if before and began_on < before:
        return f"不能早于前一个阶段（{full_day(before)}）"
    if after and began_on > after:
        return f"不能晚于后一个阶段（{full_day(after)}）"
    return None


def transfer_fault(on: date, since: date | None, today: date) -> str | None:
    """Why somebody can not change branch on a day; `since` is when the present tie began."""
    if on > today:
        return "不能是以后的日期，到了那天再转"
    if since and on < since:
        return f"不能早于来现在这个支部的那天（{full_day(since)}）"
    return None
