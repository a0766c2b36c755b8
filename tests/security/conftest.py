"""The scene of the walk over all routes serves attacks too: one of each thing that an address can name."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.core.permissions import Role
from tests.architecture.test_routes import address, browsers, filled, routes, scene
from tests.conftest import Client

__all__ = ["admin", "browsers", "filled", "scene", "walked"]


@pytest.fixture
def admin(scene, make, as_person) -> Client:
    """A signed-in administrator of the whole subdistrict."""
    person = make.person("邓惠芳", home=scene["unit_id"])
    make.grant(person, Role.ADMINISTRATOR, scene["root"])
    return as_person(person)


def walked(app: Flask, method: str, known: dict[str, Any]) -> Iterator[tuple[Rule, str, str]]:
    """Every rule of a method with an address that is there, and who may call it."""
    for rule, access in routes(app, method):
        yield rule, address(app, rule, known | known.get("under", {}).get(rule.rule.split("/")[1], {})), access
