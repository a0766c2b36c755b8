"""抽查: which entries of a period are looked at follows from a seed alone, and what is said about each of them is only ever added.

The sample is the `size` vouchers with the lowest sha256(seed + voucher number): anybody can reckon it again with a pencil and
`printf '%s' 'seed12' | sha256sum`. Pure; money is integer fen.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

MOST = 200  # entries of one check
SEED = re.compile(r"[0-9A-Za-z-]{4,40}")
ANSWER_DAYS = 5  # working days


class Finding(StrEnum):
    FINE = "fine"
    QUESTION = "question"
    FAULT = "fault"


FINDING_NAMES = {Finding.FINE: "无误", Finding.QUESTION: "有疑问", Finding.FAULT: "有错"}


class NoteStep(StrEnum):
    FOUND = "found"  # the auditor says what they found
    ANSWERED = "answered"  # the fund answers


class Turn(StrEnum):
    """Whose word a picked entry waits for."""

    AUDITOR = "auditor"
    OFFICER = "officer"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Announced:
    """What an auditor announces before anything is drawn: both days are in; `source` says where the seed comes from."""

    first_on: date
    last_on: date
    size: int
    seed: str
    source: str


@dataclass(frozen=True)
class Entry:
    """One movement as the digest of a population sees it."""

    id: int
    voucher_no: int
    booked_on: date
    kind: str
    source: str
    target: str
    fen: int

    @property
    def line(self) -> str:
        return f"{self.voucher_no},{self.booked_on.isoformat()},{self.kind},{self.source},{self.target},{self.fen}\n"


def fingerprint(seed: str, voucher_no: int) -> str:
    return hashlib.sha256(f"{seed}{voucher_no}".encode()).hexdigest()


def ranked(seed: str, entries: Iterable[Entry]) -> list[tuple[str, Entry]]:
    """All of them, lowest fingerprint first."""
    return sorted(((fingerprint(seed, entry.voucher_no), entry) for entry in entries), key=lambda one: (one[0], one[1].voucher_no))


def sample(seed: str, entries: Iterable[Entry], size: int) -> list[tuple[str, Entry]]:
    return ranked(seed, entries)[:size]


def digest(entries: Iterable[Entry]) -> str:
    """Of every entry that could have been drawn, in the order of vouchers: it changes when any of them does."""
    lines = "".join(entry.line for entry in sorted(entries, key=lambda entry: entry.voucher_no))
    return hashlib.sha256(lines.encode()).hexdigest()


@dataclass(frozen=True)
class Said:
    """A note as far as it decides what comes next."""

    step: NoteStep
    finding: Finding | None
    by_id: int


def turn(said: Sequence[Said]) -> Turn:
    """A question waits for an answer, a fault too until it has one; every answer waits for the auditor's word."""
    if not said or said[-1].step is NoteStep.ANSWERED:
        return Turn.AUDITOR
    answered = any(one.step is NoteStep.ANSWERED for one in said)
    if said[-1].finding is Finding.QUESTION or (said[-1].finding is Finding.FAULT and not answered):
        return Turn.OFFICER
    return Turn.NOBODY


def outcome(said: Sequence[Said]) -> Finding | None:
    """The auditor's last word."""
    return next((one.finding for one in reversed(said) if one.step is NoteStep.FOUND), None)


def finding_fault(said: Sequence[Said], handled_by: Iterable[int], by_id: int) -> str:
    """Why this auditor may say nothing about the entry; "" when they may."""
    if by_id in set(handled_by):
        return "这一笔您经手过，要由另一位审计来查。"
    if said and said[-1].step is NoteStep.ANSWERED and said[-1].by_id == by_id:
        return "这条答复是您写的，要由另一位审计来看。"
    return ""


def answer_fault(said: Sequence[Said], by_id: int) -> str:
    """Why there is nothing for this officer to answer; "" when there is."""
    if not said or said[-1].step is NoteStep.ANSWERED or said[-1].finding is Finding.FINE:
        return "现在没有要答复的，请刷新看最新情况。"
    return "这条意见是您写的，要由另一位来答复。" if said[-1].by_id == by_id else ""
