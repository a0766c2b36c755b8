"""flask register import and export: the same plan, the same approval, the same files."""

import json

import pytest
from sqlalchemy import func, select

from app.core.db import db
from app.core.permissions import Role
from app.hours.models import HourEntry
from app.people.models import Unit
from app.people.rules import UnitKind
from app.registers.rules import RegisterKind
from tests.registers.sheet import file

UNIT = {"名称": "锦园第一党支部", "类别": "党支部", "上级": "桂城街道党工委"}
PAST = {"姓名": "何嘉怡", "手机号码": "13800138000", "服务日期": "2024-03-05", "活动或内容": "便民服务", "时长": 2.5, "来源": "纸质台账"}


@pytest.fixture
def run(app, tmp_path, make):
    top = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    make.person("何嘉怡", home=top, phone="13800138000")
    boss = make.person("霍静雯")
    make.grant(boss, Role.ADMINISTRATOR, top)
    make.account(boss, phone="13800000002")
    make.account(make.person("别人"), phone="13800000003")

    def run(kind, row, *options):
        path = tmp_path / "a.xlsx"
        path.write_bytes(file(RegisterKind(kind), row))
        return app.test_cli_runner().invoke(args=["register", "import", kind, str(path), *options])

    return run


def test_without_apply_nothing_is_written(run):
    result = run("units", UNIT)
    assert result.exit_code == 0, result.output
    assert "新增 1" in result.output
    assert db.session.scalar(select(func.count()).select_from(Unit)) == 1


def test_apply_writes_and_json_is_data(run):
    result = run("units", UNIT, "--apply", "--json")
    assert json.loads(result.stdout)["new"] == 1
    assert db.session.scalar(select(func.count()).select_from(Unit)) == 2
    assert json.loads(run("units", UNIT, "--json").stdout) == {
        "kind": "units", "new": 0, "changed": 0, "unchanged": 1, "blank": 0, "refused": [], "changes": [],
    }  # fmt: skip


def test_hours_need_an_administrator_who_approves(run):
    assert "--approved-by" in run("hours", PAST, "--apply").output
    assert "要是这个街道的管理员" in run("hours", PAST, "--apply", "--approved-by", "13800000003").output
    assert db.session.scalar(select(func.count()).select_from(HourEntry)) == 0
    result = run("hours", PAST, "--apply", "--approved-by", "13800000002")
    assert result.exit_code == 0, result.output
    assert db.session.scalar(select(func.sum(HourEntry.minutes))) == 150


@pytest.mark.parametrize("name", ["people.csv", "units.xlsx", "hours.csv"])
def test_export_writes_a_file(app, run, tmp_path, name):
    kind = name.split(".")[0]
    result = app.test_cli_runner().invoke(args=["register", "export", kind, str(tmp_path / name)])
    assert result.exit_code == 0, result.output
    assert (tmp_path / name).stat().st_size > 50
    assert app.test_cli_runner().invoke(args=["register", "export", kind, str(tmp_path / "a.pdf")]).exit_code == 2
