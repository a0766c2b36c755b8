"""Reading the list of communities and branches that a new site begins with. Pure."""

import re
from dataclasses import dataclass

LONGEST = 80
MOST_LINES = 300
LONGEST_LIST = 60_000


@dataclass(frozen=True)
class Community:
    name: str
    branches: tuple[str, ...]


def read_units(text: str) -> tuple[list[Community], str | None]:
    """Lines of `社区：支部、支部` (full-width marks already plain), and the first fault in words; a name twice counts once."""
    found: dict[str, dict[str, None]] = {}
    lines = [line.strip() for line in text.splitlines()]
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        if number > MOST_LINES:
            return [], f"一次最多 {MOST_LINES} 行，请分几次加"
        name, _, rest = line.partition(":")
        name, branches = name.strip(), [part.strip() for part in re.split(r"[、,;/]", rest) if part.strip()]
        if not name:
            return [], f"第 {number} 行冒号前面要写社区的名字"
        if ":" in rest:
            return [], f"第 {number} 行有两个冒号，一行只写一个社区"
        if too_long := next((word for word in (name, *branches) if len(word) > LONGEST), None):
            return [], f"第 {number} 行的“{too_long[:12]}…”太长了，最多 {LONGEST} 个字"
        found.setdefault(name, {}).update(dict.fromkeys(branches))
    if not found:
        return [], "请至少写一个社区，例如 灯湖社区：锦园第一党支部、锦园第二党支部"
    return [Community(name, tuple(branches)) for name, branches in found.items()], None
