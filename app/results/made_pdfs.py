"""Reports as PDF, kept once they are made: a published version does not change, and making one takes the processor for a second.

Knows no database and no HTTP. A file is named by the digest of the page it was made from, so another page is another file. They stand
beside the uploads and not in them: no backup needs what can be made again.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock

FOLDER = "made"
_one_at_a_time = Lock()  # whoever asks for the same while it is made waits for it


def kept(data_dir: Path, html: str, make: Callable[[str], bytes]) -> tuple[bytes, str]:
    """The document of a page, and the mark by which a browser knows it again; `make` is called where it was not made before."""
    mark = hashlib.sha256(html.encode()).hexdigest()
    path = data_dir / FOLDER / f"{mark}.pdf"
    try:
        return path.read_bytes(), mark
    except FileNotFoundError:
        pass
    with _one_at_a_time:
        if path.exists():
            return path.read_bytes(), mark
        data = make(html)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(data)
        unfinished.replace(path)
        return data, mark
