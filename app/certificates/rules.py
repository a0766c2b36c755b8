"""志愿服务记录证明: what a request goes through, what a certificate holds, and how it is frozen. Pure.

民政部令第67号 and 民发〔2015〕149号 are answered point by point in docs/certificates.md.
"""

import hashlib
import json
import re
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from app.people.naming import ERASED_NAME

LONGEST_PURPOSE, LONGEST_CONTACT, LONGEST_NOTES, LONGEST_REASON = 60, 40, 100, 200
ON_THE_SHEET = 10  # lines on one A4 page; the rest are added up there, and stand in full behind the code
AT_ONCE = 60  # certificates of one batch
LEAST = date(2000, 1, 1)


class DocumentKind(StrEnum):
    ID_CARD = "id_card"
    PASSPORT = "passport"
    HK_MACAO = "hk_macao"
    TAIWAN = "taiwan"


DOCUMENT_NAMES = {
    DocumentKind.ID_CARD: "居民身份证",
    DocumentKind.PASSPORT: "护照",
    DocumentKind.HK_MACAO: "港澳居民来往内地通行证",
    DocumentKind.TAIWAN: "台湾居民来往大陆通行证",
}


class Ending(StrEnum):
    """How a request ends without a certificate."""

    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """Where a request stands."""

    APPLIED = "applied"
    ACCEPTED = "accepted"
    ISSUED = "issued"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


STEP_NAMES = {
    Step.APPLIED: "等受理",
    Step.ACCEPTED: "已受理，等另一位出具",
    Step.ISSUED: "已出具",
    Step.RETURNED: "退回了",
    Step.WITHDRAWN: "撤回了",
}


