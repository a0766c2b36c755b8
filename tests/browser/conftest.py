"""A server, a place and phones for the tests of this folder. Without Chromium they are left out, and the run says so."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from app.accounts import sessions
from app.core import clock
from app.core.db import db, in_transaction
from tests.browser.phone import Phone
from tests.browser.server import Server, copy_of, serving
from tests.browser.town import Town
from tests.conftest import Site
from tests.factories import Factory
from tests.machine import chromium

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # the CDN answers nothing, as in parts of mainland China
]
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
DESK = {"viewport": {"width": 1280, "height": 800}, "device_scale_factor": 1, "is_mobile": False, "has_touch": False}
PATIENCE = 30_000  # ms: two cores may be busy with other tests

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": chromium(), "args": QUIET}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    return {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "reduced_motion": "reduce"}


@pytest.fixture(scope="session")
def server(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    url = copy_of(site.template_file, site.server_url, folder)
    with serving(url, folder) as running:
        yield running


@pytest.fixture
def town(server: Server) -> Iterator[Town]:
    """Data for one test, made at the server's own, real time."""
    with server.app.app_context():
        yield Town(server)
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def phones(server: Server, new_context: Callable[..., BrowserContext]) -> Callable[..., Phone]:
    """`phones()` is somebody's phone; `phones(person)` is signed in already; `phones(person, desk=True)` is at a desk.

    Without a service worker, as in WeChat on iOS; `service_workers="allow"` lets it have one.
    """

    def one(person: int | None = None, *, desk: bool = False, look: str = "", **options: Any) -> Phone:
        context = new_context(**(DESK if desk else PHONE), **{"service_workers": "block"} | options)
        context.set_default_timeout(PATIENCE)
        if person is not None:
            context.add_cookies([{"name": "shulin", "value": session_of(server, person), "url": server.address}])
        if look:
            context.add_cookies([{"name": "look", "value": f'"{look}"', "url": server.address}])
        return Phone(context, server.address)

    return one


def session_of(server: Server, person: int) -> str:
    """The cookie of a browser that signed in before, without the slow hash."""
    account = Factory().account(person)
    token = in_transaction(lambda: sessions.open_session(account, "test", clock.now(), staff=False, factor=True))
    serializer = server.app.session_interface.get_signing_serializer(server.app)  # type: ignore[attr-defined]
    return str(serializer.dumps({"_user_id": token, "_fresh": True, "_permanent": True}))
