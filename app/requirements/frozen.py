"""凭证包: what is frozen when a branch confirms. Pure: facts to canonical JSON with its SHA-256, and back. See docs/decisions/0034.

Whatever is shown, printed or exported of a confirmation is made from this text alone. A new field gets a default here, so that
packs of any age can be read.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from app.hours.rules import HourClass, HourKind
from app.people.rules import StageKind
from app.requirements.rules import Need, Why

FORMAT = 1


@dataclass(frozen=True)
class FrozenNeed:
    """A requirement as it was asked, and what was reached. Minutes."""

    kind: HourKind
    minutes_needed: int
    honour_minutes: int
    window_days: int | None
    due_on: date | None
    credit: int
    honour: int
    reached_on: date

    @property
    def done(self) -> int:
        return self.credit + self.honour

    def need(self, stage: StageKind) -> Need:
        return Need(0, stage, self.kind, self.minutes_needed, self.honour_minutes, self.window_days)


@dataclass(frozen=True)
class FrozenEntry:
    """An entry of the ledger during the stage: `minutes` as booked, `counted` of them; `taken_back` is the reason of its reversal."""

    id: int
    kind: HourKind
    hour_class: HourClass
    served_on: date
    booked_on: date
    minutes: int
    counted: int
    why: Why
    title: str
    unit: str
    source: str
    made_by: str
    approved_by: str
    taken_back: str = ""


@dataclass(frozen=True)
class Earlier:
    """What was served before the stage began: counted nothing, told in sum."""

    entries: int = 0
    credit: int = 0
    honour: int = 0


@dataclass(frozen=True)
class Frozen:
    """`ledger` are the ids of all rows of the ledger that were seen, so that what came later can be told."""

    person_id: int
    name: str
    number: str
    unit: str
    unit_path: tuple[str, ...]
    stage: StageKind
    began_on: date
    ended_on: date | None
    reached_on: date
    rule_id: int
    rule: str
    rule_version: int
    rule_note: str
    rule_since: date
    needs: tuple[FrozenNeed, ...]
    entries: tuple[FrozenEntry, ...]
    earlier: Earlier
    ledger: tuple[int, ...]
    confirmed_at: datetime
    confirmed_by: str
    note: str = ""
    format: int = field(default=FORMAT)

    def of(self, kind: HourKind) -> tuple[FrozenEntry, ...]:
        return tuple(one for one in self.entries if one.kind is kind)

    @property
    def rule_title(self) -> str:
        return f"{self.rule}，第 {self.rule_version} 版"


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def written(pack: Frozen) -> str:
    """The canonical text: keys sorted, no blanks, Chinese as it is. The same facts give the same text."""
    return json.dumps(_plain(asdict(pack)), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def read(text: str) -> Frozen:
    """What `written` wrote, also of an earlier format."""
    raw = json.loads(text)
    known = {one.name: raw[one.name] for one in fields(Frozen) if one.name in raw}
    return Frozen(
        **known
        | {
            "unit_path": tuple(raw["unit_path"]),
            "stage": StageKind(raw["stage"]),
            "began_on": date.fromisoformat(raw["began_on"]),
            "ended_on": _day(raw["ended_on"]),
            "reached_on": date.fromisoformat(raw["reached_on"]),
            "rule_since": date.fromisoformat(raw["rule_since"]),
            "needs": tuple(_need(one) for one in raw["needs"]),
            "entries": tuple(_entry(one) for one in raw["entries"]),
            "earlier": Earlier(**raw["earlier"]),
            "ledger": tuple(raw["ledger"]),
            "confirmed_at": datetime.fromisoformat(raw["confirmed_at"]),
        }
    )


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _need(raw: dict[str, Any]) -> FrozenNeed:
    days = {"due_on": _day(raw["due_on"]), "reached_on": date.fromisoformat(raw["reached_on"])}
    return FrozenNeed(**raw | {"kind": HourKind(raw["kind"])} | days)


def _entry(raw: dict[str, Any]) -> FrozenEntry:
    days = {name: date.fromisoformat(raw[name]) for name in ("served_on", "booked_on")}
    kinds = {"kind": HourKind(raw["kind"]), "hour_class": HourClass(raw["hour_class"]), "why": Why(raw["why"])}
    return FrozenEntry(**raw | days | kinds)
