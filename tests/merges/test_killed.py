"""A power cut at any statement of a merge or of its undoing: nothing is half told, and one command does it to its end. Both engines."""

import json
import signal
import subprocess
import sys

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.config import ROOT
from app.core.db import db
from app.merges.models import Merge
from app.merges.queries.digest import digest
from tests.merges.conftest import faults, hours_of, points_of, units

SPELLS = 5
# Of the 193 statements of the merge and the 104 of its undoing; whether they were decided by then, and some of the entries moved.
CUTS = ((60, 8, False), (150, 50, True), (188, 100, True))


@pytest.fixture
def dies(app, two, tmp_path):
    """Another process does it, and is killed before that statement."""

    def run(deed: str, merge_id: int, statements: int) -> None:
        seen = digest(two.pair()) if deed == "approve" else ""
        task = {"deed": deed, "merge": merge_id, "by": two.checker, "seen": seen, "statements": statements, "now": clock.now().isoformat()}
        task |= {"url": app.config["SETTINGS"].database_url, "folder": str(tmp_path)}
        db.session.remove()
        command = [sys.executable, "-m", "tests.merges.dying", json.dumps(task)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
        assert done.returncode == -signal.SIGKILL, done.stderr

    return run


@pytest.mark.parametrize(("merging", "undoing", "between"), CUTS)
def test_a_merge_and_its_undoing_are_killed_and_done_to_their_end(app, two, dies, merging, undoing, between):
    for who in (two.old, two.new) * SPELLS:
        two.serve(who)
    before = [(hours_of(who), points_of(who)) for who in (two.old, two.new)]
    both, of_units = (hours_of(two.old, two.new), points_of(two.old, two.new)), units()
    merge_id = two.propose()

    dies("approve", merge_id, merging)
    assert (is_so(Merge.verdict, merge_id), is_so(Merge.merged_at, merge_id)) == (between, False)
    assert faults() == []
    assert (hours_of(two.old, two.new), points_of(two.old, two.new), units()) == (*both, of_units)
    if not is_so(Merge.verdict, merge_id):
        two.approve(merge_id)
    finish(app)
    assert is_so(Merge.merged_at, merge_id)
    assert (hours_of(two.new), points_of(two.new)) == ({}, {})
    assert (hours_of(two.old), points_of(two.old), units()) == (*both, of_units)
    assert faults() == []

    dies("undo", merge_id, undoing)
    assert (is_so(Merge.undo_at, merge_id), is_so(Merge.undone_at, merge_id)) == (between, False)
    assert faults() == []
    assert (hours_of(two.old, two.new), points_of(two.old, two.new), units()) == (*both, of_units)
    if not is_so(Merge.undo_at, merge_id):
        two.undo(merge_id)
    finish(app)
    assert [(hours_of(who), points_of(who)) for who in (two.old, two.new)] == before
    assert units() == of_units
    assert faults() == []


def is_so(column, merge_id: int) -> bool:
    """It was written."""
    db.session.expire_all()
    return db.session.scalar(select(column).where(Merge.id == merge_id)) is not None


def finish(app) -> None:
    """What the timer does; once more changes nothing."""
    for _ in range(2):
        db.session.remove()
        done = app.test_cli_runner().invoke(args=["merges", "finish"])
        assert done.exit_code == 0, done.output
    assert "没有中断的合并" in done.output
