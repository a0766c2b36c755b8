"""What is sealed is every table of which the database takes only INSERTs, whatever it is called; each is sealed for real here."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, inspect, select, text

from app.core.db import Base, db
from app.seals import checking, rules, service
from app.seals.checking import MOST_NAMED
from app.seals.coverage import ALSO, APART, NAMES, By, is_sealed, sealed_tables
from app.web import tables  # noqa: F401 (so that the metadata is whole)
from tests.architecture.test_ledgers import put_row
from tests.conftest import NOON

ON_SQLITE = (
    "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%BEFORE DELETE ON ' || tbl_name || ' BEGIN%is append-only%'"
)
ON_POSTGRESQL = "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%\\_append\\_only' AND NOT tgisinternal"
LATER = NOON + timedelta(days=400)  # whatever moment a row says it was written


def test_every_append_only_table_is_sealed_or_it_is_said_why_not(app, engine):
    with db.engine.connect() as connection:
        guarded = set(connection.scalars(text(ON_SQLITE if engine == "sqlite" else ON_POSTGRESQL)))
    assert guarded == sealed_tables().keys() | APART.keys(), "name it in app/seals/coverage.py: NAMES, or APART with why"
    assert not sealed_tables().keys() & APART.keys()


def test_every_sealed_table_has_a_name_that_people_know(app):
    assert sealed_tables().keys() == NAMES.keys()
    assert set(inspect(db.engine).get_table_names()) >= ALSO
    assert all(not name.isascii() for name in NAMES.values())


def test_all_ledgers_scans_and_the_audit_are_among_them():
    assert {"hour_entry", "point_entry", "fund_movement_entry", "scan", "audit_event"} <= sealed_tables().keys()


def test_tables_without_numbers_that_grow_fast_go_by_an_index(app):
    for one in sealed_tables().values():
        if one.by is By.TIME:
            first = {next(iter(index.columns)).name for index in one.table.indexes}
            assert one.when.name in first


@pytest.mark.parametrize("name", sorted(name for name in Base.metadata.tables if is_sealed(name)))
def test_a_row_of_it_is_sealed_and_missed_when_it_is_gone(app, name):
    one = sealed_tables()[name]
    if db.session.execute(select(*one.key)).first() is None:  # points have rules from the beginning
        put_row(one.table)
    keys = [rules.key_text(row) for row in db.session.execute(select(*one.key).order_by(*one.key))]
    made = next(iter(service.seal_days(LATER)))
    assert made.content[name]["rows"] == len(keys)
    assert list(checking.rows([made])) == []
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA foreign_keys = OFF"))
            connection.execute(text(f"DROP TRIGGER {name}_no_delete"))
        else:
            connection.execute(text("SET session_replication_role = replica"))
        connection.execute(delete(one.table))
        connection.invalidate()
    said = f"封存 {_day(made)}：{one.called}（{name}）"
    named = [f"{said} {key} 号被删掉了" for key in keys[:MOST_NAMED]]
    more = len(keys) - MOST_NAMED
    assert list(checking.rows([made])) == [*named, *([f"{said}另有 {more} 行被删掉了"] if more > 0 else [])]


def _day(made) -> str:
    return f"{made.day.year}年{made.day.month}月{made.day.day}日"
