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


@dataclass(frozen=True)
class Standing:
    """A wish as far as its next step is concerned.

    `own_id` told it for themselves; `last_by_id` took the last step, None for somebody without an account; `claimer_id` is the person who
    claimed it, or spoke for the unit or the donor that did; `due_on` is the last day to connect.
    """

    state: Step | None
    last_by_id: int | None = None
    own_id: int | None = None
    claimer_id: int | None = None
    due_on: date | None = None

    def on(self, today: date) -> "Standing":
        """As it stands on a day: a claim that nobody connected in time is over without anybody doing anything."""
        if self.state is Step.CLAIMED and self.due_on is not None and today > self.due_on:
            return Standing(Step.LAPSED, None, self.own_id)
        return self


def step_fault(standing: Standing, step: Step, by_id: int | None, handles: bool, today: date) -> str | None:
    """Why this person can not take the step on a day, in words for them; None when they can. `handles`: they have the right there.

    `standing` is as recorded: what lapsed by its date is judged by `today`.
    """
    if step is Step.LAPSED:
        return None if standing.on(today).state is not standing.state else "还没有过期。"
    now = standing.on(today)
    if now.state not in FOLLOWS[step]:
        return f"这个心愿现在是“{STATE_NAMES[now.state] if now.state else '还没说'}”，办不了“{STEP_NAMES[step]}”。请刷新再看。"
    if by_id is None:
        return None if step in BY_NOBODY and now.state is not Step.RETURNED else "请先登录。"
    own, claimed = by_id == now.own_id, by_id == now.claimer_id
    if step in BY_STAFF:
        if not handles:
            return "这一步要由社区的经办人来办。"
        if own:
            return "这是您自己的心愿，要由另一位来办。"
    if step is Step.VERIFIED and by_id == now.last_by_id:
        return "这是您记下的，要由另一位来核实。"
    if step is Step.PUBLISHED and by_id == now.last_by_id:
        return "这是您核实的，要由另一位来公开。"
    return _claim_fault(now, step, by_id, own, claimed, handles)


def _claim_fault(now: Standing, step: Step, by_id: int, own: bool, claimed: bool, handles: bool) -> str | None:
    """What concerns who claimed it."""
    if step is Step.CLAIMED and own:
        return "这是您自己的心愿，留给别的街坊来圆。"
    if step is Step.CONNECTED and claimed:
        return "这是您认领的，要由另一位来确认联系上了。"
    if step is Step.FULFILLED and (own or not (handles or claimed)):
        return "要由认领的人或社区的经办人来记。"
    if step is Step.THANKED and claimed:
        return "这是您认领的，要由另一位来回访。"
    if step is Step.THANKED and by_id == now.last_by_id:
        return "办成了是您记的，要由另一位来回访。"
    if step is Step.RELEASED and not (handles or claimed):
        return "只有认领的人和社区的经办人能放回。"
    if step is Step.TOLD and now.state is Step.RETURNED and not (handles or own):
        return "只有说出心愿的人和社区的经办人能补充。"
    if step is Step.WITHDRAWN and not (handles or own):
        return "只有说出心愿的人和社区的经办人能撤回。"
    return None


def can(standing: Standing, by_id: int | None, handles: bool, today: date) -> frozenset[Step]:
    """The steps that this person may take on a day; `told` and `claimed` stand for themselves."""
    return frozenset(step for step in Step if step_fault(standing, step, by_id, handles, today) is None)


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
