"""A power cut, byte by byte: the database and its WAL as they lie at some moment, the WAL's tail gone, opened again.

What is promised. SQLite answers a COMMIT once its frames are synced into the WAL (synchronous=FULL), and a checkpoint writes pages
into the database only after that. So a cut can take the end of the WAL behind what was checkpointed, anywhere in a frame, and nothing
else; what is left is every transaction whose commit frame lies wholly before the cut, whole, and none after it. A scan was
acknowledged after its COMMIT was answered: it is there whenever the WAL holds its commit, or the database does already.
"""

import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

HEADER, FRAME = 32, 24
BACKFILL_ATTEMPTED = 128  # in the -shm file: how many frames a checkpoint may have copied by now

Salt = tuple[int, int]


@dataclass(frozen=True)
class Position:
    """The end of the last commit in the WAL, and which WAL it is: one that was begun anew has another salt."""

    salt: Salt
    end: int


def position(database: Path) -> Position:
    """As the WAL lies now. Without one everything is in the database."""
    wal = Path(f"{database}-wal")
    data = wal.read_bytes() if wal.exists() else b""
    return _position(data)


def _position(data: bytes) -> Position:
    if len(data) < HEADER:
        return Position((0, 0), 0)
    page_size = struct.unpack(">I", data[8:12])[0]
    salt: Salt = struct.unpack(">II", data[16:24])
    end, place = HEADER, HEADER
    while place + FRAME + page_size <= len(data):
        _page, pages_after_commit, *frame_salt = struct.unpack(">IIII", data[place : place + 16])
        if tuple(frame_salt) != salt:
            break
        place += FRAME + page_size
        if pages_after_commit:
            end = place
    return Position(salt, end)


@dataclass
class Moment:
    """A copy of both files, with what was acknowledged by then and where in the WAL it was committed at the latest."""

    database: Path
    floor: int
    salt: Salt
    acknowledged: dict[str, Position] = field(default_factory=dict)

    @classmethod
    def of(cls, database: Path, folder: Path, acknowledged: dict[str, Position], begun: Position) -> "Moment":
        """`begun`: before it nothing is cut, where it is in this WAL."""
        copy = folder / "moment.db"
        for tail in ("", "-wal"):
            source = Path(f"{database}{tail}")
            (shutil.copyfile(source, f"{copy}{tail}") if source.exists() else Path(f"{copy}{tail}").write_bytes(b""))
        data = Path(f"{copy}-wal").read_bytes()
        page_size = struct.unpack(">I", data[8:12])[0] if len(data) >= HEADER else 4096
        attempted = struct.unpack("=I", Path(f"{database}-shm").read_bytes()[BACKFILL_ATTEMPTED : BACKFILL_ATTEMPTED + 4])[0]
        floor = HEADER + attempted * (FRAME + page_size) if attempted else 0
        salt = _position(data).salt
        floor = max(floor, begun.end) if salt == begun.salt else floor
        return cls(copy, min(floor, len(data)), salt, dict(acknowledged))

    def cuts(self, number: int, chance: Random, target: Path) -> Iterator[tuple[int, str, set[str]]]:
        """Lays the files of each cut at `target`: where it was, how the tail is gone, and which scans must be there."""
        data = Path(f"{self.database}-wal").read_bytes()
        for _ in range(number):
            cut = chance.randint(self.floor, len(data))
            how = chance.choice(("gone", "zeros", "noise"))
            tail = {"gone": b"", "zeros": bytes(len(data) - cut), "noise": chance.randbytes(len(data) - cut)}[how]
            for stale in ("", "-wal", "-shm", ".lock"):
                Path(f"{target}{stale}").unlink(missing_ok=True)
            shutil.copyfile(self.database, target)
            Path(f"{target}-wal").write_bytes(data[:cut] + tail)
            yield cut, how, {one for one, at in self.acknowledged.items() if at.salt != self.salt or at.end <= cut}
