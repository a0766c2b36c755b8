"""What reaches the log, and what must not."""

import json
import logging
import sys
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from app.accounts.models import Account
from app.accounts.rules import SecretKind
from app.core import clock
from app.core.db import db, in_transaction
from app.web.logs import Lines, Plain


def record(message: str, *args: object) -> logging.LogRecord:
    return logging.LogRecord("shulin", logging.ERROR, __file__, 1, message, args, sys.exc_info() if sys.exc_info()[0] else None)


@pytest.mark.parametrize("formatter", [Plain(), Lines()])
def test_a_number_as_long_as_a_phone_is_cut_out(formatter):
    written = formatter.format(record("row 17 of %s for 13800000001", "batch 3"))
    assert "13800000001" not in written
    assert "row 17 of batch 3" in written


@pytest.mark.parametrize("formatter", [Plain(), Lines()])
def test_a_complaint_of_the_database_is_logged_without_the_row(app, make, formatter):
    person, other = make.person("何嘉怡"), make.person("李伯")
    make.account(person, "13800138000")
    columns = {"person_id": other, "login_phone": "13800138000", "secret_hash": "a hash nobody should see", "secret_kind": SecretKind.PIN}
    try:
        in_transaction(lambda: db.session.execute(insert(Account).values(**columns, created_at=clock.now())))
    except IntegrityError:
        written = formatter.format(record("unexpected"))
    assert "IntegrityError" in written
    for secret in ("13800138000", "a hash nobody should see"):
        assert secret not in written


def test_a_line_for_machines_is_one_json_object():
    """Its moment is UTC and says so."""
    said = record("said\ntwice")
    said.created = datetime(2026, 11, 21, 4, 0, 0, 250_000, tzinfo=UTC).timestamp()
    written = Lines().format(said)
    assert "\n" not in written
    assert json.loads(written)["message"] == "said\ntwice"
    assert json.loads(written)["at"] == "2026-11-21T04:00:00.250+00:00"
