"""docs/permissions.md: the tables of core.permissions in words. `python -m tests.architecture.permission_page` writes it anew."""

from app.core.config import ROOT
from app.core.permissions import ACTION_NAMES, ALLOWED, ALWAYS_DATED, GRANTS, OWN_UNIT_ONLY, ROLE_NAMES, SECOND_FACTOR, Role

PAGE = ROOT / "docs" / "permissions.md"
HEAD = """# 谁可以做什么

这一页由 `app/core/permissions.py` 里的表写成，不要手改：改了表以后运行 `python -m tests.architecture.permission_page`。

职责是给某个组织的，管这个组织和它下面的全部；到了日子自己开始、自己结束。只关自己的事（报名、签到、看自己的记录）人人可做，不在表里。
不归自己管的，看起来就像不存在（404）。谁也不能审批自己的记录，谁也不能给自己职责。

## 职责和权限
"""


def words() -> str:
    roles = list(Role)
    lines = [HEAD, f"| 可以做 | {' | '.join(ROLE_NAMES[role] for role in roles)} |", f"|---|{':-:|' * len(roles)}"]
    for action, name in ACTION_NAMES.items():
        lines.append(f"| {name} `{action.value}` | {' | '.join('✓' if role in ALLOWED[action] else '' for role in roles)} |")
    lines += ["", "## 谁可以给什么职责", "", "| 谁 | 可以给、可以收回 |", "|---|---|"]
    for giver, given in GRANTS.items():
        each = [ROLE_NAMES[role] + ("（只给自己的组织）" if (giver, role) in OWN_UNIT_ONLY else "") for role in roles if role in given]
        lines.append(f"| {ROLE_NAMES[giver]} | {'、'.join(each)} |")
    dated, coded = ("、".join(ROLE_NAMES[role] for role in roles if role in some) for some in (ALWAYS_DATED, SECOND_FACTOR))
    lines += [
        "",
        "## 另外",
        "",
        f"- {dated}一定有结束的日子，一个组织同时最多两位，数据库不收第三位。",
        f"- {coded}在这次登录里输过登录验证码才有效；所有职责都要真正的密码，只有 6 位数字的不算。",
        "- 替别人做决定（确认补录、审批、付款、对账、给职责、写入名册）以前，离上次输密码超过 15 分钟要再输一次。",
        "- 等着处理的事先找最近的组织；5 个工作日没有人处理，上一级也看得到。",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(words(), encoding="utf-8")
