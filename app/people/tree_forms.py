"""Forms of the pages of units and places."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from app.core.errors import Invalid
from app.people.tree_rules import tree_name_fault
from app.webkit.forms import Form

K = TypeVar("K", bound=StrEnum)
LONGEST = 80


@dataclass(frozen=True)
class NewNode:
    kind: StrEnum
    name: str
    opened_on: date


@dataclass(frozen=True)
class Move:
    parent_id: int
    on: date


def new_node(values: "MultiDict[str, str]", kind: type[K], allowed: Collection[K], today: date) -> NewNode:
    form = Form(values)
    chosen = form.choice("kind", "类别", kind)
    if chosen is not None and chosen not in allowed:
        form.fault("kind", "请选择类别")
    name = _name(form, "name")
    opened_on = _past(form, "opened_on", "日期", today)
    if form.faults or chosen is None or opened_on is None:
        raise Invalid(form.faults)
    return NewNode(chosen, name, opened_on)


@dataclass(frozen=True)
class Naming:
    """`on` is None only in a correction that leaves the day as it is."""

    name: str
    on: date | None


def naming(values: "MultiDict[str, str]", today: date) -> Naming:
    form = Form(values)
    given, on = _name(form, "name"), _past(form, "on", "日期", today) if form.raw("on") else today
    form.done()
    return Naming(given, on)


def correction(values: "MultiDict[str, str]", today: date) -> Naming:
    """What is right, beside a form for another name: `right` and `since`."""
    form = Form(values)
    given, on = _name(form, "right"), _past(form, "since", "日期", today) if form.raw("since") else None
    form.done()
    return Naming(given, on)


def _name(form: Form, field: str) -> str:
    given = form.text(field, "名称", longest=LONGEST)
    if fault := tree_name_fault(given):
        form.fault(field, fault)
    return given


def move(values: "MultiDict[str, str]", today: date) -> Move:
    form = Form(values)
    raw = form.raw("parent")
    if not (raw.isascii() and raw.isdigit() and len(raw) < 10):
        form.fault("parent", "请选择移到哪里")
    on = _past(form, "on", "日期", today)
    if form.faults or on is None:
        raise Invalid(form.faults)
    return Move(int(raw), on)


def chosen(values: "MultiDict[str, str]", field: str, words: str) -> int:
    form = Form(values)
    raw = form.raw(field)
    if not (raw.isascii() and raw.isdigit() and len(raw) < 10):
        form.fault(field, words)
    form.done()
    return int(raw)


def _past(form: Form, field: str, label: str, today: date) -> date | None:
    day = form.day(field, label)
    if day is not None and day > today:
        form.fault(field, "不能写今天以后的日子")
    return day
