"""kill -9 in mid-burst, looked at before the server is up again. `python -m tests.simulator.crashes 100` does a hundred."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests import engines
from tests.simulator import crashes

pytestmark = pytest.mark.xdist_group("browser-1")  # one worker's, as the other tests that start servers
RUNS = {"sqlite": 4, "postgresql": 2}


@pytest.fixture
def url(site: Any, tmp_path: Path) -> str:
    if site.server_url:
        return engines.postgres_copy(site.server_url, "shulin_template", f"crashed_{os.getpid()}")
    engines.sqlite_copy(site.template_file, tmp_path / "killed.db")
    return f"sqlite:///{tmp_path / 'killed.db'}"


def test_nothing_that_was_answered_is_lost_and_nothing_is_there_twice(url: str, engine: str, tmp_path: Path) -> None:
    crashes.many(RUNS[engine], url, tmp_path)


def test_a_kill_that_comes_when_the_burst_is_over_does_not_count(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = crashes.moment
    monkeypatch.setattr(crashes, "moment", lambda chance, size, late: drawn(chance, size, late) if late else (size, 0))
    assert crashes.many(1, url, tmp_path) >= 1
