"""Servers like the production one, and a client that counts answers. Ratios of two servers in one run are what means anything."""

import os
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from statistics import median

from app.core.config import ROOT
from app.web.serving import THREADS, WORKERS
from scripts.run import MEMORY

CONNECTIONS = 16
SITE = "app:create_app"


@contextmanager
def server(factory: str, environment: Mapping[str, str] | None = None) -> Iterator[int]:
    """The port at which `module:factory` is served: the site as scripts/run.py does, a floor by a plain granian of the same size."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    if factory == SITE:
        command = [sys.executable, "-m", "app.web.serving", "127.0.0.1", str(port)]
    else:
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--host", "127.0.0.1", "--port", str(port)]
        command += ["--workers", str(WORKERS), "--blocking-threads", str(THREADS), "--no-ws", "--log-level", "warning", factory]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **MEMORY, **(environment or {})})
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int) -> None:
    """Until it answers: the port is open long before a worker has loaded what it serves, and no gate opens on a server that starts."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            ask(port, request(port, "/healthz"))
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"nothing answers on port {port}")


def request(port: int, path: str, headers: Mapping[str, str] | None = None) -> bytes:
    """The bytes of a GET. Bodies come uncompressed: compressing is the same work for every page."""
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *(f"{name}: {value}" for name, value in (headers or {}).items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def ask(port: int, sent: bytes) -> tuple[int, dict[str, str], bytes]:
    """One answer: status, headers in small letters, body."""
    with socket.create_connection(("127.0.0.1", port), 30) as line:
        line.sendall(sent)
        got = b""
        while (length := _whole(got)) is None or len(got) < length:
            got += line.recv(65536)
    head, _, body = got.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    return int(first.split()[1]), {name.lower(): value for name, value in (line.split(": ", 1) for line in rest)}, body


def _whole(got: bytes) -> int | None:
    """How many bytes the answer has, once its head is there."""
    end = got.find(b"\r\n\r\n")
    if end < 0:
        return None
    at = got[:end].lower().find(b"content-length:")
    return end + 4 + (int(got[at + 15 : got.find(b"\r", at)]) if at >= 0 else 0)


def rate(port: int, sent: bytes, seconds: float, status: int = 200) -> float:
    """Answers a second over kept connections, each asking again as soon as it is answered. Raises for another status."""
    expected = b"HTTP/1.1 %d" % status
    ready = selectors.DefaultSelector()
    for _ in range(CONNECTIONS):
        line = socket.create_connection(("127.0.0.1", port), 30)
        line.sendall(sent)
        ready.register(line, selectors.EVENT_READ, [b"", 0])
    count, began = 0, time.perf_counter()
    while (now := time.perf_counter()) - began < seconds:
        for key, _ in ready.select(1):
            held, line = key.data, key.fileobj
            assert isinstance(line, socket.socket)
            held[0] += line.recv(262_144)
            held[1] = held[1] or _whole(held[0]) or 0
            if held[1] and len(held[0]) >= held[1]:
                if not held[0].startswith(expected):
                    raise RuntimeError(held[0][:200].decode("latin-1"))
                held[0], held[1] = b"", 0
                count += 1
                line.sendall(sent)
    for key in list(ready.get_map().values()):
        key.fileobj.close()  # type: ignore[union-attr]
    ready.close()
    return count / (now - began)


def ratios(floor: Callable[[], float], measured: Mapping[str, Callable[[], float]], rounds: int = 7) -> dict[str, float]:
    """Each round measures the floor and then everything else; the median over the rounds of what part of the floor each reaches."""
    found: dict[str, list[float]] = {name: [] for name in measured}
    for turn in range(rounds + 1):
        base = floor()
        for name, measure in measured.items():
            part = measure() / base
            if turn:  # the first round warms up
                found[name].append(part)
    return {name: round(median(parts), 3) for name, parts in found.items()}
