"""The digest by which the address of a subscriber is known without being stored in the clear."""

from __future__ import annotations

import hashlib
import hmac

PURPOSE = "mail"


def address_digest(key: bytes, address: str) -> bytes:
    """Return what tells an address from another, to who has the key."""
    return hmac.new(key, b"mail " + address.strip().lower().encode(), hashlib.sha256).digest()
