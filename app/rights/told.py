"""What is told somebody about themselves: in parts, each a table. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

Shown = str | int | float | date | datetime | None
Row = tuple[Shown, ...]
PAGE = 1_000


@dataclass(frozen=True)
class Paged:
    """Rows of which only the keys are held: `read` is asked for a page of them whenever somebody goes through."""

    keys: Sequence[int]
    read: Callable[[Sequence[int]], Sequence[Row]]

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[Row]:
        for start in range(0, len(self.keys), PAGE):
            yield from self.read(self.keys[start : start + PAGE])


@dataclass(frozen=True)
class Told:
    """One part: `headings` for people, `columns` for programs; `rows` in the same order."""

    title: str
    table: str
    columns: tuple[str, ...]
    headings: tuple[str, ...]
    rows: Sequence[Row] | Paged
