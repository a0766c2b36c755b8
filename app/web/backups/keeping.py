"""Which backups of a folder stay: the newest of each of the last days, weeks, months and years that have any.

Counted over what is there and not over the calendar: a site that stood still for a year, or a wrong clock, deletes nothing by that.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.core import clock

NAME = re.compile(r"shulin-(\d{4}-\d{2}-\d{2}-\d{6})\.tar\.gz")


@dataclass(frozen=True)
class Rules:
    """How many days, weeks, months and years keep one each."""

    days: int = 7
    weeks: int = 5
    months: int = 12
    years: int = 10


def name_at(now: datetime) -> str:
    return f"shulin-{clock.local(now):%Y-%m-%d-%H%M%S}.tar.gz"


def made_at(file: Path) -> datetime | None:
    """When a file that we named was made; None for every other file, which is nobody's to delete."""
    found = NAME.fullmatch(file.name)
    if not found:
        return None
    try:
        return datetime.strptime(found[1], "%Y-%m-%d-%H%M%S").replace(tzinfo=clock.SHANGHAI)
    except ValueError:
        return None


def kept_here(folder: Path) -> list[tuple[datetime, Path]]:
    """Ours in a folder, newest first."""
    found = [(at, file) for file in folder.iterdir() if file.is_file() and not file.is_symlink() and (at := made_at(file))]
    return sorted(found, reverse=True)


def kept(moments: Iterable[datetime], rules: Rules) -> set[datetime]:
    """Those that stay. The newest always does."""
    ordered = sorted(moments, reverse=True)
    stay = set(ordered[:1])
    of: list[tuple[int, Callable[[datetime], object]]] = [
        (rules.days, lambda at: at.date()),
        (rules.weeks, lambda at: at.isocalendar()[:2]),
        (rules.months, lambda at: (at.year, at.month)),
        (rules.years, lambda at: at.year),
    ]
    for number, span in of:
        seen: list[object] = []
        for at in ordered:
            if len(seen) >= number:
                break
            if span(at) not in seen:
                seen.append(span(at))
                stay.add(at)
    return stay


def thin(folder: Path, rules: Rules, made: Path | None = None) -> list[Path]:
    """Deletes what no rule keeps; what went. The one just `made` stays, also where a clock that was ahead named another later."""
    files = dict(kept_here(folder))
    gone = [files[at] for at in sorted(files.keys() - kept(files, rules)) if files[at] != made]
    for file in gone:
        file.unlink(missing_ok=True)
    return gone
