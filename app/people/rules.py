"""Units, persons and their dated ties: the vocabulary, and pure decisions over it."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

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


DOUBLE_SURNAMES = ("欧阳", "司徒", "上官", "司马", "诸葛", "皇甫", "尉迟", "慕容", "夏侯", "端木", "东方", "南宫")


def mask_name(name: str) -> str:
    """陈*明, 欧阳*, 李*: the only form in which a name may stand on a public page."""
    surname = next((double for double in DOUBLE_SURNAMES if name.startswith(double) and len(name) > 2), name[:1])
    given = name[len(surname) :]
    if len(given) >= 2:
        return f"{surname}{'*' * (len(given) - 1)}{given[-1]}"
    return f"{surname}*"


_AS_SURNAMES = {"b": "秘", "c": "种重", "g": "盖", "m": "缪", "n": "乜", "o": "区", "p": "朴繁", "q": "仇覃", "s": "单召折", "w": "尉隗"}
_AS_SURNAMES |= {"x": "冼洗解", "y": "乐员", "z": "曾查祭翟"}  # 曾 is Zēng as a surname, and mostly céng elsewhere
SURNAME_LETTERS = {name: letter for letter, names in _AS_SURNAMES.items() for name in names} | {"尉迟": "yc"}


def initials(name: str) -> str:
    """何嘉怡 → hjy, 曾小敏 → zxm, 欧阳修 → oyx: how names are typed to find them. Letters and digits stand as they are, in small."""
    surname = name[:2] if name.startswith(DOUBLE_SURNAMES) else name[:1]
    first = SURNAME_LETTERS.get(surname) or "".join(map(letter_of, surname))
    return (first + "".join(map(letter_of, name[len(surname) :])))[:40]


@lru_cache(8192)
def letter_of(character: str) -> str:
    """何 → h; a letter or digit as it is, in small; nothing for a sign."""
    if character.isascii():
        return character.lower() if character.isalnum() else ""
    from pypinyin import Style, lazy_pinyin  # takes a third of a second to load: not when the site starts

    return "".join(lazy_pinyin(character, style=Style.FIRST_LETTER, errors="ignore", strict=False))[:1].lower()


def mask_phone(phone: str) -> str:
    """138****0001."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 7 else "****"


def volunteer_number(person_id: int) -> str:
    """志愿者编号, GC-0000-0001: derived from the person's own id, which never changes."""
    return f"GC-{person_id // 10_000:04d}-{person_id % 10_000:04d}"


def name_fault(name: str) -> str | None:
    """Why nobody is called so: signs and pictures without one letter."""
    return "姓名里没有字，请填写姓名" if name and not any(char.isalpha() for char in name) else None


_MONTH_DAY = r"(?:0[1-9]|1[0-2])[ -]?(?:0[1-9]|[12]\d|3[01])"
ID_NUMBER = re.compile(
    rf"(?<!\d)(?:\d{{17}}[\dXx]|\d{{6}}[ -]?(?:19|20)\d\d[ -]?{_MONTH_DAY}[ -]?\d{{3}}[\dXx]"
    rf"|\d{{6}}[ -]?\d\d{_MONTH_DAY}[ -]?\d{{3}})(?!\d)"
)


def holds_id_number(text: str) -> bool:
    """An identity number of 18 or, the old ones, 15 digits stands in it."""
    return ID_NUMBER.search(text) is not None


def age_on(birth: date, day: date) -> int:
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


_BETWEEN_DIGITS = re.compile(r"[\s\-‐-―−－_.()·]")
_CHINA = re.compile(r"^(\+86|0086|86)(?=1\d{10}$)")


def tidy_phone(typed: str) -> str:
    """A number as people type it, without blanks, dashes and +86; `typed` has plain digits already."""
    return _CHINA.sub("", _BETWEEN_DIGITS.sub("", typed))


def phone_fault(phone: str) -> str | None:
    """Why a mainland mobile number can not be right; None when it can."""
    if not phone:
        return "请填写手机号码"
    if not (phone.isascii() and phone.isdigit()):
        return "手机号码只能是数字"
    if len(phone) != 11:
        return f"手机号码应是 11 位，这里是 {len(phone)} 位"
    if phone[0] != "1" or phone[1] in "012":
        return "手机号码应以 13 到 19 开头"
    return None


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
