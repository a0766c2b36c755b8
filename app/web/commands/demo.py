"""`flask --app app demo load`."""

import click

from app.core.errors import ConfigError, DomainError
from app.demo.load import SCALES, load


@click.group()
def demo() -> None:
    """演示数据"""


@demo.command("load")
@click.option("--scale", type=click.Choice(SCALES), default="small", help="small：一个社区为主，四百来人")
def load_demo(scale: str) -> None:
    """装入演示数据：桂城街道，人名都是编的。只能装进空库，生产环境不能装。"""
    try:
        load(scale)
    except (ConfigError, DomainError) as error:
        raise click.ClickException(str(error)) from error
    click.echo("演示数据装好了。")


COMMANDS = [demo]
