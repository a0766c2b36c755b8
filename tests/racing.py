"""Races for one database: two processes of many threads each. A racer module calls `run`, its test calls `race`.

Threads of the test's own process are enough where one lost race is looked for: see the fixture `at_once`.
"""

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from flask import Flask

from app import create_app
from app.core import clock
from app.core.config import ROOT
from app.core.db import db
from tests.conftest import settings_for


def race(module: str, app: Flask, folder: Path, **task: object) -> Counter[str]:
    """Two processes of `module` do the whole task (plain JSON), each with a `seed` of its own; returns what came of it."""
    db.session.remove()
    db.engine.dispose()
    task |= {"url": app.config["SQLALCHEMY_DATABASE_URI"], "folder": str(folder)}
    command = [sys.executable, "-m", module]
    racers = [
        subprocess.Popen([*command, json.dumps(task | {"seed": seed})], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for seed in (1, 2)
    ]
    told: Counter[str] = Counter()
    for racer in racers:
        out, err = racer.communicate(timeout=300)
        assert racer.returncode == 0, err
        told.update(json.loads(out))
    return told


def run(url: str, folder: str, now: datetime, threads: int, steps: Callable[[int], Iterable[Callable[[], str]]]) -> None:
    """In a racer's process: all threads begin at once, and the thread of that number does its steps. Prints counts of what they
    came to, and of errors."""
    app = create_app(settings_for(url, Path(folder)))
    told: Counter[str] = Counter()
    gate = threading.Barrier(threads)

    def one(number: int) -> None:
        gate.wait()
        for step in steps(number):
            with app.app_context():
                try:
                    told[step()] += 1
                except Exception as error:
                    told[f"{type(error).__name__}: {str(error)[:120]}"] += 1
                finally:
                    db.session.remove()

    with clock.frozen_at(now):
        workers = [threading.Thread(target=one, args=(number,)) for number in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    sys.stdout.write(json.dumps(told))
