"""Who was erased stays so when an older backup comes back: by the list beside the database, which a restoration leaves alone."""

from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from app.activities import photo_files
from app.audit import service as audit
from app.core import clock
from app.core.db import in_transaction, let_go_of_the_log
from app.core.errors import DomainError
from app.rights import register, service
from app.web.backups.making import settings

REPLAY = "flask --app app rights replay"


@dataclass(frozen=True)
class Again:
    """How many stand on the lists, how many had come back and were erased again; `failed`: ids of those who could not be."""

    listed: int
    erased: int
    failed: tuple[int, ...]

    @property
    def words(self) -> str:
        if not self.listed:
            return f"没有找到注销名单（{register.FILE}）。这份备份以后如果有人注销过，请找来名单，执行 {REPLAY} 名单。"
        if self.failed:
            ids = "、".join(map(str, self.failed))
            return f"注销名单上有 {len(self.failed)} 人随备份回来了，没有删成（编号 {ids}）。先不要启动网站，请查清原因再执行 {REPLAY}。"
        if self.erased:
            return f"名单上 {self.listed} 人，恢复以后又出现的 {self.erased} 人已再删一遍，他们的密钥也再次销毁。"
        return f"名单上 {self.listed} 人，恢复以后又出现的 0 人。"


def note(beside: Path | None = None) -> None:
    """Every list knows whom this database knows as erased. A list that can not be read is left as it is: `flask doctor` says so."""
    with suppress(ValueError):
        register.keep(settings(), beside)


def back_again(beside: Path | None = None, *more: Path) -> list[register.Line]:
    """Who stands in this database although a list says that they were erased. Raises ValueError for a list that can not be read."""
    return register.back_again(register.listed(settings(), beside, *more))


def replay(beside: Path | None = None, *more: Path) -> Again:
    """Erases them again, each in a transaction of their own, and destroys their keys. May be repeated. Raises ValueError as above."""
    lines = register.listed(settings(), beside, *more)
    failed, found = [], register.back_again(lines)
    for line in found:
        try:
            photos = in_transaction(partial(_erase, line.person_id))
        except (DomainError, DBAPIError):
            failed.append(line.person_id)
            continue
        for name in photos:
            photo_files.discard(settings().uploads_dir, name)
    if found:
        let_go_of_the_log()
    listed = register.keep(settings(), beside, lines)
    return Again(listed, len(found) - len(failed), tuple(failed))


def _erase(person_id: int) -> list[str]:
    now = clock.now()
    photos = service.erase(person_id, None, now)
    audit.destroy_key(person_id, now)
    return photos
