"""Numbers drawn by the server as inline SVG: rings, bars, sparklines, and the lit window that is the product's sign.

Progress is set by attributes, never by `style`, which the content policy forbids. The number always stands beside it in words.
"""

from collections.abc import Sequence
from functools import lru_cache

from markupsafe import Markup

MARK = Markup(
    '<svg class="brand-mark" viewBox="0 0 28 28" aria-hidden="true"><path class="mark-a" d="M2 26V7.5A3.5 3.5 0 0 1 5.5 4h7.5v22z"/>'
    '<path class="mark-b" d="M14.5 26V10h8A3.5 3.5 0 0 1 26 13.5V26z"/><path class="art-lamp" d="M5.5 9h4v5h-4zM18.5 15h4v5h-4z"/></svg>'
)


def share(part: int, whole: int) -> str:
    """A percentage for an attribute, 0 to 100, with one decimal at most; integers in, no floats."""
    if whole <= 0:
        return "0"
    tenths = max(0, min(1000, part * 1000 // whole))
    return str(tenths // 10) if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10}"


def ring(part: int, whole: int) -> Markup:
    """The circle of a 双50 ring, filled to part/whole."""
    fill = share(part, whole)
    return Markup('<svg viewBox="0 0 120 120" aria-hidden="true"><circle cx="60" cy="60" r="52"/>{}</svg>').format(
        Markup(
            '<circle class="ring-fill" cx="60" cy="60" r="52" pathLength="100" stroke-dasharray="{} 100" transform="rotate(-90 60 60)"/>'
        ).format(fill)
        if fill != "0"
        else ""
    )


def bar(whole: int, *parts: tuple[int, str]) -> Markup:
    """A bar of parts (amount, series class k1…k4), side by side, of `whole`."""
    rects, left = [], 0
    for amount, series in parts:
        room = max(0, min(amount, whole - left))
        if room:
            rects.append(
                Markup('<rect class="{}" x="{}%" width="{}%" height="100%"/>').format(series, share(left, whole), share(room, whole))
            )
        left += room
    return Markup('<svg class="bar" aria-hidden="true">{}</svg>').format(Markup("").join(rects))


def spark(values: Sequence[int], label: str) -> Markup:
    """Small columns, one a month, with the figures in the label."""
    most = max([*values, 1])
    width = 100 // max(1, len(values))
    columns = Markup("").join(
        Markup('<rect class="k2" x="{}" y="{}" width="{}" height="{}" rx="1"/>').format(
            place * width, 40 - max(1, value * 38 // most), max(1, width - 3), max(1, value * 38 // most)
        )
        for place, value in enumerate(values)
    )
    return Markup('<svg class="spark" viewBox="0 0 100 40" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>').format(
        label, columns
    )


def columns(values: Sequence[tuple[int, int]], label: str) -> Markup:
    """One column a month: the first amount below (k1), the second on top of it (k3); the figures are in the label."""
    most = max([*(low + high for low, high in values), 1])
    step = 1000 // max(1, len(values))
    rects = []
    for place, (low, high) in enumerate(values):
        left, wide = place * step + step // 8, step * 3 // 4
        below, above = (max(3, part * 116 // most) if part else 0 for part in (low, high))
        for top, height, series in ((120 - below, below, "k1"), (120 - below - above - (2 if below else 0), above, "k3")):
            if height:
                rects.append(
                    Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="6"/>').format(series, left, max(0, top), wide, height)
                )
        if not below and not above:
            rects.append(Markup('<rect class="k0" x="{}" y="116" width="{}" height="4" rx="2"/>').format(left, wide))
    return Markup('<svg class="spark" viewBox="0 0 1000 120" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>').format(
        label, Markup("").join(rects)
    )


def pairs(values: Sequence[tuple[int, int]], label: str) -> Markup:
    """Two columns side by side for each, the first k2, the second k1; the figures are in the label."""
    most = max([*(max(pair) for pair in values), 1])
    step = 1000 // max(1, len(values))
    wide = step * 2 // 5
    rects = [
        Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="3"/>').format(
            series, place * step + step // 10 + nth * wide, 120 - height, wide - max(1, step // 20), height
        )
        for place, pair in enumerate(values)
        for nth, (amount, series) in enumerate(zip(pair, ("k2", "k1"), strict=True))
        for height in (max(3, amount * 118 // most) if amount > 0 else 1,)
    ]
    return Markup('<svg class="spark chart" viewBox="0 0 1000 120" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>').format(
        label, Markup("").join(rects)
    )


def line(values: Sequence[int], label: str) -> Markup:
    """A line from the first to the last, above zero; the figures are in the label."""
    most, last = max([*values, 1]), max(1, len(values) - 1)
    points = " ".join(f"{place * 1000 // last},{118 - max(0, value) * 114 // most}" for place, value in enumerate(values))
    return Markup(
        '<svg class="spark chart" viewBox="0 0 1000 120" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<polyline class="spark-line" vector-effect="non-scaling-stroke" points="{}"/></svg>'
    ).format(label, points)


_HOUSE_WALL = (
    '<path d="M2 112V58L24 46L46 58V112z"/><path d="M46 112V16H98V112z"/><path d="M57.44 16v-6h15.6v6z"/>'
    '<path d="M98 112V50Q98 38 110 38H146Q158 38 158 50V112z"/>'
)
_HOUSE_DOORS = (
    '<path d="M19.5 112v-9a4.5 4.5 0 0 1 9 0v9z"/><path d="M67.5 112v-9a4.5 4.5 0 0 1 9 0v9z"/>'
    '<path d="M123.5 112v-9a4.5 4.5 0 0 1 9 0v9z"/>'
)
_HOUSE_PANES = [
    *[(52.5 + 15 * column, 28 + 20 * row) for row in range(3) for column in range(3)],
    *[(12 + 15 * column, 70) for column in range(2)],
    *[(108.5 + 15 * column, 50 + 20 * row) for row in range(2) for column in range(3)],
]
_LIGHT_ORDER = (6, 11, 8, 13, 3, 9, 16, 5, 12, 0, 15, 7, 2, 14, 4, 10, 1)


def houses(lit: int, css: str = "card-art") -> Markup:
    """来一位，亮一扇窗: the three houses with `lit` windows lit, all of them from 17 on."""
    return _houses(max(0, min(lit, len(_LIGHT_ORDER))), css)


@lru_cache
def _houses(lit: int, css: str) -> Markup:
    order = [place for place in _LIGHT_ORDER if place < len(_HOUSE_PANES)]
    alight = set(order[:lit])

    def panes(places: list[int]) -> str:
        return "".join(f'<rect x="{_HOUSE_PANES[p][0]:g}" y="{_HOUSE_PANES[p][1]}" width="9" height="12" rx="2"/>' for p in places)

    dark = [place for place in range(len(_HOUSE_PANES)) if place not in alight]
    return Markup(
        '<svg class="{}" viewBox="0 0 152 112" aria-hidden="true"><g class="art-wall">{}</g><g class="art-pane">{}{}</g><g class="art-lamp">{}</g></svg>'
    ).format(css, Markup(_HOUSE_WALL), Markup(_HOUSE_DOORS), Markup(panes(dark)), Markup(panes(sorted(alight))))


_STREET_WALL = (
    '<path d="M-6 120V46H50V120z"/><path d="M6.32 46v-6h16.8v6z"/><path d="M50 120V33.2Q50 24 59.2 24H86.8Q96 24 96 33.2V120z"/>'
    '<path d="M96 120V68L128 56L160 68V120z"/><path d="M160 120V16H210V120z"/><path d="M171 16v-6h15v6z"/>'
    '<path d="M210 120V49.6Q210 38 221.6 38H256.4Q268 38 268 49.6V120z"/><path d="M268 120V62L291 50L314 62V120z"/>'
    '<path d="M314 120V22H374V120z"/><path d="M327.2 22v-6h18v6z"/>'
)
_STREET_DOORS = "".join(
    f'<path d="M{x} 120v-9a4.5 4.5 0 0 1 9 0v9z"/>' for x in ("17.5", "68.5", "123.5", "180.5", "234.5", "286.5", "339.5")
)
_STREET_PANES = [
    *[(x, y) for y in (58, 78) for x in (2.5, 17.5, 32.5)],
    *[(x, y) for y in (36, 56, 76) for x in (61, 76)],
    *[(x, 80) for x in (108.5, 123.5, 138.5)],
    *[(x, y) for y in (28, 48, 68, 88) for x in (173, 188)],
    *[(x, y) for y in (50, 70, 90) for x in (219.5, 234.5, 249.5)],
    *[(x, 74) for x in (279, 294)],
    *[(x, y) for y in (34, 54, 74) for x in (324.5, 339.5, 354.5)],
]


def street(seed: int = 7) -> Markup:
    """The banner: a street at dusk. `seed` decides which windows are lit, so that each activity has its own."""
    lit = [place for place in range(len(_STREET_PANES)) if (place * 7919 + seed * 104729) % 11 < 6]

    def panes(places: list[int]) -> str:
        return "".join(f'<rect x="{_STREET_PANES[p][0]}" y="{_STREET_PANES[p][1]}" width="9" height="12" rx="2"/>' for p in places)

    dark = [place for place in range(len(_STREET_PANES)) if place not in lit]
    return Markup(
        '<svg class="banner" viewBox="0 0 360 120" aria-hidden="true"><g class="art-wall">{}</g><g class="art-pane">{}{}</g><g class="art-lamp">{}</g></svg>'
    ).format(Markup(_STREET_WALL), Markup(_STREET_DOORS), Markup(panes(dark)), Markup(panes(lit)))


def skyline(lit_windows: int, seed: int = 7) -> Markup:
    """The big screen's street, three blocks wide: so many windows are lit, in an order of the activity's own. 来一位，亮一扇窗."""
    panes = [(x + 360 * block, y) for block in range(3) for x, y in _STREET_PANES]
    order = sorted(range(len(panes)), key=lambda place: (place * 7919 + seed * 104729) % 1009)
    lit = set(order[:lit_windows])

    def drawn(places: list[int]) -> Markup:
        return Markup("").join(
            Markup('<rect x="{}" y="{}" width="9" height="12" rx="2"/>').format(panes[place][0], panes[place][1]) for place in places
        )

    blocks = Markup("").join(Markup('<g transform="translate({})">{}</g>').format(360 * block, Markup(_STREET_WALL)) for block in range(3))
    return Markup(
        '<svg class="venue-art" viewBox="0 0 1080 120" preserveAspectRatio="xMinYMax slice" aria-hidden="true">'
        '<g class="art-wall">{}</g><g class="art-pane">{}</g><g class="art-lamp">{}</g></svg>'
    ).format(blocks, drawn([place for place in range(len(panes)) if place not in lit]), drawn(sorted(lit)))


_AVENUE_WALL = (
    '<path d="M-10 156V32H71V156z"/><path d="M7.82 32v-6h24.3v6z"/><path d="M71 156V68.2Q71 52 87.2 52H135.8Q152 52 152 68.2V156z"/>'
    '<path d="M152 156V80L185 68L218 80V156z"/><path d="M218 156V12H299V156z"/><path d="M235.82 12v-6h24.3v6z"/>'
    '<path d="M299 156V91.2Q299 72 318.2 72H375.8Q395 72 395 91.2V156z"/><path d="M395 156V72H476V156z"/><path d="M412.82 72v-6h24.3v6z"/>'
    '<path d="M476 156V31.2Q476 12 495.2 12H552.8Q572 12 572 31.2V156z"/><path d="M572 156V60L605 48L638 60V156z"/>'
    '<path d="M638 156V12H734V156z"/><path d="M659.12 12v-6h28.8v6z"/><path d="M734 156V65.2Q734 52 747.2 52H786.8Q800 52 800 65.2V156z"/>'
)
_AVENUE_DOORS = "".join(
    f'<path d="M{x} 156v-9a4.5 4.5 0 0 1 9 0v9z"/>'
    for x in ("26", "107", "180.5", "254", "342.5", "431", "519.5", "600.5", "681.5", "762.5")
)
_AVENUE_HOUSES = (
    (-4, 5, 44),
    (77, 5, 64),
    (158, 4, 92),
    (224, 5, 24),
    (305, 6, 84),
    (401, 5, 84),
    (482, 6, 24),
    (578, 4, 72),
    (644, 6, 24),
    (740, 4, 64),
)
_AVENUE_PANES = [(left + 15 * column, y) for left, columns, top in _AVENUE_HOUSES for column in range(columns) for y in range(top, 125, 20)]


def avenue(seed: int = 7) -> Markup:
    """The street at the foot of a poster, wider than the banner; a third of its windows lit, by `seed`."""
    lit = {place for place in range(len(_AVENUE_PANES)) if (place * 7919 + seed * 104729) % 10 < 3}

    def panes(places: list[int]) -> str:
        return "".join(f'<rect x="{_AVENUE_PANES[p][0]}" y="{_AVENUE_PANES[p][1]}" width="9" height="12" rx="2"/>' for p in places)

    dark = [place for place in range(len(_AVENUE_PANES)) if place not in lit]
    return Markup(
        '<svg class="poster-art" viewBox="0 0 790 156" aria-hidden="true"><g class="art-wall">{}</g><g class="art-pane">{}{}</g><g class="art-lamp">{}</g></svg>'
    ).format(Markup(_AVENUE_WALL), Markup(_AVENUE_DOORS), Markup(panes(dark)), Markup(panes(sorted(lit))))
