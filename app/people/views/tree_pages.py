"""What the pages of units and of places share: the same page of either tree, and what is done on it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Conflict, DomainError, Invalid, NotFound
from app.core.permissions import Action
from app.core.words import full_day
from app.people import story, tree_forms
from app.people.queries import tree_pages, trees
from app.people.queries.directory import holds_all
from app.people.queries.tree_pages import Node, Row
from app.people.queries.trees import Tree
from app.people.rules import UNIT_KIND_NAMES
from app.people.tree_rules import PLACE_KIND_NAMES
from app.webkit.forms import clean, kept
from app.webkit.guards import current_actor
from app.webkit.htmx import render

SHOWN = 60  # of one kind, on a page; the rest is a list of its own


@dataclass(frozen=True)
class Side:
    """One of the two trees as its pages speak of it. `one`, `many` are parts of endpoint names."""

    tree: Tree
    noun: str
    one: str
    many: str
    kinds: type[StrEnum]
    kind_names: Mapping[Any, str]
    under: Mapping[Any, frozenset[Any]]
    ended: str
    story: tuple[str, str, str]

    def url(self, page: str, node_id: int | None = None, **more: Any) -> str:
        """`url("show", 7)`: people.unit_show of unit 7."""
        ids: dict[str, Any] = {} if node_id is None else {self.tree.key: node_id}
        return url_for(f"people.{self.one}_{page}", **ids, **more)

    def home(self, **more: Any) -> str:
        return url_for(f"people.{self.many}", **more)

    def kinds_under(self, kind: Any) -> list[Any]:
        return [child for child in self.kinds if kind in self.under[child]]


def load(side: Side, node_id: int, action: Action = Action.UNIT_READ) -> Node:
    """The node, where the actor may do that; else a 404."""
    found = tree_pages.seen(side.tree, node_id, current_actor().roots(action), clock.today())
    if found is None:
        raise NotFound
    return found


def to_change(side: Side, node_id: int, faults: Mapping[str, str] | None = None) -> Node:
    """The node where the actor may change it and it still stands; with `faults` its form is shown again, whatever happened meanwhile."""
    found = load(side, node_id, Action.UNIT_MANAGE)
    if found.closed_on is not None and not faults:
        raise Conflict(f"“{found.name}”已经{side.ended}，不能再改。")
    return found


def by_kind(side: Side, rows: list[Row]) -> list[tuple[Any, list[Row], int]]:
    """Kind, the lines that the page shows, and how many there are in all; in the order of kinds."""
    order = {kind: place for place, kind in enumerate(side.kinds)}
    ranked = sorted(rows, key=lambda row: order[row.kind])
    groups = [(kind, list(group)) for kind, group in groupby(ranked, key=lambda row: row.kind)]
    return [(kind, group[:SHOWN], len(group)) for kind, group in groups]


def index(side: Side) -> Response:
    """The tree's upper part; with words, a kind or `under`, a list of what fits."""
    actor, today = current_actor(), clock.today()
    roots = actor.roots(Action.UNIT_READ)
    words = clean(request.args.get("q", ""))[:40]
    kind = next((kind for kind in side.kinds if kind.value == request.args.get("kind")), None)
    under = request.args.get("under", type=int)
    number = max(1, min(request.args.get("page", 1, type=int), 1000))
    above = load(side, under) if under is not None else None
    context: dict[str, Any] = {"side": side, "words": words, "kind": kind, "above": above, "number": number}
    if words or kind or above:
        found = tree_pages.search(side.tree, roots, today, words, kind=kind, under=under, page=number)
        return render("people/tree_found.html", found=found, **context)
    tops = tree_pages.tops(side.tree, roots, today)
    branches = [(top, by_kind(side, tree_pages.children(side.tree, top.id, today))) for top in tops[:1]] if len(tops) == 1 else []
    return render("people/tree.html", tops=tops, branches=branches, may_begin=_holds(side, actor), **context)


