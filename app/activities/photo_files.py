"""Pictures that people send: judged by what they are, made anew without anything else in them, and kept as files.

Knows no database and no HTTP. A picture is two files of one name that nobody can guess, below the uploads and so in every backup.
"""

import hashlib
import io
import secrets
import struct
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from PIL import Image, ImageCms, ImageOps

from app.core.errors import Invalid

FOLDER = "photos"
MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = {"JPEG": 50_000_000, "PNG": 25_000_000, "WEBP": 25_000_000}  # a JPEG is read at a fraction of its size
SHORTEST_SIDE = 64
LONGEST, THUMBNAIL = 1600, 480
APPLE = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"heif", b"avif", b"avis"})
BROKEN = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    SyntaxError,
    MemoryError,
    struct.error,
)
TOO_MANY_PIXELS = (Image.DecompressionBombError, Image.DecompressionBombWarning)  # said before anything is decoded
_one_at_a_time = Lock()  # a large picture takes memory while it is read


@dataclass(frozen=True)
class Picture:
    """A JPEG as it is kept, and its small one. `digest` is of the large one."""

    large: bytes
    small: bytes
    width: int
    height: int

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.large).hexdigest()


def read(raw: bytes) -> Picture:
    """What was sent as a picture of our own making. Raises Invalid (`file`) with words for who sent it."""
    if not raw:
        raise _refused("请选一张照片")
    if len(raw) > MAX_BYTES:
        raise _refused(f"这张照片有 {len(raw) // 1024 // 1024} MB，最多 {MAX_BYTES // 1024 // 1024} MB。请选小一点的")
    if raw[4:8] == b"ftyp" and raw[8:12] in APPLE:
        raise _refused("这是苹果手机的 HEIC 照片，还收不了。请在相册里截一张图再传，或在“设置、相机、格式”里选“兼容性最佳”后重拍")
    with _one_at_a_time:
        return _made_anew(raw)


def _refused(words: str) -> Invalid:
    return Invalid({"file": words})


def _made_anew(raw: bytes) -> Picture:
    try:
        with Image.open(io.BytesIO(raw), formats=tuple(MAX_PIXELS)) as sent:
            width, height = sent.size
            if width * height <= MAX_PIXELS[sent.format or ""] and min(width, height) >= SHORTEST_SIDE:
                large = _upright(sent, width, height)
                small = large.copy()
                small.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
                return Picture(_jpeg(large, 82), _jpeg(small, 78), *large.size)
    except TOO_MANY_PIXELS as error:
        raise _too_large() from error
    except BROKEN as error:
        raise _refused("这个文件读不了。照片要是 JPEG、PNG 或 WebP，请另选一张，或截一张图再传") from error
    if min(width, height) < SHORTEST_SIDE:
        raise _refused("这张照片太小了，看不清，请另选一张")
    raise _too_large(f"，有 {width}×{height} 像素")


def _too_large(how: str = "，像素太多") -> Invalid:
    return _refused(f"照片太大{how}。请打开照片截一张图再传，或在相册里缩小以后再传")


def _upright(sent: Image.Image, width: int, height: int) -> Image.Image:
    """Turned as it was taken, no larger than is kept, in the colours of screens, and with nothing of what came along with it."""
    if max(width, height) > 2 * LONGEST:
        sent.draft("RGB", (LONGEST, LONGEST))  # a JPEG is decoded small at once
    sent.load()
    profile = sent.info.get("icc_profile")
    turned = _turned(sent)
    turned.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    if turned.mode in {"RGBA", "LA", "PA"} or "transparency" in turned.info:
        turned = turned.convert("RGBA")
        clean = Image.new("RGB", turned.size, "white")
        clean.paste(turned, mask=turned.getchannel("A"))
        return clean
    clean = Image.new("RGB", turned.size)
    clean.paste(_on_screens(turned, profile) if profile and turned.mode == "RGB" else turned.convert("RGB"))
    return clean


def _turned(sent: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(sent)
    except BROKEN:  # the note about how it was held is broken, the picture need not be
        return sent


def _on_screens(picture: Image.Image, profile: bytes) -> Image.Image:
    """Phones record more colours than a file without its profile would show."""
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        changed = ImageCms.profileToProfile(picture, given, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return picture
    return changed or picture


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()


def new_name() -> str:
    return secrets.token_urlsafe(18)


def path(uploads: Path, name: str, *, small: bool = False) -> Path:
    return uploads / FOLDER / f"{name}{'-s' if small else ''}.jpg"


def store(uploads: Path, name: str, picture: Picture) -> None:
    """Before the row that names them is committed, so that no row is ever without its files."""
    (uploads / FOLDER).mkdir(parents=True, exist_ok=True)
    path(uploads, name).write_bytes(picture.large)
    path(uploads, name, small=True).write_bytes(picture.small)


def discard(uploads: Path, name: str) -> None:
    for small in (False, True):
        path(uploads, name, small=small).unlink(missing_ok=True)
