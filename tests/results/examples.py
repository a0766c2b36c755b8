"""Papers, pictures and projects for the tests of results."""

import io
from pathlib import Path

import pikepdf
from flask import current_app
from pikepdf import Dictionary, Name
from PIL import Image
from sqlalchemy import insert

from app.activities import photo_files
from app.core import clock
from app.core.db import db, in_transaction
from app.results import paper_files
from app.results.models import FundReport
from app.results.rules import FileForm, FileKind, PhotoSent, Side
from app.results.service import links, papers, photos
from app.results.service.papers import About


def pdf(pages: int = 1, text: str = "", **saving: object) -> bytes:
    """A plain document; with `text` in letters that could be copied."""
    with pikepdf.new() as made:
        for _ in range(pages):
            page = made.add_blank_page(page_size=(200, 200))
            if text:
                page.obj.Resources = Dictionary(Font=Dictionary(F1=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)))
                page.obj.Contents = made.make_stream(f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET".encode())
        out = io.BytesIO()
        made.save(out, **saving)  # type: ignore[arg-type]
        return out.getvalue()


def picture(colour: str = "teal", size: tuple[int, int] = (320, 240), kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def folder() -> Path:
    found: Path = current_app.config["SETTINGS"].uploads_dir
    return found


def attach(
    request_id: int | None, by_id: int, kind: FileKind = FileKind.MINUTE, *, project_id: int | None = None, colour: str = "teal"
) -> int:
    """A picture of a paper, added as the views do."""
    paper = paper_files.Paper(picture(colour), FileForm.JPEG, 1, False)
    name = photo_files.new_name()
    paper_files.store(folder(), name, paper)
    about = About(request_id=request_id, project_id=None if request_id else project_id)
    return in_transaction(lambda: papers.add(about, kind, "一份文件", name, paper, by_id, clock.now())).file_id


def examples(project_id: int, request_id: int, activity_id: int, by_id: int) -> dict[str, int]:
    """One of each thing that the addresses of results name."""
    now = clock.now()
    name, taken = photo_files.new_name(), photo_files.read(picture())
    photo_files.store(folder(), name, taken)

    def work() -> dict[str, int]:
        pair = photos.begin_pair(project_id, "三楼转角加了扶手", by_id, now)
        sent = PhotoSent(Side.BEFORE, "楼梯转角", clock.today(), True, None)
        words = {"done": "做完了", "people": "街坊", "leftovers": "没有", "changed": "", "return_note": "", "digest": "", "frozen": {}}
        report = insert(FundReport).values(project_id=project_id, version=1, made_at=now, made_by_id=by_id, **words)
        return {
            "photo_id": photos.add(pair, sent, name, taken, by_id, now),
            "link_id": links.link(project_id, activity_id, by_id, now),
            "report_id": int(db.session.execute(report.returning(FundReport.id)).scalar_one()),
        }

    return {"file_id": attach(request_id, by_id, FileKind.INVOICE), "voucher_no": 1, **in_transaction(work)}
