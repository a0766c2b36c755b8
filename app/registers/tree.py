"""Names in a tree: which node words like 灯湖社区/中海万锦豪园/银杏一座 mean, and how a node is written. Pure; units and places alike."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from app.sheets.cells import folded


@dataclass(frozen=True)
class Node:
    """A unit or a place with its last known parent. Nodes that a file plans have the negative of their row as id."""

    id: int
    name: str
    kind: str
    parent: int | None
    opened: date
    closed: date | None = None


class Tree:
    def __init__(self, nodes: Iterable[Node]) -> None:
        self.nodes: dict[int, Node] = {}
        self._named: dict[str, list[int]] = {}
        for node in nodes:
            self.add(node)

    def add(self, node: Node) -> None:
        self.nodes[node.id] = node
        self._named.setdefault(folded(node.name), []).append(node.id)

    def move(self, node_id: int, parent: int | None) -> None:
        self.nodes[node_id] = replace(self.nodes[node_id], parent=parent)

    def named(self, name: str) -> list[Node]:
        return [self.nodes[one] for one in self._named.get(folded(name), ())]

    def find(self, words: str) -> list[Node]:
        """Nodes called so, under those named before; open ones before closed, a whole path before a part of one."""
        parts = [folded(part) for part in words.split("/")]
        found = [node for node in self.named(parts[-1]) if self._fits(node, parts)]
        found = [node for node in found if node.closed is None] or found
        whole = [node for node in found if len(self.path(node.id)) == len(parts)]
        return whole if len(found) > 1 and len(whole) == 1 else found

    def _fits(self, node: Node, parts: list[str]) -> bool:
        step: Node | None = node
        for part in reversed(parts):
            if step is None or folded(step.name) != part:
                return False
            step = self.nodes.get(step.parent) if step.parent is not None else None
        return True

    def path(self, node_id: int) -> list[Node]:
        """From the top down to the node."""
        found: list[Node] = []
        step = self.nodes.get(node_id)
        while step is not None and len(found) < 40:
            found.append(step)
            step = self.nodes.get(step.parent) if step.parent is not None else None
        return found[::-1]

    def above(self, node_id: int, other: int) -> bool:
        """`other` is the node itself or stands above it."""
        return any(node.id == other for node in self.path(node_id))

    def whole(self, node_id: int | None) -> str:
        """灯湖社区/中海万锦豪园/银杏一座; a slash inside a name is written full-width."""
        return "/".join(node.name.replace("/", "／") for node in self.path(node_id)) if node_id is not None else ""

    def label(self, node_id: int | None) -> str:
        """The shortest words that mean this node: its name, else as much of the way to it as needed."""
        if node_id is None:
            return ""
        names = [node.name.replace("/", "／") for node in self.path(node_id)]
        for start in range(len(names) - 1, -1, -1):
            words = "/".join(names[start:])
            if [node.id for node in self.find(words)] == [node_id]:
                return words
        return "/".join(names)

    def the_one(self, words: str, what: str) -> tuple[Node | None, str]:
        """The node that the words mean, or why there is none."""
        found = self.find(words)
        if len(found) == 1:
            return found[0], ""
        if not found:
            return None, f"没有找到{what}“{words}”"
        return None, f"有 {len(found)} 个{what}叫“{words}”，请连上级一起写，如 {self.whole(found[0].id)}"


def why_lost(name: str, parent: str, left: Mapping[str, str], inside: Collection[str]) -> str:
    """Why the parent of a row was never found. `left`: name → parent of every row like it, `inside`: the names of all rows of the file."""
    above = {folded(one): (one, _last(its)) for one, its in left.items()}
    own, step, way = folded(name), _last(parent), [name]
    if step == own:
        return "上级不能是自己"
    while step in above and step != own and len(way) <= len(above):
        way.append(above[step][0])
        step = above[step][1]
    if step == own:
        return f"上级绕成了圈：{' → '.join([*way, name])}"
    if _last(parent) in {folded(one) for one in inside}:
        return f"上级“{parent}”那一行没有收，先把那一行改好"
    return f"上级“{parent}”不在系统里，也不在这张表里"


def _last(words: str) -> str:
    return folded(words.split("/")[-1])
