"""Numbers for people: receipts of applications, and written replies."""

from __future__ import annotations

import re

from stdnum import damm

# 申请 and 答复.
RECEIPT_SERIES = "SQ"
REPLY_SERIES = "DF"

_RECEIPT = re.compile(rf"^{RECEIPT_SERIES}-([0-9]{{4}})-([0-9]{{6,9}})-([0-9])$")


def receipt_number(year: int, number: int) -> str:
    """Return the receipt number, for example `SQ-2026-000123-0`.

    The last digit is a Damm check digit over year and number: it detects every single wrong digit and every swap of
    adjacent digits.
    """
    digits = f"{year:04}{number:06}"
    return f"{RECEIPT_SERIES}-{digits[:4]}-{digits[4:]}-{damm.calc_check_digit(digits)}"


def parse_receipt(text: str) -> str | None:
    """Return the receipt number in its canonical form, or None when `text` is not a valid one."""
    match = _RECEIPT.match(text.strip().upper())
    return match[0] if match and damm.is_valid("".join(match.groups())) else None


def reply_number(year: int, number: int) -> str:
    """Return the document number of a written reply, for example `公示答复〔2026〕45号`."""
    return f"公示答复〔{year}〕{number}号"
