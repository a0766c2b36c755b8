"""Names of units: in the order of their numbers, and found by what people type."""

import random

import pytest

from app.people.name_rules import fit, letters, natural

sqlite_only = True


def test_names_stand_in_the_order_of_their_numbers():
    ordered = [f"第{number}党支部" for number in ("一", "2", "三", "九", "十", "11", "十二", "二十", "二十一", "一百零二", "110")]
    mixed = random.Random(7).sample(ordered, len(ordered))
    assert sorted(mixed, key=natural) == ordered


def test_what_begins_alike_stands_together():
    ordered = ["灯湖第一党支部", "锦园第一党支部", "锦园第二党支部", "锦园第十党支部"]
    assert sorted(random.Random(3).sample(ordered, 4), key=natural) == ordered


@pytest.mark.parametrize(
    ("words", "rank"),
    [("锦园", 0), ("灯湖", 1), ("第一", 2), ("社区党委", 3), ("jydy", 4), ("dhsq", 4), ("dzb", 5), ("灯湖 锦园", 1), ("大沥", None)],
)
def test_a_branch_is_found_by_its_name_its_community_and_by_initials(words, rank):
    assert fit(words, "锦园第一党支部", ["灯湖社区党委"]) == rank


def test_letters_of_a_name():
    assert letters("锦园第一党支部（A栋）") == "jydydzbad"
