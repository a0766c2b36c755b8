"""A film for the browser's make-believe camera: codes held before the lens one after another, a little askew."""

import io
from collections.abc import Iterable
from pathlib import Path

import qrcode
from PIL import Image

SIZE = (640, 480)
WALL, HAND = (90, 90, 90), (120, 140, 120)
A_SECOND = 30  # frames: how fast Chromium plays it, again and again


def film_of(texts: Iterable[str | None], path: Path, *, rest: int = 90) -> Path:
    """JPEG pictures in a row (.mjpeg), a second each; None is a second with no code in sight, and so are the last `rest` ones."""
    wall = _jpeg(Image.new("RGB", SIZE, WALL))
    with path.open("wb") as film:
        for text in texts:
            film.write((_jpeg(_held(text)) if text else wall) * A_SECOND)
        film.write(wall * A_SECOND * rest)
    return path


def photo_of(text: str | None, path: Path) -> Path:
    """One picture, for the photo way."""
    path.write_bytes(_jpeg(_held(text) if text else Image.new("RGB", SIZE, WALL)))
    return path


def _held(text: str) -> Image.Image:
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=4, box_size=6)
    code.add_data(text)
    code.make(fit=True)
    picture = code.make_image().get_image().convert("RGB")
    picture.thumbnail((330, 330))
    picture = picture.rotate(8, expand=True, fillcolor=HAND)
    frame = Image.new("RGB", SIZE, HAND)
    frame.paste(picture, ((SIZE[0] - picture.width) // 2, (SIZE[1] - picture.height) // 2))
    return frame


def _jpeg(image: Image.Image) -> bytes:
    made = io.BytesIO()
    image.save(made, "JPEG", quality=90, subsampling=2)
    return made.getvalue()


def camera(film: Path | None) -> list[str]:
    """Chromium's flags for a camera that shows this film; None: a machine without one."""
    if film is None:
        return ["--use-fake-ui-for-media-stream"]
    return ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film.resolve()}"]
