"""Statements that were built once, run on the driver itself: for paths where a queue waits.

SQLAlchemy writes the SQL and knows how each type is bound and read; it is asked once per statement and engine. What is left of an
execution is the driver's own call. Types, errors and the events that tests count by stay SQLAlchemy's. See docs/decisions/0028.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Dialect, Executable, Insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

Convert = Callable[[Any], Any]


class Prepared:
    """One statement for one dialect: its SQL, its parameters as the driver wants them, and what turns a fetched row into ours."""

    def __init__(self, compiled: SQLCompiler, dialect: Dialect) -> None:
        self._sql = str(compiled)
        self._error = dialect.loaded_dbapi.Error
        self._dialect = dialect
        lists = compiled._post_compile_expanded_state
        binds: dict[str, Convert] = {**compiled._bind_processors, **(lists.processors if lists else {})}  # type: ignore[dict-item]
        self._fixed = dict(compiled.params)
        self._places = [(name, binds.get(name)) for name in (compiled.positiontup or self._fixed)]
        self._positional = compiled.positional
        columns = compiled._result_columns or ()
        reads = [column.type._cached_result_processor(dialect, None) for column in columns]
        self._reads = [(place, read) for place, read in enumerate(reads) if read is not None]
        self._returns = bool(columns)

    def run(self, connection: Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The rows, none for a statement that returns nothing. Raises what SQLAlchemy would raise."""
        given = {**self._fixed, **values}
        bound = [(name, given[name] if bind is None else bind(given[name])) for name, bind in self._places]
        parameters: Any = tuple([value for _, value in bound]) if self._positional else dict(bound)
        cursor = connection.connection.cursor()
        try:
            connection.dispatch.before_cursor_execute(connection, cursor, self._sql, parameters, None, False)
            cursor.execute(self._sql, parameters)
            found = cursor.fetchall() if self._returns else []
        except self._error as error:
            if lost := self._dialect.is_disconnect(error, connection.connection, cursor):
                connection.invalidate(error)
            raise DBAPIError.instance(self._sql, None, error, self._error, connection_invalidated=lost, dialect=self._dialect) from error
        finally:
            cursor.close()
        return [self._read(row) for row in found] if self._reads else list(found)

    def _read(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        ours = list(row)
        for place, read in self._reads:
            ours[place] = read(ours[place])
        return tuple(ours)


def _prepare(statement: Executable, dialect: Dialect, names: tuple[str, ...]) -> Prepared | None:
    """None for what is not the same at every execution: a list as long as it is given, or a default that Python fills in."""
    compiled = statement.compile(  # type: ignore[attr-defined]  # every statement has it, `Executable` does not declare it
        dialect=dialect, column_keys=list(names) if isinstance(statement, Insert) else None
    )
    if compiled.post_compile_params or compiled.literal_execute_params or compiled.insert_prefetch or compiled.update_prefetch:
        return None
    return Prepared(compiled, dialect)


def prepare_whole(statement: Executable, dialect: Dialect) -> Prepared:
    """For a caller that keeps it: the lists in it stay as they are, so that they are written out. Each `bindparam` needs a value."""
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})  # type: ignore[attr-defined]  # as above
    return Prepared(compiled, dialect)


_made: dict[tuple[int, str, tuple[str, ...]], tuple[Executable, Prepared | None]] = {}  # holds the statement, so that its id stays its own


def run(statement: Executable, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
    """The rows of a statement that lives as long as the process (a constant of its module)."""
    key = (id(statement), connection.dialect.name, tuple(values))
    known = _made.get(key)
    if known is None:
        known = _made[key] = (statement, _prepare(statement, connection.dialect, tuple(values)))
    prepared = known[1]
    if prepared is None:
        result = connection.execute(statement, values)
        return list(result.all()) if result.returns_rows else []
    return prepared.run(connection, values)
