"""What lies in deploy/ and what the manual shows agree with each other, and name only what the program has."""

import re
from configparser import ConfigParser
from functools import cache

import click
import pytest

from app.core.config import ROOT, Env, from_environment

sqlite_only = True
DEPLOY = ROOT / "deploy"
UNITS = ("shulin.service", "shulin-jobs.service", "shulin-jobs.timer")
OF_OTHERS = {"PATH", "FLASK_APP", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}  # read by Python, Flask and the shell
OLD_TIMERS = {"shulin-backup.timer", "shulin-reports.timer"}  # the manual says to switch them off
SECRET = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"
HALF_A_YEAR = 180
DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


@cache
def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def manual() -> str:
    return read("docs/operations.md")


def shown(kind: str, word: str) -> str:
    """The block of the manual that begins with ```kind and holds `word`."""
    blocks = re.findall(rf"^ *```{kind}\n(.*?)^ *```$", manual(), re.MULTILINE | re.DOTALL)
    (found,) = [one for one in blocks if word in one]
    return found


def settings_in(text: str) -> dict[str, str]:
    return dict(re.findall(r"^ *([A-Z_]+)=(.*)$", text, re.MULTILINE))


def variables_read() -> set[str]:
    """The names that the program and its scripts look up in the environment."""
    sources = [file.read_text(encoding="utf-8") for folder in ("app", "scripts") for file in (ROOT / folder).rglob("*.py")]
    looked_up = re.compile(r"""(?:env_vars|environ)(?:\.get\(|\[)"([A-Z_]+)"|envvar="([A-Z_]+)\"""")
    return {name for source in sources for pair in looked_up.findall(source) for name in pair if name}


def unit(name: str) -> ConfigParser:
    parsed = ConfigParser(interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read_string(read(f"deploy/systemd/{name}"))
    return parsed


def under(text: str, key: str) -> str:
    """Of a file whose indents are its structure: the lines that belong to `key`."""
    found = re.search(rf"^( *){re.escape(key)}:.*\n((?:\1 +.*\n|\n)*)", text, re.MULTILINE)
    assert found, key
    return found[2]


def keys(block: str) -> dict[str, str]:
    """The keys of the first level of a block, each with what stands behind it."""
    depth = re.match(r" *", block)[0]  # type: ignore[index]
    return dict(re.findall(rf"^{depth}([\w<-]+): ?(.*)$", block, re.MULTILINE))


def compose() -> str:
    return re.sub(r"^\s*#.*\n", "", read("deploy/compose.yaml"), flags=re.MULTILINE)


def dockerfile() -> list[str]:
    return read("deploy/Dockerfile").replace("\\\n", " ").splitlines()


def image_environment() -> dict[str, str]:
    """Of the last stage alone."""
    last = max(number for number, line in enumerate(dockerfile()) if line.startswith("FROM "))
    return {name: value for line in dockerfile()[last:] if line.startswith("ENV ") for name, value in re.findall(r"(\w+)=(\S+)", line)}


def fault_of(app, words: list[str]) -> str | None:
    """What is wrong with `flask …`, if anything: each word is a command of ours, each option one of its own."""
    found: click.Command = app.cli
    for word in words:
        if word.startswith("-"):
            if not any(word in one.opts for one in found.params):
                return f"{found.name} has no {word}"
        elif isinstance(found, click.Group):
            if word not in found.commands:
                return f"{found.name} has no command {word}"
            found = found.commands[word]
    return None


def commands_in(text: str) -> list[list[str]]:
    return [one.split() for one in re.findall(r"\bflask(?: --app app)?((?: -{0,2}[a-z][a-z-]*)+)", text)]


def test_every_command_that_deploy_files_and_the_manual_name_is_there(app):
    pages = [file.relative_to(ROOT).as_posix() for folder in ("docs", "deploy") for file in (ROOT / folder).rglob("*") if file.is_file()]
    texts = {name: read(name) for name in (*pages, "README.md") if not name.endswith(".webp")}
    named = [(name, words) for name, text in texts.items() for words in commands_in(re.sub(r'["\[\],]', "", text))]
    assert len(named) > 60
    assert {"deploy/compose.yaml", "deploy/systemd/shulin-jobs.service", "docs/operations.md"} <= {name for name, _ in named}
    assert [(name, words, fault) for name, words in named if (fault := fault_of(app, words))] == []


def test_every_target_and_file_that_the_manual_names_is_there():
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)", manual() + read("README.md"))) <= targets
    for path in re.findall(r"\b(?:deploy|docs|scripts|tests)/[\w./-]*\w", manual()):
        assert (ROOT / path).exists(), path
    named = set(re.findall(r"\bshulin[\w-]*\.(?:timer|service)\b", manual()))
    assert {one for one in named - OLD_TIMERS if not (DEPLOY / "systemd" / one).exists()} == set()


