"""`-p tests.patience`: only the property tests, each with SHULIN_TIMES as many examples, other ones every time.

Which ones is `--hypothesis-seed`'s to say: the same seed and the same number find the same again.
"""

import os
from collections.abc import Callable
from types import CodeType
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

TIMES = int(os.environ.get("SHULIN_TIMES", "5"))
BY_THEMSELVES = {"given", "run_state_machine_as_test"}  # what a test without parameters of hypothesis calls


def _patient(init: Callable[..., None]) -> Callable[..., None]:
    def patiently(self: settings, parent: settings | None = None, **said: Any) -> None:
        if "max_examples" in said:
            said["max_examples"] *= TIMES
        if said.pop("derandomize", False):
            said["database"] = None
        init(self, parent, **said)

    return patiently


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "hypothesis: has parameters of hypothesis")
    slow = [HealthCheck.too_slow]  # says how busy the machine is
    one = settings(max_examples=100 * TIMES, deadline=None, derandomize=False, database=None, print_blob=True, suppress_health_check=slow)
    settings.register_profile("patient", one)
    settings.load_profile("patient")
    settings.__init__ = _patient(settings.__init__)  # type: ignore[method-assign]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    chosen = [one for one in items if _is_property(one)]
    config.hook.pytest_deselected(items=[one for one in items if one not in chosen])
    items[:] = chosen


def _is_property(item: pytest.Item) -> bool:
    function = getattr(item, "function", None)
    if function is None or item.get_closest_marker("browser"):
        return False
    return hasattr(function, "hypothesis") or bool(BY_THEMSELVES & _names(function.__code__))


def _names(code: CodeType) -> set[str]:
    """That a function uses, and those inside it."""
    inner = [_names(one) for one in code.co_consts if isinstance(one, CodeType)]
    return set(code.co_names).union(*inner)
