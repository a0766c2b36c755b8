"""PDF files of pages: Chinese fonts embedded, tagged (PDF/UA-1), nothing fetched but our own static files.

WeasyPrint is imported with the first document: it costs a second and 60 MB that most processes never need.
"""

import hashlib
import logging
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from PIL import ImageFile

from app.core.config import ROOT

STATIC: Final = ROOT / "static"
BASE: Final = "https://shulin.invalid/"  # relative addresses are resolved against it, and nothing else of it exists
TYPES: Final = {".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg"}
_one_at_a_time = Lock()  # fontconfig and Pango are not safe in threads, and a document takes memory


class NotOurs(ValueError):
    """A document asks for something that is not a static file of ours. It is not made: it would be incomplete."""


def render_pdf(html: str) -> bytes:
    """The document as PDF. `html` is a whole page with its title and lang, its style sheets linked by `asset()` (layouts/pdf.html does so).

    The same html gives the same bytes, as long as fonts and style sheets stay. Raises NotOurs for an address outside static/
    (data: URIs are fine). Takes half a second, then about an eighth a page, and runs one at a time in a process; links must be absolute.
    """
    with _one_at_a_time:
        weasyprint, fetcher = _weasyprint(), _fetcher()
        fetcher.refused.clear()
        document = weasyprint.HTML(string=html, base_url=BASE, url_fetcher=fetcher, media_type="print")
        made: bytes = document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=hashlib.sha256(html.encode()).digest()[:16])
        if fetcher.refused:
            raise NotOurs(f"not a static file of ours: {fetcher.refused[0][:200]}")
        return made


def static_file(address: str) -> Path | None:
    """The file in static/ that an address made by `asset()` means, wherever the site is mounted; None for any other."""
    parts, ours = urlsplit(address), urlsplit(BASE)
    if (parts.scheme, parts.netloc) != (ours.scheme, ours.netloc):
        return None
    _, found, name = unquote(parts.path).partition("/static/")
    path = (STATIC / name).resolve()
    return path if found and path.suffix in TYPES and path.is_relative_to(STATIC) and path.is_file() else None


@lru_cache(maxsize=1)
def _weasyprint() -> Any:
    import weasyprint

    ImageFile.LOAD_TRUNCATED_IMAGES = False  # its import lets half a picture pass, everywhere in the process: ours are refused
    logging.getLogger("weasyprint").setLevel(logging.ERROR)  # its warnings are about rules meant for browsers
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    return weasyprint


@lru_cache(maxsize=1)
def _fetcher() -> Any:
    """Made here, because its base class comes with WeasyPrint."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OurFiles(URLFetcher):  # type: ignore[misc]
        """What WeasyPrint may read. It swallows what is raised here, so that is also written down."""

        def __init__(self) -> None:
            super().__init__(allowed_protocols=("data",), allow_redirects=False)
            self.refused: list[str] = []

        def fetch(self, url: str, headers: Any = None) -> Any:
            if url.startswith("data:"):
                return super().fetch(url, headers)
            path = static_file(url)
            if path is None:
                self.refused.append(url)
                raise NotOurs(url)
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": TYPES[path.suffix]})

    return OurFiles()
