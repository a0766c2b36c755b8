"""Pictures that are sent to do something else than be looked at."""

import io
import struct
import zlib

import pytest
from PIL import Image

from app.activities.photo_files import LONGEST, MAX_BYTES, read
from app.core.errors import Invalid
from app.results import paper_files

sqlite_only = True
SCRIPT = b"<script>alert(document.domain)</script><?php system($_GET[0]); ?>"


def picture(kind: str = "JPEG", size: tuple[int, int] = (200, 160), **more: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **more)
    return out.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(10_000))) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(10_000, 10_000), (60_000, 60_000), (1, 2**31 - 1), (2**31 - 1, 2**31 - 1), (5001, 5001)])
def test_a_small_file_that_claims_a_hundred_megapixels_is_refused_unopened(size, monkeypatch):
    monkeypatch.setattr(Image.Image, "load", lambda *_: pytest.fail("decoded"))
    with pytest.raises(Invalid):
        read(png_that_claims(*size))


def test_a_real_picture_of_a_hundred_megapixels_is_refused():
    with pytest.raises(Invalid):
        read(picture("PNG", (10_000, 10_000), compress_level=1))


@pytest.mark.parametrize(
    "sent",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>',
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><svg>&e;</svg>',
        b"<html>" + SCRIPT,
        b"GIF89a" + SCRIPT,
        b"%!PS-Adobe-3.0 EPSF-3.0\n" + SCRIPT,
        b"PK\x03\x04" + SCRIPT,
        b"\x7fELF" + bytes(200),
        b"MZ" + bytes(200),
    ],
)
def test_what_is_no_photo_is_refused_whatever_it_is_called(sent):
    with pytest.raises(Invalid):
        read(sent)
    with pytest.raises(Invalid):
        paper_files.read(sent)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("where", ["behind it", "in its comment"])
def test_of_a_file_that_is_two_things_only_the_picture_stays(kind, where):
    """Made anew: what hangs on behind, or stands in a note, is in neither of the files that are kept."""
    more = {"exif": b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00" + SCRIPT} if where == "in its comment" else {}
    sent = picture(kind, **more) + (SCRIPT if where == "behind it" else b"")
    assert SCRIPT in sent
    made = read(sent)
    for kept in (made.large, made.small):
        assert SCRIPT not in kept
        assert b"php" not in kept
        assert kept.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_file_that_is_cut_is_refused(kind, part):
    whole = picture(kind, (800, 600))
    with pytest.raises(Invalid):
        read(whole[: int(len(whole) * part)])


def test_a_file_beyond_the_limit_is_refused_before_anything_looks_at_it(monkeypatch):
    monkeypatch.setattr(Image, "open", lambda *_args, **_named: pytest.fail("opened"))
    with pytest.raises(Invalid):
        read(bytes(MAX_BYTES + 1))


def test_what_is_kept_is_never_larger_than_a_screen():
    assert max(Image.open(io.BytesIO(read(picture("JPEG", (5000, 3000))).large)).size) <= LONGEST
