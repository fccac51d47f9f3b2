"""What people type to find their application again: a tracking code, the address of its page, a receipt number."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from services.corrections.domain.numbers import RECEIPT_SERIES, parse_receipt

# 32 random bytes in URL-safe Base64, as `secrets.token_urlsafe` writes them.
TOKEN_BYTES = 32
TOKEN_LENGTH = 43

_TOKEN = re.compile(rf"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{{{TOKEN_LENGTH}}}(?![A-Za-z0-9_-])")
_RECEIPT = re.compile(
    rf"(?<![A-Za-z0-9_-]){RECEIPT_SERIES}[ -]?([0-9]{{4}})[ -]?([0-9]{{6,9}})[ -]?([0-9])(?![A-Za-z0-9_])", re.IGNORECASE
)


class TrackingFault(StrEnum):
    """Why what was typed leads to no application."""

    NO_CODE = "no_code"
    RECEIPT_ALONE = "receipt_alone"
    UNKNOWN_CODE = "unknown_code"
    OTHER_RECEIPT = "other_receipt"


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
        token = _TOKEN.search(visible)
        number = "-".join((RECEIPT_SERIES, *receipt.groups())) if receipt else None
        return cls(token[0] if token else None, number and (parse_receipt(number) or number))

    def fault(self, receipt: str | None) -> TrackingFault | None:
        """Return why the query leads to no application; `receipt` is that of the application with its code, or None."""
        if self.token is None:
            return TrackingFault.RECEIPT_ALONE if self.receipt else TrackingFault.NO_CODE
        if receipt is None:
            return TrackingFault.UNKNOWN_CODE
        return TrackingFault.OTHER_RECEIPT if self.receipt not in (None, receipt) else None
