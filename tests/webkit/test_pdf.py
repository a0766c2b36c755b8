"""Documents as PDF: readable anywhere, the same each time, and nothing is fetched for them."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import ImageFile

from app.core.config import ROOT
from app.webkit import pdf
from app.webkit.pdf import STATIC, NotOurs, render_pdf, static_file
from tests import pdf_reading

sqlite_only = True
PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>凭证包</title>
<link rel="stylesheet" href="/static/css/pdf.css?v=1"></head><body><main class="doc">{}</main></body></html>"""


def test_chinese_is_embedded_rare_characters_too() -> None:
    made = render_pdf(PAGE.format("<h1>志愿服务记录证明</h1><p>兹证明何嘉怡、𠮷䶮参加志愿服务 112.5 小时。</p>"))
    assert made.startswith(b"%PDF-1.7")
    assert "志愿服务记录证明" in pdf_reading.text(made)
    assert "兹证明何嘉怡、𠮷䶮参加志愿服务 112.5 小时。" in pdf_reading.text(made)
    assert pdf_reading.fonts(made) == {"Noto-Sans-CJK-SC", "Noto-Serif-CJK-SC-Bold"}


def test_a_document_leaves_pictures_as_strict_as_they_were() -> None:
    render_pdf(PAGE.format("<p>一页</p>"))
    assert not ImageFile.LOAD_TRUNCATED_IMAGES, "half a photo would be taken for a whole one"


def test_it_says_its_title_and_language_and_is_tagged() -> None:
    whole = b"\n".join(pdf_reading.objects(render_pdf(PAGE.format("<h1>证明</h1>"))).values())
    assert b"/Lang (zh-CN)" in whole
    assert b"/MarkInfo" in whole
    assert "凭证包".encode("utf-16-be").hex().encode() in whole.lower()


def test_the_same_page_gives_the_same_bytes_in_any_thread() -> None:
    page = PAGE.format("<p>同样的内容，同样的文件。</p>")
    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(render_pdf, [page] * 6))) == 1


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/x.png",
        "https://example.com/x.png",
        "file:///etc/passwd",
        "/static/../app/__init__.py",
        "/static/%2e%2e/pyproject.toml",
        "/static/css/none.css",
        "/etc/passwd",
        "//example.com/static/css/app.css",
        "https://shulin.invalid.example.com/static/css/app.css",
    ],
)
def test_nothing_is_read_but_our_static_files(address: str) -> None:
    with pytest.raises(NotOurs):
        render_pdf(PAGE.format(f'<img src="{address}" alt="">'))


def test_each_size_of_a_font_costs_next_to_nothing() -> None:
    """The file of a font, 19 MB, was copied for each size and weight it is used in."""
    sizes = "".join(f'<p style="font-size:{size}px">志愿服务<b>记录证明</b></p>' for size in range(10, 20))
    few, many = (_megabytes(PAGE.format(text)) for text in ("<p>志愿服务<b>记录证明</b></p>", sizes))
    assert many - few < 30, "twenty copies would be 380"


def _megabytes(page: str) -> int:
    """The most that the process of one document took, fonts and all."""
    told = "import resource, sys\nfrom app.webkit import pdf_child\npdf_child.main()\n"
    told += "sys.stderr.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024))"
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, input=page.encode(), capture_output=True, check=True)
    assert done.stdout.startswith(b"%PDF-")
    return int(done.stderr)


def test_a_process_that_ends_without_a_document_is_said_and_tells_nothing_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "WAIT", 0.01)
    with pytest.raises(pdf.NotMade, match="more than"):
        render_pdf(PAGE.format("<p>何嘉怡</p>"))
    monkeypatch.setattr(pdf, "WAIT", 60)
    monkeypatch.setattr(pdf.sys, "executable", "/bin/false")
    with pytest.raises(pdf.NotMade) as told:
        render_pdf(PAGE.format("<p>何嘉怡</p>"))
    assert "何嘉怡" not in str(told.value)


def test_static_files_and_data_are_read_wherever_the_site_is_mounted() -> None:
    dot = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
    assert render_pdf(PAGE.format(f'<img src="/guicheng/static/icons/mark.svg?v=2" alt="熟邻"><img src="{dot}" alt="">'))
    assert static_file("https://shulin.invalid/static/css/pdf.css?v=1") == STATIC / "css" / "pdf.css"


def test_a_server_never_loads_the_library_even_when_it_has_made_documents(tmp_path: Path) -> None:
    """It takes 60 MB and more for good: a process of its own ends with each document."""
    said = (
        "import sys; from app import create_app; from app.webkit.pdf import render_pdf; create_app();"
        f"made = render_pdf({PAGE.format('<p>一页</p>')!r}); sys.exit('weasyprint' in sys.modules or not made.startswith(b'%PDF'))"
    )
    surroundings = os.environ | {"SHULIN_DATA": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/none.db"}
    assert subprocess.run([sys.executable, "-c", said], check=False, capture_output=True, env=surroundings).returncode == 0
