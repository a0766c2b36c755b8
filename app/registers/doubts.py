"""What looks odd about past hours although it may well be right: said in the preview, for who approves. Pure."""

import re

LOOK = "请核对"
NO_SERVICE = re.compile("会议|开会|例会|聚餐|宴|团建|彩排|排练|讲座")


def doubts(words: str, day: int, *, service: bool) -> list[str]:
    """What the rules for hours would ask about a row of the past that may well be right; `day` are the day's minutes with it."""
    said = []
    if service and (found := NO_SERVICE.search(words)):
        said.append(f"“{found[0]}”按规定不算志愿服务，是学习的请把类别改成学习")
    if day > 12 * 60:
        said.append("这一天合计超过 12 小时：按规定要街道核实过")
    elif day > 8 * 60:
        said.append("这一天合计超过 8 小时：按规定要上级组织核实过")
    return said
