import pytest

from tests.fund.houses import House
from tests.fund.houses import build as build_house
from tests.panels.houses import Panel, build


@pytest.fixture
def house(make) -> House:
    return build_house(make)


@pytest.fixture
def panel(house) -> Panel:
    return build(house)
