"""`flask --app app …`: the commands of operators. Each module here holds one group or command and names it in `COMMANDS`."""

from importlib import import_module
from pkgutil import iter_modules

from flask import Flask


def install(app: Flask) -> None:
    """Registers what every module of this package lists in `COMMANDS`."""
    for module in iter_modules(__path__):
        for command in import_module(f"{__name__}.{module.name}").COMMANDS:
            app.cli.add_command(command)
