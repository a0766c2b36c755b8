"""How many papers stand behind entries of the books. The feature that keeps them says so; the fund does not know it.

A list of entries asks once for all its rows, `papers.counts([row.voucher_no for row in rows], public=…)`, and links each of them with
`url_for("results.voucher", voucher_no=…)`: from there every paper is one tap away.
"""

from collections.abc import Callable, Collection

Counter = Callable[[Collection[int], bool], dict[int, int]]
_counters: list[Counter] = []


def counted_by(counter: Counter) -> None:
    """Called when the feature's views are imported; the last one holds."""
    _counters[:] = [counter]


def counts(voucher_numbers: Collection[int], *, public: bool) -> dict[int, int]:
    """Voucher number → how many papers the reader may see: with `public` those opened to everybody. One query; none is left out as 0."""
    return _counters[0](voucher_numbers, public) if _counters else {}
