"""What became of the money: its papers, photos, activities, reports and the days by which they are due. Pure; money is integer fen.

Papers behind a figure are only ever added; a wrong one is struck out with a reason and stays. Nothing of them is public but what an
officer opens, after everything that concerns a person was blacked out (公开件).
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from app.fund.rules import ProjectKind, Stage, months_later, progress_due
from app.fund.stage_rules import OPEN_STAGES, OVER_STAGES, SCORED_KINDS


class FileKind(StrEnum):
    INVOICE = "invoice"
    RECEIPT = "receipt"
    MINUTE = "minute"
    CONTRACT = "contract"
    REPORT = "report"
    OTHER = "other"


FILE_KIND_NAMES = {
    FileKind.INVOICE: "发票",
    FileKind.RECEIPT: "回单、收据",
    FileKind.MINUTE: "会议纪要",
    FileKind.CONTRACT: "合同、协议",
    FileKind.REPORT: "报告",
    FileKind.OTHER: "其他",
}


class FileForm(StrEnum):
    PDF = "pdf"
    JPEG = "jpeg"


FORM_TYPES = {FileForm.PDF: "application/pdf", FileForm.JPEG: "image/jpeg"}
FORM_ENDS = {FileForm.PDF: "pdf", FileForm.JPEG: "jpg"}


class FileStanding(StrEnum):
    KEPT = "kept"  # for the fund's people
    OPEN = "open"  # 公开件: for everybody
    STRUCK = "struck"  # 作废: it stays, and says why


class FileStep(StrEnum):
    OPENED = "opened"
    CLOSED = "closed"
    STRUCK = "struck"


FILE_STEP_NAMES = {FileStep.OPENED: "设为公开件", FileStep.CLOSED: "收回公开", FileStep.STRUCK: "作废"}
AFTER = {FileStep.OPENED: FileStanding.OPEN, FileStep.CLOSED: FileStanding.KEPT, FileStep.STRUCK: FileStanding.STRUCK}


def file_steps(standing: FileStanding) -> frozenset[FileStep]:
    """What may be done with a file; the trigger of migration 0047 holds the same."""
    if standing is FileStanding.KEPT:
        return frozenset({FileStep.OPENED, FileStep.STRUCK})
    return frozenset({FileStep.CLOSED, FileStep.STRUCK}) if standing is FileStanding.OPEN else frozenset()


def may_be_open(kind: FileKind, has_text: bool) -> bool:
    """A black box drawn over text leaves the text below it, to be copied by anybody. So only what has none, reports excepted."""
    return kind is FileKind.REPORT or not has_text


class Side(StrEnum):
    BEFORE = "before"
    AFTER = "after"


SIDE_NAMES = {Side.BEFORE: "之前", Side.AFTER: "之后"}


class PhotoStanding(StrEnum):
    INSIDE = "inside"  # nobody was asked yet: for the fund's people
    OPEN = "open"
    WITHDRAWN = "withdrawn"  # somebody on it took consent back; the picture is gone
    REMOVED = "removed"


class PhotoStep(StrEnum):
    UNSEEN = "unseen"  # nobody on it can be made out
    AGREED = "agreed"  # all who can be made out were asked and agreed
    WITHDRAWN = "withdrawn"
    REMOVED = "removed"


PHOTO_STEP_NAMES = {
    PhotoStep.UNSEEN: "看不出是谁，公开",
    PhotoStep.AGREED: "照片里的人同意公开",
    PhotoStep.WITHDRAWN: "有人收回同意，已撤下",
    PhotoStep.REMOVED: "撤下",
}
THERE = frozenset({PhotoStanding.INSIDE, PhotoStanding.OPEN})


def photo_steps(standing: PhotoStanding) -> frozenset[PhotoStep]:
    """Whoever agreed may take it back at any time; a picture that is gone comes back only as a new one."""
    if standing is PhotoStanding.INSIDE:
        return frozenset({PhotoStep.UNSEEN, PhotoStep.AGREED, PhotoStep.REMOVED})
    return frozenset({PhotoStep.WITHDRAWN, PhotoStep.REMOVED}) if standing is PhotoStanding.OPEN else frozenset()


@dataclass(frozen=True)
class Asked:
    """That the people on a photo were asked: who did, and when."""

    by: str
    on: date


@dataclass(frozen=True)
class PhotoSent:
    """`asked` None and not `unseen`: nobody was asked yet, it stays with the fund's people."""

    side: Side
    alt: str
    taken_on: date
    unseen: bool
    asked: Asked | None


