"""The machine: its disks, memory, clock and fonts. Asks nothing of the network."""

import ctypes
import ctypes.util
import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select, text

from app.audit.models import AuditEvent
from app.core import clock
from app.core.config import Env
from app.core.db import db, is_sqlite
from app.web.backups import making
from app.web.doctor import Finding, Level

GB = 1 << 30
MB = 1 << 20
LITTLE_DISK, LOW_DISK = 1 * GB, 5 * GB
LITTLE_MEMORY, LOW_MEMORY = 128 * MB, 300 * MB
OFF, FAR_OFF = 2.0, 60.0  # seconds
ROOT = 0
UNSYNCHRONISED = 0x0040  # STA_UNSYNC of adjtimex
FONTS = ("NotoSansCJK", "NotoSerifCJK", "SourceHanSans", "SourceHanSerif")


def disk() -> Iterator[Finding]:
    yield from room()
    settings = making.settings()
    yield from written_to(settings.data_dir, settings.backups_dir)
    yield from of_somebody_else(settings.data_dir, settings.backups_dir)


def disk_of_a_server() -> Iterator[Finding]:
    """The same for who need not be able to write where backups lie."""
    yield from room()
    yield from written_to(making.settings().data_dir)
    yield from of_somebody_else(making.settings().data_dir)


def room() -> Iterator[Finding]:
    settings = making.settings()
    places = {"数据": settings.data_dir, "备份": settings.backups_dir}
    if is_sqlite():
        places["数据库"] = Path(str(db.engine.url.database)).parent
    seen = set()
    for what, folder in places.items():
        if folder is None or not folder.is_dir() or (device := folder.stat().st_dev) in seen:
            continue
        seen.add(device)
        yield disk_of(what, folder)


def written_to(*folders: Path | None) -> Iterator[Finding]:
    production = making.settings().env is Env.PRODUCTION
    for folder in folders:
        if folder and folder.is_dir() and not os.access(folder, os.W_OK):
            yield Finding("磁盘", Level.BAD, f"{folder} 写不进去", f"chown shulin {folder}")
        elif folder and folder.is_dir() and folder.stat().st_mode & 0o077 and production:
            yield Finding("磁盘", Level.NOTE, f"{folder} 这台机器上别的用户也能看", f"chmod 700 {folder}")


def of_somebody_else(*folders: Path | None) -> Iterator[Finding]:
    """A command that ran as root left files which the site can neither write nor, of backups, read."""
    for folder in folders:
        if folder is None or not folder.is_dir() or folder.lstat().st_uid == ROOT:
            continue
        try:
            strange = sorted(one.name for one in (*folder.iterdir(), *_within(folder / "uploads")) if one.lstat().st_uid == ROOT)
        except OSError:
            continue  # what can not be looked into is told elsewhere
        if strange:
            shown = "、".join(strange[:3]) + (f" 等 {len(strange)} 个" if len(strange) > 3 else "")
            said = f"{folder} 里有 root 的文件：{shown}，是用 root 执行过命令，网站会写不进去"
            yield Finding("磁盘", Level.BAD, said, f"chown -R --reference={folder} {folder}，以后命令都用 sudo -u shulin")


def _within(folder: Path) -> Iterator[Path]:
    return folder.iterdir() if folder.is_dir() else iter(())


def disk_of(what: str, folder: Path) -> Finding:
    total, _, free = shutil.disk_usage(folder)
    inodes = os.statvfs(folder)
    said = f"{what}所在的盘还剩 {free / GB:.1f} GB（{free * 100 // max(total, 1)}%）"
    todo = "删掉旧的 *-before-restore-* 和不要的文件，或加大磁盘"
    if free < LITTLE_DISK or (inodes.f_files and inodes.f_favail * 100 < inodes.f_files):
        return Finding("磁盘", Level.BAD, said, todo)
    if free < LOW_DISK and free * 10 < total:
        return Finding("磁盘", Level.NOTE, said, todo)
    return Finding("磁盘", Level.GOOD, said)


