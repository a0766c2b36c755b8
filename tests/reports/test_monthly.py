"""`flask reports monthly`: every community and the subdistrict once a closed month, also when it runs twice at once."""

import os
import subprocess
import sys

import pytest
from sqlalchemy import func, select

from app.core.config import ROOT
from app.core.db import db
from app.core.permissions import Role
from app.people.rules import UnitKind
from app.reports.models import ReportEntry
from app.worklist.models import Notice


@pytest.fixture
def town(make):
    root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    communities = [make.unit(f"{name}社区党委", UnitKind.COMMUNITY, parent=root) for name in ("灯湖", "桂雅", "翠颐")]
    secretary = make.person("潘书记", home=make.unit(parent=communities[0]))
    make.account(secretary)
    make.grant(secretary, Role.SECRETARY, communities[0])
    return [root, *communities]


def made():
    db.session.expire_all()
    rows = db.session.execute(select(ReportEntry.unit_id, ReportEntry.period, ReportEntry.made_by_id).order_by(ReportEntry.unit_id))
    return [tuple(row) for row in rows]


def test_once_a_month_for_each_community_and_the_subdistrict_and_the_secretary_is_told(app, town):
    run = app.test_cli_runner().invoke
    assert "2026年10月：冻结了 4 份报表" in run(args=["reports", "monthly"]).output
    assert made() == [(unit, "2026-10", None) for unit in town]
    (told,) = db.session.execute(select(Notice.text, Notice.url)).all()
    assert "灯湖社区党委2026年10月的报表做好了" in told.text
    assert "都做过了" in run(args=["reports", "monthly", "--month", "2026-10"]).output
    assert len(made()) == 4
    assert db.session.scalar(select(func.count()).select_from(Notice)) == 1


def test_december_brings_the_year(app, town):
    assert "冻结了 8 份" in app.test_cli_runner().invoke(args=["reports", "monthly", "--month", "2025-12"]).output
    assert {period for _, period, _ in made()} == {"2025-12", "2025"}


@pytest.mark.parametrize(("month", "words"), [("2026-11", "结了账再做"), ("2027-01", "请写成"), ("2026", "请写成"), ("十月", "请写成")])
def test_what_is_not_closed_or_no_month_is_refused(app, town, month, words):
    answer = app.test_cli_runner().invoke(args=["reports", "monthly", "--month", month])
    assert answer.exit_code == 1
    assert words in answer.output
    assert made() == []


def test_two_at_once_make_one(app, town, tmp_path):
    db.session.remove()
    db.engine.dispose()
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    told = {"SHULIN_ENV": "test", "SHULIN_DATA": str(tmp_path), "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"]}
    command = [sys.executable, "-m", "flask", "--app", "app", "reports", "monthly", "--month", "2024-10"]  # by the machine's own clock
    runs = [
        subprocess.Popen(command, cwd=ROOT, env=kept | told, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for run in runs:
        _, err = run.communicate(timeout=120)
        assert run.returncode == 0, err
    assert [unit for unit, _, _ in made()] == town
    assert db.session.scalar(select(func.count()).select_from(Notice)) == 1
