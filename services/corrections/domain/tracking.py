"""What people type to find their application again: a tracking code, the address of its page, a receipt number."""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from services.corrections.domain.numbers import RECEIPT_SERIES, parse_receipt

# Digits and letters without I, L, O and U (Crockford's base 32): 80 random bits in four groups, to read out and to write down.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUPS, GROUP_LENGTH = 4, 4
# Codes of before: 32 random bytes in URL-safe Base64.
LONG_LENGTH = 43

_LONG = re.compile(rf"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{{{LONG_LENGTH}}}(?![A-Za-z0-9_-])")
_GROUP = f"[0-9A-TV-Za-tv-z]{{{GROUP_LENGTH}}}"
_CODE = re.compile(rf"(?<![A-Za-z0-9_-]){_GROUP}(?:[ -]?{_GROUP}){{{GROUPS - 1}}}(?![A-Za-z0-9_-])")
_READ_AS = str.maketrans("OIL", "011")
_RECEIPT = re.compile(
    rf"(?<![A-Za-z0-9_-]){RECEIPT_SERIES}[ -]?([0-9]{{4}})[ -]?([0-9]{{6,9}})[ -]?([0-9])(?![A-Za-z0-9_])", re.IGNORECASE
)


class TrackingFault(StrEnum):
    """Why what was typed leads to no application."""

    NO_CODE = "no_code"
    RECEIPT_ALONE = "receipt_alone"
    UNKNOWN_CODE = "unknown_code"
    OTHER_RECEIPT = "other_receipt"


def generate_code() -> str:
    """Return a new tracking code, for example `7K3M-0QXD-9T5A-WBEN`."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))


def canonical_code(text: str) -> str:
    """Return a tracking code as it was issued: groups with dashes, O read as 0, I and L as 1. A long one stays as it is."""
    if not _CODE.fullmatch(text):
        return text
    signs = text.replace("-", "").replace(" ", "").upper().translate(_READ_AS)
    return "-".join(signs[start : start + GROUP_LENGTH] for start in range(0, len(signs), GROUP_LENGTH))


@dataclass(frozen=True, slots=True)
class TrackingQuery:
    """What was typed, taken apart. A receipt number alone shows nothing: it is printed on letters and read out aloud."""

    token: str | None
    receipt: str | None

    @classmethod
    def parse(cls, text: str) -> TrackingQuery:
        """Return the tracking code and the receipt number in `text`, in any order, with or without an address around."""
        visible = "".join(char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) != "Cf")
        receipt = _RECEIPT.search(visible)
        rest = visible if receipt is None else f"{visible[: receipt.start()]}，{visible[receipt.end() :]}"
        token = _LONG.search(rest) or _CODE.search(rest)
        number = "-".join((RECEIPT_SERIES, *receipt.groups())) if receipt else None
        return cls(canonical_code(token[0]) if token else None, number and (parse_receipt(number) or number))

    def fault(self, receipt: str | None) -> TrackingFault | None:
        """Return why the query leads to no application; `receipt` is that of the application with its code, or None."""
        if self.token is None:
            return TrackingFault.RECEIPT_ALONE if self.receipt else TrackingFault.NO_CODE
        if receipt is None:
            return TrackingFault.UNKNOWN_CODE
        return TrackingFault.OTHER_RECEIPT if self.receipt not in (None, receipt) else None
