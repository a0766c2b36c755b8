"""`flask doctor`: what an operator would look at, looked at. Each check answers with one line in plain words, and what to do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.exc import OperationalError


class Level(StrEnum):
    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


LEVEL_WORDS = {Level.GOOD: "好", Level.NOTE: "注意", Level.BAD: "不行"}


@dataclass(frozen=True)
class Finding:
    """`said` is what is the case, `todo` what to do about it (empty where all is well). No personal data, no secrets."""

    name: str
    level: Level
    said: str
    todo: str = ""


Check = Callable[[], Iterator[Finding]]


def examine(checks: dict[str, Check]) -> list[Finding]:
    """All of them, in order. A check that breaks is itself a finding: a doctor who falls silent helps nobody."""
    found = []
    for name, check in checks.items():
        try:
            found += list(check())
        except OperationalError:
            found.append(Finding(name, Level.BAD, "没查成：数据库没有回答", "先看“数据库”那一项，好了再查一次"))
        except Exception as error:
            found.append(Finding(name, Level.BAD, f"没查成（{type(error).__name__}）", "先看别的几项；都好了仍这样，请报告给维护的人"))
    return found
