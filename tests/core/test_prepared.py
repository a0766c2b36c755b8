"""What runs on the driver itself is what SQLAlchemy would have run: the same values, rows and errors, on both engines."""

from datetime import UTC, date, datetime
from typing import cast
from uuid import uuid4

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Uuid, bindparam, event, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import QueuePool

from app.core import prepared
from app.core.db import add_row, db, in_transaction, put_rows, rows, table_of
from app.people.models import Person
from app.people.rules import Origin
from tests.conftest import statements
from tests.factories import Factory

NOW = datetime(2026, 11, 21, 4, 5, 6, 789000, tzinfo=UTC)
PERSON = table_of(Person)
BY_NAME = select(Person.id, Person.name, Person.origin, Person.recorded_at, Person.birth_date, Person.confirmed_at).where(
    Person.name == bindparam("name")
)
NAMED = select(Person.name).where(Person.name.in_(bindparam("names", expanding=True))).order_by(Person.name)
RENAME = update(PERSON).where(PERSON.c.name == bindparam("before")).values(name=bindparam("after")).returning(PERSON.c.name)
COUNT = select(func.count()).select_from(PERSON)


def test_reads_what_sqlalchemy_reads(make: Factory) -> None:
    make.person("陈大明")
    core = [tuple(row) for row in db.session.execute(BY_NAME, {"name": "陈大明"})]
    assert rows(BY_NAME, name="陈大明") == core
    ((_, _, origin, recorded_at, _, _),) = core
    assert isinstance(origin, Origin)
    assert recorded_at.tzinfo is UTC


def test_writes_times_dates_and_nothing_as_they_are_read_back(make: Factory) -> None:
    del make
    values = {"name": "何嘉怡", "origin": Origin.SELF, "recorded_at": NOW, "note": "", "initials": "hjy"}
    in_transaction(lambda: add_row(PERSON, **values, birth_date=date(1990, 2, 28), confirmed_at=None))
    ((_, name, origin, recorded_at, birth_date, confirmed_at),) = rows(BY_NAME, name="何嘉怡")
    assert (name, origin, recorded_at, birth_date, confirmed_at) == ("何嘉怡", Origin.SELF, NOW, date(1990, 2, 28), None)


def test_who_has_read_by_the_session_reads_on_its_connection_and_takes_no_second(make: Factory) -> None:
    make.person("陈大明")
    pool = cast("QueuePool", db.engine.pool)
    db.session.remove()
    with_none, taken = pool.checkedout(), list[int]()
    listen = lambda *_: taken.append(pool.checkedout())  # noqa: E731 (the same object is taken off again)
    event.listen(db.engine, "before_cursor_execute", listen)
    try:
        db.session.scalar(COUNT)
        assert rows(COUNT) == [(1,)]
    finally:
        event.remove(db.engine, "before_cursor_execute", listen)
    assert taken == [with_none + 1, with_none + 1]


def test_a_list_as_long_as_it_comes_is_left_to_sqlalchemy(make: Factory) -> None:
    for name in ("陈大明", "何嘉怡", "霍静雯"):
        make.person(name)
    assert {name for (name,) in rows(NAMED, names=["陈大明", "霍静雯"])} == {"陈大明", "霍静雯"}
    assert rows(NAMED, names=[]) == []


def test_what_is_written_is_seen_inside_the_transaction_and_returned(make: Factory) -> None:
    make.person("陈大明")

    def work() -> list[tuple[str]]:
        assert rows(RENAME, before="陈大明", after="陈小明") == [("陈小明",)]
        return rows(BY_NAME, name="陈小明")

    assert len(in_transaction(work)) == 1


def test_a_broken_constraint_is_the_error_that_services_know(make: Factory) -> None:
    known = make.person("陈大明")
    values = {"id": known, "name": "又一位", "origin": Origin.SELF, "recorded_at": NOW, "note": ""}
    with pytest.raises(IntegrityError):
        in_transaction(lambda: add_row(PERSON, **values))
    assert rows(COUNT) == [(1,)]


def test_one_value_and_many_are_written_alike(make: Factory) -> None:
    del make
    statement = insert(PERSON).inline()
    people = [{"name": f"街坊{n}", "origin": Origin.SELF, "recorded_at": NOW, "note": "", "initials": ""} for n in range(4)]
    in_transaction(lambda: put_rows(statement, people[:1]))
    in_transaction(lambda: put_rows(statement, people[1:]))
    assert rows(COUNT) == [(4,)]


def test_a_default_that_python_fills_in_is_left_to_sqlalchemy(make: Factory) -> None:
    del make
    table = Table("made_here", MetaData(), Column("id", Integer, primary_key=True), Column("mark", Uuid, default=uuid4))
    with db.engine.connect() as connection:
        assert prepared._prepare(insert(table).inline(), connection.dialect, ("id",)) is None


def test_the_statements_that_tests_count_include_these(make: Factory) -> None:
    del make
    with statements() as sent:
        rows(COUNT)
    assert len(sent) == 1
