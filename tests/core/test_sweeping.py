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
