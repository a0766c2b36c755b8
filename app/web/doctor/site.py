"""The site: its configuration, database, backups and scheduled work."""

import importlib.metadata
import re
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import inspect, text
from sqlalchemy.exc import SQLAlchemyError

from app.audit import keys as personal_keys
from app.core import clock, keyring
from app.core.config import ROOT, Env
from app.core.db import db, is_sqlite
from app.rights import register
from app.web import revisions
from app.web.backups import archive, erasures, keeping, making
from app.web.backups.archive import BackupError
from app.web.doctor import Finding, Level
from app.web.jobs import plan, running
from app.web.jobs.rules import NEVER, SKEW, State, state

PATIENCE = 5.0  # seconds
DUE, OVERDUE = timedelta(hours=30), timedelta(hours=72)
EXPIRES = timedelta(days=14)
SMALL = 512 << 20
VENDOR = ("htmx.min.js", "qr-scanner.min.js", "qr-worker.min.js", "qrcode.js")
PIN = re.compile(r"^([A-Za-z0-9_.-]+)==([^ ;\\]+)(?: ; (.+?))? *\\?$", re.MULTILINE)


def configuration() -> Iterator[Finding]:
    settings = making.settings()
    if settings.env is not Env.PRODUCTION:
        yield Finding(
            "配置", Level.NOTE, "不是生产环境（SHULIN_ENV 不是 production）", "正式使用请在 /etc/shulin.env 里写 SHULIN_ENV=production"
        )
    if len(set(settings.secret_key)) < 12 or len(settings.secret_key) < 32:
        yield Finding("密钥", Level.BAD, "SECRET_KEY 太容易猜", "换成 python3 -c 'import secrets; print(secrets.token_hex(32))' 的输出")
    else:
        yield Finding("密钥", Level.GOOD, "SECRET_KEY 够长；请确认另外抄了一份收好")


def public_url() -> Iterator[Finding]:
    settings = making.settings()
    if fault := settings.public_url_fault:
        level = Level.BAD if settings.env is Env.PRODUCTION else Level.NOTE
        yield Finding("网址", level, f"{settings.public_url}：{fault}", "在 /etc/shulin.env 里写 PUBLIC_URL=https://…，重启")
        return
    yield Finding("网址", Level.GOOD, settings.public_url)
    if not settings.proxied:
        yield Finding("网址", Level.NOTE, "没写 SHULIN_PROXY=1，限制快慢时分不清来访的地址", "前面有 Caddy 或 nginx 就写上")


def https() -> Iterator[Finding]:
    """The certificate as a visitor gets it. A machine that can not reach its own address from inside is no fault."""
    address = urlsplit(making.settings().public_url)
    if address.scheme != "https" or not address.hostname:
        return
    try:
        until = certificate_until(address.hostname, address.port or 443)
    except ssl.SSLCertVerificationError as error:
        yield Finding("HTTPS", Level.BAD, f"证书不对：{error.verify_message}", "看 Caddy 的日志（journalctl -u caddy），或换证书")
        return
    except OSError:
        yield Finding("HTTPS", Level.NOTE, "从这台机器打不开自己的网址，没查到证书", "内网或防火墙会这样；请用手机打开网址看一眼")
        return
    left = until - clock.now()
    said = f"证书到 {clock.local(until):%Y-%m-%d}，还有 {left.days} 天"
    if left < EXPIRES:
        yield Finding("HTTPS", Level.NOTE, said, "该续期了：看 Caddy 的日志，或换证书")
    else:
        yield Finding("HTTPS", Level.GOOD, said)


def certificate_until(host: str, port: int) -> datetime:
    """Raises OSError (ssl.SSLCertVerificationError among them)."""
    with (
        socket.create_connection((host, port), PATIENCE) as plain,
        ssl.create_default_context().wrap_socket(plain, server_hostname=host) as line,
    ):
        told = line.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(told["notAfter"])), UTC)


def database() -> Iterator[Finding]:
    try:
        db.session.scalar(text("SELECT 1"))
    except SQLAlchemyError:
        yield Finding("数据库", Level.BAD, "连不上", "检查 DATABASE_URL 和数据库服务（systemctl status postgresql）")
        return
    yield from _sqlite() if is_sqlite() else _postgresql()


def _sqlite() -> Iterator[Finding]:
    file = Path(str(db.engine.url.database))
    size = file.stat().st_size if file.exists() else 0
    sound = "" if size > SMALL else str(db.session.scalar(text("PRAGMA quick_check(1)")))
    if sound not in {"", "ok"}:
        yield Finding("数据库", Level.BAD, "SQLite 文件坏了", "停网站，把数据目录整个抄一份，再从最近的备份恢复")
    elif db.session.scalar(text("PRAGMA journal_mode")) != "wal":
        yield Finding("数据库", Level.NOTE, "SQLite 不在 WAL 方式", "数据目录可能在网络盘上：请换到本机磁盘")
    else:
        yield Finding("数据库", Level.GOOD, f"SQLite，{size / 1e6:,.0f} MB" + ("" if sound else "，文件大，没有逐页查"))