@pytest.mark.parametrize("name", UNITS[:2])
def test_a_service_runs_what_is_there_as_whom_and_where_the_manual_says(name):
    service = unit(name)["Service"]
    assert (service["User"], service["Group"]) == ("shulin", "shulin")
    assert re.search(r"useradd --system .* shulin$", manual(), re.MULTILINE)
    made = re.search(r"install -d -o shulin -g shulin (.*)", manual())[1].split()
    home = service["WorkingDirectory"]
    program, *arguments = service["ExecStart"].split()
    assert home in made
    assert program in {f"{home}/.venv/bin/python", f"{home}/.venv/bin/flask"}
    assert all((ROOT / one).is_file() for one in arguments if one.endswith(".py"))
    assert service["EnvironmentFile"] == "/etc/shulin.env"
    assert "`/etc/shulin.env`" in manual()
    written = settings_in(read("deploy/shulin.env.example"))
    folders = {written["SHULIN_DATA"], written["SHULIN_BACKUPS"]}
    assert folders <= set(made)
    writes = set(service["ReadWritePaths"].split())
    assert writes == (folders if name == "shulin-jobs.service" else {written["SHULIN_DATA"]})


def test_the_timer_starts_its_service_as_often_as_cron_would():
    assert unit("shulin-jobs.timer")["Timer"]["OnCalendar"] == "*:0/15"
    service = unit("shulin-jobs.service")["Service"]
    (cron,) = re.findall(r"`\*/15 \* \* \* \* (\w+) cd (\S+) .* (\.venv/bin/flask .*?)`", manual())
    assert cron == (service["User"], service["WorkingDirectory"], service["ExecStart"].removeprefix(f"{service['WorkingDirectory']}/"))


def test_the_memory_that_the_service_speaks_of_is_what_was_measured():
    told = re.findall(r"(\d+) MB", read("deploy/systemd/shulin.service"))
    assert len(told) == 2
    assert all(f" {one} MB" in manual() for one in told)
    assert f"| the heaviest hour | {told[1]}:" in read("docs/performance.md")


def test_the_settings_that_the_manual_shows_are_those_of_the_example_and_production_starts_with_them(tmp_path):
    inline, example = settings_in(shown("sh", "SHULIN_ENV=production")), settings_in(read("deploy/shulin.env.example"))
    assert inline.pop("SECRET_KEY").startswith("（")
    assert example.pop("SECRET_KEY") == ""
    assert example == inline | {"SHULIN_ACCESS_LOG": "1"}
    assert set(example) <= variables_read()
    settings = from_environment(example | {"SECRET_KEY": SECRET, "SHULIN_DATA": str(tmp_path)})
    assert (settings.env, settings.proxied, settings.access_log, settings.public_url_fault) == (Env.PRODUCTION, True, True, None)


