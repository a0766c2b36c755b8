"""A card as a picture for a phone's album: the code, with the name and number under it."""

import io
from functools import lru_cache
from pathlib import Path

import qrcode
from PIL import Image, ImageDraw, ImageFont
from qrcode.constants import ERROR_CORRECT_M

PAPER, INK, SOFT, RED = "#fbf7ef", "#1d1916", "#5d544a", "#bd2a1e"
WIDTH, HEIGHT, CODE = 1080, 1440, 830
FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "C:/Windows/Fonts/msyh.ttc",
)
LINE = 14  # letters of a name that stand in one line
SIMPLIFIED = 2  # in Noto's collections: Japanese, Korean, simplified Chinese …


@lru_cache
def font_file() -> str | None:
    """A font of this machine that can write Chinese; None where there is none."""
    return next((name for name in FONTS if Path(name).exists()), None)


def font(size: int) -> "ImageFont.FreeTypeFont | ImageFont.ImageFont":
    file = font_file()
    if file is None:
        return ImageFont.load_default(size)
    return ImageFont.truetype(file, size, index=SIMPLIFIED if "CJK" in file else 0)


def in_lines(name: str) -> list[str]:
    """A long name in two lines, broken after the dot nearest its middle."""
    if len(name) <= LINE:
        return [name]
    middle = len(name) / 2
    cut = min((nth + 1 for nth, char in enumerate(name) if char == "·"), key=lambda at: abs(at - middle), default=0)
    cut = cut if 0 < cut <= 20 and len(name) - cut <= 20 else round(middle)
    return [name[:cut], name[cut:]]


def png(address: str, name: str, number: str) -> bytes:
    """A picture that is read from a screen at arm's length. Where the machine has no Chinese font, the number stands alone."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=2, box_size=1)
    code.add_data(address)
    code.make(fit=True)
    drawn = code.make_image(fill_color=INK, back_color="white").get_image().convert("RGB")
    box = max(1, CODE // drawn.width)
    drawn = drawn.resize((drawn.width * box, drawn.height * box), Image.Resampling.NEAREST)
    sheet = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(sheet)
    chinese = font_file() is not None
    centre = WIDTH // 2
    if chinese:
        draw.text((centre, 110), "熟邻 签到码", INK, font(64), anchor="mm")
    top = 210 + (CODE - drawn.height) // 2
    draw.rounded_rectangle((centre - 440, 170, centre + 440, 1050), 40, "white")
    sheet.paste(drawn, (centre - drawn.width // 2, top))
    if chinese:
        lines = in_lines(name)
        size = min(96, (WIDTH - 80) // max(map(len, lines)) if len(lines) == 1 else 50)
        for nth, line in enumerate(lines):
            draw.text((centre, 1135 + (2 * nth - len(lines) + 1) * 34), line, INK, font(size), anchor="mm")
    draw.text((centre, 1240), number, SOFT, font(52), anchor="mm")
    if chinese:
        draw.text((centre, 1345), "给现场组织者扫，签到签退", RED, font(48), anchor="mm")
    out = io.BytesIO()
    sheet.save(out, "PNG", optimize=True)
    return out.getvalue()
