"""`make bundle`: one tar for a closed network: the program, the wheels of the lock file, the scripts that pages load, and checksums.

The program is that of the last commit. There: `sha256sum -c shulin-….tar.sha256`, unpack, `make setup`, which finds the wheels and asks
nothing of the network. The wheels are for the kind of machine and the Python that this ran on: run it on one like the server.
"""

import hashlib
import io
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import setup

ROOT = setup.ROOT
BUILD = ROOT / "build"
SUMS = "SHA256SUMS"


class BundleError(Exception):
    """`str(error)` is what the person at the terminal reads."""


def main() -> Path:
    version, wheels = described(), BUILD / "wheels"
    download(wheels)
    with tempfile.TemporaryDirectory() as folder:
        return pack_all(version, wheels, Path(folder))


def pack_all(version: str, wheels: Path, scratch: Path) -> Path:
    members = {**program(scratch), **{f"wheels/{file.name}": file for file in sorted(wheels.iterdir())}}
    for script in setup.SCRIPTS:
        if not setup.in_place(script):
            raise BundleError(f"static/vendor/{script.name} is not the pinned one: run make setup.")
        members[f"static/vendor/{script.name}"] = setup.VENDOR / script.name
    made = BUILD / f"shulin-{version}-py{sys.version_info[0]}{sys.version_info[1]}-{os.environ.get('PLATFORM') or os.uname().machine}.tar"
    pack(made, f"shulin-{version}", members)
    made.with_name(f"{made.name}.sha256").write_text(f"{sum_of(made)}  {made.name}\n")
    print(f"{os.path.relpath(made, ROOT)}: {len(members)} files, {made.stat().st_size / 1e6:.0f} MB; its checksum is beside it.")
    return made


def described() -> str:
    """The tag or the commit."""
    return git("describe", "--always", "--tags").strip()


def program(folder: Path) -> dict[str, Path]:
    """What the last commit holds, put into `folder`."""
    git("archive", "--format=tar", f"--output={folder / 'program.tar'}", "HEAD")
    with tarfile.open(folder / "program.tar") as tar:
        tar.extractall(folder / "program", filter="data")
    files = (file for file in (folder / "program").rglob("*") if file.is_file() and not file.is_symlink())
    return {file.relative_to(folder / "program").as_posix(): file for file in files}


def git(*arguments: str) -> str:
    told = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if told.returncode:
        raise BundleError(f"git {arguments[0]} did not work:\n{setup.tail(told)}")
    return told.stdout


def download(wheels: Path) -> None:
    """Wheels only, each held to its hash in the lock file; those of another lock go."""
    wheels.mkdir(parents=True, exist_ok=True)
    for left in wheels.iterdir():
        left.unlink()
    command = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--require-hashes", "--only-binary=:all:"]
    if platform := os.environ.get("PLATFORM"):
        command += ["--platform", platform]
    print("Fetching the wheels of requirements.txt …", flush=True)
    result = setup.quietly([*command, "-d", str(wheels), "-r", str(setup.SERVER_LOCK)])
    if result.returncode:
        raise BundleError(f"The wheels could not be fetched. What pip said:\n{setup.tail(result)}")


def pack(target: Path, folder: str, members: dict[str, Path]) -> None:
    """The same files give the same tar: no times, no owners."""
    sums = "".join(f"{sum_of(file)}  {name}\n" for name, file in members.items()).encode()
    part = target.with_suffix(".part")
    with tarfile.open(part, "w") as tar:
        for name, file in sorted(members.items()):
            info = entry(f"{folder}/{name}", file.stat().st_size, 0o755 if os.access(file, os.X_OK) else 0o644)
            with file.open("rb") as opened:
                tar.addfile(info, opened)
        tar.addfile(entry(f"{folder}/{SUMS}", len(sums), 0o644), io.BytesIO(sums))
    part.replace(target)


def entry(name: str, size: int, mode: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, mode, 0
    return info


def sum_of(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


if __name__ == "__main__":
    try:
        main()
    except (BundleError, setup.SetupError) as error:
        print(f"\nNo bundle was made. {error}", file=sys.stderr)
        sys.exit(1)
