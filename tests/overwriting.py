"""A SQLite file made like the template again while connections to it stay open.

They may keep what they know of the schema: it is the template's own, else `renew` says no and the caller makes a new file. What they
know of pages they drop at their next read, since a checkpoint has changed the head of the WAL's index under them.
"""

import os
import sqlite3
from pathlib import Path
from typing import Any


class Overwriter:
    """Made on a fresh copy. Holds the file open all the time: closing it would take the locks of this process from its connections."""

    def __init__(self, template: Path, file: Path) -> None:
        self.file, self.content = file, template.read_bytes()
        self.handle = os.open(file, os.O_RDWR)
        self.connection = sqlite3.connect(file, timeout=0, isolation_level=None)  # never writes, nor reads more than the file's head
        self.connection.execute("PRAGMA synchronous = OFF")
        self.schema = self._first("schema_version")

    def close(self) -> None:
        self.connection.close()
        os.close(self.handle)

    def renew(self, _lines: list[Any]) -> bool:
        """False where only a new file helps: somebody reads, the schema has changed, the file has been replaced."""
        if not self.file.exists() or self.file.stat().st_ino != os.fstat(self.handle).st_ino:
            return False
        try:
            busy = self._first("schema_version") != self.schema or self._first("wal_checkpoint(TRUNCATE)")
        except sqlite3.Error:
            return False
        if busy:
            return False
        os.pwrite(self.handle, self.content, 0)
        os.truncate(self.handle, len(self.content))
        return True

    def _first(self, pragma: str) -> int:
        return int(self.connection.execute(f"PRAGMA {pragma}").fetchone()[0])
