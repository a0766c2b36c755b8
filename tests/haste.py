"""What the site does slowly and tests need not wait for: a hash that is costly to guess, the pauses of long work.

tests/core/test_haste.py and test_pacing.py hold the site to them.
"""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from app.accounts import service as accounts
from app.core import pacing

SITE_HASHER = accounts._hasher


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """The same argon2id, as cheap as it gets."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "_hasher", quick)
        patch.setattr(accounts, "_NOBODY", quick.hash("nobody"))
        yield


@pytest.fixture(scope="session", autouse=True)
def no_pauses() -> Iterator[None]:
    """Nobody else waits for the write lock of a test's own database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pacing, "sleep", lambda _seconds: None)
        yield
