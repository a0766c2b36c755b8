"""The list of defences that are taken away by `python -m tests.security.mutants`: it names tests that are there, and notices."""

import os
import re
import subprocess
import sys

import pytest

from app.core.config import ROOT
from tests.security.mutants import MUTANTS, WALLS

sqlite_only = True
SHARE = ("any_address_is_gone_on_to", "formulas_go_out_in_csv", "pictures_may_have_any_size")


@pytest.mark.parametrize("name", MUTANTS)
def test_each_names_tests_that_are_there(name):
    for test in MUTANTS[name].tests:
        path, *inside = test.split("::")
        source = (ROOT / path).read_text()
        assert all(re.search(rf"^\s*(?:def|class) {one}\b", source, re.MULTILINE) for one in inside), test


def test_the_list_holds_every_kind_of_attack_that_was_asked_for():
    said = " ".join((*MUTANTS, *WALLS))
    for word in (
        "token",
        "unknown_number",
        "hashed",
        "site_may_write",
        "formulas",
        "unpack",
        "any_size",
        "host",
        "scripts",
        "tab",
        "cookie",
        "audit",
    ):
        assert word in said, word
    assert len(WALLS) >= 10


def test_the_page_says_how_many_there_are():
    said = (ROOT / "docs" / "security.md").read_text()
    assert re.findall(r"each of (\d+) defences and (\d+) walls", said) == [(str(len(MUTANTS)), str(len(WALLS)))]


def test_what_is_broken_is_noticed():
    """Three of them here, each in a process of its own; all of them by hand."""
    asked = [sys.executable, "-m", "tests.security.mutants", *SHARE]
    environment = {name: value for name, value in os.environ.items() if name != "SHULIN_NOTHING_LEFT_OUT"}  # one engine is enough here
    done = subprocess.run(asked, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert [line.split() for line in done.stdout.splitlines()[:3]] == [["killed", name] for name in SHARE]
    assert set(SHARE) <= {name for name, one in MUTANTS.items() if one.quick}