def _postgresql() -> Iterator[Finding]:
    version = int(db.session.scalar(text("SHOW server_version_num")) or 0) // 10000
    if version < 13:
        yield Finding("数据库", Level.BAD, f"PostgreSQL {version} 太旧", "升到 13 或更新")
    unsafe = [name for name in ("fsync", "full_page_writes") if db.session.scalar(text(f"SHOW {name}")) == "off"]
    if unsafe:
        yield Finding("数据库", Level.BAD, f"{'、'.join(unsafe)} 关着，断电会坏数据", "在 postgresql.conf 里打开，重启数据库")
    most = int(db.session.scalar(text("SHOW max_connections")) or 0)
    used = int(db.session.scalar(text("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")) or 0)
    size = int(db.session.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    said = f"PostgreSQL {version}，{size / 1e6:,.0f} MB，连接 {used}/{most}"
    if used * 10 > most * 8:
        yield Finding("数据库", Level.NOTE, said, "连接快用完了：加大 max_connections，或看看是谁占着")
    else:
        yield Finding("数据库", Level.GOOD, said)


def migrations() -> Iterator[Finding]:
    current, newest = revisions.current(), revisions.newest()
    if current == newest:
        yield Finding("版本", Level.GOOD, f"数据库结构是最新的（{current}）")
    elif current is not None and current not in revisions.known():
        yield Finding("版本", Level.BAD, f"数据库（{current}）比程序（{newest}）新", "换回更新的程序")
    elif current is None:
        todo = "新装的：flask --app app update；以前有数据的先不要动，看数据盘挂上没有（df -h）、DATABASE_URL 对不对"
        yield Finding("版本", Level.BAD, "数据库是空的", todo)
    else:
        yield Finding("版本", Level.BAD, f"数据库还没升级（现在 {current}，需要 {newest}）", "停网站，flask --app app update")


def packages() -> Iterator[Finding]:
    """What is installed is what was locked and tested."""
    other = []
    for name, version, marker in PIN.findall((ROOT / "requirements.txt").read_text(encoding="utf-8")):
        if marker:
            continue  # not of this kind of machine
        try:
            if importlib.metadata.version(name) != version:
                other.append(name)
        except importlib.metadata.PackageNotFoundError:
            other.append(name)
    missing = [name for name in VENDOR if not (ROOT / "static" / "vendor" / name).exists()]
    if other:
        yield Finding("程序", Level.NOTE, f"装的包与锁定的不一致：{'、'.join(other[:5])}", "make setup")
    if missing:
        yield Finding("程序", Level.NOTE, f"页面用的脚本没有装全：{'、'.join(missing)}", "make setup")
    if not other and not missing:
        yield Finding("程序", Level.GOOD, "包和页面脚本与锁定的一致")


def backups() -> Iterator[Finding]:
    """How old the newest is, and whether every byte of it reads back."""
    todo = "flask --app app jobs run backup，看它怎么说"
    found = _backups_there()
    if isinstance(found, Finding):
        yield found
        return
    at, file = found
    age = clock.now() - at
    hours = int(age.total_seconds() // 3600)
    said = f"最新的是 {clock.local(at):%m-%d %H:%M} 的（{hours} 小时前）"
    if age < -SKEW:
        yield Finding(
            "备份",
            Level.BAD,
            f"最新的写着 {clock.local(at):%Y-%m-%d}，在将来：做它的时候钟错了",
            f"对好时，把 {file.name} 移到别处，再 {todo}",
        )
        return
    try:
        archive.read_through(file)
    except BackupError as error:
        yield Finding("备份", Level.BAD, f"{said}，但是坏的：{error.message}", todo)
        return
    level = Level.BAD if age > OVERDUE else Level.NOTE if age > DUE else Level.GOOD
    yield Finding("备份", level, f"{said}，读得回来", "" if level is Level.GOOD else todo)


def backups_age() -> Iterator[Finding]:
    """The same without reading it: for a page."""
    found = _backups_there()
    if isinstance(found, Finding):
        yield found
        return
    age = clock.now() - found[0]
    if age < -SKEW:
        yield Finding(
            "备份", Level.BAD, f"最新的写着 {clock.local(found[0]):%Y-%m-%d}，在将来：做它的时候钟错了", "请管服务器的人看一下备份"
        )
        return
    level = Level.BAD if age > OVERDUE else Level.NOTE if age > DUE else Level.GOOD
    yield Finding(
        "备份", level, f"最新的是 {clock.local(found[0]):%m-%d %H:%M} 的", "" if level is Level.GOOD else "请管服务器的人看一下备份"
    )


def _backups_there() -> Finding | tuple[datetime, Path]:
    folder = making.settings().backups_dir
    if folder is None:
        return Finding(
            "备份", Level.NOTE, "没有设 SHULIN_BACKUPS，不知道备份在哪里", "在 /etc/shulin.env 里写 SHULIN_BACKUPS=/var/backups/shulin"
        )
    files = keeping.kept_here(folder) if folder.is_dir() else []
    if not files:
        return Finding("备份", Level.BAD, f"{folder} 里一份备份也没有", "flask --app app jobs run backup，看它怎么说")
    return files[0]


def scheduled() -> Iterator[Finding]:
    now = clock.now()
    pasts = running.pasts(now)
    standing = {job: state(job, pasts.get(job.name, NEVER), now) for job in plan.jobs() if job.name != "doctor"}
    bad = [job for job, how in standing.items() if how is State.FAILED]
    late = [job for job, how in standing.items() if how is State.LATE]
    for job in bad:
        said = pasts[job.name].last_said
        yield Finding("定时任务", Level.BAD, f"“{job.title}”上次没办成{'：' if said else ''}{said}", f"flask --app app jobs run {job.name}")
    for job in late:
        yield Finding("定时任务", Level.NOTE, f"“{job.title}”错过了两次", "systemctl status shulin-jobs.timer")
    if not pasts:
        yield Finding("定时任务", Level.NOTE, "一次也没有跑过", "systemctl enable --now shulin-jobs.timer（docs/operations.md）")
    elif not bad and not late:
        yield Finding("定时任务", Level.GOOD, f"{len(standing)} 项都按时")


def seals() -> Iterator[Finding]:
    """How old the last seal of a day is, where this site seals."""
    if not inspect(db.engine).has_table("seal_entry") or "seal" not in current_app.cli.commands:
        return
    last = db.session.scalar(text("SELECT max(day) FROM seal_entry"))
    if last is None:
        yield Finding("封存", Level.NOTE, "还没有封存过一天", "flask --app app jobs run seal")
        return
    age = (clock.today() - datetime.fromisoformat(str(last)).date()).days
    level = Level.GOOD if age <= 2 else Level.NOTE
    yield Finding("封存", level, f"封存到 {last}", "" if level is Level.GOOD else "flask --app app jobs run seal，看它怎么说")


def restoration() -> Iterator[Finding]:
    if half := making.unfinished():
        todo = "先停网站，再执行一次同样的 restore，加 --force；原来的数据在数据目录的 database-before-restore-… 里"
        yield Finding("恢复", Level.BAD, f"{half} 的恢复做到一半停了，数据库和上传的文件可能不是同一时候的", todo)


def erased() -> Iterator[Finding]:
    """Nobody who was erased came back with an older backup, and the list of them is whole wherever it is kept."""
    if not inspect(db.engine).has_table("erasure_entry"):
        return
    settings = making.settings()
    try:
        back = erasures.back_again()
        known, lists = set(register.known()), [set(register.read(file)) if file.exists() else set() for file in register.files(settings)]
    except ValueError as error:
        yield Finding("注销名单", Level.BAD, str(error), f"按备份旁边的那一份改好，再 {erasures.REPLAY}")
        return
    if back:
        yield Finding("注销名单", Level.BAD, f"已经注销的 {len(back)} 人随旧备份又回来了，还没有再删", erasures.REPLAY)
    elif any(known - one for one in lists):
        yield Finding("注销名单", Level.NOTE, "文件夹里的名单不全", f"{erasures.REPLAY}，会补上")
    elif known:
        yield Finding("注销名单", Level.GOOD, f"{len(known)} 人，没有人随旧备份回来")


def keys_of_persons() -> Iterator[Finding]:
    """Every key of a person can be opened, and by the newest key from outside."""
    if not inspect(db.engine).has_table("person_key"):
        return
    known, newest = keyring.masters(), keyring.newest()[0]
    under = personal_keys.wrapped_by()
    lost = sum(count for name, count in under if name not in known)
    old = sum(count for name, count in under if name in known and name != newest)
    if lost:
        said = f"{lost} 人的密钥打不开：关于他们的操作记录里，原因、说明、改了什么都读不出，也记不进新的"
        yield Finding(
            "个人密钥", Level.BAD, said, "把原来的那一把加回 SHULIN_KEYS（或改回原来的 SECRET_KEY），重启；flask --app app keys status"
        )
    elif old:
        yield Finding("个人密钥", Level.NOTE, f"{old} 人的还用旧的一把包着，旧的还不能去掉", "flask --app app keys rotate")
    elif under:
        yield Finding("个人密钥", Level.GOOD, f"{sum(count for _, count in under)} 人的，都用正在用的一把包着；请确认它另外抄了一份收好")
    if not making.settings().keys and making.settings().env is Env.PRODUCTION:
        yield Finding(
            "个人密钥", Level.NOTE, "没有设 SHULIN_KEYS，用的是从 SECRET_KEY 算出来的", "flask --app app keys new，照 docs/operations.md 设"
        )
