import pytest

from tests.fund.houses import House, build


@pytest.fixture
def house(make) -> House:
    return build(make)
