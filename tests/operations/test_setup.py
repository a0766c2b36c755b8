"""`make setup`: what it holds on to, without the network."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.core.config import ROOT
from app.webkit import htmx

sys.path.insert(0, str(ROOT / "scripts"))

import setup

HTMX, *OTHERS = setup.SCRIPTS


@pytest.fixture
def venv(tmp_path):
    (tmp_path / "bin").mkdir()
    return tmp_path


def ended(code: int) -> "subprocess.CompletedProcess[str]":
    return subprocess.CompletedProcess([], code, stdout="", stderr="no network\n")


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Where npm "brings" what is put into node_modules beforehand, and static/vendor is empty. `machine()` puts something there."""
    monkeypatch.setattr(setup, "VENDOR", tmp_path / "vendor")
    monkeypatch.setattr(setup, "SCRIPTS", setup.SCRIPTS[:2])
    monkeypatch.setattr(setup, "quietly", lambda *_, **__: ended(0))
    root = setup.ROOT
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    (tmp_path / "app" / "webkit").mkdir(parents=True)
    (tmp_path / "app" / "webkit" / "htmx.py").write_text(f'INTEGRITY = "{htmx.INTEGRITY}"\n')

    def brought(script, content=None):
        file = tmp_path / "node_modules" / script.source
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content or (root / "static" / "vendor" / script.name).read_bytes())

    return brought


def test_the_local_copy_of_htmx_is_the_one_that_pages_pin():
    assert setup.digest((setup.VENDOR / HTMX.name).read_bytes()) == htmx.INTEGRITY


@pytest.mark.parametrize("script", setup.SCRIPTS, ids=lambda one: one.name)
def test_each_script_in_place_is_the_pinned_one(script):
    assert setup.in_place(script)


def test_what_is_missing_is_put_in_place_and_what_is_there_is_left_alone(machine, venv, monkeypatch):
    for script in setup.SCRIPTS:
        machine(script)
    setup.fetch_scripts(venv)
    assert all(map(setup.in_place, setup.SCRIPTS))
    monkeypatch.setattr(setup, "quietly", lambda *_, **__: pytest.fail("npm was asked again"))
    setup.fetch_scripts(venv)


@pytest.mark.parametrize("other", setup.SCRIPTS[:2], ids=lambda one: one.name)
def test_another_script_is_never_put_in_place(machine, venv, other):
    for script in setup.SCRIPTS:
        machine(script, b"something else" if script is other else None)
    with pytest.raises(setup.SetupError, match="not the one that is pinned"):
        setup.fetch_scripts(venv)
    assert not (setup.VENDOR / other.name).exists()


def test_a_script_that_someone_changed_is_fetched_again(machine, venv):
    for script in setup.SCRIPTS:
        machine(script)
    setup.fetch_scripts(venv)
    (setup.VENDOR / HTMX.name).write_text("changed")
    setup.fetch_scripts(venv)
    assert setup.in_place(HTMX)


def test_npm_without_a_network_is_said_in_words(machine, venv, monkeypatch):
    monkeypatch.setattr(setup, "quietly", lambda *_, **__: ended(1))
    with pytest.raises(setup.SetupError, match="no network"):
        setup.fetch_scripts(venv)


def test_the_worker_is_cut_out_of_its_module_as_the_browser_would_read_it():
    module = rb"export const createWorker=()=>new Worker(URL.createObjectURL(new Blob([`a=\`%\${b}\\n\`;`])))"
    assert setup.worker_in(module) == rb"a=`%${b}\n`;"
    with pytest.raises(setup.SetupError, match="not where it used to be"):
        setup.worker_in(b"export const other = 1")


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