def test_the_manual_explains_each_variable_that_the_configuration_reads_and_no_other():
    explained = {name for line in re.findall(r"^ *\| (`[A-Z].*?) \|", manual(), re.MULTILINE) for name in re.findall(r"`([A-Z_]+)`", line)}
    read_there = set(re.findall(r'env_vars\.get\("(\w+)"', read("app/core/config.py")))
    assert read_there - {"SHULIN_DEMO"} <= explained <= variables_read(), "what is only for trying it out, production refuses"


def test_the_services_of_containers_stand_on_each_other_and_log_into_the_journal():
    services = keys(under(compose(), "services"))
    assert set(services) == {"database", "update", "app", "jobs", "caddy"}
    for name in services:
        told = under(under(compose(), "services"), name)
        behind = keys(under(told, "depends_on")) if "depends_on" in told else {}
        assert set(behind) <= set(services), name
        for other, condition in behind.items():
            healthy = "healthcheck:" in under(compose(), other) or any(line.startswith("HEALTHCHECK") for line in dockerfile())
            assert healthy or "service_healthy" not in condition, (name, other)
        assert keys(told).get("<<") == "*app" or keys(told).get("logging") == "*logging", name
    assert under(compose(), "logging").strip() == "driver: journald"
    assert under(compose(), "build").split() == ["context:", "..", "dockerfile:", "deploy/Dockerfile"]
    mounted = re.findall(r"- \./(\S+?):", compose())
    assert mounted == ["Caddyfile"]
    assert (DEPLOY / mounted[0]).is_file()


def test_a_container_is_told_what_production_needs_and_nothing_that_nobody_reads(tmp_path):
    given = {name: value.strip('"') for name, value in keys(under(under(compose(), "x-app"), "environment")).items()}
    image = image_environment()
    assert set(given) | set(image) <= variables_read() | OF_OTHERS
    asked = set(re.findall(r"\$\{(\w+):\?\}", compose()))
    assert asked == {"SHULIN_SITE", "SECRET_KEY", "POSTGRES_PASSWORD"}
    assert all(f"`{one}=" in manual() and one in read("deploy/compose.yaml").split("name:")[0] for one in asked)
    answers = {"SHULIN_SITE": "shulin.example.cn", "SECRET_KEY": SECRET, "POSTGRES_PASSWORD": "abc123"}
    filled = {name: re.sub(r"\$\{(\w+):[?-](.*?)\}", lambda one: answers.get(one[1], one[2]), value) for name, value in given.items()}
    settings = from_environment(image | filled | {"SHULIN_DATA": str(tmp_path)})
    assert (settings.env, settings.proxied, settings.access_log, settings.public_url_fault) == (Env.PRODUCTION, True, True, None)
    assert settings.database_url == "postgresql+psycopg://shulin:abc123@database/shulin"
    assert str(settings.backups_dir) == image["SHULIN_BACKUPS"]
    folders = {image["SHULIN_DATA"], image["SHULIN_BACKUPS"]}
    assert set(re.findall(r"- \w+:(/\S+)", under(under(compose(), "x-app"), "volumes"))) == folders
    (volumes,) = (line for line in dockerfile() if line.startswith("VOLUME"))
    assert set(re.findall(r'"(.*?)"', volumes)) == folders


def test_the_image_is_built_of_files_that_are_there_and_asks_an_address_that_answers(app):
    said = "\n".join(line for line in dockerfile() if not line.startswith("#"))
    scripts = set(re.findall(r"scripts/\w+\.py", said))
    assert scripts == {"scripts/setup.py", "scripts/run.py"}
    assert all((ROOT / one).is_file() for one in scripts)
    assert all((ROOT / one).is_dir() for one in re.search(r"compileall -q (.*)", said)[1].split())
    address = re.search(r"http://127\.0\.0\.1:(\d+)(/\w+)", said)
    assert address[1] == image_environment()["PORT"] == re.search(r"EXPOSE (\d+)", said)[1]
    assert address[2] in {rule.rule for rule in app.url_map.iter_rules()}
    assert f"SHULIN_UPSTREAM: app:{address[1]}" in compose()
    left_out = read("deploy/Dockerfile.dockerignore").split()
    assert {".git", ".venv", "var", "*.env", "*.db"} <= set(left_out)
    assert not {"app", "migrations", "scripts", "static", "templates", "requirements.txt", "package-lock.json"} & set(left_out)