def _holds(side: Side, actor: Actor) -> bool:
    """Whether the actor may begin a tree anew: only places, a 社区 of the subdistrict's own."""
    return side.one == "place" and holds_all(actor.roots(Action.UNIT_MANAGE))


def may(side: Side, node: Node, actions: Iterable[Action]) -> frozenset[Action]:
    """Which of the actions the actor may do with the node. Rights that reach alike far are asked for once."""
    actor, today = current_actor(), clock.today()
    reach = {action: actor.roots(action) for action in actions}
    inside = {roots: tree_pages.within(side.tree, node, roots, today) for roots in set(reach.values())}
    return frozenset(action for action, roots in reach.items() if inside[roots])


Link = tuple[str, str, Action, str]  # title, address, what it asks for, icon


def show(side: Side, node_id: int, linked: Callable[[Node], list[Link]] = lambda _: []) -> Response:
    node, today = load(side, node_id), clock.today()
    links = linked(node)
    rights = may(side, node, {Action.UNIT_MANAGE, *(action for _, _, action, _ in links)})
    groups = by_kind(side, tree_pages.children(side.tree, node_id, today))
    asked, asked_path, fault = _asked_day(side, node_id, today)
    past = trees.past(side.tree, node_id)
    managed = node.closed_on is None and Action.UNIT_MANAGE in rights
    inside, began, ended = side.story
    return render(
        "people/tree_node.html",
        "people/_tree_children.html",
        side=side,
        node=node,
        path=trees.path_on(side.tree, node_id, node.closed_on - timedelta(1) if node.closed_on else today)[:-1],
        groups=groups,
        members=tree_pages.members({node_id: node.kind}, today)[node_id] if side.one == "unit" else None,
        ties=tree_pages.ties(side.tree, node_id, today),
        events=story.told(past, inside, began, ended) if past else [],
        asked=asked,
        asked_path=asked_path,
        day_fault=fault,
        managed=managed,
        movable=managed and any(side.under[parent] or side.one == "place" for parent in side.under[node.kind]),
        closable=managed and (bool(side.under[node.kind]) or side.one == "place"),
        other_kinds=PLACE_KIND_NAMES if side.one == "unit" else UNIT_KIND_NAMES,
        child_kinds=side.kinds_under(node.kind),
        links=[(title, address, drawn) for title, address, action, drawn in links if action in rights],
    )


def _asked_day(side: Side, node_id: int, today: date) -> tuple[str, Any, str | None]:
    """What was asked for, the path on that day, and what is wrong with the day."""
    raw = clean(request.args.get("on", ""))
    if not raw:
        return "", None, None
    try:
        day = date.fromisoformat(raw)
    except ValueError:
        return raw, None, "日期请写成 2026-03-01 这样"
    if day > today:
        return raw, None, "还没到那一天"
    return raw, (day, trees.path_on(side.tree, node_id, day)), None


def faults_of(error: DomainError) -> dict[str, str]:
    """Beside the fields where it knows them, else on top of the form."""
    return error.fields if isinstance(error, Invalid) else {"form": error.message}


def answer(side: Side, node_id: int, work: Callable[[], str], again: Callable[[dict[str, str]], Response]) -> Response:
    """Do it and go to the node with what to say; else the form again, with what was typed."""
    try:
        said = work()
    except (Invalid, Conflict) as error:
        return again(faults_of(error))
    flash(said, "yes")
    return redirect(side.url("show", node_id), 303)


def new_page(side: Side, node_id: int, faults: Mapping[str, str] | None = None) -> Response:
    node = to_change(side, node_id, faults)
    kinds = [(kind.value, side.kind_names[kind]) for kind in side.kinds_under(node.kind)]
    if not kinds:
        raise NotFound
    return _form("people/tree_new.html", side, node, faults, kinds=kinds, today_day=clock.today().isoformat())


def name_page(side: Side, node_id: int, faults: Mapping[str, str] | None = None) -> Response:
    """Two forms: another name from a day on, and what was written wrongly."""
    node, today = to_change(side, node_id, faults), clock.today().isoformat()
    return _form("people/tree_name.html", side, node, faults, last=trees.last_name(side.tree, node_id), today_day=today)


