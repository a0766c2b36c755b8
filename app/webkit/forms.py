"""Reading a form: each field once, all faults together, what was typed kept."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from enum import StrEnum
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from app.core.clock import at_local, today
from app.core.errors import Invalid
from app.core.identity import holds_real_id_number

E = TypeVar("E", bound=StrEnum)
OF_AGE = 18
NO_ID_NUMBER = "里有身份证号。这里不记证件号码，这一页什么都没有保存；请删掉这串号码再提交，别的都还在"
_CLOCK = re.compile(r"([0-9]{1,2}):?([0-9]{2})")


def clean(text: str) -> str:
    """Full-width digits and letters become plain, inner runs of blanks one, control characters go."""
    folded = unicodedata.normalize("NFKC", text)
    kept = "".join(char for char in folded if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cf"})
    return "\n".join(" ".join(line.split()) for line in kept.strip().splitlines())


_PLAIN = {0xFEE0 + code: code for code in range(0x30, 0x7B) if chr(code).isalnum()} | {0x3000: 0x20}


def tidy(text: str) -> str:
    """Like `clean` for running text: Chinese punctuation （，：？） stays as it was typed."""
    folded = unicodedata.normalize("NFC", text).translate(_PLAIN)
    kept = "".join(char for char in folded if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cf"})
    return "\n".join(" ".join(line.split()) for line in kept.strip().splitlines())


class Form:
    """Collects faults by field; `done()` raises Invalid with all of them."""

    def __init__(self, values: "MultiDict[str, str]") -> None:
        self.values = values
        self.faults: dict[str, str] = {}

    def fault(self, field: str, message: str) -> None:
        self.faults.setdefault(field, message)

    def raw(self, field: str) -> str:
        return self.values.get(field, "")

    def text(self, field: str, label: str, *, longest: int, required: bool = True, numbers: bool = False) -> str:
        """Running text, the one way in which words come to be stored. Numbers of identity documents are refused in all of it.

        `numbers`: invoices, receipts and contracts are told here. They hold dates too, so only a number of somebody of age is refused.
        """
        value = tidy(self.raw(field))
        born_until = date(today().year - OF_AGE, 1, 1) if numbers else today()
        if holds_real_id_number(value, born_until, old=not numbers):
            self.fault(field, f"{label}{NO_ID_NUMBER}")
        if required and not value:
            self.fault(field, f"请填写{label}")
        elif len(value) > longest:
            self.fault(field, f"{label}最多 {longest} 个字，现在是 {len(value)} 个")
        return value

    def whole(self, field: str, label: str, *, least: int = 0, most: int = 1_000_000, required: bool = True) -> int | None:
        value = clean(self.raw(field))
        if not value:
            if required:
                self.fault(field, f"请填写{label}")
            return None
        if not value.isascii() or not value.isdigit():
            self.fault(field, f"{label}请填 {least} 或以上的整数")
            return None
        number = int(value[:12])
        if not least <= number <= most:
            self.fault(field, f"{label}应在 {least} 到 {most} 之间")
            return None
        return number

    def fen(self, field: str, label: str, *, least: int = 1, most: int = 100_000_000_00, required: bool = True) -> int | None:
        """An amount in yuan, read into fen: 1,234.5 → 123450. At most two decimals."""
        value = clean(self.raw(field)).replace(",", "").removesuffix("元").removeprefix("¥").strip()
        if not value:
            if required:
                self.fault(field, f"请填写{label}")
            return None
        whole, _, part = value.partition(".")
        if not (whole.isascii() and whole.isdigit() and len(whole) <= 12) or not (
            part == "" or (part.isascii() and part.isdigit() and len(part) <= 2)
        ):
            self.fault(field, f"{label}请填金额，最多两位小数")
            return None
        amount = int(whole) * 100 + int(part.ljust(2, "0") or "0")
        if not least <= amount <= most:
            self.fault(field, f"{label}超出范围")
            return None
        return amount

    def choice(self, field: str, label: str, kind: type[E]) -> E | None:
        try:
            return kind(self.raw(field))
        except ValueError:
            self.fault(field, f"请选择{label}")
            return None

    def one_of(self, field: str, label: str, allowed: Iterable[int]) -> int | None:
        value = self.raw(field)
        if value.isascii() and value.isdigit() and int(value) in set(allowed):
            return int(value)
        self.fault(field, f"请选择{label}")
        return None

    def day(self, field: str, label: str, *, required: bool = True) -> date | None:
        value = clean(self.raw(field))
        if not value and not required:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fault(field, f"请填写{label}" if not value else f"{label}请写成 2026-11-21 这样")
            return None

    def clock_time(self, field: str, label: str, *, required: bool = True) -> time | None:
        value = clean(self.raw(field))
        if not value and not required:
            return None
        try:
            plain = _CLOCK.fullmatch(value)  # 18:00, 9:30, 1800
            return time(int(plain[1]), int(plain[2])) if plain else time.fromisoformat(value)
        except ValueError:
            self.fault(field, f"请填写{label}" if not value else f"{label}请写成 09:00 这样")
            return None

    def moment(self, day_field: str, time_field: str, label: str) -> datetime | None:
        """A day and a time on Guicheng's clock, as one UTC instant."""
        day, clock_time = self.day(day_field, label), self.clock_time(time_field, label)
        return at_local(day, clock_time) if day and clock_time else None

    def done(self) -> None:
        if self.faults:
            raise Invalid(self.faults)


def one_text(values: "MultiDict[str, str]", field: str, label: str, *, longest: int, required: bool = True) -> str:
    """All of a form that asks for one text: a reason, an answer, a note. Raises Invalid."""
    form = Form(values)
    text = form.text(field, label, longest=longest, required=required)
    form.done()
    return text


def kept(values: "MultiDict[str, str]") -> Mapping[str, str]:
    """What was typed, to fill the form again; never secrets."""
    return {name: value for name, value in values.items() if "password" not in name and "secret" not in name}
