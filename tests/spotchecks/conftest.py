import pytest

from tests.fund.houses import House, build
from tests.spotchecks.examples import Books


@pytest.fixture
def house(make) -> House:
    return build(make)


@pytest.fixture
def books(house) -> Books:
    return Books(house)