# --- figures -----------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cost:
    """`fen` over `units`, exact: whole fen and what is left over."""

    fen: int
    units: int

    @property
    def each(self) -> int | None:
        """Fen for one, cut; None without any."""
        return self.fen // self.units if self.units > 0 and self.fen >= 0 else None

    @property
    def rest(self) -> int:
        """What the cut left over, in fen: each × units + rest == fen."""
        return self.fen - (self.each or 0) * self.units

    @property
    def exact(self) -> bool:
        return self.rest == 0


def per_person_time(spent: int, people: int) -> Cost:
    return Cost(spent, people)


def per_hour(spent: int, minutes: int) -> Cost:
    """Fen for an hour of service, from minutes: fen × 60 over minutes."""
    return Cost(spent * 60, minutes)


# --- duties ------------------------------------------------------------------------------------------------------------------------

REPORT_MONTHS = 3  # 慈善组织信息公开办法: a full report within three months of the end
MONEY_DAYS = 90  # 本地规定: unspent money goes back within so many days of the end
REMIND_DAYS = 14
ON_THE_ROAD = OPEN_STAGES - {Stage.FINAL}  # while it runs, progress is owed


class DutyKind(StrEnum):
    PROGRESS = "progress"
    MIDTERM = "midterm"
    REPORT = "report"
    MONEY = "money"


DUTY_NAMES = {
    DutyKind.PROGRESS: "公开进展",
    DutyKind.MIDTERM: "中期检查",
    DutyKind.REPORT: "公开结项报告",
    DutyKind.MONEY: "交回没用完的钱",
}
DUTY_WHY = {
    DutyKind.PROGRESS: "进行中的项目至少每 3 个月公开一次进展",
    DutyKind.MIDTERM: "关爱项目和微创熟，时间过半要查一次",
    DutyKind.REPORT: "结束后 3 个月内公开完整的报告",
    DutyKind.MONEY: "结束后按本地规定的日子交回",
}


@dataclass(frozen=True)
class Facts:
    """What is known of a project. `began_on` is the day it began to run, `ended_on` the day it was stopped or closed, if it was.

    `past`: imported with its years, nothing is owed any more. `balance` is what its account holds, in fen.
    """

    kind: ProjectKind
    stage: Stage
    starts_on: date
    ends_on: date
    began_on: date | None = None
    ended_on: date | None = None
    midterm_on: date | None = None
    last_progress: date | None = None
    reported_on: date | None = None
    balance: int = 0
    past: bool = False

    @property
    def end(self) -> date | None:
        """The day it ended: when it was stopped or closed, the planned day at the latest; None while it has not begun."""
        if self.began_on is None or self.past:
            return None
        return min(self.ended_on, self.ends_on) if self.ended_on else self.ends_on


@dataclass(frozen=True, order=True)
class Duty:
    due_on: date
    kind: DutyKind = field(compare=False)

    def late(self, day: date) -> int:
        """Days overdue; 0 when it is not."""
        return max(0, (day - self.due_on).days)

    @property
    def reminds_on(self) -> date:
        return self.due_on - timedelta(days=REMIND_DAYS)

    def soon(self, day: date) -> bool:
        """Within the fortnight before, or overdue."""
        return day >= self.reminds_on


def halfway(first: date, last: date) -> date:
    return first + (last - first) / 2


def duties(facts: Facts, day: date, money_days: int = MONEY_DAYS) -> tuple[Duty, ...]:
    """What the project owes and has not done, the earliest first. What comes only after the end shows from the last fortnight on."""
    end = facts.end
    if end is None:
        return ()
    found = []
    running = facts.stage in ON_THE_ROAD
    if running:
        found.append(Duty(progress_due(facts.starts_on, facts.last_progress), DutyKind.PROGRESS))
    if running and facts.kind in SCORED_KINDS and facts.midterm_on is None:
        found.append(Duty(halfway(facts.starts_on, facts.ends_on), DutyKind.MIDTERM))
    if day >= end - timedelta(days=REMIND_DAYS) or not running:
        if facts.reported_on is None:
            found.append(Duty(months_later(end, REPORT_MONTHS), DutyKind.REPORT))
        if facts.balance > 0:
            found.append(Duty(end + timedelta(days=money_days), DutyKind.MONEY))
    return tuple(sorted(found))


# --- the full report ---------------------------------------------------------------------------------------------------------------

REPORTING = OVER_STAGES | {Stage.FINAL}


def may_report(stage: Stage, ends_on: date, day: date) -> bool:
    """A full report is written once the work has ended."""
    return stage in REPORTING or (stage in ON_THE_ROAD and day >= ends_on)


@dataclass(frozen=True)
class ReportDraft:
    """`changed` says what is different from the report that was published before; empty for the first."""

    done: str
    people: str
    leftovers: str
    changed: str = ""