def test_caddy_as_the_manual_shows_it_is_the_file_itself():
    inline = shown("caddy", "reverse_proxy 127.0.0.1")
    file = read("deploy/Caddyfile").split("\n", 1)[1]
    file = file.replace("{$SHULIN_SITE}", "shulin.example.cn").replace("{$SHULIN_UPSTREAM:127.0.0.1:5000}", "127.0.0.1:5000")
    assert inline == file
    assert not re.search(r"^\s*(tls|protocols|http://)", file, re.MULTILINE), "what Caddy does by itself is what docs/security.md relies on"


def test_nginx_as_the_manual_shows_it_speaks_only_new_tls_and_sends_http_there():
    plain, *secure = re.split(r"^}\n", shown("nginx", "server {"), flags=re.MULTILINE)[:-1]
    assert "listen 80;" in plain
    assert "return 301 https://shulin.example.cn$request_uri;" in plain
    assert "proxy_pass" not in plain
    (secure,) = secure
    told = {name: value.strip() for name, value in re.findall(r"^\s*(\w+) (.*);$", secure, re.MULTILINE)}
    assert told["listen"].startswith("443 ssl")
    assert told["ssl_protocols"].split() == ["TLSv1.2", "TLSv1.3"]
    suites = told["ssl_ciphers"].split(":")
    assert suites
    assert all(re.match(r"ECDHE-\w+-(AES\d+-GCM|CHACHA20-POLY1305)", one) for one in suites)
    assert (told["ssl_prefer_server_ciphers"], "AES256" in suites[0]) == ("on", True)
    assert "location = /metrics { return 404; }" in secure
    assert "proxy_set_header Host $host;" in secure
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in secure


def test_who_may_read_the_secrets_is_said_alike_everywhere():
    assert "`/etc/shulin.env`，只让 root 和 shulin 读（`chown root:shulin`，`chmod 640`）" in manual()
    assert read("deploy/shulin.env.example").startswith("# /etc/shulin.env, chown root:shulin, chmod 640.")
    assert "写一个只有自己能读的 `/etc/shulin-compose.env`（`chmod 600`）" in manual()
    assert "chmod 600" in read("deploy/compose.yaml").split("name:")[0]
    assert "chmod 700 /var/lib/shulin /var/backups/shulin" in manual()
    assert "-m 700 /var/lib/shulin /var/backups/shulin" in read("deploy/Dockerfile")
    assert all(unit(name)["Service"]["UMask"] == "0077" for name in UNITS[:2])


def test_logs_may_stay_half_a_year_and_the_manual_says_what_takes_them_sooner():
    journal = unit("journald-shulin.conf")["Journal"]
    number, word = re.fullmatch(r"(\d+)(day|week|month|year)s?", journal["MaxRetentionSec"]).groups()
    assert int(number) * DAYS[word] >= HALF_A_YEAR
    assert journal["Storage"] == "persistent"
    for name in ("SystemMaxUse", "SystemKeepFree"):
        assert f"{journal[name].removesuffix('G')} GB" in manual(), name
        assert f"`{name}`" in manual(), name
    rotated = read("deploy/logrotate-shulin")
    assert re.search(r"^ *weekly$", rotated, re.MULTILINE)
    weeks = int(re.search(r"^ *rotate (\d+)$", rotated, re.MULTILINE)[1])
    assert weeks * 7 >= HALF_A_YEAR
    assert f"每周一份，留 {weeks} 份" in manual()
