"""Reading a WeChat 接龙 as it is pasted: which lines are people, which names, numbers and remarks stand in them. Pure.

Nothing is decided here: `chain_matching` says who is meant. A line that can not be read stays with its words, so that
the organiser sees it was left out.
"""

import re
import unicodedata
from dataclasses import dataclass

LONGEST, MOST_LINES = 20_000, 300
LINE, NAMES_A_LINE, NEAR_A_LINE = 200, 6, 12  # what is read of one line

HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff〇"
DOT = "·"
ONES = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
HOW_MANY = r"(\d{1,2}|[一二两三四五六七八九十])"

_HEAD = re.compile(r"^#\s*接龙")
_EXAMPLE = re.compile(rf"^(?:例如|示例|格式|例(?![{HAN}]))")
_NUMBERED = re.compile(r"^\(?(\d{1,3})\s*(?:[.、,:;)。]+|\s+|(?=\S))\s*(.*)$")
_NO_NUMBER = re.compile(r"^\(?\d{1,3}+(?:\s*[栋座幢楼号层室房单月日点时]|:\d\d|\d)")  # 3栋陈大明, 14:00, 13800001111
_PHONE = re.compile(r"(?<!\d)(?:(?:\+|00)?86[ -]?)?(1\d{2})[ -]?(\d{4}|\*{4})[ -]?(\d{4})(?!\d)")
_TAIL = re.compile(r"(?:尾号|后四位|手机后四位|手机|电话)?\s*[:(]?\s*(?<!\d)(\d{4})(?![\d年元栋座室房号])")
_AND = re.compile(rf"(?:\+|加|带|携)\s*{HOW_MANY}\s*(?:个人|个|人|位|名|口|娃|孩子)?")
_IN_ALL = re.compile(rf"(?:一家|共|全家|我们)?\s*{HOW_MANY}\s*(?:个人|人|位|口)(?![{HAN}])|一家{HOW_MANY}口")
_AWAY = re.compile(r"取消|不去了?|不来了?|来不了|去不了|退出|请假|不参加|参加不了|没空|撤销|划掉")
_FOR_OTHERS = re.compile(r"[替帮代]")
_BRACKETS = re.compile(r"[(\[{<【《「『][^)\]}>】》」』]*[)\]}>】》」』]?")
_NOISE = re.compile(
    rf"{_AWAY.pattern}|上午|下午|晚上|早上|中午|全天|半天|参加|报名|接龙|准时|可以|没问题|收到|志愿者|党员|街坊|第?\d+(?:号楼|栋|座|幢|单元|室|房|楼|层|号|组|班)"
)
_RUN = re.compile(rf"[{HAN}]+(?:{DOT}[{HAN}]+)*|[A-Za-z][A-Za-z.'-]{{1,29}}")
POLITE = ("老师", "医生", "主任", "书记", "先生", "女士", "师傅", "同学", "同志", "楼长")  # after a whole name: the same person
SHORT_KIN = tuple("叔姨伯婶姐哥嫂妈爸")
KIN = (
    *("伯伯", "婆婆", "奶奶", "爷爷", "大爷", "大妈", "大姐", "大哥", "阿姨", "阿婆", "阿伯", "叔叔"),
    *("小姐", "太太", "妈妈", "爸爸", "姐姐", "哥哥", "家长", *SHORT_KIN),
)
_CALLED = re.compile(rf"^(?:[老小阿][{HAN}]|[{HAN}]{{1,2}}(?:{'|'.join(POLITE + KIN)}))$")


@dataclass(frozen=True)
class Entry:
    """One line that may be a person. `place`: its line in the text, from 1; `said`: its words without the number, phones masked.

    `names` stand there by themselves, `near` only as the beginning or the end of something longer. `called`: how they are
    called where that is no name (李阿姨). `more`: how many others without a name (+1). `tail`: the last four digits of a
    phone; `phone` where the whole number stood there. `away`: it says that somebody does not come, `hedged`: that, or that they act
    for another. `loose`: without a number in a text that has numbers.
    """

    place: int
    number: int | None
    said: str
    names: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    called: str = ""
    more: int = 0
    tail: str = ""
    phone: bool = False
    hedged: bool = False
    away: bool = False
    loose: bool = False


def length_fault(text: str) -> str | None:
    if not text.strip():
        return "请把群里的接龙粘贴到这里"
    if len(text) > LONGEST:
        return f"最多 {LONGEST:,} 个字，现在有 {len(text):,} 个，请分两次贴"
    lines = sum(bool(line.strip()) for line in text.splitlines())
    return f"最多 {MOST_LINES} 行，现在有 {lines} 行，请分两次贴" if lines > MOST_LINES else None


