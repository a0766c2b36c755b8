"""Reading a WeChat 接龙 as it is pasted: which lines are people, which names, numbers and remarks stand in them. Pure.

Nothing is decided here: `chain_matching` says who is meant. Every line but the bare head becomes an entry: one that can not be
read, or is none of a person, stays with its words, so that the organiser sees it was left out.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from app.activities.chain_words import AWAY, HAN, NO_SIGNS, STRUCK

LONGEST, MOST_LINES = 20_000, 300
LINE = 1_000  # what is read of one line; the rest is an entry of its own that says so

DOT = "·"
ONES = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
HOW_MANY = r"(\d{1,2}|[一二两三四五六七八九十])"

_HEAD = re.compile(r"^#\s*接龙\s*")
_QUOTE = re.compile(r"^(?:[\"'“”‘’「『>|*•\s]|[-–—](?=\s))+")
_EXAMPLE = re.compile(rf"^(?:例如|示例|格式|例(?![{HAN}]))")
_NUMBERED = re.compile(r"^\(?(\d{1,3})\s*(?:[.、,:;)。]+|\s+|(?=\S))\s*(.*)$")
_NO_NUMBER = re.compile(r"^\(?\d{1,3}+(?:\s*[栋座幢楼号层室房单月日点时年人位岁元第]|:\d\d|\d)")  # 3栋陈大明, 14:00, 13800001111
_INSIDE = re.compile(r"(?<![\d.*-])(?<!\d:)(\d{1,3})\s*[.、:)](?![\d:])")  # the numbers of a list that lost its line breaks
_INSIDE_BARE = re.compile(rf"(?<![\d.:*-])(\d{{1,3}})(?= ?[{HAN}])(?! ?[栋座幢楼号层室房单月日点时年人位个名岁元])")
_PHONE = re.compile(r"(?<!\d)(?:(?:\+|00)?86[ -]?)?(1\d{2})[ -]?(\d{4}|\*{4})[ -]?(\d{4})(?!\d)")
_TAIL = re.compile(r"(?:尾号|后四位|手机后四位|手机|电话)?\s*[:(]?\s*(?<!\d)(\d{4})(?![\d年元栋座室房号])")
_ONE_KIN = "老公|老婆|先生|太太|爱人|丈夫|妻子|儿子|女儿|孩子|小孩|小朋友|娃|妈妈?|爸爸?|婆婆|公公|家属|朋友|同事|姐姐|妹妹|哥哥|弟弟"
_AND = re.compile(
    rf"(?:\+|加|带|携|家属|家人|同行|另)\s*{HOW_MANY}\s*(?:个?(?:小孩子?|小朋友|孩子?|娃|大人|老人|家属|家人|朋友|同事)|个人|人|位|名|口|个(?![{HAN}]))"
    rf"|\+\s*{HOW_MANY}(?![\d{HAN}])|[加带携]{HOW_MANY}(?![\d{HAN}])"
)
_AND_KIN = re.compile(rf"(?:\+|加|带|携|和|同)\s*(?:我|我的|着)?(?:{_ONE_KIN})(?![{HAN}])")
_IN_ALL = re.compile(rf"(?:一家|共|全家|我们)?\s*{HOW_MANY}\s*(?:个人|人|位|口)(?![{HAN}])|一家{HOW_MANY}口")
_FOR_OTHERS = re.compile(r"[替帮代]")
_CROSSED = re.compile(r"(?:第\s*)?(?<!\d)(\d{1,3})(?!\d)\s*[号位条楼]?")
_CROSSED_ONLY = re.compile(r"^[\s,、.和跟同及的也已要先都请了号位条:()-]*$")
_BRACKETS = re.compile(r"[(\[{<【《「『][^)\]}>】》」』]*[)\]}>】》」』]?")
_NOISE = re.compile(
    rf"{AWAY.pattern}|上午|下午|晚上|早上|中午|全天|半天|参加|报名|接龙|准时|可以|没问题|收到|志愿者|党员|街坊|第?\d+(?:号楼|栋|座|幢|单元|室|房|楼|层|号|组|班)"
)
_APART = re.compile(rf"[{HAN}]+(?: +[{HAN}]+)+")
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
    """One line. `place`: its line in the text, from 1, `part`: which one of those that stand on it; `said`: its words without the
    number, phones masked.

    `names` stand there by themselves, `near` only as the beginning or the end of something longer. `called`: how they are
    called where that is no name (李阿姨). `more`: how many others without a name (+1). `tail`: the last four digits of a
    phone; `phone` where the whole number stood there. `away`: it says that somebody does not come, `hedged`: that, or that they act
    for another. `loose`: without a number in a text that has numbers, `head`: where a title would stand. `rest`: the words without
    phone and companions. `crossed`: the numbers of earlier lines that it takes back (2号退出). `note`: why it is no person at all.
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
    head: bool = False
    part: int = 0
    rest: str = ""
    crossed: tuple[int, ...] = ()
    note: str = ""

    @property
    def key(self) -> str:
        return f"{self.place}-{self.part}" if self.part else str(self.place)


