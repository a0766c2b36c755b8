"""Taking the figures, and every step from there to the lock. Each is called inside a write transaction."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select

from app.accounts.deciders import Decider, deciders, nearest
from app.assessments import queries
from app.assessments.models import Assessment, AssessmentFigures, AssessmentLine, AssessmentRemark, AssessmentStep
from app.assessments.queries import Figures, Row, Taken
from app.assessments.rules import (
    BEFORE_REVIEW,
    OF_THE_COMMITTEE,
    WAITS_FOR,
    WITH_A_REASON,
    Address,
    Line,
    Seen,
    Step,
    result_words,
    shown_words,
    span_of,
    span_words,
    step_fault,
)
from app.audit import service as audit
from app.core.clock import local_date
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.permissions import Action
from app.core.words import full_day
from app.hours import queries as hours
from app.hours.closing import closes_on
from app.people.models import UnitParent
from app.people.queries import holds_on, record_ids
from app.publicity import queries as publicity
from app.publicity import service as publicities
from app.publicity.rules import Line as ShownLine
from app.publicity.rules import Notice, Reach, Subject, SubjectKind
from app.worklist.service import notify_all

TOGETHER = 20  # branches that are begun in one transaction


def start(
    unit_ids: Collection[int], span: str, by_id: int, work_url: str, now: datetime, taken: Mapping[int, Taken] | None = None
) -> list[int]:
    """Begin the assessments of these branches, at most TOGETHER of them, with their figures; returns the new ids.

    `taken` are the figures where the caller has taken them already: of many branches that is for outside of the transaction.
    A branch that has begun already, has nobody to assess or no unit above it is left out. Raises Invalid before the period has ended.
    """
    writing()
    today, times = local_date(now), span_of(span)
    if today <= times.last:
        raise Invalid({"span": f"{span_words(span)}还没过完，{full_day(times.last)}以后再开始"})
    known = queries.of_units(unit_ids, span)
    fresh = [unit_id for unit_id in unit_ids if unit_id not in known][:TOGETHER]
    parents = dict(
        db.session.execute(
            select(UnitParent.unit_id, UnitParent.parent_id).where(UnitParent.unit_id.in_(fresh), holds_on(UnitParent, today))
        ).all()
    )
    taken = taken if taken is not None else queries.take(fresh, span, today)
    begun = [unit_id for unit_id in fresh if taken[unit_id].lines and unit_id in parents]
    if not begun:
        return []
    made = db.session.execute(
        insert(Assessment)
        .values([{"unit_id": one, "committee_id": parents[one], "span": span, "started_at": now} for one in begun])
        .returning(Assessment.id, Assessment.unit_id)
    )
    ids = {unit_id: assessment_id for assessment_id, unit_id in made}
    _freeze({ids[unit_id]: taken[unit_id] for unit_id in begun}, dict.fromkeys(ids.values(), 1), by_id, now)
    steps = [_step_values(ids[one], 1, Step.COLLECTED, 1, "", None, by_id, now) for one in begun]
    db.session.execute(insert(AssessmentStep), steps)
    audit.record_all(by_id, [("assessment", "assessment", ids[one], {"unit": one, "span": span}) for one in begun])
    rows = queries.of_units(begun, span)
    for one in begun:
        _tell(rows[one], by_id, f"{span_words(span)}党员积分考核开始了，等支部审核", work_url, now)
    return list(ids.values())


def _step_values(
    assessment_id: int, seq: int, step: Step, revision: int, reason: str, publicity_id: int | None, by_id: int, now: datetime
) -> dict[str, Any]:
    return {
        "assessment_id": assessment_id,
        "seq": seq,
        "step": step,
        "revision": revision,
        "reason": reason,
        "publicity_id": publicity_id,
        "actor_id": by_id,
        "at": now,
    }


def _freeze(taken: Mapping[int, Taken], revisions: Mapping[int, int], by_id: int, now: datetime) -> None:
    """Figures and lines of each assessment, in two statements however many they are."""
    heads = [
        {
            "assessment_id": one,
            "revision": revisions[one],
            "people": len(found.lines),
            "scheme_version": found.version,
            "bands": [list(band) for band in found.bands],
            "digest": found.digest,
            "taken_at": now,
            "taken_by_id": by_id,
        }
        for one, found in taken.items()
    ]
    made = db.session.execute(insert(AssessmentFigures).values(heads).returning(AssessmentFigures.id, AssessmentFigures.assessment_id))
    ids = {assessment_id: figures_id for figures_id, assessment_id in made}
    db.session.execute(insert(AssessmentLine), [_line_values(ids[one], line) for one, found in taken.items() for line in found.lines])


def _line_values(figures_id: int, line: Line) -> dict[str, Any]:
    plain = {name: getattr(line, name) for name in line.__dataclass_fields__}
    late = list(line.late_entries)
    return plain | {"figures_id": figures_id, "entries": list(line.entries), "late_entries": late, "has_late": bool(late)}


@dataclass(frozen=True)
class _At:
    """An assessment, locked, with the figures that it stands on."""

    row: Row
    figures: Figures

    @property
    def title(self) -> str:
        return f"{span_words(self.row.span)}党员积分考核"


def _locked(assessment_id: int, seen: Seen | None = None) -> _At:
    """Raises Conflict where it is no more what its reader had `seen` when they decided."""
    writing()
    db.session.execute(select(Assessment.id).where(Assessment.id == assessment_id).with_for_update())
    row = queries.assessment(assessment_id)
    if row is None:
        raise NotFound
    if seen is not None and seen != Seen(row.step_seq, row.revision):
        raise Conflict(f"您看的时候和现在不一样了：这份考核{WAITS_FOR[row.step]}。请刷新，看过现在的数字再办。没有办理。")
    return _At(row, queries.figures(row))


def retake(assessment_id: int, by_id: int, now: datetime) -> bool:
    """The figures as they stand now, while the branch has not reviewed them; False where nothing is different.

    No decision, and no step: the machine computes them, whoever asks it to.
    """
    at = _locked(assessment_id)
    if at.row.step not in BEFORE_REVIEW:
        raise Conflict("支部审过以后数字就定了。要重新取数，请先退回支部。")
    found = queries.take([at.row.unit_id], at.row.span, local_date(now))[at.row.unit_id]
    if found.digest == at.figures.digest or not found.lines:
        return False
    _freeze({assessment_id: found}, {assessment_id: at.row.revision + 1}, by_id, now)
    audit.record(by_id, "assessment.figures", "assessment", assessment_id, unit=at.row.unit_id)
    return True


def _take_step(at: _At, step: Step, by_id: int, reason: str, now: datetime, publicity_id: int | None = None) -> None:
    """Raises Conflict where it is not the turn of this step, Refused where it is somebody else's."""
    if fault := step_fault(step, at.row.step, at.row.step_by_id, by_id, at.figures.people):
        raise (Refused if "另一位" in fault else Conflict)(f"{fault}。")
    if step in WITH_A_REASON and not reason:
        raise Invalid({"reason": "请写明原因"})
    values = _step_values(at.row.id, at.row.step_seq + 1, step, at.row.revision, reason, publicity_id, by_id, now)
    db.session.execute(insert(AssessmentStep).values(**values))
    audit.record(by_id, f"assessment.{step.value}", "assessment", at.row.id, unit=at.row.unit_id, reason=reason)


