"""What production refuses, and what development keeps."""

import os
import subprocess
import sys

import pytest

from app import create_app
from app.core.config import ROOT, Env, from_environment
from app.core.errors import ConfigError

GOOD = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"


@pytest.fixture
def production(tmp_path):
    return {"SHULIN_ENV": "production", "SECRET_KEY": GOOD, "SHULIN_DATA": str(tmp_path), "PUBLIC_URL": "https://shulin.example"}


def test_production_starts_with_a_secret_of_its_own(production):
    settings = from_environment(production)
    assert (settings.env, settings.demo, settings.public_url_fault) == (Env.PRODUCTION, False, None)


@pytest.mark.parametrize("secret", ["", "dev", "secret", "changeme", "CHANGE-ME", "Shulin", "test", "short-but-random-9f2c"])
def test_production_refuses_a_default_or_short_secret(production, secret):
    with pytest.raises(ConfigError, match="SECRET_KEY"):
        from_environment(production | {"SECRET_KEY": secret})


def test_production_refuses_demo_mode(production):
    with pytest.raises(ConfigError, match="演示模式"):
        from_environment(production | {"SHULIN_DEMO": "1"})


def test_an_unknown_environment_is_refused(production):
    with pytest.raises(ConfigError, match="SHULIN_ENV"):
        from_environment(production | {"SHULIN_ENV": "prod"})


def test_production_makes_no_secret_of_its_own(production, tmp_path):
    from_environment(production)
    assert not (tmp_path / "secret").exists()


def test_development_keeps_one_secret_for_itself(tmp_path):
    first = from_environment({"SHULIN_DATA": str(tmp_path)}).secret_key
    assert len(first) >= 32
    assert from_environment({"SHULIN_DATA": str(tmp_path)}).secret_key == first
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0
    assert from_environment({"SHULIN_DATA": str(tmp_path / "another")}).secret_key != first


def test_production_hides_values_from_what_the_database_says(production, tmp_path):
    app = create_app(from_environment(production | {"DATABASE_URL": f"sqlite:///{tmp_path / 'x.db'}"}))
    from app.core.db import db

    with app.app_context():
        assert db.engine.hide_parameters
        db.engine.dispose()
    assert app.config["SESSION_COOKIE_SECURE"]


@pytest.mark.parametrize(
    ("url", "good"),
    [("https://shulin.example", True), ("http://shulin.example", False), ("http://127.0.0.1:5000", False), ("https://localhost", False)],
)
def test_an_address_that_phones_can_not_open_is_a_fault(tmp_path, url, good):
    settings = from_environment({"SHULIN_DATA": str(tmp_path), "PUBLIC_URL": url})
    assert (settings.public_url_fault is None) is good


@pytest.mark.parametrize("given", ["postgres://a@b/c", "postgresql://a@b/c"])
def test_both_spellings_of_postgresql_mean_the_one_driver(tmp_path, given):
    assert from_environment({"SHULIN_DATA": str(tmp_path), "DATABASE_URL": given}).database_url == "postgresql+psycopg://a@b/c"


def shell(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return subprocess.run([sys.executable, *command], cwd=ROOT, env=clean | environment, capture_output=True, text=True, timeout=60)


def flask(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return shell(environment, "-m", "flask", "--app", "app", *arguments)


def test_production_refuses_demo_data(production):
    assert flask(production, "db", "upgrade").returncode == 0
    loaded = flask(production, "demo", "load")
    assert loaded.returncode != 0
    assert "Traceback" not in loaded.stderr


def test_serving_refuses_a_default_secret_in_plain_words(production):
    started = shell(production | {"SECRET_KEY": "", "PORT": "5999"}, "scripts/run.py")
    assert (started.returncode, "SECRET_KEY" in started.stderr, "Traceback" in started.stderr) == (1, True, False)


def test_serving_refuses_demo_mode(production):
    started = shell(production | {"SHULIN_DEMO": "1", "PORT": "5999"}, "scripts/run.py")
    assert (started.returncode, "SHULIN_DEMO" in started.stderr) == (1, True)


def test_serving_migrates_nothing_by_itself_but_says_so(production):
    started = shell(production | {"PORT": "5999"}, "scripts/run.py")
    assert (started.returncode, "app update" in started.stderr) == (1, True)
    assert flask(production, "schema", "dump").stdout.strip() == ""


def test_a_data_folder_that_can_not_be_made_is_said_by_the_doctor(production, tmp_path):
    (tmp_path / "a file").write_text("")
    asked = shell(production | {"SHULIN_DATA": str(tmp_path / "a file" / "data")}, "scripts/doctor.py")
    assert (asked.returncode, "数据文件夹：打不开" in asked.stdout, "Traceback" in asked.stderr) == (1, True, False)
