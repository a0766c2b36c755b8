"""Books to be checked, and the steps of a check as their people take them."""

from datetime import date, timedelta

from app.core import clock
from app.core.db import in_transaction
from app.spotchecks import service
from app.spotchecks.queries import checks
from app.spotchecks.queries.checks import PickRow
from app.spotchecks.rules import Announced, Finding
from tests.fund.houses import House

SEED = "0712192331-08"


class Books:
    """A donation, a grant and six payments of today: eight vouchers."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.project = house.project()
        house.donate(50_000)
        house.grant(self.project, 40_000)
        for yuan in range(100, 700, 100):
            house.pay(self.project, yuan)

    def announced(self, size: int = 3, seed: str = SEED, days: int = 30, by: int | None = None) -> int:
        wanted = period(size, seed, days)
        return in_transaction(lambda: service.announce(wanted, by or self.house.auditor, clock.now()))

    def drawn(self, size: int = 3, seed: str = SEED) -> int:
        check_id = self.announced(size, seed)
        in_transaction(lambda: service.draw(check_id, self.house.auditor, clock.now()))
        return check_id

    def pick(self, size: int = 3, place: int = 1) -> PickRow:
        """One of a new check's entries."""
        return checks.of_check(self.drawn(size))[place - 1]

    def find(self, pick_id: int, finding: Finding, words: str = "发票和金额对不上", by: int | None = None) -> None:
        in_transaction(lambda: service.find(pick_id, finding, words, by or self.house.auditor, clock.now()))

    def answer(self, pick_id: int, words: str = "发票补上了", by: int | None = None) -> None:
        in_transaction(lambda: service.answer(pick_id, words, by or self.house.officer, clock.now()))


def period(size: int = 3, seed: str = SEED, days: int = 30) -> Announced:
    today: date = clock.today()
    return Announced(today - timedelta(days=days), today, size, seed, "双色球第 2026134 期")


def examples(house: House) -> dict[str, int]:
    """One of each thing that the addresses of spot checks name."""
    house.donate(100)
    now, wanted, auditor = clock.now(), period(1), house.auditor
    check_id = in_transaction(lambda: service.announce(wanted, auditor, now))
    in_transaction(lambda: service.draw(check_id, auditor, now))
    return {"check_id": check_id, "pick_id": checks.of_check(check_id)[0].id}
