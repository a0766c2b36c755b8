"""`flask --app app demo load`."""

import sys

import click

from app.core.errors import ConfigError, DomainError
from app.demo.load import SCALES, load


@click.group()
def demo() -> None:
    """演示数据"""


@demo.command("load")
@click.option(
    "--scale",
    type=click.Choice(SCALES),
    default="small",
    help="small：一个社区为主，四百来人，半分钟；full：整个街道，14,000 人、十二年、350 万条时长，几分钟",
)
def load_demo(scale: str) -> None:
    """装入演示数据：桂城街道，人名都是编的。只能装进空库，生产环境不能装。"""
    try:
        load(scale, _bar)
    except (ConfigError, DomainError) as error:
        raise click.ClickException(str(error)) from error
    click.echo("演示数据装好了。")


def _bar(what: str, done: int, of: int) -> None:
    """One line that grows, with counts; a line of its own for each tenth where nobody watches."""
    if sys.stdout.isatty():
        click.echo(f"\r{what} {'█' * (done * 30 // of):30} {done:,}/{of:,}", nl=done == of)
    elif done * 10 // of > (done - 1) * 10 // of:
        click.echo(f"{what} {done:,}/{of:,}")


COMMANDS = [demo]
