"""岗位: titled duties in a unit or at a place, each held by a person for a term; and the households a member keeps in touch with."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

DUE_SOON = timedelta(days=30)  # how long before its end a term comes up in the work list
LONGEST_TITLE = 40
LONGEST_DUTIES = 400
LONGEST_NOTE = 200
LONGEST_HOUSEHOLD = 40
MOST_SEATS = 200


class PostKind(StrEnum):
    DUTY = "duty"  # 无职党员设岗定责
    BUILDING_HEAD = "building_head"  # 楼长
    LANE_HEAD = "lane_head"  # 巷长
    STREET_HEAD = "street_head"  # 街长


POST_KIND_NAMES = {
    PostKind.DUTY: "党员岗位",
    PostKind.BUILDING_HEAD: "楼长",
    PostKind.LANE_HEAD: "巷长",
    PostKind.STREET_HEAD: "街长",
}
HEADS = frozenset({PostKind.BUILDING_HEAD, PostKind.LANE_HEAD, PostKind.STREET_HEAD})


@dataclass(frozen=True)
class PostDraft:
    """What a post is, as filled in. A 楼长 has a place; others may."""

    kind: PostKind
    title: str
    duties: str
    seats: int
    place_id: int | None


@dataclass(frozen=True)
class Span:
    """Days [begins, ends); an open end is None."""

    begins: date
    ends: date | None


def most_at_once(spans: Iterable[Span], begins: date) -> int:
    """How many of the spans hold together on the fullest day from `begins` on."""
    known = [span for span in spans if span.ends is None or span.ends > begins]
    days = {begins, *(span.begins for span in known if span.begins > begins)}
    return max(sum(span.begins <= day and (span.ends is None or span.ends > day) for span in known) for day in days)


def due_tone(due_on: date | None, today: date) -> str | None:
    """over, soon or None: how a term's end stands today."""
    if due_on is None or due_on > today + DUE_SOON:
        return None
    return "over" if due_on < today else "soon"
