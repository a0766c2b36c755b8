"""`flask --app app …`: the commands of operators. Each lives in a module of its own."""

from flask import Flask


def install(app: Flask) -> None:
    """Registers every command group."""
