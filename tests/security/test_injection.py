"""What is typed is never taken for something else: SQL, HTML, addresses, hosts, paths, commands."""

import re
import subprocess

import pytest

from app.core.config import ROOT, from_environment
from app.core.errors import ConfigError
from tests.architecture.test_routes import said
from tests.operations.test_config import GOOD
from tests.security.conftest import walked

sqlite_only = True
NASTY = [
    "' OR 1=1 --\"; DROP TABLE person; --%\\",
    "%' AND (SELECT 1/0) AND '%'='{{7*7}}${7*7}%s%n",
    '"><script>alert(1)</script>',
    "\x00../../../etc/passwd\ud7ff",
    "9" * 60,
]
QUESTIONS = (
    "q word name sort order page show kind unit unit_id place project donor year from to on day since until way stage purpose "
    "community seen at after before"
)


def template_text() -> dict[str, str]:
    return {str(path.relative_to(ROOT)): path.read_text() for path in (ROOT / "templates").rglob("*.html")}


def code() -> dict[str, str]:
    return {str(path.relative_to(ROOT)): path.read_text() for path in (ROOT / "app").rglob("*.py")}


@pytest.mark.parametrize("nasty", NASTY)
def test_whatever_stands_in_an_address_no_page_breaks_or_repeats_it_raw(app, admin, scene, nasty):
    """Every page, with every word that pages ask for in their addresses."""
    wrong = []
    for rule, asked, _ in walked(app, "GET", scene):
        if "/static/" in rule.rule:
            continue
        with admin.get(asked.partition("?")[0], query_string=dict.fromkeys(QUESTIONS.split(), nasty)) as answer:
            if answer.status_code >= 500:
                wrong.append((rule.rule, answer.status_code))
            elif answer.mimetype == "text/html" and "<" in nasty and nasty in answer.text:
                wrong.append((rule.rule, "repeated"))
            elif "{{7*7}}" in nasty and answer.mimetype == "text/html" and ">49<" in answer.text:
                wrong.append((rule.rule, "computed"))
    assert not wrong, said(wrong)


def test_what_is_sent_is_unescaped_once(client):
    """Neither an address nor a form is taken apart twice, and wide letters are plain before a rule looks at them."""
    assert 'value="/a%3Cscript%3E"' in client.get("/sign-in?next=/a%253Cscript%253E").text
    fields = {"name": "何%41嘉怡", "phone": "１３８００１３８０００", "password": "a lantern by the lake"}
    assert client.post("/register", data=fields).status_code in {303, 422}
    assert client.get("/static/%252e%252e/pyproject.toml").status_code == 404
    assert client.post("/register", data={**fields, "name": "何嘉怡"}).status_code == 303


def test_templates_escape_and_nothing_is_called_safe():
    marked = [(name, found) for name, text in template_text().items() for found in re.findall(r"\{\{[^}]*\|\s*safe\b[^}]*\}\}", text)]
    assert {found for _, found in marked} <= {"{{ HTMX_CONFIG|safe }}"}, "a constant of ours"
    assert not [name for name, text in template_text().items() if re.search(r"autoescape\s+false", text)]


def test_pages_hold_no_script_no_handler_and_no_style_of_their_own():
    handler = re.compile(r"\son[a-z]+\s*=\s*[\"']|hx-on|hx-vals=[\"']js:|javascript:|\sstyle\s*=\s*[\"']|<script(?![^>]*\ssrc=)[^>]*>\s*\S")
    assert [
        (name, found[0]) for name, text in template_text().items() if (found := handler.search(text)) and "application/json" not in found[0]
    ] == []


def test_scripts_write_text_and_compile_nothing():
    ours = {str(path.relative_to(ROOT)): path.read_text() for path in (ROOT / "static" / "js").glob("*.js")}
    dangerous = re.compile(r"\beval\(|new Function\(|document\.write\(|setTimeout\(['\"]|addEventListener\(['\"]message['\"]")
    found = {name: match[0] for name, text in ours.items() if (match := dangerous.search(text))}
    assert {name for name in found if not name.endswith("sw.js")} == set()


