"""What a large request took of memory is given back when it is over."""

import gc
import subprocess
import sys
import time
import weakref

import pytest

from app.core.config import ROOT
from app.core.permissions import Role
from app.people.rules import UnitKind
from app.web import giving_back

sqlite_only = True
GROWS = """
import re, sys
from pathlib import Path
from app.web import giving_back
def held():
    return int(re.search(r"RssAnon:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024
kept, before = [], held()
for nth in range(150_000):  # as the texts of a book, of which one in a thousand stays
    one = "x" * (600 + nth % 900)
    kept.append(one)
grown = held()
kept = kept[::1000]
freed = held()
giving_back._last -= 60
assert giving_back.give_back()
print(before, grown, freed, held())
"""


@pytest.fixture
def trimmed(monkeypatch):
    done: list[bool] = []
    monkeypatch.setattr(giving_back, "give_back", lambda: done.append(True) or True)
    return done


@pytest.fixture
def office(make, as_person):
    """A browser of an administrator, who may have all tables."""
    root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    administrator = make.person("霍静雯", home=root)
    make.grant(administrator, Role.ADMINISTRATOR, root)
    return as_person(administrator)


def test_after_a_large_file_after_a_large_upload_and_now_and_then_after_pages(client, office, trimmed, monkeypatch):
    monkeypatch.setattr(giving_back, "_last", time.monotonic())
    client.get("/boards")
    client.post("/sign-in", data={"phone": "13800138000", "secret": "x"})
    client.get("/exports/people.xlsx").close()  # asks to sign in
    assert office.get("/exports/people.xlsx").status_code == 200
    assert trimmed == []
    with monkeypatch.context() as patch:
        patch.setattr(giving_back, "LARGE", 1024)
        assert office.get("/exports/people.xlsx").status_code == 200
    assert len(trimmed) == 1
    client.post("/imports", data={"file": "x" * (giving_back.LARGE + 1)})
    assert len(trimmed) == 2
    monkeypatch.setattr(giving_back, "_last", time.monotonic() - 2 * giving_back.OFTEN)
    client.get("/boards")
    assert len(trimmed) == 3


def test_what_holds_on_to_itself_is_let_go_after_a_large_file(office, trimmed, monkeypatch):
    """A workbook does, and would stay until the garbage collector looks that far."""

    class Book:
        pass

    def left() -> "weakref.ref[Book]":
        book = Book()
        book.itself = book
        return weakref.ref(book)

    gc.disable()
    try:
        book = left()
        assert office.get("/exports/people.xlsx").status_code == 200
        assert book() is not None
        monkeypatch.setattr(giving_back, "LARGE", 1024)
        assert office.get("/exports/people.xlsx").status_code == 200
        assert book() is None
    finally:
        gc.enable()


def test_the_machine_has_it_again():
    done = subprocess.run([sys.executable, "-c", GROWS], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    before, grown, _, after = map(int, done.stdout.split())
    assert grown - before > 50
    assert after - before < (grown - before) / 2


def test_twice_at_once_is_done_once(monkeypatch):
    monkeypatch.setattr(giving_back, "_last", time.monotonic() - 60)
    assert giving_back.give_back()
    assert not giving_back.give_back()
