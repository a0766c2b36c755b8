"""成果图: what came of an activity as a picture for the group. Sums only, no names; the lit windows repeat what is written."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from app.cards.picture import font, font_file

WIDTH, HEIGHT, MARGIN = 1080, 1440, 84
PAPER, INK, SOFT, RED, LINE = "#fbf7ef", "#1d1916", "#5d544a", "#bd2a1e", "#e4dac8"
WALLS, PANE, LAMP = ("#e6dac3", "#ddcfb4", "#eadfcb"), "#c6b594", "#f2b33d"
ROOFS = (0, 32, 12, 44, 5, 37)  # how much lower than the highest, in hundredths of the street's height
STREET, PANE_WIDE, PANE_HIGH, GAP = 1330, 30, 38, 24


@dataclass(frozen=True)
class Poster:
    """`figures` are (number, what it counts), at most four; `lit` how many windows shine."""

    title: str
    when: str
    place: str
    unit: str
    figures: Sequence[tuple[str, str]]
    outcomes: Sequence[str]
    lit: int


def drawable() -> bool:
    """Whether this machine has a font that writes Chinese."""
    return font_file() is not None


def png(poster: Poster) -> bytes:
    """1080 × 1440. Call it only where `drawable()`."""
    sheet = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((MARGIN, 92), "熟邻", RED, font(44), anchor="lm")
    draw.text((WIDTH - MARGIN, 92), "办成了", SOFT, font(40), anchor="rm")
    top = _lines(draw, poster.title, 168, 76, INK, 2)
    top = _lines(draw, poster.when, top + 18, 40, SOFT, 1)
    top = _lines(draw, poster.place, top + 4, 40, SOFT, 1)
    draw.line((MARGIN, top + 30, WIDTH - MARGIN, top + 30), LINE, 3)
    top = _figures(draw, poster.figures, top + 60)
    if poster.outcomes:
        top = _lines(draw, "、".join(poster.outcomes), top + 4, 38, INK, 2)
    _street(draw, max(880, top + 48), poster.lit)
    signed = f"{poster.unit}·来一位，亮一扇窗"
    fits = draw.textlength(signed, font(34)) <= WIDTH - 2 * MARGIN
    draw.text((MARGIN, HEIGHT - 58), signed if fits else _cut(draw, poster.unit, 34, 1), SOFT, font(34), anchor="lm")
    out = io.BytesIO()
    sheet.save(out, "PNG", optimize=True)
    return out.getvalue()


def _figures(draw: ImageDraw.ImageDraw, figures: Sequence[tuple[str, str]], top: int) -> int:
    """Two in a row, the number large and what it counts below."""
    column = (WIDTH - 2 * MARGIN) // 2
    for place, (number, words) in enumerate(figures):
        left, at = MARGIN + place % 2 * column, top + place // 2 * 156
        size = 88
        while size > 40 and draw.textlength(number, font(size)) > column - 24:
            size -= 4
        draw.text((left, at + 46), number, INK, font(size), anchor="lm")
        draw.text((left, at + 116), words, SOFT, font(36), anchor="lm")
    return top + (len(figures) + 1) // 2 * 156


def _lines(draw: ImageDraw.ImageDraw, words: str, top: int, size: int, colour: str, most: int) -> int:
    """Running text in at most so many lines; returns where the next thing may begin."""
    wrapped = _cut(draw, words, size, most).split("\n") if words else []
    for line in wrapped:
        draw.text((MARGIN, top + size * 0.7), line, colour, font(size), anchor="lm")
        top += int(size * 1.4)
    return top


def _cut(draw: ImageDraw.ImageDraw, words: str, size: int, most: int) -> str:
    """Broken where a line is full; what does not fit ends in an ellipsis. No line begins with a closing mark."""
    room, lines = WIDTH - 2 * MARGIN, [""]
    for char in words.replace("\n", " "):
        if draw.textlength(lines[-1] + char, font(size)) <= room or (char in "，。、：；！？）》”" and lines[-1]):
            lines[-1] += char
        elif len(lines) == most:
            line = lines[-1]
            while line and draw.textlength(line + "…", font(size)) > room:
                line = line[:-1]
            return "\n".join([*lines[:-1], line + "…"])
        else:
            lines.append(_carried(lines) + char.lstrip())
    return "\n".join(lines)


def _carried(lines: list[str]) -> str:
    """What moves to the next line, so that this one ends at its last punctuation, where that is not near its beginning."""
    line = lines[-1]
    at = max(line.rfind(mark) for mark in "，：、；！？ ") + 1
    if at * 5 < len(line) * 2:
        return ""
    lines[-1] = line[:at].rstrip()
    return line[at:]


def _street(draw: ImageDraw.ImageDraw, top: int, lit: int) -> None:
    """Six houses along the lower edge, from `top`; windows light up in an order that looks like evening."""
    wide = WIDTH // len(ROOFS)
    panes = []
    for place, lower in enumerate(ROOFS):
        roof = top + 40 + (STREET - top) * lower // 100
        left = place * wide
        draw.rectangle((left, roof, left + wide, STREET), WALLS[place % 3])
        if place % 2:
            draw.polygon([(left, roof), (left + wide // 2, roof - 48), (left + wide, roof)], WALLS[place % 3])
        columns = (wide - GAP) // (PANE_WIDE + GAP)
        inset = (wide - columns * PANE_WIDE - (columns - 1) * GAP) // 2
        rows = range(max(0, STREET - 32 - roof) // (PANE_HIGH + GAP))
        across = [left + inset + column * (PANE_WIDE + GAP) for column in range(columns)]
        panes += [(x, roof + 24 + row * (PANE_HIGH + GAP)) for row in rows for x in across]
    order = sorted(range(len(panes)), key=lambda place: place * 37 % 101)
    alight = set(order[: max(0, lit)])
    for place, (left, upper) in enumerate(panes):
        draw.rounded_rectangle((left, upper, left + PANE_WIDE, upper + PANE_HIGH), 6, LAMP if place in alight else PANE)
    draw.line((0, STREET, WIDTH, STREET), INK, 4)