def length_fault(text: str) -> str | None:
    if not text.strip():
        return "请把群里的接龙粘贴到这里"
    if len(text) > LONGEST:
        return f"最多 {LONGEST:,} 个字，现在有 {len(text):,} 个，请分两次贴"
    lines = sum(bool(line.strip()) for line in text.splitlines())
    return f"最多 {MOST_LINES} 行，现在有 {lines} 行，请分两次贴" if lines > MOST_LINES else None


def plain(text: str) -> str:
    """Digits, letters and punctuation in their plain form; emoji, marks and what does not show gone, but not those that say no. Line by
    line as it was; ① and 1️⃣ are “1.”, letters with a line through them are told in words.
    """
    marked = "\n".join(_STRIKES.sub("", line) + STRUCK if _STRIKES.search(line) else line for line in _LINE_END.split(text))
    folded = unicodedata.normalize("NFKC", _KEYCAP.sub(r"\1.", marked.translate(_SIGNS)))
    folded = _STRUCK.sub(rf"\1{STRUCK}", folded)
    kept = (char if char in "\n\t" or char in NO_SIGNS or unicodedata.category(char) not in _DROPPED else "" for char in folded)
    return "".join(kept).replace("\t", " ")


_LINE_END = re.compile("\r\n|\r|\n")
_AT_THE_END = re.compile(r"(?<=\S)\s+(?:\S{1,10}:|[\[【(][^\s\d]{1,10}[\]】)]:?)$")  # 2.张静 下午: before the next number
_STRIKES = re.compile("[\u0335-\u0338]")
_STRUCK = re.compile(r"~~([^~\n]+)~~")
_KEYCAP = re.compile("(\\d+)\ufe0f?\u20e3")
_SIGNS = dict.fromkeys(map(ord, "•‧・･●"), DOT) | {0x2460 + index: f"{index + 1}." for index in range(20)}
_DROPPED = {"Cc", "Cf", "Co", "Cn", "Cs", "So", "Sk", "Mn", "Me", "Zl", "Zp"}


def read_chain(text: str) -> tuple[Entry, ...]:
    """Every line in its order, and every number of a list that lost its line breaks; only empty lines and the bare head are left out."""
    read = [piece for place, line in enumerate(plain(text).split("\n"), 1) for piece in _pieces(place, line.strip())]
    first = next((index for index, piece in enumerate(read) if piece.number is not None), None)
    entries, titled = [], False
    for index, piece in enumerate(read):
        if head := _HEAD.match(piece.line):
            titled = not piece.line[head.end() :]
            if titled:
                continue
            piece = replace(piece, line=piece.line[head.end() :])
        is_head = bool(head) or (index < first if first is not None else titled)
        titled = titled and not piece.line
        if not piece.line:
            continue
        entry = _entry(piece, head=is_head)
        entries.append(replace(entry, loose=first is not None and piece.number is None))
        if len(piece.line) > LINE:
            unread = " ".join(_masked(piece.line)[LINE:].split())
            entries.append(Entry(piece.place, None, unread or "…", part=piece.part + 2, note="这一行太长，后面这些没读，请分成几行"))
    return tuple(entry for entry in entries if entry.said)


@dataclass(frozen=True)
class _Piece:
    place: int
    part: int
    number: int | None
    line: str


def _pieces(place: int, line: str) -> Iterator[_Piece]:
    """The line, or what its numbers part it into where they go up by one: 1.陈大明 2.张静."""
    line = _QUOTE.sub("", line)
    starts = _steps([found for found in _INSIDE.finditer(line) if not _NO_NUMBER.match(line[found.start() :])], 2)
    starts = starts or _steps([*_INSIDE_BARE.finditer(line)], 3)
    cuts = [0, *(start for start in starts if start), len(line)]
    for index, (begin, end) in enumerate(pairwise(cuts)):
        part = line[begin:end].strip(" ,;、|/") if len(cuts) > 2 else line
        heading = _AT_THE_END.search(part) if len(cuts) > 2 else None
        number, rest = _number(part[: heading.start()] if heading else part) or (None, part[: heading.start()] if heading else part)
        if rest or number is None:
            yield _Piece(place, index * 3, number, rest)
        if heading:
            yield _Piece(place, index * 3 + 1, None, heading[0].strip())


