"""What a file of this repository must not hold."""

import re
import subprocess

import pytest

from app.core.config import ROOT

HOSTS = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "registry." + "npmjs",
    "npm" + "mirror",
    "deb." + "debian.org",
    "tuna." + "tsinghua",
    "ghcr" + ".io",
]
UNFINISHED = ["TO" + "DO", "FIX" + "ME", "X" + "XX"]
CODE = {".py", ".html", ".css", ".js", ".toml", ".txt", ".json", ".md", ".sql", ".ini", ".mako", ".yml", ".yaml", ""}


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.fail("git can not list the files here")
    return [name for name in listed.stdout.split("\0") if name]


def texts() -> dict[str, str]:
    paths = {name: ROOT / name for name in tracked()}
    return {name: path.read_text(encoding="utf-8") for name, path in paths.items() if path.suffix in CODE and path.is_file()}


def test_no_file_names_a_registry():
    assert [(name, host) for name, text in texts().items() for host in HOSTS if host in text] == []


def test_nothing_is_left_for_later():
    pattern = re.compile(r"\b(" + "|".join(UNFINISHED) + r")\b")
    found = {
        name: match[0]
        for name, text in texts().items()
        if name.startswith(("app/", "tests/", "scripts/", "templates/", "static/js/", "migrations/")) and (match := pattern.search(text))
    }
    assert found == {}


def test_nothing_of_others_is_tracked():
    assert [name for name in tracked() if re.search(r"\.min\.(js|css)$|(^|/)(vendor|node_modules|\.venv)/", name)] == []


def test_nothing_that_was_made_is_tracked():
    made = re.compile(r"(^|/)(__pycache__|build|var|\.mypy_cache|\.ruff_cache|\.hypothesis)/|\.(pyc|db|sqlite)$")
    assert [name for name in tracked() if made.search(name)] == []
