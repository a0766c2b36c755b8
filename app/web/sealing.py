"""What `ledger verify` says of the seals; that it was looked is noted for the page of seals."""

from functools import partial
from pathlib import Path

import click

from app.core import clock
from app.core.db import in_transaction
from app.seals import checking, exports, queries, service


def disagreements() -> list[str]:
    """Every difference by name. Rows that came late are no fault and are printed, so that somebody looks at them."""
    now = clock.now()
    faults = checking.disagreements(now)
    last = queries.last_seal()
    if last is not None:
        in_transaction(partial(service.note_check, last.day, len(faults), now))
        for said in checking.late_rows(queries.in_order()):
            click.echo(f"  请看一眼：{said}")
    elif doubt := checking.never_sealed(now):
        click.echo(f"  请看一眼：{doubt}")
    return faults


def against(kept: str) -> list[str]:
    """How the database differs from a seal kept elsewhere: its file, or the 64 digits printed on the page."""
    file = Path(kept)
    if not file.is_file():
        fault = exports.no_seal_with(kept)
        return [fault] if fault else []
    try:
        return list(exports.differences(exports.read(file.read_text(encoding="utf-8"))))
    except exports.NotASeal as error:
        return [str(error.args[0])]
    except UnicodeDecodeError:
        return ["这个文件不是熟邻的封存。"]
