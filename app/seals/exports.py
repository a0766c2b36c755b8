"""A seal that is kept elsewhere, and holding one against the database: what finds a chain that somebody made anew from end to end.

The file holds digests, numbers of rows and nothing personal. What is printed is its digest, to be read aloud and compared by hand.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from app.core.words import full_day
from app.seals import queries, rules
from app.seals.coverage import sealed_tables
from app.seals.queries import SealRow

KIND = "shulin-seal"


class NotASeal(ValueError):
    """The file is none of ours, or it was changed: `args[0]` says so in words."""


@dataclass(frozen=True)
class Kept:
    """What a kept file says. `chain` are (day, digest) of every seal up to it; `rows` (table, columns, marks) of its own day."""

    seal: SealRow
    chain: list[tuple[date, str]]
    rows: list[tuple[str, str, dict[str, str]]]


def file_name(day: date) -> str:
    return f"seal-{day.isoformat()}"


def as_json(seal: SealRow, site: str) -> str:
    """The file to keep. The same seal gives the same file."""
    told = {
        "kind": KIND,
        "format": rules.FORMAT,
        "site": site,
        "day": seal.day.isoformat(),
        "digest": seal.digest,
        "sealed_at": rules.written(seal.sealed_at)[1:],
        "previous": seal.previous,
        "content": seal.content,
        "chain": [[day.isoformat(), digest] for day, digest in queries.chain(seal.day)],
        "rows": [[part.table, part.columns, part.marks] for part in queries.parts(seal.day)],
    }
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def read(text: str) -> Kept:
    """Raises NotASeal; a file whose digest is not the one of what it says was changed itself."""
    try:
        told: Mapping[str, Any] = json.loads(text)
        if told["kind"] != KIND or told["format"] != rules.FORMAT:
            raise NotASeal("这个文件不是熟邻的封存，或是更新的版本写的。")
        at = datetime.fromisoformat(str(told["sealed_at"]).replace("Z", "+00:00")).astimezone(UTC)
        seal = SealRow(0, date.fromisoformat(told["day"]), at, dict(told["content"]), str(told["previous"]), str(told["digest"]))
        chain = [(date.fromisoformat(day), str(digest)) for day, digest in told["chain"]]
        rows = [(str(table), str(columns), rules.read_marks(marks)) for table, columns, marks in told["rows"]]
        right = rules.seal_digest(seal.day, seal.sealed_at, seal.previous, seal.content)
    except NotASeal:
        raise
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotASeal("这个文件读不出来，不是熟邻的封存，或没有传完整。") from error
    if right != seal.digest or not chain or chain[-1] != (seal.day, seal.digest):
        raise NotASeal("这个文件自己被改过：内容与它写的摘要不符。请用另一份。")
    return Kept(seal, chain, rows)


def differences(kept: Kept) -> Iterator[str]:
    """How the database differs from what was kept: the first seal that is another, and which rows of the kept day."""
    there = dict(queries.chain(date.max))
    missing = [day for day, _ in kept.chain if day not in there]
    other = [day for day, digest in kept.chain if day in there and there[day] != digest]
    if other:
        yield f"{full_day(min(other))}起的封存（{len(other)} 份）与交出来保管的不同：封存被整条重新做过"
    for day in missing[:10]:
        yield f"{full_day(day)}的封存没有了，保管的文件里有"
    if len(missing) > 10:
        yield f"另有 {len(missing) - 10} 天的封存没有了"
    yield from _of_the_day(kept, queries.seal_of(kept.seal.day))


def _of_the_day(kept: Kept, now: SealRow | None) -> Iterator[str]:
    known = sealed_tables()
    for table, told in sorted(kept.seal.content.items()):
        called = f"{known[table].called}（{table}）" if table in known else table
        said = now.content.get(table, {}) if now else {}
        if now is not None and said.get("digest") != told["digest"]:
            yield f"{full_day(kept.seal.day)}：{called}封存时 {told['rows']} 行，现在的封存写着 {said.get('rows', 0)} 行，摘要不同"
    for table, columns, marks in kept.rows:
        if table not in known:
            yield f"{full_day(kept.seal.day)}：{table} 这张表没有了"
            continue
        differs = rules.difference(marks, queries.digests(known[table], list(marks), columns))
        where = f"{full_day(kept.seal.day)}：{known[table].called}（{table}）"
        yield from (f"{where} {key} 号的内容被改过" for key in differs.changed)
        yield from (f"{where} {key} 号被删掉了" for key in differs.gone)
        yield from (f"{where} {one} 号与 {two} 号被对调了" for one, two in differs.swapped)


NO_DIGEST = "摘要应是 64 位，由数字和 a 到 f 组成。"


def _typed(digest: str) -> str | None:
    """A printed digest as it was typed, with or without its spaces; None for what is none."""
    typed = "".join(digest.split()).lower()
    return typed if len(typed) == len(rules.BEGINNING) and not set(typed) - set("0123456789abcdef") else None


def no_seal_with(digest: str) -> str | None:
    """The fault, where no day's seal has this printed digest; None where one has."""
    typed = _typed(digest)
    if typed is None:
        return f"没有 {digest} 这个文件；要是输的摘要：{NO_DIGEST}"
    if any(one == typed for _, one in queries.chain(date.max)):
        return None
    return "没有哪一天的封存是这个摘要。先核对有没有抄错；没有抄错，就是那一天的封存被换过，或者被删掉了。"


def compared(day: date, digest: str) -> str | None:
    """What a printed digest differs in, typed with or without its spaces; None where it is the one that stands."""
    typed = _typed(digest)
    seal = queries.seal_of(day)
    if seal is None:
        return f"{full_day(day)}没有封存。"
    if typed is None:
        return NO_DIGEST
    if typed == seal.digest:
        return None
    wrong = [n for n, (one, other) in enumerate(zip(rules.groups(typed), seal.groups, strict=True), 1) if one != other]
    return f"与现在的封存不同：第 {'、'.join(map(str, wrong))} 组。先核对有没有抄错；没有抄错，就是封存被换过。"


def qr_text(seal: SealRow) -> str:
    """What the printed code says: plain text, so that any phone shows it without asking this site."""
    return f"{KIND} {rules.FORMAT} {seal.day.isoformat()} {seal.digest}"
