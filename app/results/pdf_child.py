"""A PDF made anew, in a process of its own with little memory and time: `python -I pdf_child.py < sent.pdf`.

Imports nothing of the application, so that it starts quickly. Answers a line of JSON (`pages`, `has_text`) and then the document; or
ends with 3 after one word (see FAULTS in paper_files). Whoever starts it takes every other end as "heavy".

Only the pages are carried over, and of them only what is printed: no catalog, so no scripts, actions, forms, layers, names, attachments
or outlines; annotations (stamps, filled-in fields, seals) become part of the page. Pictures lose what cameras wrote into them.
"""

import io
import json
import resource
import sys
import zlib
from typing import Any, NoReturn

MEMORY, SECONDS = 1024 * 1024 * 1024, 20
MAX_PAGES = 60
MAX_STREAM, MAX_TOTAL = 160 * 1024 * 1024, 512 * 1024 * 1024  # bytes after decompression
MAX_PIXELS = 100_000_000
STEP = 1 << 20
PAGE_KEYS = frozenset(
    f"/{key}"
    for key in (
        "Type",
        "Parent",
        "Resources",
        "MediaBox",
        "CropBox",
        "BleedBox",
        "TrimBox",
        "ArtBox",
        "Rotate",
        "Contents",
        "Group",
        "UserUnit",
    )
)
STREAM_EXTRAS = ("/AF", "/Metadata", "/PieceInfo", "/OPI", "/Ref", "/Measure", "/PtData")


def refuse(word: str) -> NoReturn:
    sys.stdout.write(word)
    sys.stdout.flush()
    sys.exit(3)


def made_anew(raw: bytes) -> tuple[bytes, int, bool]:
    """The document, how many pages it has, and whether words could be copied out of it."""
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(raw)) as sent:
            _fit(sent, pikepdf)
            sent.flatten_annotations("screen")
            with pikepdf.new() as fresh:
                fresh.pages.extend(sent.pages)
                has_text = _clean(fresh, pikepdf)
                pages, out = len(fresh.pages), io.BytesIO()
                fresh.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
                return out.getvalue(), pages, has_text
    except pikepdf.PasswordError:
        refuse("encrypted")
    except (pikepdf.PdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, zlib.error, UnicodeError):
        refuse("broken")


def _fit(sent: Any, pikepdf: Any) -> None:
    if sent.is_encrypted:
        refuse("encrypted")
    if not 1 <= len(sent.pages) <= MAX_PAGES:
        refuse("pages" if len(sent.pages) else "broken")
    form = sent.Root.get("/AcroForm")
    if isinstance(form, pikepdf.Dictionary) and "/XFA" in form:
        refuse("form")
    total = 0
    for one in sent.objects:
        if isinstance(one, pikepdf.Stream):
            total += _measured(one)
            if total > MAX_TOTAL:
                refuse("heavy")


def _measured(stream: Any) -> int:
    """How many bytes come out of a stream, without keeping them."""
    if "/F" in stream or "/FFilter" in stream:
        refuse("outside")
    if str(stream.get("/Subtype", "")) == "/Image":
        wide, high = int(stream.get("/Width", 0)), int(stream.get("/Height", 0))
        if min(wide, high) <= 0 or wide * high > MAX_PIXELS:
            refuse("heavy")
    raw = stream.read_raw_bytes()
    if _filters(stream)[:1] not in (["/FlateDecode"], ["/Fl"]):
        return len(raw)
    unpacking, size, rest = zlib.decompressobj(), 0, raw
    while rest and size <= MAX_STREAM:
        try:
            size += len(unpacking.decompress(rest, STEP))
        except zlib.error:  # readers show what came before the fault
            break
        rest = unpacking.unconsumed_tail
    if size > MAX_STREAM:
        refuse("heavy")
    return size


def _filters(stream: Any) -> list[str]:
    given = stream.get("/Filter")
    if given is None:
        return []
    return [str(one) for one in given] if hasattr(given, "__len__") and not str(given).startswith("/") else [str(given)]


def _clean(fresh: Any, pikepdf: Any) -> bool:
    """Take away what is not printed. Returns whether there are fonts, and so words below whatever was drawn over them."""
    for page in fresh.pages:
        for key in list(page.obj.keys()):
            if key not in PAGE_KEYS:
                del page.obj[key]
    has_text = False
    for one in fresh.objects:
        if not isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
            continue
        has_text = has_text or _has_font(one, pikepdf) or _has_font(one.get("/Resources"), pikepdf)
        if isinstance(one, pikepdf.Stream):
            for key in STREAM_EXTRAS:
                if key in one:
                    del one[key]
            if _filters(one) == ["/DCTDecode"]:
                _without_camera(one, pikepdf)
    return has_text


def _has_font(one: Any, pikepdf: Any) -> bool:
    if not isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
        return False
    return str(one.get("/Type", "")) == "/Font" or (isinstance(one.get("/Font"), pikepdf.Dictionary) and len(one["/Font"]) > 0)


def _without_camera(stream: Any, pikepdf: Any) -> None:
    raw = stream.read_raw_bytes()
    clean = jpeg_without_camera(raw)
    if clean != raw:
        stream.write(clean, filter=pikepdf.Name.DCTDecode, decode_parms=stream.get("/DecodeParms"))


def jpeg_without_camera(raw: bytes) -> bytes:
    """A JPEG without where, when and with what it was taken (APP1, APP3 …, comments). Colours (APP0, APP2, APP14) stay."""
    if raw[:2] != b"\xff\xd8":
        return raw
    kept, at = [raw[:2]], 2
    while at + 4 <= len(raw) and raw[at] == 0xFF and raw[at + 1] != 0xDA:
        mark, length = raw[at + 1], int.from_bytes(raw[at + 2 : at + 4], "big")
        if mark == 0xFF:  # filling
            at += 1
            continue
        if length < 2:
            return raw
        if not (mark == 0xFE or (0xE1 <= mark <= 0xEF and mark not in (0xE2, 0xEE))):
            kept.append(raw[at : at + 2 + length])
        at += 2 + length
    kept.append(raw[at:])
    return b"".join(kept)


def main() -> None:
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (most, most))
    try:
        data, pages, has_text = made_anew(sys.stdin.buffer.read())
    except MemoryError:
        refuse("heavy")
    sys.stdout.buffer.write(json.dumps({"pages": pages, "has_text": has_text}).encode() + b"\n" + data)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