def test_nothing_is_compiled_unpickled_or_handed_to_a_shell():
    dangerous = re.compile(
        r"(?<![\w.])(?:eval|exec|compile)\(|\bpickle\b|\bmarshal\b|yaml\.load|shell=True|os\.system|os\.popen|render_template_string|__import__\("
    )
    assert {name: found[0] for name, text in code().items() if (found := dangerous.search(text))} == {}


def test_the_application_asks_no_other_server():
    """No SSRF where nothing is fetched: the one fetcher, of documents, reads our static files only (tests/webkit/test_pdf.py)."""
    fetching = re.compile(
        r"^\s*(?:import|from) (?:requests|httpx|aiohttp|urllib3|http\.client|urllib\.request|ftplib|smtplib|socket)\b", re.MULTILINE
    )
    allowed = re.compile(r"app/web/(?:jobs|doctor|commands|backups)/")  # the administrator's own commands
    assert [name for name, text in code().items() if fetching.search(text) and not allowed.match(name)] == []


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "shulin.example@evil.example"])
def test_a_forged_host_reaches_no_page_no_code_and_no_file(app, admin, scene, host):
    wrong = []
    for rule, asked, _ in walked(app, "GET", scene):
        with admin.get(asked, headers={"Host": host, "X-Forwarded-Host": host}) as answer:
            told = (
                answer.text
                if answer.mimetype.startswith(("text/", "application/")) and not answer.mimetype.endswith(("pdf", "sheet", "zip"))
                else ""
            )
            if "evil.example" in told or "evil.example" in str(answer.headers):
                wrong.append((rule.rule, answer.status_code))
    assert not wrong, said(wrong)


@pytest.mark.parametrize(
    "path",
    [
        "../pyproject.toml",
        "..%2fpyproject.toml",
        "../../pyproject.toml",
        "..%2f..%2fpyproject.toml",
        "%2e%2e/%2e%2e/pyproject.toml",
        "....//pyproject.toml",
        "/etc/passwd",
        "\x00",
    ],
)
def test_no_path_leads_out_of_the_folder(app, admin, scene, path):
    wrong = []
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and {"filename", "name"} & rule.arguments:
            asked = re.sub(
                r"<[^>]*>",
                "1",
                rule.rule.replace("<path:filename>", path).replace("<name>", path).replace("<any(large, small):size>", "large"),
            )
            with admin.get(asked) as answer:
                if answer.status_code == 200:
                    wrong.append((rule.rule, asked))
    assert not wrong, said(wrong)


def test_the_repository_holds_no_secrets():
    secret = re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|ghp_[A-Za-z0-9]{36}|xox[bp]-\d"
        r"|(?i:secret_key|password|token)\s*=\s*['\"][0-9a-f]{40,}['\"]"
        r"|postgres(?:ql)?://\w+:[^@\s'\"{}$<>…]{6,}@(?!localhost|127\.)"
    )
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    found = {}
    for name in names:
        path = ROOT / name
        looked_at = name and path.is_file() and path.suffix not in {".png", ".bin", ".xlsx", ".jpg", ".webp"}
        if looked_at and path.name != "test_injection.py" and (match := secret.search(path.read_text(encoding="utf-8", errors="ignore"))):
            found[name] = match[0][:30]
    assert found == {}
    assert not [name for name in names if re.search(r"(^|/)(\.env|id_rsa|secret)$|\.(pem|key|p12)$", name)]


def test_production_is_never_a_debugger(tmp_path):
    for name in ("FLASK_DEBUG", "PYTHONDEVMODE"):
        with pytest.raises(ConfigError, match=name):
            from_environment({"SHULIN_ENV": "production", "SECRET_KEY": GOOD, "SHULIN_DATA": str(tmp_path), name: "1"})
