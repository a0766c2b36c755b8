"""Telling somebody what was done to their account or their rights. Notices stand above accounts, so the work list registers how."""

from collections.abc import Callable

Teller = Callable[[int, str, str], None]
_tellers: list[Teller] = []


def through(teller: Teller) -> None:
    """Register how: (person, one line, the path of a page), in the transaction of what it tells about."""
    if teller not in _tellers:
        _tellers.append(teller)


def tell(person_id: int, text: str, url: str) -> None:
    for teller in _tellers:
        teller(person_id, text, url)
