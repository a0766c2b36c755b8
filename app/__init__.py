"""熟邻 Shulin: service hours, points, check-in, rankings and the Care Fund of a subdistrict."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.core.config import Settings

os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")  # names are read sign by sign: its phrases would take 44 MB of each process


def create_app(settings: "Settings | None" = None) -> "Flask":
    """The WSGI application, configured by the environment unless `settings` are given."""
    from app.web.factory import build

    return build(settings)
