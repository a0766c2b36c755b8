"""The words of a 接龙 that say nothing more than “I come”, those that name a shift, and those that say that somebody does not. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff〇"
GAP = "。"  # stands for what was understood, so that what is left on either side does not run together
NO_SIGNS = "❌✖✗✘❎🚫⛔🙅❓❔🤔"
STRUCK = "(划掉)"  # what a line drawn through the letters is read as

AWAY = re.compile(
    r"取消|不[能会再]?[来去]了?|[来去到赶]不[了到成]|[唔咪][来嚟去]|[来嚟去]唔[到了]|唔?得唔得闲|唔得|冇[空时]|[没无]有?(?:空|时间)|不得闲"
    r"|不方便|不便|不?参加不了|不能?参[加与]|退出|退群|退了|请个?假|撤销|划掉|删[掉除]?|放弃|缺席|改下?[天次期]|下次|换人|待定|未定|不确定"
    rf"|(?<![\d-])-\s*1(?!\d)|[{NO_SIGNS}]|~~.+~~"
)
_HARMLESS = re.compile(
    r"\d+\s*(?:号楼|栋|座|幢|单元|室|房|楼|层)(?:\d+)?(?:-\d+)*(?:室|房)?"
    r"|(?<!\d)(?:[1一]|我)\s*(?:个人|人|位|名)|没问题|准时|参加|报名|接龙|报到|签到|到场|可以|收到|志愿者|党员|街坊|本人|好的|加油|谢谢|辛苦了?|已报"
    rf"|姓名|电话|手机号?码?|尾号|班次|老师|医生|主任|书记|先生|女士|师傅|同学|同志|楼长|(?<![A-Za-z])(?:ok|OK|Ok|yes)(?![A-Za-z])|[到来去报我和√|]|~+\s*$|\+(?=\s*(?:{GAP}|$))"
)
_WAITS = re.compile(r"候补|替补|备选|备用|机动|未报|没报|不来|不去")
_OF_THOSE = re.compile(r"[的人员者名单组了]|同志|以下|下面|志愿")
_SHIFT_END = re.compile(r"(?:班次?|组|场次?|岗|段|时段)$")
_HEADING_ALSO = re.compile(
    r"\d{1,2}月\d{1,2}[日号]|周[一二三四五六日天]|\d{1,2}(?::\d\d|[点时])半?|班次?|场次?|组|时段|名单|报名|志愿者|[至到]|^[一二三四五六]、"
)
TIMES = {"上午": (0, 13), "早上": (0, 13), "下午": (12, 19), "晚上": (17, 24), "傍晚": (17, 24), "中午": (11, 15), "全天": (0, 24)}


@dataclass(frozen=True)
class Turn:
    """A shift as it may be called in the text. `words`: its name and the parts of it by which people know it."""

    id: int
    name: str
    words: frozenset[str]


def turn(id_: int, name: str, begin: int, end: int) -> Turn:
    """`begin` and `end`: hours of its own clock. A shift whose name tells no time of day goes by the time that holds all of it."""
    words = {name, _SHIFT_END.sub("", name), *(word for word in TIMES if word in name)}
    if not any(word in name for word in TIMES):
        words |= {word for word, (since, until) in TIMES.items() if word != "全天" and since <= begin and end <= until}
        words |= {"全天"} if begin < 12 and end > 14 else set()
    return Turn(id_, name, frozenset(word for word in words if len(word) > 1))


@dataclass(frozen=True)
class Told:
    """What is left of a line's words. `others`: words of shifts that are not the chosen one, with those; `rest`: what nobody knows."""

    rest: tuple[str, ...]
    others: tuple[tuple[str, Turn], ...] = ()


def told(left: str, chosen: Turn | None, others: Iterable[Turn], positions: Iterable[str] = ()) -> Told:
    """Reads what stands beside the names, which are blanked out with GAP."""
    own = chosen.words if chosen else frozenset()
    foreign: dict[str, Turn] = {}
    for other in others:
        for word in other.words - own:
            foreign.setdefault(word, other)
    found = []
    for word in sorted({*own, *foreign, *positions}, key=len, reverse=True):
        if len(word) > 1 and word in left:
            left = re.sub(rf"{re.escape(word)}(?:班|场|组)?", GAP, left)
            if word in foreign:
                found.append((word, foreign[word]))
    return Told(tuple(pieces(_HARMLESS.sub(GAP, left))), tuple(found))


def pieces(left: str) -> list[str]:
    """What is more than punctuation. A question mark is."""
    kept = "".join(char if char == "?" or unicodedata.category(char)[0] in "LNSM" else GAP if char != " " else " " for char in left)
    return [" ".join(part.split()) for part in kept.split(GAP) if part.strip()]


def heading(said: str, turns: Iterable[Turn]) -> str:
    """The words of a shift where a line is nothing else: 下午：, 【下午班】, 上午场 9:00-12:00. Empty for any other line."""
    words = sorted({word for one in turns for word in one.words} | set(TIMES), key=len, reverse=True)
    named = [word for word in words if word in said]
    left = said
    for word in named:
        left = left.replace(word, GAP)
    return named[0] if named and not pieces(_HEADING_ALSO.sub(GAP, left)) else ""


def section(said: str, *, after_people: bool) -> str | None:
    """What a line says of those below it: 请假：, 【候补】; once people were named, any words with a colon or in brackets. Empty where
    it is as good as 报名：, None where it is no heading at all.
    """
    bare = said.strip(" :()[]{}【】<>《》#*-")
    if not bare or len(bare) > 12:
        return None
    clear = bool(AWAY.search(bare) or _WAITS.search(bare))
    if clear and not pieces(_OF_THOSE.sub(GAP, _WAITS.sub(GAP, AWAY.sub(GAP, bare)))):
        return bare
    if not (said.endswith(":") or said[0] + said[-1] in ("[]", "【】", "()", "{}", "<>")):
        return None
    if not pieces(_OF_THOSE.sub(GAP, _HARMLESS.sub(GAP, bare))):
        return ""
    return bare if after_people else None
