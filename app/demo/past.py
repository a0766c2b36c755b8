"""The fund since 2009, for `full`: as many projects, yuan and person-times in all as the newspaper told of; each of them invented.

Brought in by the register of past projects, by two people, like a real list. What the small demo has already made counts in.
"""

from collections.abc import Sequence
from datetime import date
from random import Random

from sqlalchemy import select

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict
from app.fund import queries
from app.fund.rules import PROJECT_KIND_NAMES, ProjectKind
from app.people.models import Unit
from app.registers import running, service
from app.registers.rules import COLUMNS, RegisterKind
from app.registers.scope import whole_scope
from app.sheets.reading import Cell, Sheet
from app.worklist.service import read_all

PROJECTS, YUAN, PERSON_TIMES = 418, 139_000_000, 14_310_000
WHAT = {
    ProjectKind.CARE: ("独居长者探访", "困难家庭助学", "长者饭堂补贴", "残障家庭帮扶", "社区康复站", "青少年课后托管"),
    ProjectKind.MICRO: ("楼道安全灯", "口袋花园", "旧物循环站", "共享工具房", "邻里书吧", "加装扶手"),
    ProjectKind.WISH: ("新学期书包", "长者眼镜", "冬日棉被"),
    ProjectKind.EMERGENCY: ("台风后清理", "防疫物资", "高温慰问"),
}
KINDS = (*[ProjectKind.CARE] * 10, *[ProjectKind.MICRO] * 7, *[ProjectKind.WISH] * 2, ProjectKind.EMERGENCY)


def shares(whole: int, parts: int, chance: Random) -> list[int]:
    """`parts` positive numbers, some large and many small, that add up to `whole` exactly."""
    weights = [chance.paretovariate(1.3) for _ in range(parts)]
    spread = whole - parts
    found = [1 + int(spread * weight / sum(weights)) for weight in weights]
    found[0] += whole - sum(found)
    return found


def load(communities: Sequence[int], officer_id: int, approver_id: int, today: date) -> None:
    """Needs `today` to be some weeks after the last project's end, which is a year ago. Raises Conflict where a row is refused."""
    there = queries.totals()
    many = PROJECTS - there.projects
    chance = Random(418)
    yuan = shares(YUAN * 100 - there.spent, many, chance)
    people = shares(PERSON_TIMES - there.people, many, chance)
    names = dict(db.session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(communities))).all())
    db.session.rollback()
    columns = COLUMNS[RegisterKind.PROJECTS]
    sheet = Sheet(
        "历史项目", [[column.title for column in columns], *_rows(yuan, people, [names[one] for one in communities], chance, today)]
    )
    plan = service.plan_file(RegisterKind.PROJECTS, [sheet], whole_scope(today))
    if len(plan.decisions) != plan.writes:
        raise Conflict(f"演示的历史项目有 {len(plan.decisions) - plan.writes} 行没有收。")
    db.session.rollback()
    batch_id = running.stage(plan, whole_scope(today).root_id, "历史项目（演示）.xlsx", officer_id, clock.now())
    running.write(batch_id, approver_id, clock.now(), approved_by_id=approver_id)
    in_transaction(lambda: read_all(officer_id))


def _rows(fen: list[int], people: list[int], communities: list[str], chance: Random, today: date) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    last = today.year - 2
    for nth, (amount, served) in enumerate(zip(fen, people, strict=True)):
        kind, where = chance.choice(KINDS), communities[nth % len(communities)]
        year, month = 2009 + nth * (last - 2008) // len(fen), 1 + nth * 5 % 6
        place = where.removesuffix("党委")
        name, spent = f"{place}{chance.choice(WHAT[kind])}{nth + 1}", f"{amount // 100}.{amount % 100:02d}"
        days = f"{year}-{month:02d}-01", f"{year}-{month + 6:02d}-28"
        told = "演示数据，名称和数字都是编的。"
        rows.append([name, PROJECT_KIND_NAMES[kind], where, place, "社区街坊", *days, "关爱基金", "", spent, served, told])
    return rows
