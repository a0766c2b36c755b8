"""微心愿: what somebody wishes for, who takes it on, and the steps between. Pure; money is integer fen, and only a word about the cost.

told → verified → published → claimed → connected → fulfilled → thanked. Every step is a dated fact with somebody behind it. Who verifies is
not who told, who publishes is not who verified, who claims connects nothing and thanks nobody. The database holds the same table.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

LONGEST_TITLE, LONGEST_PUBLIC, LONGEST_TOLD, LONGEST_REASON, LONGEST_NAME = 30, 200, 600, 200, 40
DAYS = 7  # to get in touch; the default of the local rule
ERASE_AFTER = 30  # days after the end
LATE_AFTER = 3  # days without a connection, before the handler is reminded
SETTING = "wishes"  # {"connect_days": 7, "erase_after": 30}
A_DAY = 3  # wishes, or gifts offered without an account, of one device a day
AT_ONCE = 3  # claims of one person that nobody has connected yet


class WishKind(StrEnum):
    THING = "thing"
    HELP = "help"
    COMPANY = "company"
    REPAIR = "repair"
    STUDY = "study"
    OTHER = "other"


KIND_NAMES = {
    WishKind.THING: "想要一样东西",
    WishKind.HELP: "想请人帮个忙",
    WishKind.COMPANY: "想有人陪陪",
    WishKind.REPAIR: "家里想修一修",
    WishKind.STUDY: "想学点什么",
    WishKind.OTHER: "别的心愿",
}
KIND_SHORT = {
    WishKind.THING: "物品",
    WishKind.HELP: "帮忙",
    WishKind.COMPANY: "陪伴",
    WishKind.REPAIR: "修理",
    WishKind.STUDY: "学习",
    WishKind.OTHER: "其他",
}
KIND_ICONS = {
    WishKind.THING: "heart",
    WishKind.HELP: "hand",
    WishKind.COMPANY: "people",
    WishKind.REPAIR: "settings",
    WishKind.STUDY: "study",
    WishKind.OTHER: "star",
}


class ForWhom(StrEnum):
    """All that is public about whose wish it is, beside the community."""

    ELDER = "elder"
    CHILD = "child"
    DISABLED = "disabled"
    ILL = "ill"
    FAMILY = "family"
    NEWCOMER = "newcomer"
    GROUP = "group"
    OTHER = "other"


WHOM_NAMES = {
    ForWhom.ELDER: "一位长者",
    ForWhom.CHILD: "一个孩子",
    ForWhom.DISABLED: "一位行动不便的街坊",
    ForWhom.ILL: "一位生病的街坊",
    ForWhom.FAMILY: "一户人家",
    ForWhom.NEWCOMER: "一位新来的街坊",
    ForWhom.GROUP: "一群街坊",
    ForWhom.OTHER: "一位街坊",
}

WHOM_SHORT = {
    ForWhom.ELDER: "长者",
    ForWhom.CHILD: "孩子",
    ForWhom.DISABLED: "行动不便",
    ForWhom.ILL: "生病的",
    ForWhom.FAMILY: "一户人家",
    ForWhom.NEWCOMER: "新来的",
    ForWhom.GROUP: "一群街坊",
    ForWhom.OTHER: "别的街坊",
}


class Way(StrEnum):
    """How it came to be told."""

    FORM = "form"  # by themselves, without signing in
    SIGNED = "signed"  # by themselves, signed in
    PHONE = "phone"
    PAPER = "paper"
    VISIT = "visit"
    UNIT = "unit"  # a unit said it for itself or for those it looks after


WAY_NAMES = {
    Way.FORM: "本人在网上说的",
    Way.SIGNED: "本人登录后说的",
    Way.PHONE: "打电话说的",
    Way.PAPER: "写在纸上的",
    Way.VISIT: "上门听到的",
    Way.UNIT: "组织提出的",
}
KEYED_IN = (Way.VISIT, Way.PHONE, Way.PAPER, Way.UNIT)
OWN_WAYS = frozenset({Way.FORM, Way.SIGNED})


class ClaimKind(StrEnum):
    PERSON = "person"
    UNIT = "unit"
    DONOR = "donor"  # leaves a name and a phone, has no account


CLAIM_NAMES = {ClaimKind.PERSON: "志愿者", ClaimKind.UNIT: "组织", ClaimKind.DONOR: "爱心街坊"}


class Step(StrEnum):
    TOLD = "told"
    VERIFIED = "verified"
    PUBLISHED = "published"
    CLAIMED = "claimed"
    CONNECTED = "connected"
    FULFILLED = "fulfilled"
    THANKED = "thanked"
    LAPSED = "lapsed"
    RELEASED = "released"
    RETURNED = "returned"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


STEP_NAMES = {
    Step.TOLD: "说出心愿",
    Step.VERIFIED: "核实",
    Step.PUBLISHED: "公开",
    Step.CLAIMED: "认领",
    Step.CONNECTED: "联系上了",
    Step.FULFILLED: "办成了",
    Step.THANKED: "回访，致谢",
    Step.LAPSED: "过期没联系上，放回",
    Step.RELEASED: "放回",
    Step.RETURNED: "退回补充",
    Step.DECLINED: "不办",
    Step.WITHDRAWN: "撤回",
}
STATE_NAMES = {
    Step.TOLD: "等核实",
    Step.VERIFIED: "等公开",
    Step.PUBLISHED: "等人认领",
    Step.CLAIMED: "有人认领了",
    Step.CONNECTED: "正在办",
    Step.FULFILLED: "办成了，等回访",
    Step.THANKED: "圆了",
    Step.LAPSED: "等人认领",
    Step.RELEASED: "等人认领",
    Step.RETURNED: "要补充",
    Step.DECLINED: "没有办",
    Step.WITHDRAWN: "撤回了",
}
FREE = frozenset({Step.PUBLISHED, Step.LAPSED, Step.RELEASED})  # on the list, and nobody's
TAKEN = frozenset({Step.CLAIMED, Step.CONNECTED})
FULL = frozenset({Step.FULFILLED, Step.THANKED})
PUBLIC = FREE | TAKEN | FULL
OVER = frozenset({Step.THANKED, Step.DECLINED, Step.WITHDRAWN})
EARLY = frozenset({Step.TOLD, Step.VERIFIED, Step.RETURNED})  # its words can still be changed

FOLLOWS: dict[Step, frozenset[Step | None]] = {
    Step.TOLD: frozenset({None, Step.RETURNED}),
    Step.VERIFIED: frozenset({Step.TOLD}),
    Step.PUBLISHED: frozenset({Step.VERIFIED}),
    Step.CLAIMED: FREE,
    Step.CONNECTED: frozenset({Step.CLAIMED, Step.FULFILLED}),  # after `fulfilled`: it is not done after all
    Step.FULFILLED: frozenset({Step.CONNECTED}),
    Step.THANKED: frozenset({Step.FULFILLED}),
    Step.LAPSED: frozenset({Step.CLAIMED}),
    Step.RELEASED: TAKEN,
    Step.RETURNED: frozenset({Step.TOLD, Step.VERIFIED}) | FREE,
    Step.DECLINED: frozenset({Step.TOLD, Step.VERIFIED, Step.RETURNED}) | FREE,
    Step.WITHDRAWN: frozenset({Step.TOLD, Step.VERIFIED, Step.RETURNED}) | FREE | TAKEN,
}
REASONED = frozenset({Step.RELEASED, Step.RETURNED, Step.DECLINED, Step.WITHDRAWN})  # and `connected` after `fulfilled`
OF_A_CLAIM = frozenset({Step.CLAIMED, Step.CONNECTED, Step.FULFILLED, Step.THANKED, Step.LAPSED, Step.RELEASED})
ENDS_A_CLAIM = frozenset({Step.LAPSED, Step.RELEASED, Step.WITHDRAWN})
BY_STAFF = frozenset({Step.VERIFIED, Step.PUBLISHED, Step.CONNECTED, Step.THANKED, Step.RETURNED, Step.DECLINED})
BY_NOBODY = frozenset({Step.TOLD, Step.CLAIMED, Step.LAPSED})  # may have nobody with an account behind them


def due(claimed_on: date, days: int) -> date:
    """The last day on which who claimed it and whose it is may be connected."""
    return claimed_on + timedelta(days=days)


@dataclass(frozen=True)
class Rule:
    """本地规定: days to connect, and days after the end when names and phones are erased."""

    connect_days: int = DAYS
    erase_after: int = ERASE_AFTER


@dataclass(frozen=True)
class Round:
    """一轮: from its first to its last day, both in."""

    opens_on: date
    closes_on: date


@dataclass(frozen=True)
class Held:
    """A claim by its days: it ended on `ended_on`, or has not; nobody connected it unless `connected`."""

    claimed_on: date
    due_on: date
    connected: bool
    ended_on: date | None

    def holds_on(self, day: date) -> bool:
        last = self.ended_on or (None if self.connected else self.due_on + timedelta(days=1))
        return self.claimed_on <= day and (last is None or day < last)


def waited(published_on: date, rounds: list[Round], claims: list[Held], today: date) -> int:
    """How many rounds ended while it was on the list and nobody's."""
    ended = [one.closes_on for one in rounds if published_on <= one.closes_on < today]
    return sum(not any(claim.holds_on(day) for claim in claims) for day in ended)


