"""The archive: a tar.gz of a manifest, the database and the uploads. Whatever is read back is checked against the manifest."""

import hashlib
import json
import os
import re
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from app.core import clock
from app.core.errors import DomainError

FORMAT = 1
PART = re.compile(r"\..+\.\d+\.part")  # of an archive that is being written
MANIFEST, UPLOADS = "manifest.json", "uploads"


class BackupError(DomainError):
    """`message` is what the operator reads."""


@dataclass(frozen=True)
class Manifest:
    """`rows` counts every table at the moment of the backup; `sha256` has every file of the archive by its name in it."""

    format: int
    engine: str
    revision: str
    made_at: str
    rows: dict[str, int]
    sha256: dict[str, str]

    @property
    def when(self) -> str:
        """As the clocks of Guicheng had it, whatever offset it was written with."""
        return f"{clock.local(datetime.fromisoformat(self.made_at)):%Y-%m-%d %H:%M}"


def sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def uploaded(uploads: Path) -> Iterator[tuple[str, Path]]:
    """Name in the archive and file, of everything uploaded; no links, nothing outside."""
    for file in sorted(uploads.rglob("*")):
        if file.is_file() and not file.is_symlink():
            yield f"{UPLOADS}/{file.relative_to(uploads).as_posix()}", file


def pack(target: Path, members: dict[str, Path], manifest: Manifest, scratch: Path) -> None:
    """Write the archive beside its place first, so that half of one never bears the name. Only its owner may read it."""
    described = scratch / MANIFEST
    described.write_text(json.dumps(asdict(manifest), ensure_ascii=False, indent=1), encoding="utf-8")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as tar:
                for name, member in {MANIFEST: described, **members}.items():
                    tar.add(member, arcname=name, recursive=False)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def sweep(folder: Path, before: float) -> None:
    """Halves of archives that a killed command left in `folder`, last written before a moment (seconds since 1970)."""
    for left in folder.glob(".*.part"):
        with suppress(OSError):
            if PART.fullmatch(left.name) and left.is_file() and not left.is_symlink() and left.stat().st_mtime < before:
                left.unlink()


def described(source: Path) -> Manifest:
    """The manifest alone: it comes first in an archive. Raises BackupError where there is none."""
    try:
        with tarfile.open(source, mode="r:gz") as tar:
            member = tar.next()
            opened = tar.extractfile(member) if member and member.name == MANIFEST and member.isfile() else None
            if opened is None:
                raise BackupError(f"{source.name} 不是熟邻的备份。")
            return Manifest(**json.loads(opened.read()))
    except (tarfile.TarError, OSError, EOFError, ValueError, TypeError) as error:
        raise BackupError(f"{source.name} 读不了，可能已损坏。") from error


def read_through(source: Path) -> Manifest:
    """Every byte read and held against the manifest, without writing anything. Raises BackupError."""
    manifest, seen = described(source), set()
    try:
        with tarfile.open(source, mode="r:gz") as tar:
            for member in tar:
                opened = tar.extractfile(member)
                if member.name == MANIFEST or opened is None:
                    continue
                digest = hashlib.sha256()
                while block := opened.read(1 << 20):
                    digest.update(block)
                if digest.hexdigest() != manifest.sha256.get(member.name):
                    raise BackupError(f"{source.name} 里的 {member.name} 与清单的校验值不一致。")
                seen.add(member.name)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise BackupError(f"{source.name} 读不到头，可能已损坏。") from error
    if seen != set(manifest.sha256):
        raise BackupError(f"{source.name} 里的文件与清单对不上。")
    return manifest


def unpack(source: Path, folder: Path) -> Manifest:
    """Into `folder`; raises BackupError unless every file is there, whole, and named harmlessly."""
    try:
        with tarfile.open(source, mode="r:gz") as tar:
            for member in tar:
                if not member.isfile() or PurePosixPath(member.name).is_absolute() or ".." in PurePosixPath(member.name).parts:
                    raise BackupError(f"备份里有不该有的内容（{member.name}），没有恢复。")
                target = folder / member.name
                target.parent.mkdir(parents=True, exist_ok=True)
                opened = tar.extractfile(member)
                with target.open("wb") as file:
                    while opened and (block := opened.read(1 << 20)):
                        file.write(block)
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise BackupError("这不是熟邻的备份，或者文件不存在。") from error
    except (tarfile.TarError, OSError, EOFError, ValueError, TypeError) as error:
        raise BackupError("备份文件读不了，可能没有下载完整或已损坏，没有恢复。") from error
    if manifest.format != FORMAT:
        raise BackupError("这份备份的格式是更新的版本写的，请先升级程序。")
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    found.pop(MANIFEST)
    if set(found) != set(manifest.sha256):
        raise BackupError("备份里的文件与清单对不上，没有恢复。")
    for name, path in found.items():
        if sha256(path) != manifest.sha256[name]:
            raise BackupError(f"备份里的 {name} 与清单的校验值不一致，没有恢复。")
    return manifest
