"""Long work takes the write lock for a moment at a time, and leaves as much time to others."""

import pytest

from app.core import pacing
from app.core.db import writing
from app.core.pacing import in_steps

sqlite_only = True


class Watch:
    """A clock of its own: each row takes so long, and pauses are noted instead of waited for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds_a_row: float) -> None:
        self.now, self.row, self.parts, self.pauses = 0.0, seconds_a_row, [], []
        monkeypatch.setattr(pacing, "monotonic", lambda: self.now)
        monkeypatch.setattr(pacing, "sleep", self.pauses.append)

    def step(self, part: list[int]) -> None:
        writing()
        self.parts.append(list(part))
        self.now += self.row * len(part)


@pytest.fixture
def watch(app, monkeypatch):
    return lambda seconds: Watch(monkeypatch, seconds)


def test_every_item_once_and_in_its_order(watch):
    seen = watch(0.001)
    in_steps(range(1000), seen.step, most=500)
    assert [one for part in seen.parts for one in part] == list(range(1000))


def test_parts_grow_until_a_step_lasts_about_as_long_as_it_should(watch):
    seen = watch(0.0001)
    in_steps(range(3000), seen.step, most=5000)
    assert [len(part) for part in seen.parts[:4]] == [50, 100, 200, 200]


def test_parts_shrink_when_each_row_takes_long_but_not_to_nothing(watch):
    seen = watch(0.002)
    in_steps(range(120), seen.step, most=500)
    assert [len(part) for part in seen.parts] == [50, 50, 20]
    assert max(seen.pauses) == pytest.approx(pacing.AIM)


def test_others_get_as_much_time_as_the_work_took(watch):
    seen = watch(0.0002)
    in_steps(range(400), seen.step, most=100)
    assert sum(seen.pauses) >= 0.9 * seen.now - len(seen.parts[-1]) * 0.0002


def test_no_more_at_once_than_said_and_nothing_for_nothing(watch):
    seen = watch(0.0)
    in_steps([], seen.step, most=5)
    in_steps(range(12), seen.step, most=5)
    assert [len(part) for part in seen.parts] == [5, 5, 2]
