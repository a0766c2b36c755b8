"""Figures and times as a good clerk would say them. Pure; templates use them as filters."""

from datetime import date, datetime, timedelta

from app.core.clock import local

WEEKDAYS = "一二三四五六日"


def weekday(day: date) -> str:
    return f"周{WEEKDAYS[day.weekday()]}"


def day_words(moment: datetime | date, today: date) -> str:
    """今天, 明天, 昨天; 11月21日 周六 within the year; 2025年3月1日 beyond."""
    day = local(moment).date() if isinstance(moment, datetime) else moment
    near = {0: "今天", 1: "明天", -1: "昨天"}.get((day - today).days)
    if near:
        return near
    if day.year == today.year:
        return f"{day.month}月{day.day}日 {weekday(day)}"
    return f"{day.year}年{day.month}月{day.day}日"


def full_day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def through(since: date, until: date) -> str:
    """The days in [since, until), by the first and the last: 2021年7月1日至2026年11月21日. What began and ended the same day: 当天."""
    last = until - timedelta(days=1)
    if last <= since:
        return f"{full_day(since)}{'一天' if last == since else '当天'}"
    return f"{full_day(since)}至{full_day(last)}"


def time_words(moment: datetime) -> str:
    """09:00 on Guicheng's clock."""
    return f"{local(moment):%H:%M}"


def when_words(moment: datetime, today: date) -> str:
    return f"{day_words(moment, today)} {time_words(moment)}"


def span_words(starts_at: datetime, ends_at: datetime) -> str:
    """14:00–17:00; an end on another day says so."""
    if local(starts_at).date() == local(ends_at).date():
        return f"{time_words(starts_at)}–{time_words(ends_at)}"
    end = local(ends_at)
    return f"{time_words(starts_at)}–{end.month}月{end.day}日 {time_words(ends_at)}"


def minutes_words(minutes: int) -> str:
    """2 小时 35 分; 45 分; 0 分. Never rounded."""
    sign, minutes = ("−", -minutes) if minutes < 0 else ("", minutes)
    hours, rest = divmod(minutes, 60)
    parts = ([f"{hours} 小时"] if hours else []) + ([f"{rest} 分"] if rest or not hours else [])
    return sign + " ".join(parts)


def hours_number(minutes: int) -> str:
    """Hours for a big number: 112, 38.5. Cut, never rounded up, to one place; exact minutes stand where it matters."""
    sign, minutes = ("−", -minutes) if minutes < 0 else ("", minutes)
    whole, tenths = minutes // 60, minutes % 60 // 6
    return f"{sign}{whole:,}.{tenths}" if tenths else f"{sign}{whole:,}"


def points_words(hundredths: int) -> str:
    """Points in hundredths as 86.5 or 97.0 or 3.25: one place at least, two where there are two."""
    sign, hundredths = ("−", -hundredths) if hundredths < 0 else ("", hundredths)
    whole, rest = divmod(hundredths, 100)
    return f"{sign}{whole:,}.{rest // 10}" if rest % 10 == 0 else f"{sign}{whole:,}.{rest:02d}"


def yuan(fen: int) -> str:
    """Fen as 1,234.50."""
    sign, fen = ("−", -fen) if fen < 0 else ("", fen)
    return f"{sign}{fen // 100:,}.{fen % 100:02d}"


def yuan_short(fen: int) -> str:
    """Fen for a headline: whole yuan without decimals, else 1,234.50."""
    return yuan(fen).removesuffix(".00")


def greeting(moment: datetime) -> str:
    hour = local(moment).hour
    for until, words in ((5, "夜深了"), (11, "早上好"), (13, "中午好"), (18, "下午好"), (24, "晚上好")):
        if hour < until:
            return words
    return "您好"
