"""Every action that any feature records, found by reading the source."""

import ast
import re
from collections.abc import Iterator

from app.core.config import ROOT

ACTION = re.compile(r"[a-z_]+(\.[a-z_]+)*")


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Calls of `audit.record` and `audit.record_all`, with the file they stand in."""
    for file in sorted((ROOT / "app").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"record", "record_all"}
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "audit"
            ):
                yield str(file.relative_to(ROOT)), node


def first(call: ast.Call) -> list[ast.expr]:
    """The expressions that say the action: the second argument, or the heads of the tuples of `record_all`."""
    if isinstance(call.func, ast.Attribute) and call.func.attr == "record":
        return [call.args[1]]
    found = [node.elts[0] for node in ast.walk(call.args[1]) if isinstance(node, ast.Tuple) and len(node.elts) == 4]
    return found or [call.args[1]]


def written() -> tuple[dict[str, str], dict[str, str]]:
    """Actions written out, and the source of those that are put together, each with a file that records it."""
    plain, made = {}, {}
    for file, call in calls():
        for said in first(call):
            if isinstance(said, ast.Constant) and isinstance(said.value, str):
                plain[said.value] = file
            elif isinstance(said, ast.IfExp):
                for one in (said.body, said.orelse):
                    if isinstance(one, ast.Constant):
                        plain[str(one.value)] = file
            else:
                made[ast.unparse(said)] = file
    return plain, made


def told_by_helpers() -> set[str]:
    """Actions said to a helper that records them: `note(tree, "move", …)` for either tree and `_close(…, "post_term.end")`."""
    found = set()
    for file in sorted((ROOT / "app").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func)
            if name in ("note", "trees.note") and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
                tree = ast.unparse(node.args[0])
                kinds = ("unit", "place") if tree == "tree" else (tree.removesuffix("S").lower(),)
                found.update(f"{kind}.{node.args[1].value}".rstrip(".") for kind in kinds)
            elif name == "_close" and isinstance(node.args[-1], ast.Constant):
                found.add(str(node.args[-1].value))
    return found


def _assigned(function: ast.AST, name: str) -> list[ast.expr]:
    """What a name stands for in a function, for details that are put together before they are recorded."""
    return [
        node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
    ]


def _parts(value: ast.expr, field: str) -> Iterator[tuple[str, ast.expr]]:
    """(field, expression) of a dict that was written out, else the field itself."""
    if isinstance(value, ast.Dict):
        for key, one in zip(value.keys, value.values, strict=True):
            if isinstance(key, ast.Constant):
                yield from _parts(one, str(key.value))
    elif isinstance(value, ast.IfExp):
        yield from _parts(value.body, field)
        yield from _parts(value.orelse, field)
    elif isinstance(value, ast.DictComp):
        yield field, value.value
    else:
        yield field, value


def told() -> Iterator[tuple[str, str, ast.expr]]:
    """(file, field, expression) of everything that is told with an action, as far as it is written out."""
    for file in sorted((ROOT / "app").rglob("*.py")):
        tree = ast.parse(file.read_text())
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
                if ast.unparse(call.func) not in {"audit.record", "audit.record_all", "trees.note"}:
                    continue
                many = [one.elts[3] for node in call.args for one in ast.walk(node) if isinstance(one, ast.Tuple) and len(one.elts) == 4]
                given = [(word.arg or "", word.value) for word in call.keywords] + [("", one) for one in many]
                for field, value in given:
                    meant = _assigned(function, value.id) if isinstance(value, ast.Name) else []
                    for one in [value, *meant]:
                        for part, expression in _parts(one, field):
                            yield str(file.relative_to(ROOT)), part, expression


def fields() -> dict[str, str]:
    """Every field that any feature tells, with a file that tells it."""
    return {field: file for file, field, _ in told() if field}


def coded() -> dict[tuple[str, str, str], None]:
    """(file, field, source) of every enum's value that is told."""
    found = {}
    for file, field, expression in told():
        for node in ast.walk(expression):
            if isinstance(node, ast.Attribute) and node.attr == "value":
                found[file, field, ast.unparse(node)] = None
    return found
