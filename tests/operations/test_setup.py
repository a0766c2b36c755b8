"""`make setup`: what it holds on to, without the network."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.core.config import ROOT
from app.webkit import htmx

sys.path.insert(0, str(ROOT / "scripts"))

import setup

HTMX = ROOT / "static" / "vendor" / "htmx.min.js"


@pytest.fixture
def venv(tmp_path):
    (tmp_path / "bin").mkdir()
    return tmp_path


def ended(code: int) -> "subprocess.CompletedProcess[str]":
    return subprocess.CompletedProcess([], code, stdout="", stderr="no network\n")


def test_the_local_copy_of_htmx_is_the_one_that_pages_pin():
    assert setup.digest(HTMX) == htmx.INTEGRITY


def test_another_htmx_is_never_put_in_place(venv, tmp_path, monkeypatch):
    fetched = tmp_path / "node_modules" / "htmx.org" / "dist" / "htmx.min.js"
    fetched.parent.mkdir(parents=True)
    fetched.write_text("something else")
    (tmp_path / "app" / "webkit").mkdir(parents=True)
    (tmp_path / "app" / "webkit" / "htmx.py").write_text(f'INTEGRITY = "{htmx.INTEGRITY}"\n')
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    monkeypatch.setattr(setup, "HTMX", tmp_path / "vendor" / "htmx.min.js")
    monkeypatch.setattr(setup, "quietly", lambda *_, **__: ended(0))
    with pytest.raises(setup.SetupError, match="INTEGRITY"):
        setup.fetch_htmx(venv)
    assert not setup.HTMX.exists()


def test_packages_are_installed_again_only_when_the_lock_changed(venv, tmp_path, monkeypatch):
    calls: list[Path] = []
    monkeypatch.setattr(setup, "LOCK", tmp_path / "lock.txt")
    monkeypatch.setattr(setup, "pip", lambda _venv, lock, _fault: calls.append(lock))
    setup.LOCK.write_text("one==1")
    setup.install_packages(venv)
    setup.install_packages(venv)
    assert len(calls) == 1
    setup.LOCK.write_text("one==2")
    setup.install_packages(venv)
    assert len(calls) == 2


def test_a_failed_installation_is_said_and_tried_again_next_time(venv, monkeypatch):
    monkeypatch.setattr(setup, "quietly", lambda *_, **__: ended(1))
    with pytest.raises(setup.SetupError, match="no network"):
        setup.install_packages(venv)
    assert not setup.stamp(venv).exists()


def test_an_old_python_is_refused_in_words(venv, monkeypatch):
    monkeypatch.setattr(setup.sys, "version_info", (3, 10, 9))
    with pytest.raises(setup.SetupError, match=r"3\.11"):
        setup.main(venv)


def test_every_locked_package_has_its_hash_and_no_address():
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-node.txt"):
        lines = (ROOT / name).read_text().splitlines()
        assert not [line for line in lines if "://" in line or line.startswith("-")], name
        packages = [line for line in lines if "==" in line]
        assert packages
        assert all(line.rstrip().endswith("\\") for line in packages), name
    assert "resolved" not in (ROOT / "package-lock.json").read_text()
