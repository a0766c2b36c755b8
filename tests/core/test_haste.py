"""What tests skip for speed (tests/haste.py, engines.unsynchronised), the site itself does."""

import pytest
from argon2 import PasswordHasher, Type
from sqlalchemy import create_engine

from app.core.db import prepare
from tests.haste import SITE_HASHER


def test_a_hash_costs_what_owasp_asks_of_argon2id_at_least():
    assert isinstance(SITE_HASHER, PasswordHasher)
    assert SITE_HASHER.type is Type.ID
    assert SITE_HASHER.memory_cost >= 19_456
    assert SITE_HASHER.time_cost >= 2


@pytest.mark.parametrize(("pragma", "value"), [("synchronous", 2), ("journal_mode", "wal"), ("foreign_keys", 1), ("recursive_triggers", 1)])
def test_a_commit_is_on_the_disk_and_keys_and_guards_hold(tmp_path, pragma, value):
    engine = create_engine(f"sqlite:///{tmp_path / 'site.db'}")
    prepare(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value
    engine.dispose()
