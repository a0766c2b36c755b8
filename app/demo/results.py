"""Demo results: papers behind payments, photos of before and after, a linked activity and a full report, through the same services.

All of it is drawn here: no photo of a real place, no invoice of a real shop.
"""

import io
from datetime import datetime, timedelta

from flask import current_app
from PIL import Image, ImageDraw
from sqlalchemy import select

from app.activities import photo_files
from app.activities.models import Activity
from app.activities.rules import ActivityKind
from app.core import clock
from app.core.config import Settings
from app.core.db import db, in_transaction
from app.fund.models import FundProject, FundRequest
from app.fund.rules import RequestKind, Step
from app.results import paper_files
from app.results.rules import Asked, FileForm, FileKind, PhotoSent, ReportDraft, Side
from app.results.service import links, papers, photos, reports
from app.results.service.papers import About
from app.worklist.service import read_all

PHOTOGRAPHED, REPORTED = "独居长者家里修一修", "新学期书包 100 个"
REPORT = ReportDraft(
    "打算给外来务工人员的孩子圆 100 个新书包的心愿，100 个都送到了。书包和文具分两批买，社区核实名单，街坊认领、装袋、送到家里。",
    "外来务工人员子女 100 人，年纪最小的刚上一年级。",
    "书包买齐以后的余款已经交回基金。",
)


def load(officer_id: int, approver_id: int, now: datetime) -> None:
    """Needs the demo's fund."""
    papers_of_payments(officer_id, now)
    photographed = project(PHOTOGRAPHED)
    if photographed:
        before_and_after(photographed, officer_id, now)
        linked(photographed, officer_id, now)
    reported = project(REPORTED)
    if reported:
        report_id = in_transaction(lambda: reports.write(reported, REPORT, officer_id, now - timedelta(days=3)))
        in_transaction(lambda: reports.publish(report_id, approver_id, now - timedelta(days=2)))
    in_transaction(lambda: read_all(officer_id))


def project(name: str) -> int | None:
    return db.session.scalar(select(FundProject.id).where(FundProject.name == name))


def uploads() -> Settings:
    found: Settings = current_app.config["SETTINGS"]
    return found


def papers_of_payments(officer_id: int, now: datetime) -> None:
    """An invoice for each of the newest payments; every other one also as a blacked-out copy that everybody may read."""
    paid = FundRequest.kind == RequestKind.PAYMENT, FundRequest.state == Step.RECONCILED
    for place, request_id in enumerate(db.session.scalars(select(FundRequest.id).where(*paid).order_by(FundRequest.id.desc()).limit(6))):
        kept(About(request_id=request_id), FileKind.INVOICE, "电子发票", invoice(place, blacked=False), officer_id, now)
        if place % 2 == 0:
            copy = kept(About(request_id=request_id), FileKind.INVOICE, "电子发票（已涂黑）", invoice(place, blacked=True), officer_id, now)
            in_transaction(lambda: papers.open_up(copy, officer_id, now))  # noqa: B023 (run at once)


def kept(about: About, kind: FileKind, title: str, raw: bytes, by_id: int, now: datetime) -> int:
    paper = paper_files.Paper(photo_files.read(raw).large, FileForm.JPEG, 1, False)
    name = photo_files.new_name()
    paper_files.store(uploads().uploads_dir, name, paper)
    return in_transaction(lambda: papers.add(about, kind, title, name, paper, by_id, now)).file_id


def before_and_after(project_id: int, officer_id: int, now: datetime) -> None:
    today = clock.local_date(now)
    for caption, alt, days, railed in (
        ("三楼转角加了扶手", "楼梯转角，墙边", 60, True),
        ("卫生间换了防滑砖", "卫生间的地面", 40, False),
    ):
        pair = in_transaction(lambda: photos.begin_pair(project_id, caption, officer_id, now))  # noqa: B023 (run at once)
        for side, later in ((Side.BEFORE, 0), (Side.AFTER, 20)):
            day = today - timedelta(days=days - later)
            asked = Asked("社区网格员", day) if side is Side.AFTER else None
            shot(pair, PhotoSent(side, f"{alt}，{'修好以后' if later else '修之前'}", day, asked is None, asked), railed, officer_id, now)


def shot(pair: int, sent: PhotoSent, railed: bool, officer_id: int, now: datetime) -> None:
    picture, name = photo_files.read(drawn(railed, done=sent.side is Side.AFTER)), photo_files.new_name()
    photo_files.store(uploads().uploads_dir, name, picture)
    in_transaction(lambda: photos.add(pair, sent, name, picture, officer_id, now))


def linked(project_id: int, officer_id: int, now: datetime) -> None:
    """The newest service that has been, besides those that its figures name."""
    held = Activity.kind == ActivityKind.SERVICE, Activity.published_at.is_not(None), Activity.closed_at.is_not(None)
    activity_id = db.session.scalar(select(Activity.id).where(*held).order_by(Activity.id.desc()).limit(1))
    if activity_id:
        in_transaction(lambda: links.link(project_id, activity_id, officer_id, now))


def invoice(seed: int, *, blacked: bool) -> bytes:
    """A paper with lines like an invoice's; `blacked`: its names and numbers are black bars."""
    paper = Image.new("RGB", (1000, 680), "#fbfaf6")
    pen = ImageDraw.Draw(paper)
    pen.rectangle((40, 40, 960, 640), outline="#a5443a", width=4)
    for row in range(5):
        pen.line((40, 180 + row * 80, 960, 180 + row * 80), fill="#a5443a", width=2)
    for column in (300, 620):
        pen.line((column, 180, column, 500), fill="#a5443a", width=2)
    for row in range(4):
        for column, wide in ((60, 160 + (seed * 37 + row * 53) % 60), (320, 120 + (seed * 29 + row * 31) % 140), (640, 180)):
            private = blacked and column == 60
            top = 205 + row * 80
            pen.rectangle((column, top, column + wide, top + 26), fill="#111111" if private else "#7d766c")
    pen.rectangle((360, 80, 640, 120), fill="#a5443a")
    pen.ellipse((720, 60, 900, 160), outline="#c0392b", width=5)
    return _png(paper)


def drawn(railed: bool, *, done: bool) -> bytes:
    """A staircase without and with its rail, or a floor before and after."""
    picture = Image.new("RGB", (960, 720), "#dcd6ca" if done else "#c9c3b8")
    pen = ImageDraw.Draw(picture)
    if railed:
        for step in range(7):
            left, top = 120 + step * 100, 600 - step * 70
            pen.rectangle((left, top, 960, 720), fill="#a59b8c" if step % 2 else "#b4aa9b")
        if done:
            pen.line((100, 470, 800, -20), fill="#c9a24a", width=22)
            for post in range(5):
                pen.line((160 + post * 140, 430 - post * 98, 160 + post * 140, 570 - post * 98), fill="#8a6d2f", width=12)
        else:
            pen.line((500, 40, 470, 190, 520, 300), fill="#938a7c", width=4)
        return _png(picture)
    for row in range(6):
        for column in range(8):
            tone = "#8fa3a0" if done and (row + column) % 2 else "#a9bab6" if done else "#b9b2a6"
            pen.rectangle((column * 120, 240 + row * 80, column * 120 + 114, 314 + row * 80), fill=tone)
    if not done:
        pen.ellipse((280, 400, 620, 560), fill="#a8b4b8")
    return _png(picture)


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
