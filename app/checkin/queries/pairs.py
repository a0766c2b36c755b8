"""rules.takes_a_pair in SQL, for the door's one query."""

from typing import Any

from sqlalchemy import ColumnElement, Integer, case, func, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from app.checkin.rules import SHORTEST_MINUTES


class Seconds(GenericFunction[int]):
    """Whole seconds of a time since 1970, cut down."""

    type = Integer()
    inherit_cache = True
    name = "seconds_of"


@compiles(Seconds, "sqlite")
def _sqlite(element: Seconds, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(strftime('%s', substr({compiler.process(element.clauses, **options)}, 1, 19)) AS INTEGER)"


@compiles(Seconds, "postgresql")
def _postgresql(element: Seconds, compiler: SQLCompiler, **options: Any) -> str:
    return f"floor(extract(epoch FROM {compiler.process(element.clauses, **options)}))::bigint"


def takes_a_pair(attendance: Any, shift: Any) -> ColumnElement[bool]:
    """The spell goes on, or counted something. `attendance` and `shift` are the models or aliases, joined by the caller."""
    end = func.coalesce(shift.extended_to, shift.ends_at)
    start = case((attendance.in_at > shift.starts_at, attendance.in_at), else_=shift.starts_at)
    finish = case((attendance.out_at < end, attendance.out_at), else_=end)
    served, planned = _minutes(start, finish), _minutes(shift.starts_at, end)
    pause = (shift.break_minutes * served + planned - 1) // func.nullif(planned, 0)
    return or_(attendance.out_at.is_(None), served - func.coalesce(pause, 0) >= SHORTEST_MINUTES)


def _minutes(begin: Any, finish: Any) -> ColumnElement[int]:
    return (Seconds(finish) - Seconds(begin)) // 60
