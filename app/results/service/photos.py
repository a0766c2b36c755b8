"""Before/after photos and the consent of those on them. The files are the caller's, see activities.photo_files."""

from datetime import datetime

from sqlalchemy import func, insert, select

from app.activities.photo_files import Picture
from app.audit import service as audit
from app.core import clock
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, NotFound
from app.fund.models import FundProject
from app.results.models import FundPhoto, FundPhotoPair, FundPhotoStepEntry
from app.results.rules import SIDE_NAMES, THERE, Asked, PhotoSent, PhotoStanding, PhotoStep, photo_steps

MOST_PAIRS = 24


def begin_pair(project_id: int, caption: str, by_id: int, now: datetime) -> int:
    """A place or thing that gets a photo of before, of after, or both."""
    writing()
    db.session.execute(select(FundProject.id).where(FundProject.id == project_id).with_for_update())
    if (db.session.scalar(select(func.count()).where(FundPhotoPair.project_id == project_id)) or 0) >= MOST_PAIRS:
        raise Conflict(f"一个项目最多放 {MOST_PAIRS} 组照片。")
    made = insert(FundPhotoPair).values(project_id=project_id, caption=caption, made_at=now, made_by_id=by_id)
    return int(db.session.execute(made.returning(FundPhotoPair.id)).scalar_one())


def add(pair_id: int, sent: PhotoSent, name: str, picture: Picture, by_id: int, now: datetime) -> int:
    """One side. Raises Conflict where that side has a photo already."""
    project_id = _project_of(pair_id)
    if sent.taken_on > clock.local_date(now):
        raise Invalid({"taken_on": "拍照日期不能晚于今天"})
    there = FundPhoto.pair_id == pair_id, FundPhoto.side == sent.side, FundPhoto.standing.in_(THERE)
    if db.session.scalar(select(FundPhoto.id).where(*there)) is not None:
        raise Conflict(f"“{SIDE_NAMES[sent.side]}”已经有一张了。要换，先撤下那一张。")
    made = insert(FundPhoto).values(
        pair_id=pair_id,
        side=sent.side,
        name=name,
        digest=picture.digest,
        alt=sent.alt,
        taken_on=sent.taken_on,
        width=picture.width,
        height=picture.height,
        added_at=now,
        added_by_id=by_id,
        standing=PhotoStanding.INSIDE,
    )
    photo_id = int(db.session.execute(made.returning(FundPhoto.id)).scalar_one())
    audit.record(by_id, "fund.photo", "fund_project", project_id, photo=photo_id)
    if sent.unseen or sent.asked:
        show(photo_id, sent.asked, by_id, now)
    return photo_id


def show(photo_id: int, asked: Asked | None, by_id: int, now: datetime) -> None:
    """Public from now on: all on it were `asked` and agreed, or (None) nobody can be made out."""
    photo = _photo(photo_id)
    if asked and asked.on > clock.local_date(now):
        raise Invalid({"asked_on": "问的日期不能晚于今天"})
    if asked and asked.on < photo.taken_on:
        raise Invalid({"asked_on": "问的日期不能早于拍照的日期"})
    _step(photo, PhotoStep.AGREED if asked else PhotoStep.UNSEEN, by_id, now, asked=asked)
    audit.record(by_id, "fund.photo_consent", "fund_project", _project_of(photo.pair_id), photo=photo_id)


def withdraw_consent(photo_id: int, note: str, by_id: int, now: datetime) -> str:
    """Somebody on it does not want it shown any more: gone for everybody, at once. Returns the name of its files, to be discarded."""
    photo = _photo(photo_id)
    _step(photo, PhotoStep.WITHDRAWN, by_id, now, note)
    audit.record(by_id, "fund.photo_consent_withdrawal", "fund_project", _project_of(photo.pair_id), photo=photo_id)
    return photo.name


def remove(photo_id: int, note: str, by_id: int, now: datetime) -> str:
    """Returns the name of its files, to be discarded."""
    photo = _photo(photo_id)
    _step(photo, PhotoStep.REMOVED, by_id, now, note)
    audit.record(by_id, "fund.photo_removal", "fund_project", _project_of(photo.pair_id), photo=photo_id, note=note)
    return photo.name


def _project_of(pair_id: int) -> int:
    writing()
    project_id = db.session.scalar(select(FundPhotoPair.project_id).where(FundPhotoPair.id == pair_id).with_for_update())
    if project_id is None:
        raise NotFound
    return project_id


def _photo(photo_id: int) -> FundPhoto:
    writing()
    photo = db.session.execute(
        select(FundPhoto).where(FundPhoto.id == photo_id).with_for_update().execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if photo is None:
        raise NotFound
    return photo


def _step(photo: FundPhoto, step: PhotoStep, by_id: int, now: datetime, note: str = "", asked: Asked | None = None) -> None:
    if step not in photo_steps(photo.standing):
        raise Conflict("这张照片已经撤下了，或者别人刚办过。请刷新看最新情况。")
    if step in (PhotoStep.WITHDRAWN, PhotoStep.REMOVED) and not note:
        raise Invalid({"note": "请写明原因"})
    last = db.session.scalar(select(func.coalesce(func.max(FundPhotoStepEntry.seq), 0)).where(FundPhotoStepEntry.photo_id == photo.id)) or 0
    db.session.execute(
        insert(FundPhotoStepEntry).values(
            photo_id=photo.id,
            seq=last + 1,
            step=step,
            at=now,
            by_id=by_id,
            note=note,
            asked_by=asked.by if asked else "",
            asked_on=asked.on if asked else None,
        )
    )
