import pytest

from tests.wishes.houses import Neighbourhood, build


@pytest.fixture
def place(make) -> Neighbourhood:
    return build(make)
