"""Does a step of test_killed and kills itself like a power cut, before the nth statement: `python -m tests.merges.dying JSON`."""

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event

from app import create_app
from app.core import clock
from app.core.db import db, in_transaction
from app.merges import service
from tests.conftest import settings_for

STEP = 2  # sources in one transaction, so that there are several


def approve(task: dict[str, Any]) -> None:
    in_transaction(lambda: service.approve(task["merge"], task["by"], task["seen"], clock.now()))
    while in_transaction(lambda: service.advance(task["merge"], clock.now(), STEP)):
        pass


def undo(task: dict[str, Any]) -> None:
    in_transaction(lambda: service.undo(task["merge"], task["by"], "弄错了", clock.now()))
    while in_transaction(lambda: service.go_back(task["merge"], clock.now(), STEP)):
        pass


DEEDS: dict[str, Callable[[dict[str, Any]], None]] = {"approve": approve, "undo": undo}


def main(task: dict[str, Any]) -> None:
    app, left = create_app(settings_for(task["url"], Path(task["folder"]))), task["statements"]

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    with app.app_context(), clock.frozen_at(datetime.fromisoformat(task["now"])):
        event.listen(db.engine, "before_cursor_execute", count)
        DEEDS[task["deed"]](task)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
