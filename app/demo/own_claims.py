"""补录申请 of the demo: one with a photo that waits for the branch, one that waits for the demo's volunteer as its witness."""

import io
from datetime import datetime, time, timedelta

from flask import current_app
from PIL import Image, ImageDraw

from app.accounts.queries import roles_held
from app.activities import photo_files
from app.activities import queries as activities
from app.activities import service as activity_service
from app.activities.rules import ActivityDraft, ActivityKind, CodeWay, ShiftDraft
from app.claims import service
from app.claims.rules import OwnClaim
from app.core import clock
from app.core.actor import Actor
from app.core.config import Settings
from app.core.db import in_transaction
from app.demo.people import Cast


def load(cast: Cast, now: datetime) -> None:
    unit, start = cast.branches["锦园第二党支部"], clock.at_local(clock.local_date(now) - timedelta(days=2), time(7, 30))
    secretary = Actor(cast.secretary, "", 0, tuple(roles_held(cast.secretary, clock.local_date(now))))
    shift = ShiftDraft("全程", start, start + timedelta(minutes=150))
    text = "搬开断枝，清理楼下的通道，自带手套。"
    draft = ActivityDraft("台风后清障", ActivityKind.SERVICE, unit, "锦园 银杏二座楼下", text, "", CodeWay.POSTER, (shift,))
    other = next(one for one in cast.members[unit] if one not in (cast.secretary, cast.deputy))

    def publish() -> int:
        activity_id = activity_service.create_activity(draft, secretary, start - timedelta(days=3))
        activity_service.publish(activity_id, secretary.person_id, start - timedelta(days=3))
        return activity_id

    with clock.frozen_at(start - timedelta(days=3)):
        activity_id = in_transaction(publish)
    (held,) = activities.shifts_of(activity_id)

    def sign_up() -> None:
        for person in (cast.volunteer, other):
            activity_service.take_seat(held.id, person, start - timedelta(days=2), risk_read=True)

    with clock.frozen_at(start - timedelta(days=2)):
        in_transaction(sign_up)
    settings: Settings = current_app.config["SETTINGS"]
    name, picture = photo_files.new_name(), photo_files.read(drawn())
    photo_files.store(settings.uploads_dir, name, picture)
    said = OwnClaim(activity_id, held.id, held.starts_at, held.last_end, "搬开断枝，清理银杏二座到三座的通道。")
    in_transaction(lambda: service.claim(said, cast.volunteer, [(name, picture)], "/work", _page, now))
    also = OwnClaim(activity_id, held.id, held.starts_at, held.last_end - timedelta(minutes=30), "和大家一起扫落叶、装袋。", cast.volunteer)
    in_transaction(lambda: service.claim(also, other, [], "/work", _page, now))


def _page(batch_id: int) -> str:
    return f"/claims/{batch_id}/testimony"


def drawn() -> bytes:
    """A street after a storm, as a PNG."""
    picture = Image.new("RGB", (960, 720), "#cfd8d6")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 470, 960, 720), fill="#8d8577")
    for left, top, right in ((40, 170, 250), (290, 90, 520), (600, 210, 900)):
        pen.rectangle((left, top, right, 470), fill="#b9a88f")
        for row in range(top + 30, 420, 70):
            for column in range(left + 24, right - 40, 62):
                pen.rectangle((column, row, column + 32, row + 36), fill="#f0d9a0" if (row + column) % 3 else "#75808a")
    pen.line((150, 640, 720, 540), fill="#5a4632", width=26)
    for step in range(12):
        pen.ellipse((230 + step * 38, 500 + step % 3 * 26, 320 + step * 38, 570 + step % 3 * 26), fill="#5d7a4c")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
