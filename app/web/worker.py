"""What makes the site open without signal: the service worker, the two pages that it keeps, and the manifest of an installed page.

The kept pages hold nobody's data, whoever asks: the browser fetches them without the cookie, and the templates leave the reader out.
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, url_for

from app.web.templating import asset
from app.webkit.guards import public

ALWAYS = (
    "css/tokens.css",
    "css/app.css",
    "css/desk.css",
    "css/door.css",
    "js/page.js",
    "js/htmx-loader.js",
    "js/shelf.js",
    "js/queue.js",
    "js/late.js",
    "js/offline.js",
    "js/mycode.js",
    "vendor/qrcode.js",
    "vendor/htmx.min.js",
    "icons/mark.svg",
)
SCANNER = (  # kept by a phone once it has opened the scanner
    "vendor/qr-scanner.min.js",
    "vendor/qr-worker.min.js",
    "js/sounds.js",
    "js/camera.js",
    "js/verdicts.js",
    "js/scanner.js",
    "js/rehearsal.js",
)
DRAWN_FROM = ("layouts/base.html", "layouts/inner.html", "checkin/offline.html", "checkin/scanner.html", "checkin/_rehearsal.html")
SOURCE = "js/sw.js"


def install(app: Flask) -> None:
    app.add_url_rule("/sw.js", "worker", worker)
    app.add_url_rule("/manifest.webmanifest", "manifest", manifest)
    app.add_url_rule("/offline", "offline", offline)
    app.add_url_rule("/offline/scanner", "offline_scanner", offline_scanner)


@public
def worker() -> Response:
    """Its own address is at the root, so that it may answer for every page; the browser asks anew for it each time."""
    g.personal = False
    files, more = [asset(name) for name in ALWAYS], [asset(name) for name in SCANNER]
    shell = {
        "version": _version(tuple(files + more)),
        "files": files,
        "page": url_for("offline"),
        "scanner": {"files": more, "page": url_for("offline_scanner")},
    }
    source = (Path(current_app.static_folder or "") / SOURCE).read_text(encoding="utf-8")
    return make_response(f"self.SHELL = {json.dumps(shell)};\n{source}", 200, {"Content-Type": "text/javascript; charset=utf-8"})


@lru_cache(maxsize=4)
def _version(files: tuple[str, ...]) -> str:
    """Another one whenever a file, a kept page or the worker itself is another."""
    digest = hashlib.sha256("\n".join(files).encode())
    templates, static = Path(current_app.root_path).parent / "templates", Path(current_app.static_folder or "")
    for file in (*(templates / name for name in DRAWN_FROM), static / SOURCE):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


@public
def offline() -> Response:
    return _nobodys("checkin/offline.html")


@public
def offline_scanner() -> Response:
    """The scanner of no activity in particular: the script fills in what this phone kept."""
    return _nobodys("checkin/scanner.html", activity=None, crowd=None, gates=())


def _nobodys(template: str, **context: object) -> Response:
    g.personal = False
    return make_response(render_template(template, nobody=True, actor=None, look="", **context))


@public
def manifest() -> Response:
    g.personal = False
    response = jsonify(
        id=url_for("pages.home"),
        name="熟邻",
        short_name="熟邻",
        lang="zh-CN",
        start_url=url_for("pages.home"),
        scope=url_for("pages.home"),
        display="standalone",
        background_color="#f7f3ec",
        theme_color="#f7f3ec",
        icons=[
            {"src": asset("icons/mark-192.png"), "sizes": "192x192", "type": "image/png", "purpose": "any maskable"},
            {"src": asset("icons/mark-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "any maskable"},
            {"src": asset("icons/mark.svg"), "sizes": "any", "type": "image/svg+xml"},
        ],
        shortcuts=[{"name": "我的码", "url": url_for("checkin.my_code")}, {"name": "签到", "url": url_for("checkin.tab")}],
    )
    response.content_type = "application/manifest+json"
    return response