def order_key(free: bool, rounds_waited: int, published_on: date, wish_id: int) -> tuple[bool, int, date, int]:
    """Free ones first; of these, who waited the most rounds; of equal ones the longest published; of the same day as they came."""
    return not free, -rounds_waited, published_on, wish_id


def is_open(rounds: list[Round], today: date) -> bool:
    """Whether one can claim on a day: in a round, or always where rounds are not held."""
    return not rounds or any(one.opens_on <= today <= one.closes_on for one in rounds)


@dataclass(frozen=True)
class Contact:
    """Whom to reach; nobody but those who handle it sees it."""

    name: str
    phone: str
    where: str


@dataclass(frozen=True)
class Telling:
    """A wish as it is told. `own_id`: who told it for themselves, signed in; `by_id`: who sent it, None without an account."""

    unit_id: int
    kind: WishKind
    whom: ForWhom
    way: Way
    words: str
    contact: Contact
    cost: int | None
    by_id: int | None
    own_id: int | None = None
    source_unit_id: int | None = None
    form_key: str | None = None


@dataclass(frozen=True)
class PublicWords:
    """What everybody will read: no name, no number, no address finer than the community."""

    title: str
    words: str
    kind: WishKind
    whom: ForWhom
    cost: int | None


@dataclass(frozen=True)
class Claimer:
    """Who takes it on. `by_id` None: a donor without an account, who left name and phone."""

    kind: ClaimKind
    by_id: int | None
    unit_id: int | None = None
    name: str = ""
    phone: str = ""
    form_key: str | None = None
