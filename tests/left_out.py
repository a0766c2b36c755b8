"""What this machine can not test, said aloud; with SHULIN_NOTHING_LEFT_OUT=1 (.ci/run sets it) that is an error instead.

Nothing is left out in silence: a missing PostgreSQL or Chromium stands in the last lines of the run.
"""

import os
from collections.abc import Iterator

import pytest

from tests.machine import chromium, left_out


def strict() -> bool:
    return os.environ.get("SHULIN_NOTHING_LEFT_OUT") == "1"


def pytest_configure(config: pytest.Config) -> None:
    if strict() and (missing := left_out()):
        raise pytest.UsageError("nothing may be left out here, but:\n  " + "\n  ".join(missing))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if chromium():
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Where nothing may be left out, a skipped test has failed."""
    report = yield
    if strict() and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and nothing may be left out here: {report.longrepr}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in left_out():
        terminalreporter.write_line(f"LEFT OUT  {line}", yellow=True)
