"""Papers that people send: judged by what they are, made anew without anything else in them, and kept as files.

Knows no database and no HTTP. A paper is one file of a name that nobody can guess, below the uploads and so in every backup.
"""

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from app.activities import photo_files
from app.core.errors import Invalid
from app.results.pdf_child import MAX_PAGES
from app.results.rules import FORM_ENDS, FileForm

FOLDER = "papers"
MAX_BYTES = 10 * 1024 * 1024
MAX_KEPT = 20 * 1024 * 1024
WAIT = 40  # seconds, of the clock; its own processor time is shorter
CHILD = Path(__file__).with_name("pdf_child.py")
FAULTS = {
    "encrypted": "这份 PDF 设了密码或限制，收不了。请用“打印，另存为 PDF”重新存一份没有密码的再传",
    "broken": "这份 PDF 读不了，可能没下载完整。请重新下载，或打印后拍照再传",
    "pages": f"这份 PDF 超过 {MAX_PAGES} 页。请分成几份，或只留要用的几页再传",
    "form": "这份 PDF 是要在电脑上填的动态表单，收不了。请用“打印，另存为 PDF”存一份再传",
    "outside": "这份 PDF 里有指到外面文件的内容，收不了。请用“打印，另存为 PDF”存一份再传",
    "heavy": "这份 PDF 展开以后太大，收不了。请降低清晰度重新扫描，或拍照再传",
}
OFFICE = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # docx, xlsx, ofd; doc, xls
_one_at_a_time = Lock()  # a document takes memory while it is read


@dataclass(frozen=True)
class Paper:
    """What is kept. `has_text`: words can be copied out of it."""

    data: bytes
    form: FileForm
    pages: int
    has_text: bool

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def read(raw: bytes) -> Paper:
    """What was sent, as a paper of our own making. Raises Invalid (`file`) with words for who sent it."""
    if not raw:
        raise _refused("请选一份文件")
    if len(raw) > MAX_BYTES:
        raise _refused(f"这份文件有 {len(raw) // 1024 // 1024} MB，最多 {MAX_BYTES // 1024 // 1024} MB。请降低清晰度，或分成几份再传")
    if b"%PDF-" in raw[:1024]:
        if b"%%EOF" not in raw[-4096:]:  # cut short; it would be mended, and pages could be missing
            raise _refused(FAULTS["broken"])
        return _pdf(raw)
    if raw.startswith(OFFICE):
        raise _refused("只收 PDF 和照片。Word、Excel、OFD 请先另存为 PDF 再传")
    picture = photo_files.read(raw)
    return Paper(picture.large, FileForm.JPEG, 1, False)


def _refused(words: str) -> Invalid:
    return Invalid({"file": words})


def _pdf(raw: bytes) -> Paper:
    """In a process with bounded memory and time: a small file may ask for a great deal of both."""
    with _one_at_a_time:
        try:
            done = subprocess.run(  # noqa: S603 (our own file; what was sent is its input)
                [sys.executable, "-I", str(CHILD)], input=raw, capture_output=True, timeout=WAIT, check=False, env={"LANG": "C.UTF-8"}
            )
        except subprocess.TimeoutExpired as error:
            raise _refused(FAULTS["heavy"]) from error
    if done.returncode == 3:
        raise _refused(FAULTS.get(done.stdout.decode("ascii", "replace"), FAULTS["broken"]))
    if done.returncode != 0:
        raise _refused(FAULTS["heavy"])
    head, _, data = done.stdout.partition(b"\n")
    if len(data) > MAX_KEPT:
        raise _refused(FAULTS["heavy"])
    said = json.loads(head)
    return Paper(data, FileForm.PDF, int(said["pages"]), bool(said["has_text"]))


def path(uploads: Path, name: str, form: FileForm) -> Path:
    return uploads / FOLDER / f"{name}.{FORM_ENDS[form]}"


def store(uploads: Path, name: str, paper: Paper) -> None:
    """Before the row that names it is committed, so that no row is ever without its file. Only its owner may read it."""
    (uploads / FOLDER).mkdir(parents=True, exist_ok=True)
    target = path(uploads, name, paper.form)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(paper.data)
        file.flush()
        os.fsync(file.fileno())


def discard(uploads: Path, name: str, form: FileForm) -> None:
    """Of a file whose row did not come to be; a paper that has a row is kept for good."""
    path(uploads, name, form).unlink(missing_ok=True)


def fault(uploads: Path, name: str, form: FileForm, digest: str) -> str | None:
    """What is wrong with a paper that was kept: it is gone, can not be read, or is another one; None when it is as it was added."""
    try:
        with path(uploads, name, form).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return "文件不见了"
    except OSError:
        return "文件读不了"
    return None if found == digest else "文件和收下时不一样"
