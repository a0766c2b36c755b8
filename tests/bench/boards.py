"""/boards of a full-size subdistrict, signed in and with the own place, beside a Flask view that says hello."""

import tempfile
from pathlib import Path

from flask_migrate import upgrade

from app import create_app
from app.core.config import Env, Settings
from app.core.db import db
from tests.bench.data import TOKEN, fill
from tests.bench.serving import ask, rate, ratios, request, server

SECRET = "a secret that only the bench knows, long enough"
SECONDS = 1.5


def cookie_of(settings: Settings) -> str:
    """The session cookie of the reader who is signed in with TOKEN."""
    app = create_app(settings)
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return f"shulin={signer.dumps({'_user_id': TOKEN, '_fresh': True})}"


def run() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        return measured(f"sqlite:///{folder}/boards.db", Path(folder))


def measured(url: str, folder: Path) -> dict[str, float]:
    settings = Settings(Env.TEST, url, SECRET, "http://127.0.0.1:5000", demo=False, data_dir=folder)
    app = create_app(settings)
    with app.app_context():
        upgrade()
        fill()
        db.engine.dispose()
    environment = {"DATABASE_URL": url, "SHULIN_DATA": str(folder), "SECRET_KEY": SECRET, "SHULIN_ENV": "test"}
    with server("tests.bench.hello:create_app") as floor, server("app:create_app", environment) as site:
        who = {"Cookie": cookie_of(settings)}
        status, headers, body = ask(site, request(site, "/boards", who))
        assert status == 200
        assert "您的支部" in body.decode()
        hello, page = request(floor, "/"), request(site, "/boards", who)
        unchanged = request(site, "/boards", {**who, "If-None-Match": headers["etag"]})
        return ratios(
            lambda: rate(floor, hello, SECONDS),
            {
                "board_vs_hello": lambda: rate(site, page, SECONDS),
                "board_304_vs_hello": lambda: rate(site, unchanged, SECONDS, 304),
            },
        )
