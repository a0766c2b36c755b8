import pytest

from tests.fund.houses import House, build
from tests.fund.ways import Ways


@pytest.fixture
def house(make) -> House:
    return build(make)


@pytest.fixture
def ways(house) -> Ways:
    return Ways(house)
