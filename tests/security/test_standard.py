"""docs/security.md answers every requirement of levels 1 and 2 once, and names only tests that are there."""

import re
from functools import cache

from app.core.config import ROOT

sqlite_only = True
PAGE = ROOT / "docs" / "security.md"
LINE = re.compile(r"^\| (\d+\.\d+\.\d+)(?:–(\d+\.\d+\.\d+))? \| ([12]) \| ([●◐○–]) \| ([^|]*)\| ?([^|]*)\|$", re.MULTILINE)
TEST = re.compile(r"\b(\w+/test_\w+\.py)(?:::(test_\w+))?")
# section → how many of it are of levels 1 and 2 (they come first in each), ASVS 5.0.0
HELD = (
    "1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 4.2:1 4.3:2 4.4:4 5.1:1 5.2:3 5.3:2 5.4:3 "
    "6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2 7.4:5 7.5:2 7.6:2 8.1:2 8.2:3 8.3:1 8.4:1 9.1:3 9.2:4 "
    "10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2 10.7:3 11.1:2 11.2:3 11.3:3 11.4:4 11.5:1 11.6:1 12.1:3 12.2:2 12.3:4 13.1:1 13.2:5 13.3:2 "
    "13.4:5 14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7 16.1:1 16.2:5 16.3:4 16.4:3 16.5:3 17.1:1 17.2:4 17.3:2"
)
FIRST_LEVEL = (
    "1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.3.1 1.3.2 1.5.1 2.1.1 2.2.1 2.2.2 2.3.1 3.2.1 3.2.2 3.3.1 3.4.1 3.4.2 3.5.1 3.5.2 3.5.3 4.1.1 4.4.1 "
    "5.2.1 5.2.2 5.3.1 5.3.2 6.1.1 6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6 6.2.7 6.2.8 6.3.1 6.3.2 6.4.1 6.4.2 7.2.1 7.2.2 7.2.3 7.2.4 7.4.1 "
    "7.4.2 8.1.1 8.2.1 8.2.2 8.3.1 9.1.1 9.1.2 9.1.3 9.2.1 10.4.1 10.4.2 10.4.3 10.4.4 10.4.5 11.3.1 11.3.2 11.4.1 12.1.1 12.2.1 12.2.2 "
    "13.4.1 14.2.1 14.3.1 15.1.1 15.2.1 15.3.1"
)
Number = tuple[int, ...]


def number(text: str) -> Number:
    return tuple(int(part) for part in text.split("."))


def required() -> list[Number]:
    counted = (part.split(":") for part in HELD.split())
    return [(*number(section), place) for section, most in counted for place in range(1, int(most) + 1)]


def lines() -> list[tuple[str, ...]]:
    return LINE.findall(PAGE.read_text())


@cache
def source(path: str) -> str:
    return (ROOT / "tests" / path).read_text()


def test_every_requirement_is_answered_once():
    answered = [one for first, last, *_ in lines() for one in required() if number(first) <= one <= number(last or first)]
    assert sorted(set(required()) - set(answered)) == []
    assert sorted({one for one in answered if answered.count(one) > 1}) == []


def test_every_requirement_stands_at_its_level():
    """70 of the first level and 183 of the second: as many as version 5.0.0 has."""
    first_level = {number(one) for one in FIRST_LEVEL.split()}
    assert (len(first_level), len(required())) == (70, 253)
    said = {one: level for first, last, level, *_ in lines() for one in required() if number(first) <= one <= number(last or first)}
    assert {one: level for one, level in said.items() if level != ("1" if one in first_level else "2")} == {}


def test_every_line_of_a_table_is_read():
    rows = [line for line in PAGE.read_text().splitlines() if re.match(r"\| \d", line)]
    assert len(rows) == len(lines()), "a line that is written another way would be passed over"


def test_every_test_that_is_named_is_there():
    missing = [
        f"{path}::{name}"
        for path, name in TEST.findall(PAGE.read_text())
        if not (ROOT / "tests" / path).is_file() or (name and f"def {name}(" not in source(path))
    ]
    assert missing == []


def test_what_is_said_to_be_met_says_how_and_by_what_it_is_proved():
    bare = [first for first, _, _, mark, how, proof in lines() if mark in "●◐○" and not (how.strip() and proof.strip())]
    assert bare == []
    proved = [proof for *_, mark, _, proof in lines() if mark == "●"]
    assert sum("::" in proof or ".py" in proof for proof in proved) / len(proved) > 0.75


def test_what_is_not_met_stands_first_with_its_reason():
    text = PAGE.read_text()
    head = text[text.index("## What is not met") : text.index("## V1 ")]
    told = {first for first, _, _, mark, *_ in lines() if mark == "○"}
    assert {one for one in told if f"{one.rsplit('.', 1)[0]}." not in head} == set()
