"""Two processes of eight threads issue the same requests at once: each gets one certificate, the numbers have no gap and no double."""

from sqlalchemy import select

from app.certificates.models import Certificate
from app.core.db import db
from tests.conftest import NOON
from tests.racing import race

THREADS, PEOPLE = 8, 16


def test_numbers_under_a_crowd(app, desk, tmp_path):
    requests = []
    for nth in range(PEOPLE):
        person = desk.make.person(f"街坊{nth}", home=desk.unit)
        desk.serve(person, 60 + nth)
        requests.append(desk.apply(person))
        desk.accept(requests[-1])
    task = {"requests": requests, "issuer": desk.deputy, "now": NOON.isoformat(), "threads": THREADS}
    told = race("tests.certificates.racer", app, tmp_path, **task)
    assert told == {"issued": PEOPLE, "again": PEOPLE}
    rows = db.session.execute(select(Certificate.seq, Certificate.number).order_by(Certificate.seq)).all()
    assert [row.seq for row in rows] == list(range(1, PEOPLE + 1))
    assert len({row.number for row in rows}) == PEOPLE
