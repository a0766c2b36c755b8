"""How people are called and reached: names masked and by their initials, phones, numbers. Pure."""

import re
from functools import lru_cache

ERASED_NAME = "已注销的志愿者"  # what everybody is called whose data was erased (feature rights)
DOUBLE_SURNAMES = ("欧阳", "司徒", "上官", "司马", "诸葛", "皇甫", "尉迟", "慕容", "夏侯", "端木", "东方", "南宫")


def mask_name(name: str) -> str:
    """陈*明, 欧阳*, 李*: the only form in which a name may stand on a public page."""
    if name == ERASED_NAME:
        return name
    surname = next((double for double in DOUBLE_SURNAMES if name.startswith(double) and len(name) > 2), name[:1])
    given = name[len(surname) :]
    if len(given) >= 2:
        return f"{surname}{'*' * (len(given) - 1)}{given[-1]}"
    return f"{surname}*"


_AS_SURNAMES = {"b": "秘", "c": "种重", "g": "盖", "m": "缪", "n": "乜", "o": "区", "p": "朴繁", "q": "仇覃", "s": "单召折", "w": "尉隗"}
_AS_SURNAMES |= {"x": "冼洗解", "y": "乐员", "z": "曾查祭翟"}  # 曾 is Zēng as a surname, and mostly céng elsewhere
SURNAME_LETTERS = {name: letter for letter, names in _AS_SURNAMES.items() for name in names} | {"尉迟": "yc"}


def initials(name: str) -> str:
    """何嘉怡 → hjy, 曾小敏 → zxm, 欧阳修 → oyx: how names are typed to find them. Letters and digits stand as they are, in small."""
    surname = name[:2] if name.startswith(DOUBLE_SURNAMES) else name[:1]
    first = SURNAME_LETTERS.get(surname) or "".join(map(letter_of, surname))
    return (first + "".join(map(letter_of, name[len(surname) :])))[:40]


@lru_cache(8192)
def letter_of(character: str) -> str:
    """何 → h; a letter or digit as it is, in small; nothing for a sign."""
    if character.isascii():
        return character.lower() if character.isalnum() else ""
    from pypinyin import Style, lazy_pinyin  # takes a third of a second to load: not when the site starts

    return "".join(lazy_pinyin(character, style=Style.FIRST_LETTER, errors="ignore", strict=False))[:1].lower()


def mask_phone(phone: str) -> str:
    """138****0001."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 7 else "****"


def volunteer_number(person_id: int) -> str:
    """志愿者编号, GC-0000-0001: derived from the person's own id, which never changes."""
    return f"GC-{person_id // 10_000:04d}-{person_id % 10_000:04d}"


def name_fault(name: str) -> str | None:
    """Why nobody is called so: signs and pictures without one letter."""
    return "姓名里没有字，请填写姓名" if name and not any(char.isalpha() for char in name) else None


_BETWEEN_DIGITS = re.compile(r"[\s\-‐-―−－_.()·]")
_CHINA = re.compile(r"^(\+86|0086|86)(?=1\d{10}$)")


def tidy_phone(typed: str) -> str:
    """A number as people type it, without blanks, dashes and +86; `typed` has plain digits already."""
    return _CHINA.sub("", _BETWEEN_DIGITS.sub("", typed))


def phone_fault(phone: str) -> str | None:
    """Why a mainland mobile number can not be right; None when it can."""
    if not phone:
        return "请填写手机号码"
    if not (phone.isascii() and phone.isdigit()):
        return "手机号码只能是数字"
    if len(phone) != 11:
        return f"手机号码应是 11 位，这里是 {len(phone)} 位"
    if phone[0] != "1" or phone[1] in "012":
        return "手机号码应以 13 到 19 开头"
    return None
