"""What the code itself shows, read as a tree: nothing that people type becomes SQL, an expression, or a way in."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from app.core.config import ROOT

sqlite_only = True
SQL = {"text", "exec_driver_sql", "literal_column", "execute", "scalar", "scalars"}
EXPRESSIONS = {"compile", "match", "search", "fullmatch", "sub", "subn", "findall", "finditer", "split"}
# Where SQL is put together, of the names of tables, columns and triggers that the program or the database's catalogue holds.
NAMES_ONLY = {
    "app/core/db.py",
    "app/core/ledger_ddl.py",
    "app/web/backups/",
    "app/web/commands/",
    "app/web/revisions.py",
    "app/web/sealing.py",
    "app/web/doctor/",
    "app/demo/",
    "app/people/queries/persons.py",
    "app/rights/service/erasing.py",
}


@cache
def every_call() -> list[tuple[str, ast.Call]]:
    """Of the application, read once."""
    found = []
    for path in sorted((ROOT / "app").rglob("*.py")):
        nodes = ast.walk(ast.parse(path.read_text()))
        found += [(str(path.relative_to(ROOT)), node) for node in nodes if isinstance(node, ast.Call) and node.args]
    return found


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def owner(node: ast.Call) -> str:
    return ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""


def put_together(node: ast.expr) -> bool:
    """An f-string with values, a sum, a format: anything but words that stand there whole."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add | ast.Mod) and any(
            isinstance(side, ast.JoinedStr | ast.Constant) for side in (node.left, node.right)
        )
    return isinstance(node, ast.Call) and called(node) in {"format", "join"} and isinstance(getattr(node.func, "value", None), ast.Constant)


def calls(names: set[str]) -> Iterator[tuple[str, ast.Call]]:
    return ((path, node) for path, node in every_call() if called(node) in names)


def test_sql_is_put_together_only_of_names_that_the_program_holds():
    asked = [(path, node) for path, node in calls(SQL) if called(node) != "text" or not owner(node)]  # not the text of a form
    assert len(asked) > 500
    found = [f"{path}:{node.lineno}" for path, node in asked if put_together(node.args[0]) and not path.startswith(tuple(NAMES_ONLY))]
    assert found == []


def test_an_expression_is_built_of_constants_or_of_words_that_were_escaped():
    found = []
    for path, node in calls(EXPRESSIONS):
        if owner(node) != "re" or not isinstance(node.args[0], ast.JoinedStr):
            continue
        values = [part.value for part in node.args[0].values if isinstance(part, ast.FormattedValue)]
        found += [f"{path}:{node.lineno} {ast.unparse(value)}" for value in values if not constant(value, path)]
    assert found == []


def constant(value: ast.expr, path: str) -> bool:
    """A name in capitals (or something made of constants only), or what re.escape made of it, here or in the line that names it."""
    said = ast.unparse(value)
    names = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)} - {"map", "sorted", "len", "str"}
    if said.startswith("re.escape(") or (names and all(name.lstrip("_").isupper() for name in names)):
        return True
    if not isinstance(value, ast.Name):
        return False
    given = [
        ast.unparse(node.value)
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.Assign) and value.id in {ast.unparse(target) for target in node.targets}
    ]
    return bool(given) and all("re.escape(" in one for one in given)


@pytest.mark.parametrize(("name", "homes"), [("open_session", {"app/accounts/login.py"}), ("login_user", {"app/accounts/login.py"})])
def test_one_place_opens_sessions(name, homes):
    """However one signs in: by number and secret, by a code, by registering."""
    assert {path for path, node in calls({name}) if owner(node) in {"", "sessions"}} == homes


def test_scripts_take_html_only_from_our_own_answers():
    found = {
        path.name: path.read_text().count("innerHTML") for path in (ROOT / "static" / "js").glob("*.js") if "innerHTML" in path.read_text()
    }
    assert found == {"checkin.js": 1}, "the verdict, a fragment that this server wrote"
    assert not [path for path in Path(ROOT / "static" / "js").glob("*.js") if "insertAdjacentHTML" in path.read_text()]
