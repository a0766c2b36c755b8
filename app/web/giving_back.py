"""Memory that one large request took goes back to the machine when it is over.

The C library keeps what was freed for the next time: a worker that read one roster would hold 90 MB for good. Asked to give it back after
a large upload, after a large file that was made when it was asked for, and now and then after pages, it does so in milliseconds. What holds
on to itself is let go before: a workbook of 28,000 rows would keep 40 MB until the garbage collector looks that far (it needs 60 ms for it,
which a small file is not worth).
"""

import ctypes
import gc
import sys
import time
from http import HTTPStatus
from threading import Lock

from flask import Flask, Response, request

from app.web.exports import ENDINGS

LARGE = 64 * 1024  # bytes of an upload, of a file
APART, OFTEN = 2.0, 20.0  # seconds between two times: at least, and where only pages were asked for
_turn = Lock()
_last = time.monotonic()


def install(app: Flask) -> None:
    if sys.platform == "linux" and hasattr(ctypes.CDLL(None), "malloc_trim"):
        app.after_request(afterwards)


def afterwards(response: Response) -> Response:
    """Once the answer is sent, streamed ones too."""
    large = (request.content_length or 0) > LARGE or _is_large_file(response)
    if large:
        response.call_on_close(gc.collect)
    if large or time.monotonic() - _last > OFTEN:
        response.call_on_close(give_back)
    return response


def _is_large_file(response: Response) -> bool:
    """One whose length is not known is streamed, since it may be."""
    rule = request.url_rule.rule if request.url_rule else ""
    return rule.endswith(ENDINGS) and response.status_code == HTTPStatus.OK and (response.calculate_content_length() or LARGE + 1) > LARGE


def give_back() -> bool:
    """Whether it was done: not while another thread does, nor right after."""
    global _last
    if not _turn.acquire(blocking=False):
        return False
    try:
        if time.monotonic() - _last < APART:
            return False
        ctypes.CDLL(None).malloc_trim(0)
        _last = time.monotonic()
        return True
    finally:
        _turn.release()
