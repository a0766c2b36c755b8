"""One document, in a process of its own that ends with it: `python -m app.webkit.pdf_child < page.html > document.pdf`.

WeasyPrint, Pango and the fonts take 150 MB and more of a process and never give them back. Ends with 3 and the address on the error
output where a document asks for something that is not a static file of ours. Imports nothing of the application but where it lies.
"""

import hashlib
import logging
import resource
import sys
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from app.core.config import ROOT

STATIC: Final = ROOT / "static"
BASE: Final = "https://shulin.invalid/"  # relative addresses are resolved against it, and nothing else of it exists
TYPES: Final = {".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg"}
NOT_OURS: Final = 3  # how it ends then
MEMORY, SECONDS = 2 * 1024**3, 240  # of addresses, which is more than is ever used; of the processor


class NotOurs(ValueError):
    """A document asks for something that is not a static file of ours. It is not made: it would be incomplete."""


def static_file(address: str) -> Path | None:
    """The file in static/ that an address made by `asset()` means, wherever the site is mounted; None for any other."""
    parts, ours = urlsplit(address), urlsplit(BASE)
    if (parts.scheme, parts.netloc) != (ours.scheme, ours.netloc):
        return None
    _, found, name = unquote(parts.path).partition("/static/")
    path = (STATIC / name).resolve()
    return path if found and path.suffix in TYPES and path.is_relative_to(STATIC) and path.is_file() else None


def made_of(html: str) -> bytes:
    """Raises NotOurs."""
    import weasyprint

    logging.getLogger("weasyprint").setLevel(logging.ERROR)  # its warnings are about rules meant for browsers
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    _read_fonts_late()
    fetcher = _fetcher()
    document = weasyprint.HTML(string=html, base_url=BASE, url_fetcher=fetcher, media_type="print")
    made: bytes = document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=hashlib.sha256(html.encode()).digest()[:16])
    if fetcher.refused:
        raise NotOurs(fetcher.refused[0][:200])
    return made


def _read_fonts_late() -> None:
    """WeasyPrint copies the whole file of a font, 19 MB, for each size and weight of a document, and keeps what a subset leaves of it.
    Here the file is copied only where it is asked for, which it is where no subset was made."""
    from weasyprint.pdf import fonts

    begin, whole = fonts.Font.__init__, fonts.get_hb_object_data

    def without_copy(font: Any, *given: Any) -> None:
        fonts.get_hb_object_data = lambda _face: b""
        try:
            begin(font, *given)
        finally:
            fonts.get_hb_object_data = whole

    def content(font: Any) -> bytes:
        kept: bytes = vars(font).get("kept") or whole(font.hb_face)
        return kept

    fonts.Font.__init__ = without_copy
    fonts.Font.file_content = property(content, lambda font, made: vars(font).update(kept=made))


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


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        made = made_of(sys.stdin.buffer.read().decode("utf-8"))
    except NotOurs as error:
        sys.stderr.write(str(error))
        return NOT_OURS
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
