"""What passes between the machine and a kind of register."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from app.core.errors import Conflict
from app.registers.rules import Decision, RegisterKind, Row, RowVerdict
from app.registers.scope import Scope
from app.sheets.writing import Value

MOVED_ON = "预览之后有人改动过，这次没有写入任何东西。请重新上传这个文件，再看一遍。"


@dataclass(frozen=True)
class Job:
    """One writing or taking back of a batch. `day` is that of writing, also when it is taken back later."""

    batch_id: int
    actor_id: int | None
    made_by_id: int | None
    approved_by_id: int | None
    now: datetime
    day: date


@dataclass
class Staged:
    """A row that is to be written or taken back; writing sets `target_id` and `journal`."""

    place: int
    number: int
    verdict: RowVerdict
    values: dict[str, Any]
    target_id: int | None
    journal: dict[str, Any] = field(default_factory=dict)

    @property
    def target(self) -> int:
        """The record that the row is about or made."""
        if self.target_id is None:
            raise Conflict(MOVED_ON)
        return self.target_id


@dataclass(frozen=True)
class Listing:
    """What an export writes: the register's own columns (and some that only tell), and its rows, read as they are asked for.

    `note` stands above them in a workbook.
    """

    heading: tuple[str, ...]
    rows: Iterator[Sequence[Value]]
    note: str = ""


@dataclass(frozen=True)
class Register:
    """One kind of register. `plan` decides, in the order of writing; `write` and `undo` take `at_once` rows in a transaction.

    `rests` says why a written batch can not be taken back. `listing` is everything in a scope.
    """

    kind: RegisterKind
    plan: Callable[[list[Row], Scope], list[Decision]]
    write: Callable[[Job, Sequence[Staged]], None]
    undo: Callable[[Job, Sequence[Staged]], None]
    rests: Callable[[int], list[str]]
    listing: Callable[[Scope], Listing]
    at_once: int = 500
