"""The twenty worked cases, by the pure rules and by the real ledgers: the same points, the same words."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import update

from app.core import clock
from app.core.db import db, in_transaction
from app.crediting import service as crediting
from app.crediting.occasions import Occasion, give
from app.crediting.rules import Credit
from app.hours.rules import HourClass, SourceKind
from app.people.models import Person
from app.people.rules import StageKind
from app.points import queries as points
from app.points.rules import Per, SchemeKind
from app.points.standings import Band, Exemption, Version, cap_words, grade_words, standing, sum_words
from app.points.totals import disagreements
from app.schemes.models import PointProposal
from app.schemes.queries import scores
from app.schemes.rules import Exempts, PointVerdict
from tests.points.worked import BASE, CASES, KINDS, Case, Done, as_rule, given, on, vetoed
from tests.schemes.versions import publish

MEMBER = SchemeKind.MEMBER


def test_there_are_twenty():
    assert len(CASES) == len({case.name for case in CASES}) == 20


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_by_the_rules(case):
    rules = tuple(as_rule(number, row) for number, row in enumerate(case.rules, 1))
    version = Version(1, MEMBER, "1", rules, tuple(Band(*band) for band in case.bands))
    last = 0 if vetoed(rules, case.last_year) else BASE["amount"] + sum(points for *_, points in given(rules, case.last_year))
    score = standing(
        version, 1, given(rules, case.done), last_year=last if case.last_year else 0, vetoed=vetoed(rules, case.done), exempt=case.exempt
    )
    assert (score.total, sum_words(score), grade_words(score)) == (case.total, case.said, case.grade)


class Village:
    """One branch; each case has a member, a version and a year of its own."""

    def __init__(self, make):
        self.make, self.numbers = make, count(1)
        self.branch = make.unit("锦园第一党支部", parent=make.unit("桂城街道党工委"))
        self.maker, self.approver = make.person("霍静雯", home=self.branch), make.person("罗国栋", home=self.branch)
        self.activity = make.activity(self.branch, self.maker)

    def do(self, person: int, year: int, done: Done) -> None:
        source, day, now = next(self.numbers), on(year, done), clock.now()
        if done.what in KINDS:
            kind, _ = KINDS[done.what]
            hour_class = HourClass.HONOUR if done.what == "made_up" else HourClass.CREDIT
            one = Credit(person, self.activity, kind, self.branch, day, done.minutes or 60, hour_class, source, "1")
            in_transaction(lambda: crediting.credit([one], now))
        else:
            of = SourceKind.HONOUR if done.what == "honour" else SourceKind.MANUAL
            one = Occasion(person, MEMBER, done.what, day, of, source, self.branch, self.maker, self.approver, "支委会讨论")
            assert in_transaction(lambda: give([one], now)) != [None]
        if done.taken_back:
            self.back = (SourceKind.ATTENDANCE if done.what in KINDS else SourceKind.MANUAL, source)

    def play(self, case: Case, year: int) -> int:
        """Everything is done in order; what is taken back, after all of it."""
        make, self.back = self.make, None
        person = make.person(home=self.branch, stage=StageKind.MEMBER, stage_since=date(1999, 1, 1))
        publish(MEMBER, date(year - 1, 1, 1), *case.rules, bands=case.bands, exempt_age=70)
        if case.exempt is Exemption.AGE:
            in_transaction(lambda: db.session.execute(update(Person).where(Person.id == person).values(birth_date=date(year - 71, 3, 1))))
        elif case.exempt:
            days = {"happened_on": date(year, 2, 1), "until": date(year, 12, 31), "made_at": clock.now(), "decided_at": clock.now()}
            by = {"made_by_id": self.maker, "decided_by_id": self.approver, "verdict": PointVerdict.APPROVED, "reason": "外出务工"}
            make._add(PointProposal, person_id=person, unit_id=self.branch, scheme_kind=MEMBER, exempts=Exempts.AWAY, **days, **by)
        for done in case.last_year:
            self.do(person, year - 1, done)
        for done in case.done:
            self.do(person, year, done)
        if self.back:
            in_transaction(lambda: crediting.reverse(self.back[0], [self.back[1]], "记错了", clock.now(), made_by_id=self.maker))
        return person


def test_by_the_ledgers(make, monkeypatch):
    village = Village(make)
    for number, case in enumerate(CASES):
        year = 2003 + 2 * number
        with clock.frozen_at(datetime(year, 12, 31, 4, tzinfo=UTC) - timedelta(days=0)):
            monkeypatch.setattr("app.hours.queries.late", lambda *_: {})  # months that close have tests of their own
            person = village.play(case, year)
            (score,) = scores(MEMBER, year, person_ids=[person], day=date(year, 12, 31))
            assert (case.name, score.total, sum_words(score), grade_words(score)) == (case.name, case.total, case.said, case.grade)
            entries = sorted(points.why(person, MEMBER, date(year, 1, 1), date(year, 12, 31)), key=lambda one: one.id)
            known = {one.id: one for one in points.schemes_on(date(year, 12, 31))[MEMBER].rules}
            for code, words in case.words.items():
                told = [(known[one.rule_id], one.wanted, one.points) for one in entries if not one.reverses_id]
                assert [cap_words(*one) for one in told if one[0].code == code] == words, case.name
    assert disagreements() == []
    assert Per.BASE not in {one.per for one in entries}
