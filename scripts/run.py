"""Serves the site: `make run` (with --demo) to try it, `make serve` in production.

--demo sets the database up, loads demo data at the first start and prints who may sign in. Without it the environment says what the
site is (see docs/operations.md): nothing is migrated by itself, and a fault in the configuration stops the start.
"""

import ctypes
import io
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.core.config import Settings

ROOT = Path(__file__).resolve().parents[1]
MEMORY = {  # of the C library: threads share what was freed, and what is large goes back to the machine at once
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "131072",
    "MALLOC_TRIM_THRESHOLD_": "131072",
}
START_LIMIT = 180.0  # seconds: a machine that comes up after a power cut is slow
PASSWORD = "shulin-demo"
DEMO_ACCOUNTS = (
    "志愿者（入党积极分子，双50 进行中）",
    "活动组织者",
    "支部书记",
    "街道管理员",
    "基金经办人",
    "基金审批人",
    "审计（只看）",
    "副书记",
    "另一位街道管理员",
)
EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104 (asked for by name, never the default)


class StartError(Exception):
    """`str(error)` is what the person at the terminal reads."""


def main(*, demo: bool) -> int:
    host, port = os.environ.get("HOST") or "127.0.0.1", port_number(os.environ.get("PORT") or "5000")
    refuse_busy_port(host, port)
    lan = lan_address() if host in EVERYWHERE else None
    reach = "127.0.0.1" if host in EVERYWHERE else host
    address = f"http://{lan or reach}:{port}"
    if demo:
        os.environ["SHULIN_DEMO"] = "1"
        os.environ.setdefault("PUBLIC_URL", address)
    else:
        os.environ["SHULIN_ENV"] = "production"
    if code := apart(lambda: prepare(demo=demo)):
        return code
    return serve(host, port, reach, lambda: announce(address, lan, demo=demo))


def apart(work: Callable[[], None]) -> int:
    """`work` in a process of its own, whose memory (the whole application's) goes with it; 0, or the code to end with."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    end_with_parent()
    code = 1
    try:
        work()
        code = 0
    except StartError as error:
        print(f"没有启动：{error}。", file=sys.stderr)
    except KeyboardInterrupt:
        code = 130
    except Exception:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def port_number(given: str) -> int:
    if not given.isdecimal() or not 0 < int(given) < 65536:
        raise StartError(f"PORT 要是 1 到 65535 之间的数字，现在是 {given}")
    return int(given)


def refuse_busy_port(host: str, port: int) -> None:
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise StartError(f"不认识的地址 HOST={host}") from error
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(where)
        except PermissionError as error:
            raise StartError(f"没有权限使用 {port} 端口，请换 1024 以上的，例如：make run PORT=5001") from error
        except OSError as error:
            raise StartError(f"{host}:{port} 用不了，多半是已经有程序占着。换一个端口，例如：make run PORT={port + 1}") from error


def lan_address() -> str | None:
    """This machine's address in the local network; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        return str(probe.getsockname()[0])


def prepare(*, demo: bool) -> None:
    """Checks the configuration and the schema; for a demo also brings both up to date."""
    from app import create_app
    from app.core.config import Settings
    from app.core.db import db
    from app.core.errors import ConfigError

    try:
        app = create_app()
    except ConfigError as error:
        raise StartError(str(error)) from error
    settings: Settings = app.config["SETTINGS"]
    if not demo and settings.demo:
        raise StartError("make serve 不带演示模式，请去掉 SHULIN_DEMO；想试用请用 make run")
    with app.app_context():
        if demo:
            bring_up_to_date(settings)
        else:
            refuse_half_a_restoration()
            refuse_pending_migrations()
        db.engine.dispose()
    if not demo and (fault := settings.public_url_fault):
        print(f"注意：{fault}", flush=True)


def bring_up_to_date(settings: "Settings") -> None:
    """Demo data comes once, into an empty site; what people did with it stays. A first start that broke off begins anew."""
    from flask_migrate import upgrade
    from sqlalchemy import select

    from app.core.db import db
    from app.demo.load import load
    from app.people.models import Unit

    unfinished = settings.data_dir / "demo-unfinished"
    if unfinished.exists():
        file = db.engine.url.database if db.engine.dialect.name == "sqlite" else None
        if not file:
            raise StartError("上次演示数据没有装完。请换一个空的数据库，或清空这个，再试一次")
        for ending in ("", "-wal", "-shm"):
            Path(f"{file}{ending}").unlink(missing_ok=True)
    upgrade()
    if db.session.scalar(select(Unit.id).limit(1)) is None:
        print("第一次启动，正在准备演示数据 …", flush=True)
        unfinished.touch()
        load(scale="small")
    unfinished.unlink(missing_ok=True)
    db.session.remove()


