"""The list of who was erased, beside the database: an older backup that comes back knows nothing of them, this file does.

One line each: id, when the record was made, when it was erased. Nothing personal. It lies in the data folder, which a restore leaves
alone, and beside the backups, wherever those are carried.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import inspect, or_, select

from app.audit.models import PersonKey
from app.core.config import Settings
from app.core.db import db
from app.people.models import Person
from app.rights.models import Erasure

FILE = "erased.list"
CHUNK = 5_000
HEAD = (
    "# 已注销的人（编号、建档时间、注销时间，UTC）。恢复旧备份以后运行 flask rights replay，会按这里再删一遍。请和备份放在一起，不要删。\n"
)


@dataclass(frozen=True, order=True)
class Line:
    person_id: int
    recorded_at: datetime
    erased_at: datetime

    def written(self) -> str:
        return f"{self.person_id} {_moment(self.recorded_at)} {_moment(self.erased_at)}\n"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def known() -> list[Line]:
    """Those of this database; nobody where it is none yet, or of a version that erased nobody."""
    if not inspect(db.engine).has_table(Erasure.__tablename__):
        return []
    rows = db.session.execute(select(Erasure.person_id, Erasure.recorded_at, Erasure.erased_at).order_by(Erasure.id))
    return [Line(*row) for row in rows]


def files(settings: Settings, beside: Path | None = None) -> list[Path]:
    """In the data folder, in that of the backups, and in the folder `beside`: where a backup lies or goes."""
    folders = [settings.data_dir, *([settings.backups_dir] if settings.backups_dir else []), *([beside] if beside else [])]
    return [folder / FILE for folder in dict.fromkeys(folder.resolve() for folder in folders)]


def listed(settings: Settings, beside: Path | None = None, *more: Path) -> set[Line]:
    """Everybody on any list. Raises ValueError for a line that is none."""
    return {line for file in (*files(settings, beside), *more) if file.exists() for line in read(file)}


def read(file: Path) -> list[Line]:
    """Raises ValueError for a line that is none: nobody is left out silently."""
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            person_id, recorded_at, erased_at = line.split()
            found.append(Line(int(person_id), datetime.fromisoformat(recorded_at), datetime.fromisoformat(erased_at)))
        except ValueError as error:
            raise ValueError(f"{file} 第 {number} 行看不懂：{line[:80]}") from error
    return found


def keep(settings: Settings, beside: Path | None = None, more: Iterable[Line] = ()) -> int:
    """Every list holds what any of them held, what the database knows and `more`; returns how many lines.

    Nothing is ever taken off a list. Raises ValueError as `listed`, OSError where the data folder can not be written. A server may not
    be allowed to write where backups lie: the next backup makes that list whole, and the doctor says that it is not.
    """
    with _alone(settings.data_dir):
        lines = {*known(), *listed(settings, beside), *more}
        ours, *elsewhere = files(settings, beside)
        if lines:
            _write(ours, lines)
        for file in elsewhere if lines else []:
            with suppress(OSError):
                _write(file, lines)
    return len(lines)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two that keep the list at once would each put back what the other did not know."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / f".{FILE}.lock", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _write(file: Path, lines: set[Line]) -> None:
    """Anew beside, then put in its place."""
    if file.exists() and set(read(file)) == lines:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{FILE}.{os.getpid()}")
    with part.open("w", encoding="utf-8") as out:
        out.write(HEAD)
        out.writelines(line.written() for line in sorted(lines))
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)


def back_again(lines: Iterable[Line]) -> list[Line]:
    """Of these, who stands in this database with their name, or with a key that still opens what the audit says of them.

    The same id, recorded at the same moment: after a restoration an id may be somebody else's.
    """
    wanted = {(line.person_id, line.recorded_at): line for line in lines}
    ids, found = sorted({person_id for person_id, _ in wanted}), []
    for start in range(0, len(ids), CHUNK):
        asked = select(Person.id, Person.recorded_at).outerjoin(PersonKey, PersonKey.person_id == Person.id)
        there = or_(Person.erased_at.is_(None), PersonKey.wrapped.is_not(None))
        rows = db.session.execute(asked.where(Person.id.in_(ids[start : start + CHUNK]), there))
        found += [wanted[person_id, recorded_at] for person_id, recorded_at in rows if (person_id, recorded_at) in wanted]
    return sorted(found)