class Verdict(StrEnum):
    """The second person's word about a revocation."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"


class State(StrEnum):
    """What /verify says of a certificate."""

    VALID = "valid"
    REPLACED = "replaced"
    REVOKED = "revoked"
    BROKEN = "broken"  # what is stored is not what was issued


STATE_NAMES = {State.VALID: "有效", State.REPLACED: "已换发", State.REVOKED: "已撤销", State.BROKEN: "核对不上"}


def state(*, whole: bool, revoked: bool, replaced: bool) -> State:
    if not whole:
        return State.BROKEN
    return State.REVOKED if revoked else State.REPLACED if replaced else State.VALID


@dataclass(frozen=True)
class Asking:
    """What somebody asks for. `document_hash` is keyed: the number itself is kept nowhere (ADR 0038)."""

    person_id: int
    unit_id: int
    since: date
    until: date
    purpose: str
    document_kind: DocumentKind | None = None
    document_masked: str = ""
    document_hash: str = ""


@dataclass(frozen=True)
class Line:
    """One service on a certificate: minutes by class, side by side and never added up."""

    content: str
    unit: str
    times: int
    credit: int
    honour: int


@dataclass(frozen=True)
class Content:
    """Everything that a certificate says, as it was on the day of issue. Minutes are whole; hours are only how they are shown."""

    number: str
    issued_on: str
    name: str
    volunteer_number: str
    document_kind: str
    document_masked: str
    since: str
    until: str
    purpose: str
    credit: int
    honour: int
    times: int
    lines: tuple[Line, ...]
    unit: str
    unit_public: str  # on the page that everybody may open: no branch, because that could tell who is a party member
    responsible: str
    handler: str
    contact: str
    notes: str
    replaces: str

    @property
    def on_the_sheet(self) -> tuple[Line, ...]:
        return self.lines if len(self.lines) <= ON_THE_SHEET else self.lines[: ON_THE_SHEET - 1]

    @property
    def rest(self) -> Line | None:
        """What does not fit on one page, added up by class."""
        beyond = self.lines[len(self.on_the_sheet) :]
        if not beyond:
            return None
        sums = (sum(line.times for line in beyond), sum(line.credit for line in beyond), sum(line.honour for line in beyond))
        return Line(f"其余 {len(beyond)} 项服务，扫码可看全部", "", *sums)

    @property
    def dense(self) -> bool:
        """It fills the page, so everything on it moves closer together."""
        return len(self.lines) > 5 or len(self.notes) > 30 or any(len(line.content) > 22 or len(line.unit) > 16 for line in self.lines)

    @property
    def document(self) -> str:
        return DOCUMENT_NAMES[DocumentKind(self.document_kind)] if self.document_kind else ""

    def day(self, field: str) -> date:
        return date.fromisoformat(getattr(self, field))


def freeze(content: Content) -> str:
    """The one spelling of a content: its digest is over these very letters."""
    return json.dumps(asdict(content), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def unnamed(said: Content) -> Content:
    """What is shown of a certificate whose holder was erased: that it was issued, when, by whom, over how many hours."""
    return replace(said, name=ERASED_NAME, volunteer_number="", document_kind="", document_masked="", purpose="", notes="")


def thaw(frozen: str) -> Content:
    said: dict[str, Any] = json.loads(frozen)
    return Content(**{**said, "lines": tuple(Line(**line) for line in said["lines"])})


def digest(frozen: str) -> str:
    return hashlib.sha256(frozen.encode()).hexdigest()


def check_word(digest_: str) -> str:
    """校验码, printed on the paper: the first 16 digits of the digest, so that paper and record can be compared by eye."""
    return " ".join(digest_[at : at + 4] for at in range(0, 16, 4)).upper()


DRAWN = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O and U: nobody takes them for other letters, or for words
DRAWN_LENGTH = 8


def certificate_number(year: int, drawn: str) -> str:
    """GC-2026-7K3M-9QXA: the year, and letters that were drawn: they tell neither the unit nor the number of another certificate."""
    return f"GC-{year}-{drawn[:4]}-{drawn[4:]}"


NUMBER = re.compile(rf"GC-?(20\d\d)-?([{DRAWN}]{{4}})-?([{DRAWN}]{{4}})")
EARLIER = re.compile(r"GC-?(20\d\d)-?(\d{4,6})-(\d{4,6})")  # of certificates from before numbers were drawn
ALIKE = str.maketrans("OIL", "011")


def tidy_number(typed: str) -> str | None:
    """A number as people type it: small letters, blanks, Chinese dashes, O for 0 are fine; None where it can be none."""
    plain = re.sub(r"\s", "", typed).upper().translate(str.maketrans("－—–−_", "-----")).translate(ALIKE)
    found = NUMBER.fullmatch(plain) or EARLIER.fullmatch(plain)
    return f"GC-{found[1]}-{found[2]}-{found[3]}" if found else None


def mask_document(number: str) -> str:
    """4406**********1826: the ends only, and shorter ends of shorter numbers."""
    shown = 4 if len(number) >= 15 else 2
    return number[:shown] + "*" * (len(number) - 2 * shown) + number[-shown:]


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def tidy_document(typed: str) -> str:
    return re.sub(r"[\s-]", "", typed).upper()


def document_fault(kind: DocumentKind, number: str) -> str | None:
    """Why it can not be such a number (GB 11643 for identity cards)."""
    if kind is DocumentKind.ID_CARD:
        if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
            return "身份证号码是 18 位，最后一位可以是 X"
        if "10X98765432"[sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False)) % 11] != number[-1]:
            return "身份证号码有一位不对，请再看一看"
        return None
    return None if re.fullmatch(r"[0-9A-Z]{6,20}", number) else "请照证件填写，只有字母和数字"


def period_fault(since: date, until: date, today: date) -> str | None:
    if until > today:
        return "还没到的日子不能证明"
    if since > until:
        return "结束的日子早于开始的日子"
    return "太早了，请从 2000 年以后填" if since < LEAST else None


def acceptance_fault(decider_id: int, person_id: int) -> str | None:
    return "这是您自己的证明，要由另一位来受理" if decider_id == person_id else None


def issue_fault(decider_id: int, person_id: int, handler_id: int | None) -> str | None:
    """Why this person may not issue: never one's own, never what one has accepted."""
    if decider_id == person_id:
        return "这是您自己的证明，要由另一位来出具"
    return "这是您受理的，要由另一位来出具" if decider_id == handler_id else None


def revocation_fault(decider_id: int, person_id: int, asked_by_id: int) -> str | None:
    if decider_id == asked_by_id:
        return "这是您提出的，要由另一位来定"
    return "这是您自己的证明，要由另一位来定" if decider_id == person_id else None


def responsible(named: str | None, issuer: str) -> str:
    """负责人: the unit's secretary where there is one, else whoever issues."""
    return named or issuer


def pdf_seconds(pages: int) -> int:
    """How long so many pages take to be made, about: said before somebody presses."""
    return 1 + pages // 8


def sums(lines: Collection[Line]) -> tuple[int, int, int]:
    """Minutes of each class, and how many times."""
    return sum(line.credit for line in lines), sum(line.honour for line in lines), sum(line.times for line in lines)
