"""Who may take which step of a wish. Pure; the trigger of migration 0049 holds the same table."""

from dataclasses import dataclass
from datetime import date

from app.wishes.rules import BY_NOBODY, BY_STAFF, FOLLOWS, STATE_NAMES, STEP_NAMES, Step


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


@dataclass(frozen=True)
class Came:
    """How a wish came true, as far as showing it is concerned: who wrote the words, and who put photos there."""

    said_by_id: int | None
    photos_by: frozenset[int] = frozenset()


def consent_fault(standing: Standing, came: Came, by_id: int, handles: bool) -> str | None:
    """Why this person can not note that the wisher agreed to photos and words: they are looked at by who put none of them there."""
    if standing.state is not Step.THANKED:
        return "回访以后，才记对方同不同意公开。"
    if not handles:
        return "要由社区的经办人来问。"
    if by_id == standing.own_id:
        return "这是您自己的心愿，要由另一位来办。"
    if by_id == standing.claimer_id:
        return "这是您认领的，公不公开要由另一位来问。"
    if by_id == came.said_by_id:
        return "这些话是您写的，公不公开要由另一位来问。"
    if by_id in came.photos_by:
        return "照片里有您放的，公不公开要由另一位来问。"
    return None


def can(standing: Standing, by_id: int | None, handles: bool, today: date) -> frozenset[Step]:
    """The steps that this person may take on a day; `told` and `claimed` stand for themselves."""
    return frozenset(step for step in Step if step_fault(standing, step, by_id, handles, today) is None)
