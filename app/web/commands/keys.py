"""`flask keys`: the keys from outside of the database, under which the keys of persons stand."""

import secrets
import sys
from functools import partial

import click
from flask.cli import AppGroup

from app.audit import keys as personal
from app.audit import service as audit
from app.core import keyring
from app.core.db import in_transaction
from app.web.commands.ledger import refuse_pending_migrations

keys = AppGroup("keys", help="个人内容的密钥")
COMMANDS: list[click.Command] = [keys]
AT_ONCE = 200


@keys.command("new")
def new() -> None:
    """打印一把新的密钥，写到 SHULIN_KEYS 的最前面。它不存在任何地方，请另外抄一份收好。"""
    print(secrets.token_hex(keyring.KEY_BYTES))


@keys.command("status")
def status() -> None:
    """有多少人的密钥，用哪一把包着，打不打得开。打不开就列出来，退出码为 1。"""
    refuse_pending_migrations()
    alive, dead = personal.counts()
    print(f"{alive} 位的密钥，{dead} 位的已经销毁。")
    known = keyring.masters()
    now = keyring.newest()[0]
    lost = False
    for name, count in personal.wrapped_by():
        words = "正在用" if name == now else "旧的，可以换：flask --app app keys rotate" if name in known else "不在 SHULIN_KEYS 里，打不开"
        lost = lost or name not in known
        print(f"  密钥 {name}：{count} 位，{words}")
    if lost:
        sys.exit(1)


@keys.command("rotate")
def rotate() -> None:
    """把每个人的密钥改用 SHULIN_KEYS 里最前面的一把包着。网站不用停，中断了再跑一次。跑完再从 SHULIN_KEYS 里去掉旧的。"""
    refuse_pending_migrations()
    done, lost, after = 0, list[int](), 0
    while some := personal.stale(AT_ONCE, after):
        failed = in_transaction(partial(personal.rewrap, some))
        done, lost, after = done + len(some) - len(failed), [*lost, *failed], some[-1]
    if done:
        in_transaction(partial(audit.record, None, "keys.rotation", "keys", None, count=done))
    print(f"换了 {done} 位的。" if done else "都已经用最新的一把。")
    if lost:
        sys.exit(f"{len(lost)} 位的打不开，没有换：SHULIN_KEYS 里少了原来的那一把，请补上再跑。")
    print("旧的密钥可以从 SHULIN_KEYS 里去掉了；以前的备份还要用它，请留着收好。")
