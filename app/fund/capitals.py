"""Amounts as they are written on Chinese vouchers: 壹万贰仟叁佰肆拾伍元陆角柒分. Pure."""

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")


def capitals(fen: int) -> str:
    """An amount in fen, by the rules for bills (支付结算办法): 整 after yuan and jiao, 零 for an empty place. 负 below zero."""
    if fen < 0:
        return f"负{capitals(-fen)}"
    yuan, rest = divmod(fen, 100)
    jiao, last = divmod(rest, 10)
    words = f"{_whole(yuan)}元" if yuan else ""
    if not rest:
        return f"{words or '零元'}整"
    if jiao:
        words += ("零" if yuan and yuan % 10 == 0 else "") + f"{DIGITS[jiao]}角"
    elif yuan:
        words += "零"
    return words + (f"{DIGITS[last]}分" if last else "整")


def _whole(number: int) -> str:
    for size, name in ((10**8, "亿"), (10**4, "万")):
        if number >= size:
            head, rest = divmod(number, size)
            gap = "零" if rest and (rest < size // 10 or head % 10 == 0) else ""
            return _whole(head) + name + gap + (_whole(rest) if rest else "")
    words, gap = "", ""
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            words += gap + DIGITS[digit] + PLACES[place]
        gap = "零" if words and not digit else ""
    return words
