"""PDF files of pages: Chinese fonts embedded, tagged (PDF/UA-1), nothing fetched but our own static files.

Each is made by a process of its own (pdf_child), one at a time on a machine, so that what it takes is given back: a server that has made
PDFs all day is as large as one that has made none.
"""

import fcntl
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from app.core.config import ROOT
from app.webkit.pdf_child import NOT_OURS, STATIC, NotOurs, static_file

__all__ = ["STATIC", "NotMade", "NotOurs", "render_pdf", "static_file"]

WAIT = 300  # seconds, of the clock, for the longest on the slowest machine
MEMORY = ("MALLOC_ARENA_MAX", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_")  # as scripts/run.py sets them: 5 MB less
PASSED_ON = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR", "XDG_CACHE_HOME", "FONTCONFIG_FILE", "FONTCONFIG_PATH", *MEMORY)  # no secrets
_one_at_a_time = Lock()


class NotMade(RuntimeError):
    """The process ended without a document: no Pango, no memory, no time. How it ended is in the message, nothing of the document."""


def render_pdf(html: str) -> bytes:
    """The document as PDF. `html` is a whole page with its title and lang, its style sheets linked by `asset()` (layouts/pdf.html does so).

    The same html gives the same bytes, as long as fonts and style sheets stay. Raises NotOurs for an address outside static/
    (data: URIs are fine), NotMade where none came of it. Takes a second, then about an eighth a page; links must be absolute.
    """
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    command = [sys.executable, "-m", "app.webkit.pdf_child"]
    with _one_at_a_time, _alone_on_this_machine():
        try:
            done = subprocess.run(  # noqa: S603 (our own module; the page is its input)
                command, input=html.encode("utf-8"), capture_output=True, timeout=WAIT, check=False, cwd=ROOT, env=environment
            )
        except subprocess.TimeoutExpired as error:
            raise NotMade(f"it took more than {WAIT} s") from error
    said = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode == NOT_OURS:
        raise NotOurs(f"not a static file of ours: {said}")
    if done.returncode or not done.stdout.startswith(b"%PDF-"):
        raise NotMade(f"ended with {done.returncode}: {said.splitlines()[-1][:80] if said else ''}")
    return done.stdout


@contextmanager
def _alone_on_this_machine() -> Iterator[None]:
    """The workers of a server take turns: a document takes more memory than a worker has."""
    file = os.open(Path(tempfile.gettempdir()) / f"shulin-pdf-{os.getuid()}.lock", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)
