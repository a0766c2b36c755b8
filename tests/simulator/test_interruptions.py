"""What the simulator itself does when it has ended a connection: no step after it fails for that."""

from sqlalchemy import text

from app.core.db import db
from tests.simulator.interruptions import _terminate, recover

postgresql_only = True


def _died():
    with db.engine.connect() as connection:
        driver = connection.connection.driver_connection
        _terminate(driver)
        return driver


def test_a_connection_that_died_unnoticed_is_not_taken_again(app):
    _died()
    recover()
    assert db.session.execute(text("SELECT 1")).scalar_one() == 1


def test_one_that_is_dead_already_is_let_alone(app):
    driver = _died()
    driver.close()
    _terminate(driver)
    recover()
