"""`make setup`: what it holds on to, without the network."""

import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from app.core.config import ROOT
from app.webkit import htmx

sys.path.insert(0, str(ROOT / "scripts"))

import bundle
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


def test_a_bundle_is_installed_from_its_own_wheels_and_asks_nothing_of_the_network(venv, tmp_path, monkeypatch):
    asked: list[list[str]] = []
    monkeypatch.setattr(setup, "quietly", lambda command, **_: asked.append(command) or ended(0))
    monkeypatch.setattr(setup, "WHEELS", tmp_path / "wheels")
    setup.install_packages(venv)
    setup.WHEELS.mkdir()
    setup.install_packages(venv)
    (online, offline) = asked
    assert "--no-index" not in online
    assert str(setup.LOCK) in online
    assert offline[-4:] == ["--find-links", str(setup.WHEELS), "-r", str(setup.SERVER_LOCK)]
    assert {"--no-index", "--require-hashes"} <= set(offline)


def test_a_server_may_do_without_what_tests_need(monkeypatch):
    assert setup.lock() == setup.LOCK
    monkeypatch.setenv("SHULIN_SETUP", "server")
    assert setup.lock() == setup.SERVER_LOCK


def test_the_same_files_give_the_same_bundle_with_their_checksums(tmp_path):
    members = {"a/one.txt": tmp_path / "1", "two.sh": tmp_path / "2"}
    for file in members.values():
        file.write_text(file.name)
    (tmp_path / "2").chmod(0o700)
    for name in ("x.tar", "y.tar"):
        bundle.pack(tmp_path / name, "shulin-1", members)
        (tmp_path / "1").touch()
    assert (tmp_path / "x.tar").read_bytes() == (tmp_path / "y.tar").read_bytes()
    with tarfile.open(tmp_path / "x.tar") as tar:
        tar.extractall(tmp_path, filter="data")
    sums = dict(line.split("  ")[::-1] for line in (tmp_path / "shulin-1" / bundle.SUMS).read_text().splitlines())
    assert sums == {name: bundle.sum_of(tmp_path / "shulin-1" / name) for name in members}


@pytest.fixture
def bundled(tmp_path, monkeypatch):
    """What `make bundle` packs here, beside a wheel that stands for all of them; unpacked."""
    monkeypatch.setattr(bundle, "BUILD", tmp_path / "build")
    wheels = tmp_path / "build" / "wheels"
    wheels.mkdir(parents=True)
    (wheels / "stub-1-py3-none-any.whl").write_bytes(b"a wheel")
    (tmp_path / "scratch").mkdir()
    made = bundle.pack_all("1.2-3-gabc", wheels, tmp_path / "scratch")
    with tarfile.open(made) as tar:
        tar.extractall(tmp_path / "there", filter="data")
    return made, tmp_path / "there" / "shulin-1.2-3-gabc"


def test_a_bundle_holds_the_last_commit_the_wheels_and_the_scripts_and_nothing_else(bundled):
    made, there = bundled
    assert made.name.startswith(f"shulin-1.2-3-gabc-py{sys.version_info[0]}{sys.version_info[1]}-")
    held = {file.relative_to(there).as_posix() for file in there.rglob("*") if file.is_file()}
    committed = set(bundle.git("ls-tree", "-r", "--name-only", "-z", "HEAD").split("\0")) - {""}
    brought = {"wheels/stub-1-py3-none-any.whl", *(f"static/vendor/{script.name}" for script in setup.SCRIPTS)}
    assert held == committed | brought | {bundle.SUMS}
    assert {"requirements.txt", "Makefile", "app/__init__.py", "scripts/setup.py", "deploy/systemd/shulin.service"} <= held
    assert not {name.split("/")[0] for name in held} & {".git", ".venv", "instance", "var", "build", "node_modules"}
    assert os.access(there / ".ci" / "run", os.X_OK)


def test_a_bundle_tells_the_checksum_of_each_file_and_of_itself(bundled):
    made, there = bundled
    check = ["sha256sum", "--check", "--strict", "--quiet"]
    assert subprocess.run([*check, f"{made.name}.sha256"], cwd=made.parent, capture_output=True).returncode == 0
    assert subprocess.run([*check, bundle.SUMS], cwd=there, capture_output=True).returncode == 0
    assert len((there / bundle.SUMS).read_text().splitlines()) == sum(one.is_file() for one in there.rglob("*")) - 1


def test_set_up_of_a_bundle_takes_its_own_wheels_and_finds_every_script_in_place(bundled, tmp_path):
    """Its own scripts/setup.py says so, as on the server."""
    _, there = bundled
    asked = "import setup; print(setup.WHEELS.is_dir(), setup.lock().name, all(map(setup.in_place, setup.SCRIPTS)))"
    told = subprocess.run([sys.executable, "-c", asked], cwd=there / "scripts", capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["True", "requirements.txt", "True"]


def test_no_bundle_is_made_with_another_script_than_the_pinned_one(tmp_path, monkeypatch):
    monkeypatch.setattr(bundle, "program", lambda _folder: {})
    monkeypatch.setattr(setup, "VENDOR", tmp_path)
    (tmp_path / "wheels").mkdir()
    with pytest.raises(bundle.BundleError, match="not the pinned one"):
        bundle.pack_all("1", tmp_path / "wheels", tmp_path)


def test_every_target_of_the_makefile_is_made_whatever_file_has_its_name():
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split()
    assert sorted(phony) == sorted(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


def test_a_bundle_without_a_network_is_refused_in_words(tmp_path, monkeypatch):
    monkeypatch.setattr(setup, "quietly", lambda *_, **__: ended(1))
    with pytest.raises(bundle.BundleError, match="no network"):
        bundle.download(tmp_path / "wheels")


def test_an_environment_that_was_moved_is_made_anew(tmp_path):
    """Its scripts name a Python that is no longer there."""
    made, moved = tmp_path / "one" / ".venv", tmp_path / "two" / ".venv"
    (made / "bin").mkdir(parents=True)
    (made / "bin" / "python").symlink_to(sys.executable)
    (made / "bin" / "pip").write_text(f"#!{made}/bin/python\n")
    assert setup.works(made)
    moved.parent.mkdir()
    made.rename(moved)
    assert not setup.works(moved)