def memory() -> Iterator[Finding]:
    free = memory_free()
    if free is None:
        return
    said = f"还有 {free / (1 << 30):.1f} GB 可用" if free >= 1 << 30 else f"还有 {free // MB} MB 可用"
    if free < LITTLE_MEMORY:
        yield Finding("内存", Level.BAD, said, "看看什么占着内存（ps aux --sort=-rss），或加内存")
    elif free < LOW_MEMORY:
        yield Finding("内存", Level.NOTE, said, "熟邻忙起来要按 1 GB 留，看看什么占着内存（ps aux --sort=-rss），或加内存")
    else:
        yield Finding("内存", Level.GOOD, said)


def memory_free(meminfo: Path = Path("/proc/meminfo"), group: Path = Path("/sys/fs/cgroup")) -> int | None:
    """What programs can still have: of the machine, or of the container where that is less. None where neither is known."""
    found = []
    if meminfo.exists():
        lines = dict(line.split(":", 1) for line in meminfo.read_text().splitlines() if ":" in line)
        if "MemAvailable" in lines:
            found.append(int(lines["MemAvailable"].split()[0]) * 1024)
    limit, used = group / "memory.max", group / "memory.current"
    if limit.exists() and used.exists() and (most := limit.read_text().strip()).isdecimal():
        found.append(max(0, int(most) - int(used.read_text())))
    return min(found) if found else None


def time() -> Iterator[Finding]:
    """Synchronised, as the kernel knows it; the same as the database's; not before what was already written."""
    now = clock.now()
    todo = "timedatectl set-ntp true，或装 chrony；签到按这台机器的时间算"
    last = db.session.scalar(select(func.max(AuditEvent.at)))
    if last is not None and (last - now).total_seconds() > FAR_OFF:
        yield Finding("时钟", Level.BAD, f"最近的操作记在 {clock.local(last):%m-%d %H:%M}，比现在还晚", todo)
        return
    if not is_sqlite() and (behind := _behind(now)) > OFF:
        level = Level.BAD if behind > FAR_OFF else Level.NOTE
        yield Finding("时钟", level, f"和数据库那台机器差 {behind:.0f} 秒", todo)
        return
    synchronised = is_synchronised()
    here = f"北京时间 {clock.local(now):%m-%d %H:%M}"
    if synchronised:
        yield Finding("时钟", Level.GOOD, f"{here}，和时间服务器对过")
    else:
        why = "没有和时间服务器对上" if synchronised is False else "看不出有没有和时间服务器对过"
        yield Finding("时钟", Level.NOTE, f"{here}，{why}", todo)


def _behind(now: datetime) -> float:
    said: float = db.session.scalar(text("SELECT extract(epoch FROM clock_timestamp())::float8")) or 0.0
    return abs(said - now.timestamp())


def is_synchronised() -> bool | None:
    """What the kernel was told by chrony, timesyncd or another; None where it can not be asked."""
    try:
        answer = ctypes.create_string_buffer(512)  # struct timex, all zero: only reads
        ctypes.CDLL(None).adjtimex(answer)
        status = int.from_bytes(answer.raw[40:44], "little")
        read = any(answer.raw)
    except (AttributeError, OSError):
        return None
    return None if not read else not status & UNSYNCHRONISED


def mail() -> Iterator[Finding]:
    """Nothing to look at: said, so that nobody looks for it."""
    yield Finding("邮件", Level.GOOD, "本站不发邮件，不用设置")


def fonts() -> Iterator[Finding]:
    if not all(ctypes.util.find_library(name) for name in ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")):
        todo = "apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
        yield Finding("PDF", Level.NOTE, "缺 Pango，证明、凭证包的 PDF 出不来", todo)
    elif not has_font():
        yield Finding("PDF", Level.NOTE, "缺中文字体，PDF 里会是方框", "apt-get install -y fonts-noto-cjk")
    else:
        yield Finding("PDF", Level.GOOD, "Pango 和中文字体都在")


def has_font() -> bool:
    places = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts", Path.home() / ".local/share/fonts")
    return any(file.name.startswith(FONTS) for place in places if place.is_dir() for file in place.rglob("*"))