def _check_fresh(at: _At, today: date) -> None:
    """Raises Conflict where the ledger says something else by now than the figures that somebody is to agree with."""
    if queries.take([at.row.unit_id], at.row.span, today)[at.row.unit_id].digest != at.figures.digest:
        raise Conflict("取数以后账上又变了，这份数字不能再用。请退回支部，重新取数、再审。")


def review(
    assessment_id: int, by_id: int, reason: str, remarks: Mapping[int, str], work_url: str, now: datetime, seen: Seen | None = None
) -> None:
    """The branch has looked at every line; `remarks` of some. What is to be otherwise is an entry by hand (schemes), then `retake`."""
    at = _locked(assessment_id, seen)
    if at.row.step in BEFORE_REVIEW and by_id != at.row.step_by_id:
        _remark(at, remarks, by_id, now)
    _take_step(at, Step.REVIEWED, by_id, reason, now)
    _tell(_again(assessment_id), by_id, f"{at.row.unit_name}{at.title}审好了，等党委审核", work_url, now)


def _remark(at: _At, remarks: Mapping[int, str], by_id: int, now: datetime) -> None:
    known = queries.remarks(at.row.id)
    people = {line.person_id for line in at.figures.lines} - {*record_ids(by_id)}
    said = {one: words for one, words in remarks.items() if one in people and words and known.get(one, "") != words}
    if said:
        made = {"assessment_id": at.row.id, "made_at": now, "made_by_id": by_id}
        db.session.execute(insert(AssessmentRemark), [{**made, "person_id": one, "words": words} for one, words in sorted(said.items())])


def approve(assessment_id: int, by_id: int, reason: str, work_url: str, now: datetime, seen: Seen | None = None) -> None:
    """The committee agrees: somebody of a unit above, with no line of their own in it. Raises Conflict where the ledger has moved on."""
    at = _locked(assessment_id, seen)
    _check_fresh(at, local_date(now))
    _take_step(at, Step.APPROVED, by_id, reason, now)
    _tell(_again(assessment_id), by_id, f"{at.row.unit_name}{at.title}党委审过了，可以公示", work_url, now)


