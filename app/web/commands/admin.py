"""`flask --app app admin create`: the first administrator of a new site; `admin code`: their way back in."""

import os
import sys

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import IntegrityError

from app.accounts import factors, granting, queries
from app.accounts import service as accounts
from app.accounts.rules import secret_fault, shown_code
from app.core import clock
from app.core.config import Settings
from app.core.db import in_transaction
from app.core.errors import NotFound
from app.core.permissions import Role
from app.people import queries as people
from app.people import service as people_service
from app.people.naming import phone_fault, tidy_phone
from app.people.rules import Origin, UnitKind
from app.webkit.forms import clean

group = AppGroup("admin", help="管理员账号")


COMMANDS = (group,)


@group.command("create")
@click.option("--name", envvar="SHULIN_ADMIN_NAME", prompt="管理员姓名", help="管理员姓名")
@click.option("--phone", envvar="SHULIN_ADMIN_PHONE", prompt="登录手机号", help="登录手机号")
@click.option("--password-stdin", is_flag=True, help="从标准输入读密码（第一行）；也可以用环境变量 SHULIN_ADMIN_PASSWORD")
@click.option("--subdistrict", default="街道党工委", show_default=True, help="还没有街道时，新建的街道叫什么")
def create(name: str, phone: str, password_stdin: bool, subdistrict: str) -> None:
    """新建一个街道管理员账号；还没有街道时一并建好。"""
    name, phone = clean(name), tidy_phone(clean(phone))
    if not name or len(name) > 40:
        raise click.ClickException("姓名要有 1 到 40 个字")
    if fault := phone_fault(phone):
        raise click.ClickException(fault)
    password = _password(password_stdin)
    if fault := secret_fault(password, phone, has_role=True):
        raise click.ClickException(fault)
    hashed, now = accounts.hash_secret(password), clock.now()

    def work() -> None:
        root = people.root_unit()
        today = clock.local_date(now)
        root_id = root.id if root else people_service.create_unit(UnitKind.SUBDISTRICT, subdistrict, None, today, None)
        person_id = people_service.record_person(name, Origin.STAFF, now, phone=phone, confirmed=True)
        accounts.open_account(person_id, phone, hashed, password, now)
        granting.grant_role(person_id, Role.ADMINISTRATOR, root_id, today, None)

    try:
        in_transaction(work)
    except IntegrityError as error:
        raise click.ClickException("这个手机号已经有账号了，没有改动任何内容") from error
    click.echo(f"已建好管理员账号：{name}。登录后打开 /setup，按步骤完成开通。")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    given = os.environ.get("SHULIN_ADMIN_PASSWORD")
    return given or str(click.prompt("密码（至少 8 位，输入时不显示）", hide_input=True, confirmation_prompt="再输一次"))


@group.command("code")
@click.option("--phone", envvar="SHULIN_ADMIN_PHONE", prompt="登录手机号", help="他登录用的手机号")
def code(phone: str) -> None:
    """唯一的管理员忘了密码时：给这个账号做一个一次性的码，24 小时内在 /activate 使用。"""
    settings: Settings = current_app.config["SETTINGS"]
    found = queries.owner_of(tidy_phone(clean(phone)))
    if found is None:
        raise click.ClickException("没有账号用这个手机号登录")
    made = in_transaction(lambda: accounts.make_code(found.person_id, None, settings.secret_key, clock.now()))
    click.echo(f"{found.name}的码：{shown_code(made)}")
    click.echo(
        f"打开 {settings.public_url}/activate/{made}，或在 {settings.public_url}/activate 填这 8 位。用了以后，以前登录过的设备都会退出。"
    )


@group.command("reset-second-factor")
@click.option("--phone", envvar="SHULIN_ADMIN_PHONE", prompt="登录手机号", help="他登录用的手机号")
def reset_second_factor(phone: str) -> None:
    """唯一的管理员丢了手机、恢复码也没了：清除这个账号的登录验证码，所有设备退出，下次登录重新设置。"""
    found = queries.owner_of(tidy_phone(clean(phone)))
    if found is None:
        raise click.ClickException("没有账号用这个手机号登录")
    try:
        in_transaction(lambda: factors.reset(found.person_id, None, clock.now()))
    except NotFound as error:
        raise click.ClickException(error.message) from error
    click.echo(f"已清除{found.name}的登录验证码，他的设备都已退出。下次登录会先请他重新设置。")
