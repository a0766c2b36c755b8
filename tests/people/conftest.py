"""The town that tests of the trees begin with."""

import pytest

from app.people.rules import UnitKind
from tests.people.town import create

K = UnitKind


@pytest.fixture
def town(app):
    """街道 → 灯湖、桂南 → 锦园第一党支部 → 两个党小组."""
    root = create(K.SUBDISTRICT, "桂城街道党工委", None)
    lake, south = (create(K.COMMUNITY, f"{name}社区党委", root) for name in ("灯湖", "桂南"))
    branch = create(K.BRANCH, "锦园第一党支部", lake)
    groups = [create(K.GROUP, name, branch) for name in ("第一党小组", "第二党小组")]
    return {"root": root, "lake": lake, "south": south, "branch": branch, "groups": groups}
