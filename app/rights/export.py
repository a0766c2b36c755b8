"""The file somebody takes with them: one zip with a workbook to read and JSON for programs. Made when asked, kept nowhere."""

import io
import json
import zipfile
from collections.abc import Sequence
from datetime import date, datetime

from app.core.clock import local
from app.people.naming import volunteer_number
from app.rights.queries.own_data import Shown, Told
from app.sheets.writing import Table, xlsx

FORMAT = 1
MOST_ROWS = 200_000  # of one sheet; a workbook takes a million
README = """这是您在本网站的全部资料，{made}由您本人导出。

我的资料.xlsx  用表格软件打开，每一类一张表。
我的资料.json  内容相同，给程序读；时间是北京时间。

里面有您的手机号码等个人信息，请自己保管好，不要转发。
觉得哪里不对，在网站的“我的 › 设置 › 我的资料”里可以请求更正。
"""


def _plain(value: Shown) -> str | int | float | None:
    if isinstance(value, datetime):
        return local(value).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


def as_json(person_id: int, told: Sequence[Told], now: datetime) -> bytes:
    parts = [
        {
            "title": one.title,
            "table": one.table,
            "columns": dict(zip(one.columns, one.headings, strict=True)),
            "rows": [dict(zip(one.columns, map(_plain, row), strict=True)) for row in one.rows],
        }
        for one in told
    ]
    whole = {"format": FORMAT, "made_at": _plain(now), "volunteer_number": volunteer_number(person_id), "parts": parts}
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()


def workbook(told: Sequence[Told]) -> bytes:
    """An index, and one sheet for each part in which something stands."""
    index = Table("目录", ("内容", "行数"), [(one.title, len(one.rows)) for one in told], title="我的资料")
    sheets = [Table(one.title, one.headings, one.rows[:MOST_ROWS]) for one in told if one.rows]
    return xlsx(index, *sheets)


def bundle(person_id: int, told: Sequence[Told], now: datetime) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        made = local(now)
        for name, data in (
            ("请先看这里.txt", README.format(made=f"{made:%Y年%-m月%-d日 %H:%M}").encode()),
            ("我的资料.xlsx", workbook(told)),
            ("我的资料.json", as_json(person_id, told, now)),
        ):
            parts.writestr(zipfile.ZipInfo(name, made.timetuple()[:6]), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