def move_page(side: Side, node_id: int, faults: Mapping[str, str] | None = None) -> Response:
    node, today, actor = to_change(side, node_id, faults), clock.today(), current_actor()
    words = clean(request.values.get("q", ""))[:40]
    kinds = side.under[node.kind]
    if not kinds:
        raise NotFound
    now_under = trees.path_on(side.tree, node_id, today)[-2:-1]
    found = tree_pages.places_to(
        side.tree, node_id, kinds, actor.roots(Action.UNIT_MANAGE), today, words, but=[one.id for one in now_under]
    )
    more = {"found": found, "words": words, "now_under": now_under, "today_day": today.isoformat()}
    return _form("people/tree_move.html", side, node, faults, **more)


def close_page(side: Side, node_id: int, reasons: list[str], faults: Mapping[str, str] | None = None) -> Response:
    return _form("people/tree_close.html", side, to_change(side, node_id, faults), faults, reasons=reasons)


def _form(template: str, side: Side, node: Node, faults: Mapping[str, str] | None, **more: Any) -> Response:
    typed = kept(request.form) if request.method == "POST" else {}
    return render(template, status=422 if faults else 200, side=side, node=node, faults=faults or {}, kept=typed, **more)


def rename(side: Side, node_id: int, change: Callable[..., None]) -> Response:
    node, actor, today = load(side, node_id, Action.UNIT_MANAGE), current_actor(), clock.today()

    def work() -> str:
        given = tree_forms.naming(request.form, today)
        in_transaction(lambda: change(node_id, given.name, given.on, actor.person_id))
        if given.name == node.name:
            return "名字没有变。"
        return f"从{'今天' if given.on == today else full_day(given.on or today)}起叫“{given.name}”，以前的名字还查得到。"

    return answer(side, node_id, work, lambda faults: name_page(side, node_id, faults))


def correct_name(side: Side, node_id: int, change: Callable[..., None]) -> Response:
    load(side, node_id, Action.UNIT_MANAGE)
    actor, today = current_actor(), clock.today()
    beside = {"name": "right", "on": "since"}

    def work() -> str:
        given = tree_forms.correction(request.form, today)
        in_transaction(lambda: change(node_id, given.name, given.on, actor.person_id))
        return f"更正好了，叫“{given.name}”。"

    def again(faults: dict[str, str]) -> Response:
        return name_page(side, node_id, {beside.get(field, field): words for field, words in faults.items()})

    return answer(side, node_id, work, again)


def move(side: Side, node_id: int, change: Callable[..., None]) -> Response:
    node, actor, today = load(side, node_id, Action.UNIT_MANAGE), current_actor(), clock.today()

    def work() -> str:
        asked = tree_forms.move(request.form, today)
        parent = tree_pages.seen(side.tree, asked.parent_id, actor.roots(Action.UNIT_MANAGE), today)
        if parent is None:
            raise Invalid({"parent": "请选择移到哪里"})
        if [step.id for step in trees.path_on(side.tree, node_id, today)[-2:-1]] == [parent.id]:
            raise Invalid({"parent": f"它现在就在“{parent.name}”下面，不用移"})
        in_transaction(lambda: change(node_id, parent.id, asked.on, today, actor.person_id))
        return f"从{full_day(asked.on)}起，“{node.name}”在“{parent.name}”下面。"

    return answer(side, node_id, work, lambda faults: move_page(side, node_id, faults))


def create(side: Side, node_id: int, change: Callable[..., int]) -> Response:
    node, actor, today = load(side, node_id, Action.UNIT_MANAGE), current_actor(), clock.today()

    def work() -> str:
        new = tree_forms.new_node(request.form, side.kinds, side.kinds_under(node.kind), today)
        in_transaction(lambda: change(new.kind, new.name, node_id, new.opened_on, actor.person_id))
        return f"“{new.name}”建好了。"

    return answer(side, node_id, work, lambda faults: new_page(side, node_id, faults))