def _steps(found: list[re.Match[str]], least: int) -> list[int]:
    """Where the numbers stand that go up by one from the first; none where they are fewer than `least`."""
    starts: list[int] = []
    last = 0
    for one in found:
        if not starts or int(one[1]) == last + 1:
            starts.append(one.start())
            last = int(one[1])
    return starts if len(starts) >= least else []


def _number(line: str) -> tuple[int, str] | None:
    found = None if _NO_NUMBER.match(line) else _NUMBERED.match(line)
    return (int(found[1]), found[2].strip()) if found else None


def _masked(line: str) -> str:
    return _PHONE.sub(lambda found: f"{found[1]}****{found[3]}", line)


def _entry(piece: _Piece, *, head: bool) -> Entry:
    line = piece.line[:LINE]
    said = " ".join(_masked(piece.line)[: max(LINE, 1)].split())
    if _EXAMPLE.match(line):
        return Entry(piece.place, piece.number, said, part=piece.part, note="是格式的例子")
    phone = _PHONE.search(line)
    rest = _PHONE.sub(" ", line)
    short = None if phone else _TAIL.search(rest)
    rest = _TAIL.sub(" ", rest)
    away = bool(AWAY.search(rest))
    crossed = _crossed(piece.number, rest) if away else ()
    more, rest = _others(rest)
    outside = _BRACKETS.sub(" ", rest)
    runs = _RUN.findall(_NOISE.sub(" ", _FOR_OTHERS.sub(" ", outside)))
    alone = [*_apart(_NOISE.sub(" ", outside)), *_apart(outside)]
    names = [*alone, *(name for run in [*_RUN.findall(_NOISE.sub(" ", outside)), *runs] for part in _joined(run) for name in _named(part))]
    longer = [*runs, *_RUN.findall(_NOISE.sub(" ", rest)), *_RUN.findall(rest)]
    called = next((run for run in runs if _CALLED.match(run)), "")
    near = sorted((part for run in dict.fromkeys(longer) for part in _parts(run)), key=len, reverse=True)
    return Entry(
        piece.place,
        piece.number,
        said,
        tuple(dict.fromkeys(names)),
        tuple(part for part in dict.fromkeys(near) if part not in names),
        called,
        more,
        phone[3] if phone else short[1] if short else "",
        phone is not None and "*" not in phone[2],
        away or bool(_FOR_OTHERS.search(outside)),
        away,
        head=head,
        part=piece.part,
        rest=rest,
        crossed=crossed,
    )


def _crossed(number: int | None, rest: str) -> tuple[int, ...]:
    """The numbers that a line takes back, where it holds nothing but them and 退出: 2号退出, 3、5取消."""
    left = AWAY.sub(" ", rest)
    if not _CROSSED_ONLY.match(_CROSSED.sub(" ", left)):
        return ()
    return (*([number] if number is not None else []), *(int(found[1]) for found in _CROSSED.finditer(left)))


def _apart(line: str) -> list[str]:
    """Names that are written with blanks: 蔡 慧 玲. At least one of the parts is a single character."""
    found = []
    for run in _APART.findall(line):
        parts = run.split()
        for begin in range(len(parts)):
            for end in range(begin + 2, min(begin + 4, len(parts)) + 1):
                part = parts[begin:end]
                if min(map(len, part)) == 1 and len(name := "".join(part)) <= 4:
                    found.append(name)
    return sorted(found, key=len, reverse=True)


def _others(line: str) -> tuple[int, str]:
    """How many come along without a name, and the line without that."""
    if found := _AND.search(line):
        return _count(next(filter(None, found.groups()))), _AND.sub(" ", line)
    if found := _AND_KIN.search(line):
        return len(_AND_KIN.findall(line)), _AND_KIN.sub(" ", line)
    if found := _IN_ALL.search(line):
        return max(0, _count(found[1] or found[2]) - 1), _IN_ALL.sub(" ", line)
    return 0, line


def _count(word: str) -> int:
    return ONES[word] if word in ONES else int(word)


def _joined(run: str) -> list[str]:
    """The run and, of a longer one, what stands around 和: 张静和罗国栋."""
    return [run] if len(run) < 5 or run.isascii() else [run, *(part for part in re.split("[和与跟同]", run) if part != run)]


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
