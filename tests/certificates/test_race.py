"""Two processes of eight threads issue the same requests at once: each gets one certificate, the numbers have no gap and no double."""

import json
import subprocess
import sys
from collections import Counter

from sqlalchemy import select

from app.certificates.models import Certificate
from app.core.config import ROOT
from app.core.db import db
from tests.conftest import NOON

THREADS, PEOPLE = 8, 16


def test_numbers_under_a_crowd(app, desk, tmp_path):
    requests = []
    for nth in range(PEOPLE):
        person = desk.make.person(f"街坊{nth}", home=desk.unit)
        desk.serve(person, 60 + nth)
        requests.append(desk.apply(person))
        desk.accept(requests[-1])
    db.session.remove()
    db.engine.dispose()
    task = {"url": app.config["SQLALCHEMY_DATABASE_URI"], "folder": str(tmp_path), "requests": requests, "issuer": desk.deputy}
    task |= {"now": NOON.isoformat(), "threads": THREADS}
    racers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.certificates.racer", json.dumps(task | {"seed": seed})],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in (1, 2)
    ]
    told = Counter()
    for racer in racers:
        out, err = racer.communicate(timeout=300)
        assert racer.returncode == 0, err
        told.update(json.loads(out))
    assert told == {"issued": PEOPLE, "again": PEOPLE}
    rows = db.session.execute(select(Certificate.seq, Certificate.number).order_by(Certificate.seq)).all()
    assert [row.seq for row in rows] == list(range(1, PEOPLE + 1))
    assert len({row.number for row in rows}) == PEOPLE