def send_back(assessment_id: int, by_id: int, reason: str, work_url: str, now: datetime, seen: Seen | None = None) -> None:
    """退回支部，请写明原因: the branch reviews again, with figures taken anew where they are different by then."""
    at = _locked(assessment_id, seen)
    _take_step(at, Step.RETURNED, by_id, reason, now)
    _tell(_again(assessment_id), by_id, f"{at.row.unit_name}{at.title}退回了，请看原因", work_url, now)


def publicise(
    assessment_id: int, by_id: int, address: Address, url_of: Callable[[int], str], now: datetime, seen: Seen | None = None
) -> int:
    """Put it up inside the branch; returns the publicity's id.

    Raises Conflict before the period's books are closed, and where what was booked until then is not in the figures.
    """
    at, today = _locked(assessment_id, seen), local_date(now)
    closed = closes_on(span_of(at.row.span).last, hours.closing_rules())
    if today < closed:
        raise Conflict(f"{span_words(at.row.span)}的账{full_day(closed)}结，结账以后数字不再变，那时再公示。")
    _check_fresh(at, today)
    lines = [ShownLine(line.person_id, shown_words(line.total, line.grade, line.exempt)) for line in at.figures.lines]
    words = f"按党员积分考核方案 {at.figures.scheme_version}，经支部审核、{at.row.committee_name}审核，现将结果公示如下。"
    notice = Notice(
        Subject(SubjectKind.ASSESSMENT, assessment_id),
        *(at.row.unit_id, Reach.BRANCH, at.title, tuple(lines), words, address.phone, address.place),
        makers=queries.makers(assessment_id, at.row.revision),
    )
    publicity_id = publicities.publish(notice, by_id, url_of, now)
    _take_step(at, Step.PUBLICISED, by_id, "", now, publicity_id)
    return publicity_id


def retract(assessment_id: int, by_id: int, reason: str, work_url: str, now: datetime, seen: Seen | None = None) -> None:
    """Take the publicity down with a reason, an objection that was upheld or a mistake: the branch reviews again."""
    at = _locked(assessment_id, seen)
    shown = publicity.standing(SubjectKind.ASSESSMENT, [assessment_id]).get(assessment_id)
    if shown:
        publicities.withdraw(shown.id, by_id, reason, now)
    _take_step(at, Step.RETRACTED, by_id, reason, now, shown.id if shown else None)
    _tell(_again(assessment_id), by_id, f"{at.row.unit_name}{at.title}的公示撤回了，请看原因", work_url, now)


def lock(assessment_id: int, by_id: int, own_url: str, now: datetime, seen: Seen | None = None) -> None:
    """It has been shown, and nothing is open: from now on it never changes. Everybody in it is told.

    Raises Conflict while it is shown, with an objection open, or with one upheld (then the publicity is retracted instead).
    """
    at = _locked(assessment_id, seen)
    shown = publicity.standing(SubjectKind.ASSESSMENT, [assessment_id]).get(assessment_id)
    if shown and shown.upheld:
        raise Conflict("有异议成立，不能锁定。请撤回公示，改好了再审、再公示。")
    if shown and at.row.step is Step.PUBLICISED:
        publicities.conclude(shown.id, now, by_id)
    _take_step(at, Step.LOCKED, by_id, "", now, shown.id if shown else None)
    told = {line.person_id: f"{at.title}定了：{result_words(line.total, line.grade, line.exempt)}" for line in at.figures.lines}
    notify_all(told, own_url)


def _again(assessment_id: int) -> Row:
    row = queries.assessment(assessment_id)
    if row is None:
        raise NotFound
    return row


def turn(row: Row, step: Step, assessed: Collection[int], now: datetime) -> list[Decider]:
    """Whose turn a step is: the nearest who may, without whoever took the last one; of the committee's nobody who is assessed."""
    committee = step in OF_THE_COMMITTEE
    aside = {row.step_by_id, *(assessed if committee else ())}
    return nearest(deciders(row.committee_id if committee else row.unit_id, Action.ASSESS, local_date(now), aside))


NEXT = {
    Step.COLLECTED: Step.REVIEWED,
    Step.RETURNED: Step.REVIEWED,
    Step.RETRACTED: Step.REVIEWED,
    Step.REVIEWED: Step.APPROVED,
    Step.APPROVED: Step.PUBLICISED,
}


def _tell(row: Row, by_id: int, words: str, work_url: str, now: datetime) -> None:
    if row.step in NEXT:
        assessed = queries.figures(row).people if NEXT[row.step] in OF_THE_COMMITTEE else ()
        notify_all({one.person_id: words for one in turn(row, NEXT[row.step], assessed, now) if one.person_id != by_id}, work_url)
