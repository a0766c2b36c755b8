"""What is written to the log: errors with the id that the person was shown, and nothing personal.

Messages and tracebacks can carry what people typed (a database's complaint repeats the row), so values are cut out:
bound parameters, PostgreSQL's DETAIL lines, and every run of digits as long as a phone number.
"""

import json
import logging
import re
import sys
from datetime import UTC, datetime

from flask import Flask

from app.core import trace
from app.core.config import Env, Settings

VALUES = re.compile(r"^\s*(?:\[parameters:|DETAIL:|\[SQL:).*$", re.MULTILINE)
LONG_NUMBER = re.compile(r"(?<!\d)\d{7,}(?!\d)")


def without_values(text: str) -> str:
    return LONG_NUMBER.sub("…", VALUES.sub("  (values left out)", text))


class Plain(logging.Formatter):
    """For a terminal."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        return without_values(super().format(record))


class Lines(logging.Formatter):
    """One JSON object a line, for journald and whatever reads it."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "request": trace.request_id.get(),
            "message": without_values(record.getMessage()),
        }
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["trace"] = without_values(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def install(app: Flask) -> None:
    """Once a process; tests keep pytest's own handlers."""
    settings: Settings = app.config["SETTINGS"]
    root = logging.getLogger()
    if settings.env is Env.TEST or any(isinstance(handler.formatter, Plain | Lines) for handler in root.handlers):
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines() if settings.env is Env.PRODUCTION else Plain())
    root.addHandler(handler)
