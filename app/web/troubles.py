"""When it is the machine that fails: a full disk, a folder that can not be written, a database that does not answer.

Nothing of what was asked is kept then, and everything from before is. People read that, with what to do; phones that keep scans are told
when to send them again. The page asks the database for nothing, since that may be what is missing.
"""

import errno
import sqlite3
from enum import StrEnum

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

AGAIN = 30  # seconds, for phones


class Trouble(StrEnum):
    FULL = "full"
    UNWRITABLE = "unwritable"
    AWAY = "away"
    BUSY = "busy"


SAID = {
    Trouble.FULL: "网站的硬盘满了，新的内容暂时存不下。",
    Trouble.UNWRITABLE: "网站的硬盘现在写不进去，新的内容暂时存不下。",
    Trouble.AWAY: "网站的数据库暂时没有回答。",
    Trouble.BUSY: "这会儿用的人太多，没有排上。",
}
KEPT = "刚才这一下没有记上，以前记下的都在。"
ADVICE = "扫码枪和没信号时扫的，会先留在手机里，好了自动补传；别的请过几分钟再试。"
ASK = "一直这样，请告诉管网站的人。"

_OF_ERRNO = {
    errno.ENOSPC: Trouble.FULL,
    errno.EDQUOT: Trouble.FULL,
    errno.EROFS: Trouble.UNWRITABLE,
    errno.EACCES: Trouble.UNWRITABLE,
    errno.EIO: Trouble.UNWRITABLE,
}
_OF_SQLITE = {  # how its messages begin
    "database or disk is full": Trouble.FULL,
    "attempt to write a readonly database": Trouble.UNWRITABLE,
    "unable to open database file": Trouble.UNWRITABLE,
    "disk i/o error": Trouble.UNWRITABLE,
    "database is locked": Trouble.BUSY,
}
_OF_SQLSTATE = {"53100": Trouble.FULL, "53300": Trouble.BUSY, "25006": Trouble.UNWRITABLE}  # of PostgreSQL
_AWAY = {None, "08", "57"}  # classes: nobody answered, a connection that broke, a server that shuts down


def of(error: BaseException) -> Trouble | None:
    """What is wrong with the machine, where that is what an error means; None where it is our own fault."""
    if isinstance(error, NoConnectionLeft):
        return Trouble.BUSY
    if isinstance(error, OSError):
        return _OF_ERRNO.get(error.errno or 0)
    of_driver = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(of_driver, sqlite3.OperationalError):
        said = str(of_driver).lower()
        return next((trouble for begins, trouble in _OF_SQLITE.items() if said.startswith(begins)), None)
    return _of_postgresql(of_driver)


def _of_postgresql(error: BaseException | None) -> Trouble | None:
    if type(error).__module__.partition(".")[0] != "psycopg" or type(error).__name__ == "ProgrammingError":
        return None
    state = getattr(error, "sqlstate", None)
    if state in _OF_SQLSTATE:
        return _OF_SQLSTATE[state]
    nobody_there = any(one.__name__ == "OperationalError" for one in type(error).__mro__)
    return Trouble.AWAY if nobody_there and (state[:2] if state else None) in _AWAY else None


def words(trouble: Trouble) -> list[str]:
    """What is the case, what became of this, what to do."""
    return [SAID[trouble], KEPT, ADVICE, ASK]
