"""What one test wrote, the next does not find: of whatever kind, on either engine."""

from sqlalchemy import inspect, select, text, update

from app.core.db import Base, db, in_transaction
from app.fund.models import FundAccount
from tests.factories import Factory


def everything() -> dict[str, list[tuple[object, ...]]]:
    return {name: [tuple(row) for row in db.session.execute(select(table))] for name, table in Base.metadata.tables.items()}


def test_rows_seeds_and_numbers_are_as_in_a_new_database(app, site):
    new = everything()
    first = Factory().unit()
    assert new["fund_account"]
    in_transaction(lambda: db.session.execute(update(FundAccount).values(name="换了说法")))
    db.session.remove()
    assert everything()["fund_account"] != new["fund_account"]
    db.session.remove()
    site.fresh()
    assert everything() == new
    assert Factory().unit() == first


def test_what_is_no_row_is_gone_too(app, site):
    in_transaction(lambda: db.session.execute(text("CREATE TABLE left_behind (id integer)")))
    db.session.remove()
    site.fresh()
    assert "left_behind" not in inspect(db.engine).get_table_names()


def test_a_transaction_left_open_holds_nobody_up(app, site):
    Factory().unit()
    connection = db.engine.connect().execution_options(isolation_level="SERIALIZABLE")
    connection.execute(text("SELECT * FROM unit"))
    site.fresh()
    connection.invalidate()
    connection.close()
    assert db.session.execute(text("SELECT count(*) FROM unit")).scalar_one() == 0


def test_a_line_that_stays_open_sees_none_of_the_pages_it_has_read_before(app, site):
    """Read, changed by somebody else, made new: by the same connection, which stayed open."""
    new = everything()
    db.session.remove()
    before = _line()
    Factory().unit("锦园第一党支部")
    assert db.session.scalar(text("SELECT count(*) FROM unit")) == 1
    db.session.remove()
    for _ in range(3):
        site.fresh()
        assert everything() == new
        db.session.remove()
        Factory().unit()
        db.session.remove()
    assert _line() is before


def test_what_was_set_on_a_line_is_as_on_a_new_one(app, site):
    harm, ask, well = {
        "sqlite": ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys", 1),
        "postgresql": ("SET session_replication_role = replica", "SHOW session_replication_role", "origin"),
    }[site.engine]
    db.session.execute(text(harm))
    assert db.session.scalar(text(ask)) != well
    db.session.remove()
    site.fresh()
    assert db.session.scalar(text(ask)) == well


def test_what_several_have_written_at_once_is_gone(app, site, at_once):
    at_once([Factory().unit] * 6)
    db.session.remove()
    site.fresh()
    assert db.session.scalar(text("SELECT count(*) FROM unit")) == 0


def _line():
    with db.engine.connect() as connection:
        return connection.connection.driver_connection
