"""A small town for tests of the trees: what changes it, as one would say it."""

from datetime import date

from app.core.db import in_transaction
from app.people import queries, service

BEGAN, FEBRUARY, MARCH, TODAY = date(2020, 1, 1), date(2026, 2, 1), date(2026, 3, 1), date(2026, 11, 21)


def create(kind, name, parent, since=BEGAN):
    return in_transaction(lambda: service.create_unit(kind, name, parent, since, None))


def move(unit, parent, on=TODAY):
    in_transaction(lambda: service.move_unit(unit, parent, on, TODAY, None))


def rename(unit, name, on=TODAY):
    in_transaction(lambda: service.rename_unit(unit, name, on, None))


def close(unit, on=TODAY):
    in_transaction(lambda: service.close_unit(unit, on, None))


def names(unit, day):
    return [step.name for step in queries.unit_path_on(unit, day)]
