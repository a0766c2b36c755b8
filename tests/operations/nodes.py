"""Two application servers on one PostgreSQL, and a proxy before them that takes turns. For tests only.

Each node is served as scripts/run.py serves it, in a process group and a data folder of its own; the uploads are one folder,
as docs/scale.md asks.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

from app.core.config import ROOT, Env
from scripts.run import MEMORY
from tests.browser.server import SECRET_KEY, free_port, wait_until_ready

PATIENCE = 30.0  # seconds a connection of the proxy waits for an answer


class Node:
    """One machine, as far as a test can have one. Killed and started again on the same port."""

    def __init__(self, name: str, url: str, folder: Path) -> None:
        self.port, self.data = free_port(), folder / name
        self.log, self.process = folder / f"{name}.log", None
        self.data.mkdir(parents=True)
        shared = folder / "uploads"
        shared.mkdir(exist_ok=True)
        (self.data / "uploads").symlink_to(shared)
        self.environment = {
            **MEMORY,
            **{name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}},
            "SHULIN_ENV": Env.DEVELOPMENT.value,
            "SHULIN_DATA": str(self.data),
            "SHULIN_PROXY": "1",
            "DATABASE_URL": url,
            "SECRET_KEY": SECRET_KEY,
            "PUBLIC_URL": "http://127.0.0.1:1",
        }

    process: "subprocess.Popen[bytes] | None"

    def start(self) -> None:
        with self.log.open("a") as said:
            command = [sys.executable, "-m", "app.web.serving", "127.0.0.1", str(self.port)]
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=said, stderr=subprocess.STDOUT, start_new_session=True
            )

    def ready(self) -> None:
        assert self.process
        wait_until_ready(f"http://127.0.0.1:{self.port}", self.process, self.log)

    def kill(self) -> None:
        """As when the machine loses its power: server and workers at once."""
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(20)
            self.process = None


class Proxy:
    """Gives each connection to the next node that takes it. One that dies in mid-answer ends the connection: the phone sees no answer."""

    def __init__(self, ports: list[int]) -> None:
        self.ports, self._turn, self.given = ports, count(), dict.fromkeys(ports, 0)
        self._door = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = int(self._door.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._door.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._door.accept()
                threading.Thread(target=self._carry, args=(line,), daemon=True).start()

    def _carry(self, line: socket.socket) -> None:
        with suppress(OSError), line:
            line.settimeout(PATIENCE)
            asked = self._request(line)
            node = self._node()
            if node is None:
                line.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            with node:
                node.settimeout(PATIENCE)
                node.sendall(asked)
                while got := node.recv(65536):
                    line.sendall(got)

    def _request(self, line: socket.socket) -> bytes:
        """One request, with who connected written last into X-Forwarded-For; the node is asked to close afterwards."""
        got = b""
        while b"\r\n\r\n" not in got:
            got += self._more(line)
        head, _, body = got.partition(b"\r\n\r\n")
        lines = [one for one in head.split(b"\r\n") if not one.lower().startswith(b"connection:")]
        length = next((int(one[15:]) for one in lines if one.lower().startswith(b"content-length:")), 0)
        while len(body) < length:
            body += self._more(line)
        return b"\r\n".join([*lines, b"X-Forwarded-For: " + line.getpeername()[0].encode(), b"Connection: close", b"", body])

    @staticmethod
    def _more(line: socket.socket) -> bytes:
        got = line.recv(65536)
        if not got:
            raise ConnectionResetError
        return got

    def _node(self) -> socket.socket | None:
        first = next(self._turn)
        for step in range(len(self.ports)):
            port = self.ports[(first + step) % len(self.ports)]
            with suppress(OSError):
                node = socket.create_connection(("127.0.0.1", port), 5)
                self.given[port] += 1
                return node
        return None


@dataclass
class Pair:
    """`first` and `second` are two nodes; `port` is the proxy's."""

    first: Node
    second: Node
    proxy: Proxy

    @property
    def port(self) -> int:
        return self.proxy.port

    @property
    def said(self) -> str:
        return self.first.log.read_text() + self.second.log.read_text()


@contextmanager
def pair(url: str, folder: Path) -> Iterator[Pair]:
    nodes = [Node(name, url, folder) for name in ("first", "second")]
    proxy = Proxy([node.port for node in nodes])
    try:
        for node in nodes:
            node.start()
        for node in nodes:
            node.ready()
        yield Pair(nodes[0], nodes[1], proxy)
    finally:
        for node in nodes:
            node.kill()
        proxy.close()


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Browser:
    """Keeps its cookies, whichever node set them. Follows no redirect."""

    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, node: Node, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self._ask(node, "GET", path, None, dict(headers or {}))

    def post(self, node: Node, path: str, data: Mapping[str, str]) -> Answer:
        return self._ask(node, "POST", path, urlencode(data).encode(), {"Content-Type": "application/x-www-form-urlencoded"})

    def upload(self, node: Node, path: str, data: Mapping[str, str], file: bytes) -> Answer:
        parts = [f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in data.items()]
        parts.append(b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n' + file + b"\r\n--edge--\r\n")
        return self._ask(node, "POST", path, b"".join(parts), {"Content-Type": "multipart/form-data; boundary=edge"})

    def _ask(self, node: Node, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        line = http.client.HTTPConnection("127.0.0.1", node.port, timeout=PATIENCE)
        held = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            line.request(method, path, body, {"Cookie": held, "Sec-Fetch-Site": "same-origin", **headers})
            with line.getresponse() as answer:
                found = Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
                for said in answer.headers.get_all("Set-Cookie") or []:
                    self.cookies.update({name: one.value for name, one in SimpleCookie(said).items()})
        finally:
            line.close()
        return found
