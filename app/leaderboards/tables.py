"""A board with all its measures side by side: rows for a wide page, for paper and for a sheet. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.leaderboards.measures import MEASURE_NAMES, SCORE_UNITS, Board, Figure, Measure, score_hundredths, score_words, too_small
from app.leaderboards.rules import BoardKind, BoardRule
from app.sheets.writing import Value

NEW = "新上榜"


@dataclass(frozen=True)
class Cell:
    """One measure of one row. No score: too few heads, or nothing before. `moved` is how many places up since the span before."""

    place: int | None
    shared: bool
    score: str
    moved: int | None
    hundredths: int | None


@dataclass(frozen=True)
class Row:
    figure: Figure
    name: str
    under: str
    cells: Mapping[Measure, Cell]


@dataclass(frozen=True)
class Table:
    """Rows in the order of `by`: those with a place first, then the others."""

    kind: BoardKind
    measures: tuple[Measure, ...]
    by: Measure
    rows: tuple[Row, ...]
    idle: int  # how many have no minutes yet: they are a number, not a list
    small: int = 0  # and how many have too few heads to be listed at all

    @property
    def ranked(self) -> int:
        return sum(row.cells[self.by].place is not None for row in self.rows)


def make(
    kind: BoardKind,
    found: Iterable[Figure],
    boards: Mapping[Measure, Board],
    before: Mapping[Measure, Mapping[int, int]],
    by: Measure,
    held: BoardRule,
    names: Mapping[int, tuple[str, str]],
) -> Table:
    """`names` gives name and community of persons; units carry their own. `before` are the places in the span before."""
    rows, found = [], list(found)
    having = [one for one in found if one.minutes > 0]
    few = {one.id for one in having if too_small(one, Measure.HEAD, held.min_heads) and not _placed(one, boards)}
    for one in (one for one in having if one.id not in few):
        cells = {measure: _cell(one, measure, board, before.get(measure, {}), held) for measure, board in boards.items()}
        rows.append(Row(one, *names.get(one.id, (one.name, one.under)), cells))
    last = len(rows) + 1
    rows.sort(key=lambda row: (row.cells[by].place or last, row.figure.id))
    return Table(kind, tuple(boards), by, tuple(rows), len(found) - len(having), len(few))


def _placed(one: Figure, boards: Mapping[Measure, Board]) -> bool:
    """Boards that were frozen before 0037 changed gave units of any size a place by their total; they stay as they were."""
    return any(board.of(one.id) for board in boards.values())


def _cell(one: Figure, by: Measure, board: Board, before: Mapping[int, int], held: BoardRule) -> Cell:
    standing, earlier = board.of(one.id), before.get(one.id)
    none = standing is None and too_small(one, by, held.min_heads)
    moved = earlier - standing.place if standing and earlier is not None else None
    return Cell(
        standing.place if standing else None,
        bool(standing and standing.shared),
        "" if none else score_words(one, by),
        moved,
        None if none else score_hundredths(one, by),
    )


def moved_words(cell: Cell, *, any_before: bool) -> str:
    """升 2 位, 降 1 位, 持平; 新上榜 where there was a board before and this had no place on it."""
    if cell.place is None or not any_before:
        return ""
    if cell.moved is None:
        return NEW
    return f"升 {cell.moved} 位" if cell.moved > 0 else f"降 {-cell.moved} 位" if cell.moved < 0 else "持平"


def heading(table: Table) -> list[str]:
    """Of units: there is no sheet of persons, which would go on being read after they took their consent back."""
    each = [words for one in table.measures for words in (f"{MEASURE_NAMES[one]}（{SCORE_UNITS[one]}）", "名次", "升降")]
    return ["名称", "社区", "计入人数", "参加人数", "补录小时", *each]


def sheet_rows(table: Table, *, any_before: bool) -> Iterator[list[Value]]:
    for row in table.rows:
        honour = _decimal(row.figure.honour * 100 // 60)
        cells: list[Value] = []
        for cell in row.cells.values():
            cells += [_decimal(cell.hundredths), cell.place, moved_words(cell, any_before=any_before)]
        yield [row.name, row.under, row.figure.heads, row.figure.took, honour, *cells]


def _decimal(hundredths: int | None) -> Value:
    """A number for a sheet, cut to hundredths already: nothing is computed from it again."""
    return None if hundredths is None else hundredths / 100
