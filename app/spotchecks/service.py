"""Announcing a spot check, drawing it, and what is said about its entries: by the auditor, and by the fund."""

from datetime import date, datetime

from sqlalchemy import insert, select, update

from app.audit import service as audit
from app.core import clock
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.words import full_day
from app.fund.service.ledger import next_number
from app.spotchecks import rules
from app.spotchecks.models import SpotCheck, SpotCheckNoteEntry, SpotCheckPickEntry
from app.spotchecks.queries import books, checks
from app.spotchecks.rules import Announced, Finding, NoteStep
from app.worklist.service import notify


def announce(wanted: Announced, by_id: int, now: datetime) -> int:
    """Fix the period, the number and the seed, with the digest of the books as they stand: what is booked later is never drawn."""
    writing()
    number = next_number(f"spot-check-{clock.local_date(now).year}")  # its row is held, so two announcements follow one another
    if wanted.last_on > clock.local_date(now):
        raise Invalid({"last_on": "这一天还没到，最晚写今天"})
    if db.session.scalar(select(SpotCheck.id).where(SpotCheck.seed == wanted.seed)):
        raise Invalid({"seed": "这个种子用过了，请换一个"})
    last = books.last_voucher()
    entries = books.population(wanted.first_on, wanted.last_on, last)
    if wanted.size > len(entries):
        told = f"这段时间一共只有 {len(entries)} 笔" if entries else "这段时间没有账目，请换一段"
        raise Invalid({"size" if entries else "first_on": told})
    values = {
        "number": f"CJ-{clock.local_date(now).year}-{number:02d}",
        "first_on": wanted.first_on,
        "last_on": wanted.last_on,
        "size": wanted.size,
        "seed": wanted.seed,
        "source": wanted.source,
        "last_voucher": last,
        "population": len(entries),
        "digest": rules.digest(entries),
        "announced_at": now,
        "announced_by_id": by_id,
    }
    check_id = int(db.session.execute(insert(SpotCheck).values(**values).returning(SpotCheck.id)).scalar_one())
    audit.record(by_id, "spot_check", "spot_check", check_id, number=values["number"], seed=wanted.seed, size=wanted.size)
    return check_id


def draw(check_id: int, by_id: int, now: datetime) -> None:
    """The sample that the seed says. Raises Conflict where it was drawn, or where the books are not those of the announcement."""
    check = _locked(check_id)
    if check.drawn_at is not None:
        raise Conflict("已经抽过了，请刷新看抽中哪些。")
    entries = books.population(check.first_on, check.last_on, check.last_voucher)
    if rules.digest(entries) != check.digest:
        raise Conflict("账目和公布种子时的指纹不一致，不能抽。请立即联系街道管理员查原因。")
    drawn = [
        {"check_id": check_id, "place": place, "movement_id": entry.id, "fingerprint": mark}
        for place, (mark, entry) in enumerate(rules.sample(check.seed, entries, check.size), 1)
    ]
    db.session.execute(insert(SpotCheckPickEntry), drawn)
    db.session.execute(update(SpotCheck).where(SpotCheck.id == check_id).values(drawn_at=now, drawn_by_id=by_id))
    audit.record(by_id, "spot_check.drawing", "spot_check", check_id, number=check.number, size=check.size)


def find(pick_id: int, finding: Finding, words: str, by_id: int, now: datetime) -> None:
    """The auditor's word about an entry. Raises Refused for who handled it."""
    pick = _pick(pick_id)
    fault = rules.finding_fault(pick.said, checks.handled_by(pick.request_id), by_id)
    if fault:
        raise Refused(fault)
    if not words and (pick.notes or finding is not Finding.FINE):
        raise Invalid({"words": "请写明看到了什么，为什么这样认为"})
    _say(pick, NoteStep.FOUND, finding, words, by_id, now)
    audit.record(by_id, "spot_check.finding", "spot_check", pick.check_id, voucher=pick.voucher_no, finding=finding.value)
    if pick.notes and pick.notes[-1].step is NoteStep.ANSWERED:
        told = f"抽查 {pick.check_number} 凭证 {pick.voucher_no} 号：审计看过答复，{rules.FINDING_NAMES[finding]}"
        notify(pick.notes[-1].by_id, told, f"/fund/checks/entries/{pick_id}")


def answer(pick_id: int, words: str, by_id: int, now: datetime) -> None:
    """The fund's answer to a question or a fault. Raises Conflict where none is asked for, or by who asked."""
    pick = _pick(pick_id)
    fault = rules.answer_fault(pick.said, by_id)
    if fault:
        raise Conflict(fault)
    if not words:
        raise Invalid({"words": "请写明情况"})
    _say(pick, NoteStep.ANSWERED, None, words, by_id, now)
    audit.record(by_id, "spot_check.answer", "spot_check", pick.check_id, voucher=pick.voucher_no)
    notify(pick.notes[-1].by_id, f"抽查 {pick.check_number} 凭证 {pick.voucher_no} 号：基金答复了", f"/fund/checks/entries/{pick_id}")


def exported(check_id: int, by_id: int, first_on: date, last_on: date) -> None:
    """Who took the books of a period is written down."""
    writing()
    audit.record(by_id, "spot_check.export", "spot_check", check_id, period=f"{full_day(first_on)}至{full_day(last_on)}")


def _say(pick: checks.PickRow, step: NoteStep, finding: Finding | None, words: str, by_id: int, now: datetime) -> None:
    values = {"pick_id": pick.id, "seq": len(pick.notes) + 1, "step": step, "finding": finding, "words": words, "at": now, "by_id": by_id}
    db.session.execute(insert(SpotCheckNoteEntry).values(**values))


def _locked(check_id: int) -> SpotCheck:
    writing()
    found = db.session.execute(
        select(SpotCheck).where(SpotCheck.id == check_id).with_for_update().execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def _pick(pick_id: int) -> checks.PickRow:
    """Locked by its check: what is said about its entries is said in turn."""
    writing()
    check_id = db.session.scalar(select(SpotCheckPickEntry.check_id).where(SpotCheckPickEntry.id == pick_id))
    if check_id is None:
        raise NotFound
    _locked(check_id)
    found = checks.pick(pick_id)
    if found is None:
        raise NotFound
    return found
