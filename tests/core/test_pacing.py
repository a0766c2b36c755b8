"""Long work takes the write lock for a moment at a time, and leaves as much time to others."""

import pytest
from sqlalchemy import text

from app.core import pacing
from app.core.db import db, writing
from app.core.errors import NotFound
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
    few = watch(0.00001)
    in_steps(range(6000), few.step, most=5000)
    assert [len(part) for part in few.parts] == [200, 400, 800, 800, 800, 800, 800, 800, 600]
    seen = watch(0.0001)
    in_steps(range(3000), seen.step, most=5000)
    assert [len(part) for part in seen.parts[:3]] == [200, 200, 200]  # 0.02 s: neither twice nor half of the aim


def test_parts_shrink_when_each_row_takes_long_but_not_to_nothing(watch):
    seen = watch(0.002)
    in_steps(range(500), seen.step, most=500)
    assert [len(part) for part in seen.parts] == [200, 200, 100]
    assert max(seen.pauses) == pytest.approx(pacing.LONGEST_PAUSE)


def test_others_get_as_much_time_as_the_work_took(watch):
    seen = watch(0.0002)
    in_steps(range(400), seen.step, most=100)
    assert sum(seen.pauses) >= 0.9 * seen.now - len(seen.parts[-1]) * 0.0002


def test_no_more_at_once_than_said_and_nothing_for_nothing(watch):
    seen = watch(0.0)
    in_steps([], seen.step, most=5)
    in_steps(range(12), seen.step, most=5)
    assert [len(part) for part in seen.parts] == [5, 5, 2]


def test_what_can_be_made_ready_is_made_ready_before_the_lock(watch):
    """Nobody at a gate waits for reckoning."""
    seen, inside = watch(0.0), []

    def ready(part):
        with pytest.raises(RuntimeError):
            writing()
        inside.append(len(part))
        return [2 * one for one in part]

    in_steps([1, 2, 3], seen.step, most=2, ready=ready)
    assert (inside, seen.parts) == ([2, 1], [[2, 4], [6]])


def test_reckoning_aside_returns_and_raises_as_if_it_were_done_here(app):
    assert pacing.at_leisure(lambda: db.session.scalar(text("SELECT 7"))) == 7
    with pytest.raises(NotFound):
        pacing.at_leisure(_missing)


def _missing() -> None:
    raise NotFound
