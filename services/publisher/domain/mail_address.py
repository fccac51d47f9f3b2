"""Addresses of subscribers: which are taken, and the digest by which one is known without being stored in the clear."""

from __future__ import annotations

import hashlib
import hmac
import re

PURPOSE = "mail"
# What mail servers on the way take: one address, without comments or quotes.
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
ADDRESS = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@(?:{LABEL}\.)+[A-Za-z]{{2,63}}")


def is_mail_address(text: str) -> bool:
    """Return whether a text is one address."""
    return ADDRESS.fullmatch(text) is not None


def address_digest(key: bytes, address: str) -> bytes:
    """Return what tells an address from another, to who has the key."""
    return hmac.new(key, b"mail " + address.strip().lower().encode(), hashlib.sha256).digest()
