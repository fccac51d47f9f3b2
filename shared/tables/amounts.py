"""Amounts of money as people write them, to decimal strings in yuan."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

_PLAIN = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]{1,2})?")
# Possessive throughout: a cell of spaces would be tried in every way of sharing them out.
_AMOUNT = re.compile(
    r"""(?:人民币|rmb|cny|[¥￥])*+\s*+
    (?P<sign>[-−]|\()?+\+?+\s*+
    (?:¥|￥)?+\s*+
    (?P<number>\d{1,3}(?:(?P<mark>[, ])\d{3})(?:(?P=mark)\d{3})*(?:\.\d+)?|\d++(?:\.\d++)?|\.\d++)\s*+
    \.?+(?P<unit>[百千万亿])?\s*+(?:\(?元\)|元|圆|块钱?|rmb|cny)?(?:整|正)?(?:人民币)?\)?""",
    re.VERBOSE | re.IGNORECASE,
)
_SEPARATORS = str.maketrans("", "", ", ")
_UNITS = {"百": Decimal(100), "千": Decimal(1_000), "万": Decimal(10_000), "亿": Decimal(100_000_000)}


_ONE = Decimal(1)


def parse_amount(text: str, factor: Decimal = _ONE) -> str | None:
    """Return an amount as the contract writes it, with a minus where it is negative; None where it is none for sure.

    Commas must stand between thousands: `1299,50` may be two numbers, and is not 129950. `factor`: what numbers without a unit
    of their own are in, like 10000 for 万元.
    """
    if factor == 1 and _PLAIN.fullmatch(text):
        return text
    match = _AMOUNT.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        return None
    amount = Decimal(match["number"].translate(_SEPARATORS)) * _UNITS.get(match["unit"], factor)
    plain = f"{amount:f}"
    if "." in plain:
        whole, _, cents = plain.partition(".")
        kept = cents.rstrip("0")
        plain = f"{whole}.{cents[: max(len(kept), 2)]}" if kept or len(cents) >= 2 else whole  # noqa: PLR2004
    return f"-{plain}" if match["sign"] and amount else plain
