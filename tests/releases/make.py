"""`python -m tests.releases.make`: dumps of what this version makes, for both engines; once for each release, see README.md.

`--of URL --as 0.1.0` keeps a database that another version made instead: its engine and its number are read from it.
"""

import argparse
import sys
import tempfile
import tomllib
from contextlib import ExitStack
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import create_engine, text

from app import create_app
from app.core import clock
from app.core.config import ROOT, Env, Settings
from app.core.db import db
from app.demo import history
from app.demo.load import load
from tests import engines
from tests.releases import KEYS, SECRET, Dump, deciding, dumped

LARGEST = 300_000  # bytes: these stay in the repository for good
WEEKS = range(36, 0, -3)  # of the demo: a third of them is enough


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--of", metavar="URL", help="a database that is there already")
    asked.add_argument("--as", dest="version", default=version(), help="the version (default: that of pyproject.toml)")
    given = asked.parse_args()
    if given.of:
        keep(given.version, given.of)
        return
    history.WEEKS = WEEKS
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        for url in (f"sqlite:///{folder}/made.db", stack.enter_context(engines.postgres_server())):
            app = create_app(Settings(Env.TEST, url, SECRET, "https://shulin.example", True, Path(folder), keys=KEYS))
            with app.app_context():
                upgrade()
                begun = clock.now() - deciding.SINCE
                with clock.frozen_at(begun):
                    load("small")
                deciding.decided(begun)
                db.session.remove()
                db.engine.dispose()
            keep(given.version, url)


def version() -> str:
    found: str = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    return found


def keep(version: str, url: str) -> None:
    engine = create_engine(url)
    with engine.connect() as connection:
        revision = str(connection.scalar(text("SELECT version_num FROM alembic_version")))
    name = engine.dialect.name
    engine.dispose()
    dump = Dump(version, revision, name)
    dump.write(dumped(url))
    size = dump.file.stat().st_size
    sys.stdout.write(f"{dump.file.relative_to(ROOT)}: {size / 1000:.0f} kB{'' if size < LARGEST else ', larger than it should be'}\n")


if __name__ == "__main__":
    main()
