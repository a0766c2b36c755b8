"""Papers, pictures and projects for the tests of results."""

import io
from pathlib import Path

import pikepdf
from flask import current_app
from pikepdf import Dictionary, Name
from PIL import Image

from app.activities import photo_files
from app.core import clock
from app.core.db import in_transaction
from app.results import paper_files
from app.results.rules import FileForm, FileKind
from app.results.service import papers
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
