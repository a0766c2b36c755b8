"""kill -9 in mid-burst, looked at before the server is up again. `python -m tests.simulator.crashes 100` does a hundred."""

import os
from pathlib import Path

import pytest

from tests import engines
from tests.simulator.crashes import many

pytestmark = pytest.mark.xdist_group("browser-1")  # one worker's, as the other tests that start servers
RUNS = {"sqlite": 4, "postgresql": 2}


def test_nothing_that_was_answered_is_lost_and_nothing_is_there_twice(site, engine: str, tmp_path: Path) -> None:
    if site.server_url:
        url = engines.postgres_copy(site.server_url, "shulin_template", f"crashed_{os.getpid()}")
    else:
        engines.sqlite_copy(site.template_file, tmp_path / "killed.db")
        url = f"sqlite:///{tmp_path / 'killed.db'}"
    many(RUNS[engine], url, tmp_path)
