"""A full disk, as SQLite says it: pages open, what can not be kept is refused in words. PostgreSQL's own code for it: test_troubles."""

import pytest
from sqlalchemy import event, func, select

from app.core.db import db
from app.people.models import Consent
from tests.operations.test_troubles import of_sqlite

sqlite_only = True


@pytest.fixture
def disk(app):
    """`disk.fill()`: from then on the database can not grow by a page, as on a full disk, in SQLite's own words; `disk.clear()` ends it."""

    def no_more(connection, _record) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    class Disk:
        full = False

        def fill(self) -> None:
            self._afresh()
            event.listen(db.engine, "connect", no_more)
            self.full = True

        def clear(self) -> None:
            if self.full:
                event.remove(db.engine, "connect", no_more)
                self.full = False
            self._afresh()

        def _afresh(self) -> None:
            db.session.remove()
            db.engine.dispose()

    made = Disk()
    yield made
    made.clear()


def consents() -> int:
    return db.session.scalar(select(func.count()).select_from(Consent)) or 0


def test_on_a_full_disk_pages_open_and_what_can_not_be_kept_is_refused_in_words(make, as_person, disk):
    browser = as_person(make.person("何嘉怡", home=make.unit("锦园第一党支部")))
    disk.fill()
    answers = []
    while len(answers) < 600 and 503 not in answers:  # each agrees or takes it back: a row, or an audit row
        way = "" if len(answers) % 2 == 0 else "/withdrawal"
        answer = browser.post(f"/me/consents/personal_board{way}", data={})
        answers.append(answer.status_code)
    assert set(answers) == {303, 503}, "a few had room, then the disk was full"
    for words in ("硬盘满了", "没有记上", "以前记下的都在"):
        assert words in answer.text
    assert "何嘉怡" not in answer.text
    assert answer.headers["Retry-After"] == "30"
    assert consents() == (answers.count(303) + 1) // 2, "what was answered with yes is there, and nothing else"
    assert browser.get("/me").status_code == 200, "reading goes on"
    assert browser.get("/readyz").status_code == 200
    disk.clear()
    assert browser.post(f"/me/consents/personal_board{way}", data={}).status_code == 303, "with room again it goes on by itself"


def test_a_script_and_a_fragment_are_told_in_their_own_form(make, as_person, disk, monkeypatch):
    browser = as_person(make.person("何嘉怡", home=make.unit("锦园第一党支部")))

    def full(*_: object, **__: object) -> None:
        raise of_sqlite("database or disk is full")

    monkeypatch.setattr("app.accounts.own_views.in_transaction", full)
    fragment = browser.post("/me/consents/personal_board", data={}, headers={"HX-Request": "true"})
    assert (fragment.status_code, "<html" in fragment.text, "硬盘满了" in fragment.text) == (503, False, True)
    told = browser.post("/me/consents/personal_board", data={}, headers={"Accept": "application/json"})
    assert (told.status_code, told.content_type, "硬盘满了" in told.json["title"]) == (503, "application/problem+json", True)
