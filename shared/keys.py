"""Keys of programs and tokens of sessions: shown once when generated, stored as a hash only."""

from __future__ import annotations

import hashlib
import secrets

KEY_BYTES = 32


def generate_key() -> str:
    """Return a new key: 256 random bits in URL-safe Base64."""
    return secrets.token_urlsafe(KEY_BYTES)


def key_hash(key: str) -> bytes:
    """Return the SHA-256 of a key or token, 32 bytes. They are random and long, so a slow hash would add nothing."""
    return hashlib.sha256(key.encode()).digest()


def parse_bearer(authorization: str) -> str | None:
    """Return the key of an `Authorization: Bearer KEY` header, or None (RFC 6750, section 2.1)."""
    scheme, _, key = authorization.partition(" ")
    return key.strip() or None if scheme.lower() == "bearer" else None
