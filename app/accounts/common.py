"""Secrets that everybody tries first: those that leaked most often, the words of this site, days, keys in a row. Needs no network."""

import re
from functools import cache

OWN_WORDS = frozenset(
    re.findall(
        r"\S+",
        """
        shulin shulinxinyu guicheng nanhai foshan guangdong denghu dangyuan dangzhibu zhibu shuji zhiyuanzhe yigong guanai aixin
        admin administrator root secretary member volunteer welcome user test demo
        熟邻 桂城 桂城街道 桂城党支部 南海 佛山 广东 灯湖 党员 党支部 支部 书记 志愿者 义工 关爱 爱心 管理员
        """,
    )
)
LUCKY = re.compile(r"(?:woaini|iloveyou|520|521|201314|1314|168|666|888|999)+")  # what is tried first where Chinese is spoken
AROUND = re.compile(r"[^a-z\u4e00-\u9fff]+")
DAY = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
ROWS = ("01234567890", "09876543210", "qwertyuiop", "poiuytrewq", "asdfghjkl", "lkjhgfdsa", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz")


@cache
def _leaked() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # some ten megabytes, when somebody chooses a secret

    return frozenset(FREQUENCY_LISTS["passwords"])


def leaked(secret: str) -> bool:
    """Whether it is among those that leaked most often."""
    return secret.lower() in _leaked()


def of_this_place(secret: str) -> bool:
    """A word that belongs to this site, with nothing but figures and signs around it: Shulin2026!"""
    return AROUND.sub("", secret.lower()) in OWN_WORDS


def in_a_row(secret: str) -> bool:
    """A day, lucky figures, or keys that lie side by side, whole."""
    plain = secret.lower()
    return bool(DAY.fullmatch(plain) or LUCKY.fullmatch(plain)) or any(plain in row for row in ROWS)


def too_common(secret: str) -> bool:
    return leaked(secret) or of_this_place(secret) or in_a_row(secret)
