"""A total that differs from its ledger, in words for who looks after the server."""

from collections.abc import Callable


def period_words(key: str) -> str:
    """2026, 2026-Q4, 2026-11 as they stand; 累计 for the total of all time."""
    return "累计" if key == "all" else key


def against(kept: tuple[int, int], ledger: tuple[int, int], words: Callable[[int], str]) -> str:
    """Both as (amount, entries), what is kept and what the ledger comes to; `words` tells an amount."""
    return f"汇总记着 {words(kept[0])}、{kept[1]} 笔，流水算出来 {words(ledger[0])}、{ledger[1]} 笔"