def plain(text: str) -> str:
    """Digits, letters and punctuation in their plain form; emoji, marks and what does not show gone. Line by line as it was."""
    dots = dict.fromkeys(map(ord, "•‧・･●"), DOT)
    folded = unicodedata.normalize("NFKC", text.translate(dots).replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(" " if char == "\t" else char for char in folded if char in "\n\t" or unicodedata.category(char) not in _DROPPED)


_DROPPED = {"Cc", "Cf", "Co", "Cn", "Cs", "So", "Sk", "Mn", "Me", "Zl", "Zp"}


def read_chain(text: str) -> tuple[Entry, ...]:
    """The lines that may be people, in their order. Head, title, example and empty lines are none."""
    lines = [(place, line.strip()) for place, line in enumerate(plain(text).split("\n"), 1)]
    numbered = {place: found for place, line in lines if (found := _number(line))}
    first = min(numbered, default=0)
    entries, titled = [], False
    for place, line in lines:
        head = bool(_HEAD.match(line))
        is_title = titled and bool(line)
        titled = head or (titled and not line)
        if not line or head or _EXAMPLE.match(line) or place < first or (is_title and not numbered):
            continue
        number, rest = numbered.get(place, (None, line))
        if rest:
            entries.append(_entry(place, number, rest[:LINE], loose=bool(numbered) and number is None))
    return tuple(entries)


def _number(line: str) -> tuple[int, str] | None:
    found = None if _NO_NUMBER.match(line) else _NUMBERED.match(line)
    return (int(found[1]), found[2].strip()) if found else None


def _entry(place: int, number: int | None, line: str, *, loose: bool) -> Entry:
    said = " ".join(_PHONE.sub(lambda found: f"{found[1]}****{found[3]}", line).split())
    phone = _PHONE.search(line)
    rest = _PHONE.sub(" ", line)
    short = None if phone else _TAIL.search(rest)
    rest = _TAIL.sub(" ", rest)
    more, rest = _others(rest)
    away = bool(_AWAY.search(line))
    outside = _BRACKETS.sub(" ", rest)
    runs = _RUN.findall(_NOISE.sub(" ", _FOR_OTHERS.sub(" ", outside)))
    names = [name for run in [*_RUN.findall(_NOISE.sub(" ", outside)), *runs] for name in _named(run)]
    longer = [*runs, *_RUN.findall(_NOISE.sub(" ", rest)), *_RUN.findall(rest)]
    called = next((run for run in runs if _CALLED.match(run)), "")
    near = sorted((part for run in longer for part in _parts(run)), key=len, reverse=True)
    return Entry(
        place,
        number,
        said,
        tuple(dict.fromkeys(names))[:NAMES_A_LINE],
        tuple(part for part in dict.fromkeys(near) if part not in names)[:NEAR_A_LINE],
        called,
        more,
        phone[3] if phone else short[1] if short else "",
        phone is not None and "*" not in phone[2],
        away or bool(_FOR_OTHERS.search(outside)),
        away,
        loose,
    )


def _others(line: str) -> tuple[int, str]:
    """How many come along without a name, and the line without that."""
    if found := _AND.search(line):
        return _count(found[1]), _AND.sub(" ", line)
    if found := _IN_ALL.search(line):
        return max(0, _count(found[1] or found[2]) - 1), _IN_ALL.sub(" ", line)
    return 0, line


def _count(word: str) -> int:
    return ONES[word] if word in ONES else int(word)


def _named(run: str) -> list[str]:
    """The run itself where it is as long as a name; without what people are called after it: 陈大明老师 → 陈大明."""
    title = next((title for title in POLITE if run.endswith(title) and len(run) - len(title) >= 2), "")
    longest = 30 if DOT in run or run.isascii() else 4
    return [name for name in dict.fromkeys((run, run.removesuffix(title))) if 2 <= len(name) <= longest]


def _parts(run: str) -> list[str]:
    """What a longer run of characters begins and ends with, as long as names are.

    Three characters are a name, unless something short follows one of two: 张三妈, 张三报.
    """
    if run.isascii() or DOT in run:
        return []
    whole = [run] if 2 <= len(run) <= 4 else []
    if len(run) <= 3:
        return [*whole, run[:2]] if run.endswith((*SHORT_KIN, "报")) and len(run) == 3 else whole
    return whole + [part for size in (4, 3, 2) if size < len(run) for part in (run[:size], run[-size:])]