def refuse_half_a_restoration() -> None:
    """After a power cut the machine starts by itself what its owner was told to leave alone."""
    from app.web.backups import making

    if half := making.unfinished():
        raise StartError(f"恢复（{half}）做到一半停了，数据可能不完整，没有启动。请先执行：flask --app app restore 文件 --force")


def refuse_pending_migrations() -> None:
    from sqlalchemy.exc import SQLAlchemyError

    from app.web import revisions

    try:
        current = revisions.current()
    except SQLAlchemyError as error:
        raise StartError("连不上数据库，请检查 DATABASE_URL 和数据库服务") from error
    if current is None:
        raise StartError("数据库是空的。新装的请执行：.venv/bin/flask --app app update；以前有数据的看数据盘挂上没有、DATABASE_URL 对不对")
    if current != (newest := revisions.newest()):
        raise StartError(f"数据库还没升级（现在 {current}，需要 {newest}）。请停网站，执行：.venv/bin/flask --app app update")


def serve(host: str, port: int, reach: str, ready: Callable[[], None]) -> int:
    """Runs the server until it is told to stop. In a session of its own, so that Ctrl-C reaches it once, through this process."""
    command = [sys.executable, "-m", "app.web.serving", host, str(port)]
    with counters() as environment:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True, preexec_fn=end_with_parent)
        return attend(server, (reach, port), ready)


@contextmanager
def counters() -> Iterator[dict[str, str]]:
    """The environment of the workers; where metrics are wanted, with a folder in which each of them counts, gone afterwards."""
    given = {**MEMORY, **os.environ}
    if not os.environ.get("SHULIN_METRICS"):
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="shulin-metrics-") as folder:
        yield {**given, "PROMETHEUS_MULTIPROC_DIR": folder}


def attend(server: "subprocess.Popen[bytes]", where: tuple[str, int], ready: Callable[[], None]) -> int:
    """Until it ends, or is told to."""
    asked = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked = True
        server.terminate()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    if wait_until_ready(server, where):
        ready()
    elif not asked:
        server.terminate()
        server.wait()
        raise StartError(f"{START_LIMIT:.0f} 秒内没有准备好，已停下。上面的日志里有原因")
    code = server.wait()
    if asked:
        print("\n已停下，数据都在。", flush=True)
    return 0 if asked else code or 1


def end_with_parent() -> None:
    """Linux: the server is told to stop when this process is killed outright."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def wait_until_ready(server: "subprocess.Popen[bytes]", where: tuple[str, int]) -> bool:
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline and server.poll() is None:
        if is_ready(where):
            return True
        time.sleep(0.1)
    return False


def is_ready(where: tuple[str, int]) -> bool:
    """Asked by hand: this process lives as long as the site, and the library that asks for pages would take 6 MB of it."""
    try:
        with socket.create_connection(where, timeout=5) as line, line.makefile("rb") as answer:
            line.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return answer.readline().split()[1:2] == [b"200"]
    except OSError:
        return False


def announce(address: str, lan: str | None, *, demo: bool) -> None:
    lines = [f"\nReady  {address}"]
    if demo:
        lines += ["", f"演示账号（密码都是 {PASSWORD}）："]
        lines += [f"  {13800000001 + number}  {role}" for number, role in enumerate(DEMO_ACCOUNTS)]
        if lan:
            lines += ["", "用同一个 Wi-Fi 下的手机扫这个码打开：", terminal_qr(address)]
        else:
            lines += ["", "想用手机打开：make run HOST=0.0.0.0"]
        lines += ["", "按 Ctrl-C 停下；数据会留着，下次接着用。"]
    print("\n".join(lines), flush=True)


def terminal_qr(text: str) -> str:
    import qrcode

    code, drawn = qrcode.QRCode(border=2), io.StringIO()
    code.add_data(text)
    code.print_ascii(out=drawn, invert=True)
    return drawn.getvalue()


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    try:
        sys.exit(main(demo="--demo" in sys.argv))
    except StartError as error:
        print(f"没有启动：{error}。", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
