"""`make audit`: names what is known, and never takes silence for a clean answer."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest

from app.core.config import ROOT
from app.webkit.htmx import CDN
from scripts import audit

sqlite_only = True


class Database(BaseHTTPRequestHandler):
    answer: object = {}
    heard: ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
        self.heard[:] = [{"path": self.path}, *asked]
        told = self.answer or {"results": [{"vulns": [{"id": "GHSA-test"}]} if one["package"]["name"] == "flask" else {} for one in asked]}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def database() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Database)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    file = tmp_path / "requirements.txt"
    file.write_text("flask==3.1.3 \\\n    --hash=sha256:00\npillow==12.0 ; python_version >= '3.11'\n")
    return file


def test_a_known_weakness_is_named_and_fails(database, lock, capsys):
    assert audit.main(audit.pinned(lock), database) == 1
    assert "flask 3.1.3: GHSA-test" in capsys.readouterr().out


def test_none_known_is_said(database, lock, capsys):
    lock.write_text("pillow==12.0\n")
    assert audit.main(audit.pinned(lock), database) == 0
    assert "没有已知漏洞" in capsys.readouterr().out


def test_without_a_network_it_says_so_and_does_not_pass(lock, capsys):
    assert audit.main(audit.pinned(lock), "http://127.0.0.1:1") == 2
    assert "没有查成" in capsys.readouterr().out


def test_an_answer_that_leaves_some_out_is_none(database, lock, monkeypatch, capsys):
    monkeypatch.setattr(Database, "answer", {"results": [{}]})
    assert audit.main(audit.pinned(lock), database) == 2
    assert "没有已知漏洞" not in capsys.readouterr().out


def test_names_and_versions_are_sent_in_one_question_and_nothing_else(database, lock):
    audit.main(audit.pinned(lock), database)
    assert Database.heard == [
        {"path": "/v1/querybatch"},
        {"package": {"name": "flask", "ecosystem": "PyPI"}, "version": "3.1.3"},
        {"package": {"name": "pillow", "ecosystem": "PyPI"}, "version": "12.0"},
    ]


@pytest.mark.parametrize("answer", ["no list", {"results": None}, {"error": "too many"}, []])
def test_an_answer_of_another_kind_is_none(database, lock, monkeypatch, capsys, answer):
    monkeypatch.setattr(Database, "answer", answer or [0])
    assert audit.main(audit.pinned(lock), database) == 2
    assert "没有查成" in capsys.readouterr().out


def test_the_command_asks_where_it_is_told_to_and_ends_as_it_says(database):
    """As `make audit` runs it, about the lock files of this tree."""
    done = subprocess.run(
        [sys.executable, "scripts/audit.py"],
        cwd=ROOT,
        env={**os.environ, "SHULIN_OSV": database},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert re.search(r"^flask [\d.]+: GHSA-test$", done.stdout, re.MULTILINE)
    assert "1 个有已知漏洞" in done.stdout
    assert len(Database.heard) - 1 == len(audit.pinned(*audit.LOCKS)) + 1


def test_every_package_of_the_lock_files_is_asked_about_and_what_browsers_load():
    for lock in audit.LOCKS:
        assert len(audit.pinned(lock)) == sum(line[:1].isalnum() for line in lock.read_text().splitlines())
    assert {"flask", "sqlalchemy", "pillow", "cryptography", "pytest"} <= {name for _, name, _ in audit.pinned(*audit.LOCKS)}
    ((system, name, version),) = set(audit.in_browsers())
    assert (system, name) == ("npm", "htmx.org")
    assert f"htmx.org@{version}/" in CDN
