"""The file somebody takes with them: one zip with a workbook to read and JSON for programs. Made when asked, kept nowhere."""

import io
import json
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from itertools import islice
from typing import IO

from app.core.clock import local
from app.people.naming import volunteer_number
from app.rights.told import Shown, Told
from app.sheets.writing import Table, xlsx

FORMAT = 1
MOST_ROWS = 50_000  # of one sheet: a workbook is held in memory while it is written. The JSON has all of them
ONLY = f"只有最早的 {MOST_ROWS // 10_000} 万行，全部在 我的资料.json 里"
README = """这是您在本网站的全部资料，{made}由您本人导出。

我的资料.xlsx  用表格软件打开，每一类一张表。
我的资料.json  内容相同，给程序读；时间是北京时间。一张表超过 {most} 行的，表格里只有最早的 {most} 行，这里是全的。

里面有您的手机号码等个人信息，请自己保管好，不要转发。
觉得哪里不对，在网站的“我的 › 设置 › 我的资料”里可以请求更正。
"""


def _plain(value: Shown) -> str | int | float | None:
    if isinstance(value, datetime):
        return local(value).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


def write_json(out: IO[bytes], person_id: int, told: Sequence[Told], now: datetime) -> None:
    """Row by row: however much there is, no more than a page of it is held."""
    whole: dict[str, object] = {"format": FORMAT, "made_at": _plain(now), "volunteer_number": volunteer_number(person_id), "parts": []}
    head, tail = _json(whole).split(b"[]")
    out.write(head + b"[")
    for number, one in enumerate(told):
        columns = dict(zip(one.columns, one.headings, strict=True))
        part = _json({"title": one.title, "table": one.table, "columns": columns, "rows": []}).removesuffix(b"[]\n}")
        out.write((b",\n" if number else b"\n") + part + b"[")
        for place, row in enumerate(one.rows):
            out.write((b",\n" if place else b"\n") + _json(dict(zip(one.columns, map(_plain, row), strict=True))))
        out.write(b"]\n}")
    out.write(b"]" + tail)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def workbook(told: Sequence[Told]) -> bytes:
    """An index, and one sheet for each part in which something stands."""
    index = Table("目录", ("内容", "行数"), [(one.title, len(one.rows)) for one in told], title="我的资料")
    sheets = [
        Table(one.title, one.headings, islice(one.rows, MOST_ROWS), note=ONLY if len(one.rows) > MOST_ROWS else "")
        for one in told
        if one.rows
    ]
    return xlsx(index, *sheets)


def bundle(person_id: int, told: Sequence[Told], now: datetime) -> bytes:
    out, made = io.BytesIO(), local(now)
    readme = README.format(made=f"{made:%Y年%-m月%-d日 %H:%M}", most=f"{MOST_ROWS // 10_000} 万")
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, data in (("请先看这里.txt", readme.encode()), ("我的资料.xlsx", workbook(told))):
            parts.writestr(_member(name, made), data)
        with parts.open(_member("我的资料.json", made), "w", force_zip64=True) as file:
            write_json(file, person_id, told, now)
    return out.getvalue()


def _member(name: str, made: datetime) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, made.timetuple()[:6])
    member.compress_type = zipfile.ZIP_DEFLATED
    return member
