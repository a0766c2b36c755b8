"""Things that people do in the same moment, each in a thread and a session of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from flask import Flask
from sqlalchemy.exc import IntegrityError

from app.core.db import db
from app.core.errors import DomainError


def at_once(app: Flask, works: Sequence[Callable[[], Any]]) -> list[Any]:
    """The result of each; a refusal, of the service or of the database, is its result."""
    start = Barrier(len(works))

    def one(work: Callable[[], Any]) -> Any:
        with app.app_context():
            start.wait()
            try:
                return work()
            except (DomainError, IntegrityError) as error:
                return error
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))
